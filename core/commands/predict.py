"""`chainrule predict FILE --input ...`: what a trained network says of new samples, or of those of its data."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from core.commands import samples
from core.commands.allowing import allow
from core.commands.machine import ready
from core.commands.opening import opened
from core.commands.telling import json_line, table
from core.commands.trained import add_file, checked, weights
from core.data.normalisation import IDENTITY, Normalisation, apply, undo
from core.errors import ParameterError
from core.prediction.inputs import Input, inputs_of
from core.prediction.meanings import Meaning, answers, meanings, text

if TYPE_CHECKING:
    from core.data.load import LoadedData

Row = dict[str, Any]
"""What is said of one sample."""

SUMMARY = "what a trained network says of samples"
HELP = "Print what a trained network says of samples: the likeliest classes, or values in their natural units."
INPUT = "numbers as JSON ([5.1, 3.5, 1.4, 0.2]), an .npy or .npz file or a picture (white is ink), in natural units; "
INPUT += "NAME=... where the network has several inputs"


def add(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    add_file(parser)
    given = parser.add_mutually_exclusive_group(required=True)
    given.add_argument("--input", metavar="SAMPLES", nargs="+", help=INPUT)
    given.add_argument("--index", metavar="N", nargs="+", type=int, help="samples of the data set, by number from 0")
    parser.add_argument("--json", action="store_true", help="one JSON object a sample instead of text")


def run(options: argparse.Namespace) -> int:
    """Print an answer a sample."""
    file = opened(options.file)
    path = weights(file, options.weights)
    plan = checked(file, options.trust).plan
    allow(file, options)
    fields = inputs_of(plan)
    given = None if options.index else samples.read(options.input, {key: field.spec for key, field in fields.items()})
    ready(file.project.training.threads)
    from core.data.load import load
    from core.training.evaluate import predict

    data = {key: load(settings) for key, settings in file.project.data.items()}
    inputs = _held(data, fields, options.index) if given is None else _scaled(data, fields, given)
    outputs = predict(file.project, path, inputs)
    known = meanings(plan)
    rows = _rows(data, known, {name: found.numpy() for name, found in outputs.items()})
    for number, row in zip(options.index or (), rows, strict=options.index is not None):
        row |= {"index": number, "part": _part(data, fields, number), "target": _targets(data, known, number)}
    print("\n".join(json_line(row) for row in rows) if options.json else _text(rows))
    return 0


def _held(data: Mapping[str, LoadedData], fields: Mapping[str, Input], numbers: list[int]) -> dict[str, Any]:
    """The samples of the data set with these numbers, as the network sees them; raises ParameterError."""
    if missing := next((name for name, field in fields.items() if not field.dataset), ""):
        wanted, fix = f"samples for {missing} were wanted: no data set is wired there", "Use --input."
        raise ParameterError(wanted, "a number of a sample came", "--index", fix)
    for dataset in {field.dataset for field in fields.values()}:
        for number in numbers:
            if not 0 <= number < len(data[dataset]):
                wanted = f"a sample number from 0 to {len(data[dataset]) - 1} was wanted"
                raise ParameterError(wanted, f"{number} came", "--index", "Count from 0.")
    return {key: data[field.dataset].fields[field.spec.name][numbers] for key, field in fields.items()}


def _scaled(data: Mapping[str, LoadedData], fields: Mapping[str, Input], given: Mapping[str, Any]) -> dict[str, Any]:
    """The samples as the network sees them, by the figures of its training part."""
    known = {key: data[field.dataset].normalisation if field.dataset else {} for key, field in fields.items()}
    scales = {key: known[key].get(field.spec.name, IDENTITY) for key, field in fields.items()}
    return {key: apply(scales[key], values) for key, values in given.items()}


def _rows(data: Mapping[str, LoadedData], known: Mapping[str, Meaning], outputs: Mapping[str, Any]) -> list[Row]:
    """Per sample what every output says."""
    columns = {name: answers(known[name], values, _scale(data, known[name])) for name, values in outputs.items()}
    samples_of = zip(*columns.values(), strict=True)
    return [{"outputs": dict(zip(columns, row, strict=True))} for row in samples_of]


def _scale(data: Mapping[str, LoadedData], meaning: Meaning) -> Normalisation | None:
    field = meaning.field
    return data[meaning.dataset].normalisation.get(field.name) if field is not None else None


def _part(data: Mapping[str, LoadedData], fields: Mapping[str, Input], number: int) -> str:
    first = next(iter(fields.values()), None)
    return "train" if first is not None and number in data[first.dataset].train.tolist() else "validation"


def _targets(data: Mapping[str, LoadedData], known: Mapping[str, Meaning], number: int) -> dict[str, Any]:
    """What the data set says of the sample, for every output that has a target."""
    return {name: _target(data, meaning, number) for name, meaning in known.items() if meaning.field is not None}


def _target(data: Mapping[str, LoadedData], meaning: Meaning, number: int) -> Any:
    field = meaning.field
    assert field is not None  # asked only for those that have one
    value = data[meaning.dataset].fields[field.name][number].numpy()
    if meaning.target in ("classes", "probabilities") and meaning.classes and value.size == 1:
        return meaning.classes[round(float(value.reshape(-1)[0]))]
    scale = _scale(data, meaning)
    return (value if scale is None else undo(scale, value)).tolist()


def _text(rows: list[Row]) -> str:
    """A line a sample and output; the target behind it where it is known."""
    lines = []
    for place, row in enumerate(rows):
        for name, answer in row["outputs"].items():
            target = row.get("target", {}).get(name)
            end = "" if target is None else f"{row['part']}: {target if isinstance(target, str) else _plain(target)}"
            several = (name,) if len(row["outputs"]) > 1 else ()
            lines.append((str(row.get("index", place)), *several, text(answer), end))
    return table(lines)


def _plain(target: list[float]) -> str:
    return text({"value": target})
