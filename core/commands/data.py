"""`chainrule data FILE`: what a file or folder of the user's own holds, as a data node would offer it."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from core.amounts import bytes_text
from core.commands.opening import closest
from core.commands.telling import json_line, plural, table
from core.data.cache import clear
from core.data.formats import FORMATS, format_of
from core.data.found import Found
from core.data.sources import FieldSpec, OptionSpec, Value
from core.data.survey import Survey
from core.errors import DataError, FileError, ParameterError
from core.phrases import parsed

SUMMARY = "what a file or folder of data holds"
HELP = (
    "Print the fields, samples, types and classes that are found in a file or folder of your own, and what of it is "
    "left out. Nothing is changed. With --set the reading is told what it would guess otherwise."
)
CLASSES = 12
"""Names of classes and columns that a line tells."""


def add(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    given = parser.add_mutually_exclusive_group(required=True)
    given.add_argument("file", metavar="FILE", nargs="?", help="a table, arrays, a folder of pictures, a text, ...")
    given.add_argument(
        "--clear-cache", action="store_true", help="remove the pictures and sounds that are kept decoded"
    )
    parser.add_argument("--format", metavar="NAME", default="", help=f"one of {', '.join(FORMATS)}; else as named")
    parser.add_argument("--set", metavar="KEY=VALUE", action="append", default=[], help="how it is read; repeatable")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of text")


def run(options: argparse.Namespace) -> int:
    """Print what is found; 1 where it cannot be used as it is."""
    if options.clear_cache:
        print(f"Removed {bytes_text(clear())} of decoded data.")
        return 0
    path = Path(options.file)
    if not path.exists():
        raise FileError("a file or folder of data was wanted", "there is none of this name", str(path))
    if options.format and options.format not in FORMATS:
        raise ParameterError(f"one of {', '.join(FORMATS)} was wanted", f"“{options.format}” came", "--format")
    name = options.format or format_of(path, path.is_dir()).name
    chosen = dict(_chosen(FORMATS[name].options, options.set))
    from core.data.own import surveyed

    told = surveyed(path, chosen, name)
    print(json_line(_plain(path, name, told)) if options.json else text(path, name, told))
    return 1 if told.problem is not None else 0


def text(path: Path, name: str, told: Survey) -> str:
    """The columns and fields as tables, then what was decided."""
    parts = [f"{path.name}: {FORMATS[name].title}" + (f", {plural(told.total, 'row')}" if told.rows else "")]
    if told.settled:
        parts.append(", ".join(f"{key} {value}" for key, value in told.settled))
    if told.rows:
        rows = [(one.name, one.type, one.role, f"{one.missing:,}", one.values) for one in told.columns]
        parts.append(table([("column", "type", "role", "missing", "values"), *rows], right=(3,)))
    if told.found is not None:
        parts += _found_parts(told.found)
    return "\n\n".join(parts) + (_problem(told.problem) if told.problem is not None else "")


def _found_parts(found: Found) -> Iterator[str]:
    rows = [(one.name, _shape(one), one.dtype, one.role, _names(one)) for one in found.fields]
    yield table([("field", "shape", "dtype", "role", "classes or columns"), *rows])
    left_out = f", {found.skipped:,} left out" if found.skipped else ""
    yield "\n".join([f"{plural(found.samples, 'sample')}{left_out}.", *found.notes])


def _problem(problem: DataError) -> str:
    return f"\n\nerror  {' '.join(str(problem).split())}"


def _shape(field: FieldSpec) -> str:
    return "×".join(map(str, field.shape)) or "1"


def _names(field: FieldSpec) -> str:
    names = field.classes or field.columns
    more = f", … ({len(names):,})" if len(names) > CLASSES else ""
    return ", ".join(names[:CLASSES]).replace("\n", "⏎") + more


def _chosen(specs: Sequence[OptionSpec], texts: Iterable[str]) -> Iterator[tuple[str, Value]]:
    known = {spec.name: spec for spec in specs}
    for given in texts:
        key, equals, value = given.partition("=")
        if not equals or key not in known:
            near = closest(key, known)
            fix = f"Did you mean {near}?" if near else f"Choose one of {', '.join(known)}." if known else "It has none."
            raise ParameterError("KEY=VALUE with an option of the format was wanted", f"“{given}” came", "--set", fix)
        read = value if known[key].type in ("text", "choice") else parsed(value)
        yield key, read  # type: ignore[misc]  # checked when it is read


def _plain(path: Path, name: str, told: Survey) -> dict[str, Any]:
    found, problem = told.found, told.problem
    return {
        "file": str(path),
        "format": name,
        "rows": told.total,
        "settled": dict(told.settled),
        "columns": [{slot: getattr(one, slot) for slot in one.__slots__} for one in told.columns],
        "fields": [_field(field) for field in found.fields] if found is not None else [],
        "samples": found.samples if found is not None else 0,
        "skipped": found.skipped if found is not None else 0,
        "notes": found.notes if found is not None else (),
        "problem": None if problem is None else {part: getattr(problem, part) for part in _PARTS},
    }


_PARTS = ("wanted", "came", "where", "fix")


def _field(field: FieldSpec) -> dict[str, Any]:
    return {slot: getattr(field, slot) for slot in field.__slots__}
