"""`chainrule evaluate FILE`: loss and metric of a trained network on its data."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from core.commands.allowing import allow
from core.commands.assignments import assigned
from core.commands.machine import ready
from core.commands.opening import opened
from core.commands.progress import measures
from core.commands.telling import json_line, plural
from core.commands.trained import add_file, checked, weights
from core.training.metric_kinds import metric_text, title

if TYPE_CHECKING:
    from core.training.evaluate import Evaluation

SUMMARY = "loss and accuracy of a trained network"
HELP = "Print loss and metric of a trained network on a part of its data."
PARTS = ("validation", "train")


def add(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    add_file(parser)
    parser.add_argument("--part", choices=PARTS, default="validation", help="of the data (validation)")
    parser.add_argument("--metrics", metavar="NAMES", help="those to measure, with commas between; else what suits")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of text")


def run(options: argparse.Namespace) -> int:
    """Print the figures."""
    file = opened(options.file)
    if options.metrics is not None:
        project = assigned(file.project, [f"metrics={options.metrics}"])
        file = file._replace(project=project)
    path = weights(file, options.weights)
    checked(file, options.trust)
    allow(file, options)
    ready(file.project.training.threads)
    from core.data.load import load
    from core.training.evaluate import evaluate

    data = {key: load(settings) for key, settings in file.project.data.items()}
    found = evaluate(file.project, path, data, options.part)
    print(json_line(_plain(found, options.part)) if options.json else _text(found, options.part))
    return 0


def _text(found: Evaluation, part: str) -> str:
    figures = measures("", found.metric_name, found.loss, found.metric)
    further = [
        f"{title(name, found.judged.task or '').lower()} {metric_text(name, value)}"
        for name, value in found.judged.values.items()
        if name != found.metric_name
    ]
    missing = [f"{name} wants torchmetrics: pip install chainrule[metrics]" for name in found.judged.missing]
    lines = (", ".join(figures), *further, *missing)
    return f"{part}, {plural(found.samples, 'sample')}: " + "\n  ".join(lines)


def _plain(found: Evaluation, part: str) -> dict[str, object]:
    metric = {found.metric_name: found.metric} if found.metric_name else {}
    judged = found.judged
    told: dict[str, object] = {"metrics": judged.values}
    told |= {"table": judged.table} if judged.table else {}
    told |= {"missing": judged.missing} if judged.missing else {}
    return {"part": part, "samples": found.samples, "loss": found.loss, **metric, **told}
