"""What can be said about the reading of a table, and what those settings mean."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType

from core.data.sources import OptionSpec, Value
from core.errors import DataError

TYPES = ("number", "whole", "category", "date", "text", "left out")
"""What a column can be read as; the last two are not handed to the network."""
UNUSED = ("text", "left out")
COLUMNAR = (".parquet", ".arrow", ".feather", ".ipc", ".jsonl", ".ndjson")
"""Endings of files that say themselves what their columns hold."""
SEPARATORS: Mapping[str, str] = MappingProxyType(
    {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|", "space": " "}
)
ENCODINGS: Mapping[str, str] = MappingProxyType({"utf-8": "utf-8-sig", "utf-16": "utf-16", "latin-1": "cp1252"})
OPTIONS = (
    OptionSpec(
        "target",
        "text",
        "",
        help="Column to predict, or several as a JSON list; empty: one named target, label, class or y, else the last",
    ),
    OptionSpec(
        "types",
        "text",
        "",
        help='How columns are read, where the guess is not right: {"age": "number", "name": "left out"}. '
        f"One of {', '.join(TYPES)}",
    ),
    OptionSpec(
        "categories",
        "choice",
        "one-hot",
        choices=("one-hot", "index"),
        help="A column of zeros and a one for each category, or its number in a field of its own, for an Embedding",
    ),
    OptionSpec(
        "missing",
        "choice",
        "drop",
        choices=("drop", "fill"),
        help="Rows with missing values are left out, or filled: numbers with the mean of the training part, "
        "categories with one called missing",
    ),
    OptionSpec("order", "text", "", help="Column by which rows are put in order, as for a split by time; empty: none"),
    OptionSpec("header", "choice", "auto", choices=("auto", "yes", "no"), help="Whether the first line names columns"),
    OptionSpec("separator", "choice", "auto", choices=("auto", *SEPARATORS), help="What stands between two cells"),
    OptionSpec("decimal", "choice", "auto", choices=("auto", "point", "comma"), help="What parts 1.5 from 15"),
    OptionSpec("encoding", "choice", "auto", choices=("auto", *ENCODINGS), help="How letters are written as bytes"),
)


def text_of(options: Mapping[str, Value], name: str) -> str:
    """The option's value, its default where it is not given."""
    return str(options.get(name, next(spec.default for spec in OPTIONS if spec.name == name)))


def targets_of(options: Mapping[str, Value]) -> tuple[str, ...] | None:
    """The columns that were chosen to be predicted; None: they are to be guessed. Raises DataError."""
    text = text_of(options, "target").strip()
    if not text:
        return None
    if not text.startswith("["):
        return (text,)
    names = _json(text, "target")
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise DataError("a list of columns was wanted", f"{text} came", "option target", 'Write ["first", "second"].')
    return tuple(dict.fromkeys(names))


def types_of(options: Mapping[str, Value]) -> dict[str, str]:
    """The types that were chosen, by column; raises DataError."""
    text = text_of(options, "types").strip()
    chosen = _json(text, "types") if text else {}
    if not isinstance(chosen, dict) or not all(value in TYPES for value in chosen.values()):
        fix = f'Write {{"column": "type"}}, a type being one of {", ".join(TYPES)}.'
        raise DataError("a type for each column was wanted", f"{text} came", "option types", fix)
    return chosen


def _json(text: str, name: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DataError("JSON was wanted", f"{text} came ({error})", f"option {name}", "Correct it.") from error
