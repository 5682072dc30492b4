"""A field whose samples are read when they are asked for, in the place of a tensor in memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.data.checks import check_finite, check_labels
from core.data.normalisation import Normalisation, apply
from core.data.rows import Rows, Unreadable, portions
from core.data.sources import FieldSpec
from core.errors import DataError


class LazyField:
    """The samples (N, ...) of a field, normalised as they are read; `numbers` are those of a part, in its order.

    Every reading raises DataError where the file is gone, has changed, or a value is not as the field's spec says.
    """

    def __init__(
        self,
        spec: FieldSpec,
        rows: Rows,
        normalisation: Normalisation,
        numbers: NDArray[np.int64],
        where: str,
    ) -> None:
        self.spec = spec
        self.rows = rows
        self.normalisation = normalisation
        self._numbers = numbers
        self._where = where

    def __len__(self) -> int:
        """How many samples there are."""
        return len(self._numbers)

    @property
    def shape(self) -> torch.Size:
        """The shape (N, ...) that it would have in memory."""
        return torch.Size((len(self), *self.spec.shape))

    @property
    def dtype(self) -> torch.dtype:
        """The type of its values."""
        return torch.int64 if self.spec.dtype == "int64" else torch.float32

    def index_select(self, _dim: int, places: Tensor) -> Tensor:
        """The samples at these places, in a tensor of their own."""
        return torch.from_numpy(self.read(places.numpy()))

    def __getitem__(self, places: Tensor | slice | int | Sequence[int]) -> Tensor:
        """The sample, or the samples, at these places."""
        if isinstance(places, int):
            return self[[places]][0]
        found = np.arange(len(self))[places] if isinstance(places, slice) else np.asarray(places, np.int64)
        return torch.from_numpy(self.read(found))

    def whole(self) -> NDArray[Any]:
        """All samples, in their order."""
        values = np.empty((len(self), *self.spec.shape), self.spec.dtype)
        for places in portions(self.spec, np.arange(len(self))):
            values[places[0] : places[-1] + 1] = self.read(places)
        return values

    def in_order(self) -> LazyField:
        """The field of the same samples as they follow one another in the file."""
        return LazyField(self.spec, self.rows, self.normalisation, np.sort(self._numbers), self._where)

    def part(self, places: Tensor) -> LazyField:
        """The field of these samples alone; nothing is read."""
        return LazyField(self.spec, self.rows, self.normalisation, self._numbers[places.numpy()], self._where)

    def read(self, places: NDArray[np.int64]) -> NDArray[Any]:
        """The same as an array."""
        numbers = self._numbers[places]
        try:
            values = self._natural(numbers)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise DataError("the data were to be read", reason, self._where, "Bring the file back.") from error
        if self.spec.classes:
            check_labels(values, len(self.spec.classes), self._where, numbers)
        else:
            check_finite(values, self._where, numbers)
        return np.ascontiguousarray(apply(self.normalisation, values))

    def _natural(self, numbers: NDArray[np.int64]) -> NDArray[Any]:
        """The samples; one that cannot be read is stood in for by the next of this part that is like it."""
        while True:
            try:
                return self.rows.read(numbers)
            except Unreadable as error:
                others = {number: self._instead(number, error) for number in error.numbers}
                numbers = np.array([others.get(number, number) for number in numbers.tolist()], np.int64)

    def _instead(self, number: int, error: Unreadable) -> int:
        place = int(np.flatnonzero(self._numbers == number)[0])
        for other in np.roll(self._numbers, -place - 1).tolist():
            if self.rows.like(number, other):
                return int(other)
        raise error


Samples = Tensor | LazyField
"""A field (N, ...): in memory, or read when it is asked for."""


def part(field: Samples, places: Tensor) -> Samples:
    """The samples at these places; of a field in memory a copy."""
    return field[places] if isinstance(field, Tensor) else field.part(places)
