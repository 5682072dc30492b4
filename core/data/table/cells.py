"""Texts of cells as numbers and dates, and which of them are missing."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

MISSING = frozenset({"", "na", "n/a", "#n/a", "nan", "-nan", "null", "none", "nil", "?", "-", "--", "<na>"})
"""What stands for a missing value, in small letters."""
FORMATS = ("iso", "%d.%m.%Y", "%d.%m.%Y %H:%M", "%m/%d/%Y", "%d/%m/%Y", "%m/%d/%Y %H:%M", "%Y/%m/%d", "%d-%m-%Y")
TRIED = 100
"""Cells by which a format of dates is chosen or refused before all are read."""
LARGEST = float(np.finfo(np.float32).max)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def is_missing(text: str) -> bool:
    """Whether a cell (stripped) holds no value."""
    return text.lower() in MISSING


def numbers_of(texts: Sequence[str], comma: bool = False) -> NDArray[np.float64]:
    """The numbers (N,); NaN where a cell is missing, is no number, or is too large for a float32."""
    given = [_with_point(text) for text in texts] if comma else texts
    try:
        values = np.array(list(map(float, given)), dtype=np.float64)
    except (ValueError, OverflowError):
        values = np.array([_number(text) for text in given], dtype=np.float64)
    return within(values)


def within(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The values, NaN in the place of those that a float32 cannot hold."""
    return np.where(np.abs(values) <= LARGEST, values, math.nan)


def seem_numbers(texts: Sequence[str], comma: bool = False) -> bool:
    """Whether most of the first cells that hold a value are numbers, so that reading all as such is worth it."""
    present = list(itertools.islice((text for text in texts if not is_missing(text)), TRIED))
    return 2 * int(np.isnan(numbers_of(present, comma)).sum()) <= len(present)


def dates_of(texts: Sequence[str]) -> NDArray[np.float64] | None:
    """Days since 1970-01-01 (N,), NaN where a cell is missing; None where the others are no dates of one form."""
    present = list(itertools.islice((text for text in texts if not is_missing(text)), TRIED))
    for form in FORMATS if present else ():
        if all(_days(text, form) is not None for text in present):
            days = [_days(text, form) if not is_missing(text) else math.nan for text in texts]
            if None not in days:
                return np.array(days, dtype=np.float64)
    return None


def _with_point(text: str) -> str:
    return text.replace(".", "").replace(",", ".") if "," in text else text


def _number(text: str) -> float:
    try:
        return float(text)
    except (ValueError, OverflowError):
        return math.nan


def _days(text: str, form: str) -> float | None:
    try:
        # What names no zone is taken as it stands, so that a day is a whole number.
        found = datetime.fromisoformat(text) if form == "iso" else datetime.strptime(text, form)
    except ValueError:
        return None
    moment = found if found.tzinfo is not None else found.replace(tzinfo=UTC)
    return (moment - _EPOCH).total_seconds() / 86_400
