"""`chainrule rate FILE`: a learning-rate range test, and the rate where the loss falls fastest."""

from __future__ import annotations

import argparse
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from core.commands.allowing import allow
from core.commands.assignments import assigned
from core.commands.machine import ready
from core.commands.opening import opened
from core.commands.telling import json_line, table
from core.commands.trained import add_file, checked
from core.errors import ParameterError

if TYPE_CHECKING:
    from core.training.rate_finder import RateTest

SUMMARY = "find a learning rate"
HELP = (
    "Try rising learning rates in a short run, and tell where the loss falls fastest. It begins with the first weights "
    "of the seed, or with those of --weights; nothing is written."
)
SHOWN = 13
"""Rates in the text's table."""


def add(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    add_file(parser)
    parser.add_argument("--steps", metavar="N", default="100", help="rates to try (100)")
    parser.add_argument("--set", metavar="KEY=VALUE", action="append", default=[], help="change a setting; repeatable")
    parser.add_argument("--json", action="store_true", help="one JSON object with every rate and loss")


def run(options: argparse.Namespace) -> int:
    """Print the suggestion, or that there is none."""
    file = opened(options.file)
    file = file._replace(project=assigned(file.project, options.set))
    checked(file, options.trust)
    allow(file, options)
    ready(file.project.training.threads)
    from core.data.load import load
    from core.training.rate_finder import find_rate
    from core.training.run import Job

    data = {key: load(settings) for key, settings in file.project.data.items()}
    given: Path | None = options.weights
    found = find_rate(Job(file.project, data), given, _told, _steps(options.steps))
    print(json_line(asdict(found)) if options.json else _text(found))
    return 0


def _steps(text: str) -> int:
    try:
        return int(text)
    except ValueError as error:
        raise ParameterError("a whole number of steps was wanted", f"“{text}” came", "--steps") from error


def _told(text: str, share: float) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{text} ({100 * share:.0f} %)" if share < 1 else "\r\x1b[K")
        sys.stderr.flush()


def _text(found: RateTest) -> str:
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K")
    count = len(found.rates)
    places = sorted({round(index * (count - 1) / (SHOWN - 1)) for index in range(SHOWN)}) if count else []
    rows = [("rate", "loss, smoothed"), *((f"{found.rates[at]:.1e}", f"{found.smooth[at]:.4g}") for at in places)]
    if found.suggested is None:
        end = "No rate stands out: the loss falls no more than by chance."
    else:
        end = f"Suggested: {found.suggested:.1e}, where the loss falls fastest. Use it by --set learning_rate=…"
    return f"{table(rows, right=(0, 1))}\n{end}"
