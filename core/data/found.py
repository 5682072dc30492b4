"""What was found in files of the user's own: kept in the project, so that it opens without them."""

from __future__ import annotations

from dataclasses import dataclass

from core.data.sources import FieldSpec
from core.errors import DataError

MOST_FIELDS = 256
MOST_NAMES = 100_000
"""Classes, or columns, of one field."""
DTYPES = ("float32", "int64")
_FIX = "Read the file anew."


@dataclass(frozen=True, slots=True)
class Found:
    """The fields and samples of a file or folder, and the mark by which a change of it is noticed.

    `skipped` counts the rows or files that could not be used; `notes` says in short sentences what was decided.
    `held` is how many samples, the last ones, the files themselves put aside for validation; `gap` is as a source has
    it.
    Raises DataError for fields that no data node could offer.
    """

    fields: tuple[FieldSpec, ...]
    samples: int
    mark: str = ""
    skipped: int = 0
    notes: tuple[str, ...] = ()
    held: int = 0
    gap: int = 0

    def __post_init__(self) -> None:
        """Refuse what could not be wired."""
        if self.samples < 1:
            raise DataError("at least one sample was wanted", "none was found", "", "Choose another file.")
        if not (0 <= self.held < self.samples and 0 <= self.gap < self.samples):
            raise DataError("a part for training was wanted", f"{self.held} of {self.samples} are held out", "", _FIX)
        if not 1 <= len(self.fields) <= MOST_FIELDS:
            raise DataError(f"1 to {MOST_FIELDS} fields were wanted", f"{len(self.fields)} came", "", _FIX)
        names = [field.name for field in self.fields]
        for field in self.fields:
            _check(field)
            if names.count(field.name) > 1:
                raise DataError("each field once was wanted", f"“{field.name}” came twice", "", _FIX)


def _check(field: FieldSpec) -> None:
    where = f"field {field.name}"
    if not field.name.isidentifier():
        raise DataError("a name of letters, digits and underscores was wanted", f"“{field.name}” came", where, _FIX)
    if field.dtype not in DTYPES:
        raise DataError(f"one of {', '.join(DTYPES)} was wanted", f"{field.dtype} came", where, _FIX)
    if len(field.shape) > 8 or not all(0 < size < 2**31 for size in field.shape):
        raise DataError("sizes above 0 were wanted", f"{field.shape} came", where, _FIX)
    if max(len(field.classes), len(field.columns)) > MOST_NAMES:
        raise DataError(f"at most {MOST_NAMES:,} names were wanted", "more came", where, _FIX)
