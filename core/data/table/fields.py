"""The columns of a table as the fields of a data set: features, categories by number, and what is to be predicted."""

from __future__ import annotations

import keyword
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from core.data.sources import FieldSpec
from core.data.table.guessing import Chosen
from core.errors import DataError

MISSING = "missing"
MOST_COLUMNS = 10_000
"""Of the features, one-hot ones counted each."""
Field = tuple[FieldSpec, NDArray[Any]]


@dataclass(frozen=True, eq=False, slots=True)
class Part:
    """Some columns of a field: their names, and their values (N, columns)."""

    names: tuple[str, ...]
    values: NDArray[np.float32]


def fields(chosen: Sequence[Chosen], places: NDArray[np.int64], one_hot: bool, where: str) -> tuple[Field, ...]:
    """Every field with its values (N, ...) of these rows; raises DataError for targets that teach nothing."""
    inputs = [column for column in chosen if column.role == "input"]
    targets = [column for column in chosen if column.role == "target"]
    made: list[Field] = []
    dense = [column for column in inputs if column.type != "category" or one_hot]
    if dense:
        made.append(_features([_part(column, places) for column in dense], where))
    for column in inputs:
        if column not in dense:
            made.append(_classes(column, places, "input", made))
    numbers = [column for column in targets if column.type != "category"]
    if numbers:
        made.append(_numbers(numbers, places, made))
    for column in targets:
        if column.type == "category":
            made += _labels(column, places, made, where)
    if not made:
        raise DataError("columns to learn from were wanted", "all are left out", where, "Change the type of one.")
    return tuple(made)


def _features(parts: Sequence[Part], where: str) -> Field:
    names = tuple(name for part in parts for name in part.names)
    if len(names) > MOST_COLUMNS:
        fix = "Hand out categories by number, or leave out columns with many."
        raise DataError(f"at most {MOST_COLUMNS:,} columns were wanted", f"{len(names):,} came", where, fix)
    values = np.ascontiguousarray(np.concatenate([part.values for part in parts], axis=1))
    spec = FieldSpec("features", (len(names),), "float32", "input", (), names, True, "Numbers and one-hot categories")
    return spec, values


def _part(column: Chosen, places: NDArray[np.int64]) -> Part:
    if column.numbers is not None:
        return Part((column.name,), column.numbers[places, np.newaxis].astype(np.float32))
    names, numbers = _numbered(column, places)
    hot = np.zeros((len(places), len(names)), dtype=np.float32)
    hot[np.arange(len(places)), numbers] = 1.0
    return Part(tuple(f"{column.name}={name}" for name in names), hot)


def _numbers(columns: Sequence[Chosen], places: NDArray[np.int64], before: Sequence[Field]) -> Field:
    names = tuple(column.name for column in columns)
    values = [column.numbers[places] for column in columns if column.numbers is not None]
    name = _free(names[0] if len(names) == 1 else "target", before)
    help_ = f"To predict: {', '.join(names[:8])}"
    spec = FieldSpec(name, (len(names),), "float32", "target", (), names, True, help_)
    return spec, np.ascontiguousarray(np.stack(values, axis=1).astype(np.float32))


def _labels(column: Chosen, places: NDArray[np.int64], before: Sequence[Field], where: str) -> list[Field]:
    """Class numbers; of two classes the same as 0.0 and 1.0 too, as a binary loss wants them."""
    made = [_classes(column, places, "target", before)]
    spec, numbers = made[0]
    if len(spec.classes) < 2:
        came = f"every row has “{spec.classes[0]}” in {column.name}"
        raise DataError("at least two classes were wanted", came, where, "Choose another column to predict.")
    if len(spec.classes) == 2:
        name = _free(f"{spec.name}_target", (*before, *made))
        help_ = f"0 for {spec.classes[0]}, 1 for {spec.classes[1]}"
        twin = FieldSpec(name, (1,), "float32", "target", (), (column.name,), help=help_)
        made.append((twin, numbers.astype(np.float32).reshape(-1, 1)))
    return made


def _classes(
    column: Chosen, places: NDArray[np.int64], role: Literal["input", "target"], before: Sequence[Field]
) -> Field:
    names, numbers = _numbered(column, places)
    help_ = f"The number of the category in {column.name}"
    return FieldSpec(_free(column.name, before), (), "int64", role, names, help=help_), numbers


def _numbered(column: Chosen, places: NDArray[np.int64]) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """The categories in order, that of missing values last, and the number of each row's (N,)."""
    texts = [column.texts[place] for place in places.tolist()]
    names = sorted({text for text in texts if text}, key=_natural)
    if not all(texts):
        names.append(MISSING if MISSING not in names else f"{MISSING} (empty)")
    numbers = {name: place for place, name in enumerate(names)} | ({} if all(texts) else {"": len(names) - 1})
    return tuple(names), np.array([numbers[text] for text in texts], dtype=np.int64)


def _natural(text: str) -> tuple[float, str]:
    """Numbers by their size, then words by their letters."""
    try:
        return float(text), text
    except ValueError:
        return float("inf"), text


def _free(column: str, before: Sequence[Field]) -> str:
    """A field's name after the column's: one that Python can have, and that no field before it has."""
    word = re.sub(r"\W+", "_", column).strip("_")
    word = word if word.isidentifier() else f"column_{word}".rstrip("_")
    taken = {spec.name for spec, _values in before} | {"features"}
    base = word = f"{word}_column" if keyword.iskeyword(word) else word
    count = 2
    while word in taken:
        word, count = f"{base}_{count}", count + 1
    return word
