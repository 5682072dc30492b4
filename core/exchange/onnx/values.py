"""What a name in an ONNX graph stands for while it is read: known numbers, or a wire with its type.

Shapes are known but for the batch: a size is then a whole number, or so many batches and a number more. Arrays of
sizes are numpy arrays of objects, so that the arithmetic of shapes is worked out like any other constant's.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.catalog.kind import Batch, Dim, TensorType
from core.exchange.calls import Ref
from core.exchange.onnx.limits import refusal

Array = NDArray[Any]


class UnknownSizeError(Exception):
    """A question about the batch that only a batch can answer; the operation is then no constant."""


@dataclass(frozen=True, slots=True)
class Size:
    """So many batches and a number more: 4·B + 1."""

    batches: int
    number: int = 0

    def __add__(self, other: object) -> Size | int:
        """The sum of two sizes."""
        batches, number = _parts(other)
        return settled(self.batches + batches, self.number + number)

    __radd__ = __add__

    def __neg__(self) -> Size:
        """The size with the other sign."""
        return Size(-self.batches, -self.number)

    def __sub__(self, other: object) -> Size | int:
        """The difference of two sizes."""
        batches, number = _parts(other)
        return settled(self.batches - batches, self.number - number)

    def __rsub__(self, other: object) -> Size | int:
        """A number less this size."""
        return (-self) + other

    def __mul__(self, other: object) -> Size | int:
        """The size so many times."""
        batches, number = _parts(other)
        if batches:
            raise UnknownSizeError
        return settled(self.batches * number, self.number * number)

    __rmul__ = __mul__

    def __floordiv__(self, other: object) -> Size | int:
        """The quotient, where it comes out even."""
        batches, number = _parts(other)
        if batches and not number and not self.number and self.batches % batches == 0:
            return self.batches // batches
        if batches or not number or self.batches % number or self.number % number:
            raise UnknownSizeError
        return settled(self.batches // number, self.number // number)

    def __lt__(self, other: object) -> bool:
        """Whether it is smaller whatever the batch is, which is one sample at least."""
        return not self >= other

    def __ge__(self, other: object) -> bool:
        """Whether it is as large; raises UnknownSizeError where that hangs on the batch."""
        batches, number = _parts(other)
        slope, rest = self.batches - batches, self.number - number
        if slope >= 0 and slope + rest >= 0:
            return True
        if slope <= 0 and slope + rest < 0:
            return False
        raise UnknownSizeError

    def __gt__(self, other: object) -> bool:
        """Whether it is larger whatever the batch is."""
        batches, number = _parts(other)
        return self >= settled(batches, number + 1)

    def __le__(self, other: object) -> bool:
        """Whether it is no larger."""
        return not self > other

    def __index__(self) -> int:
        """Raises UnknownSizeError: no whole number stands for a batch."""
        raise UnknownSizeError


def settled(batches: int, number: int) -> Size | int:
    """The size, as a number where no batch is in it."""
    return Size(batches, number) if batches else number


def _parts(value: object) -> tuple[int, int]:
    if isinstance(value, Size):
        return value.batches, value.number
    if isinstance(value, int | np.integer):
        return 0, int(value)
    if isinstance(value, float) and value.is_integer():
        return 0, int(value)
    raise UnknownSizeError


class Wire(NamedTuple):
    """A tensor that the network makes, and its type."""

    ref: Ref
    type: TensorType

    @property
    def shape(self) -> tuple[Dim, ...]:
        """The sizes, the batch as a symbol."""
        return self.type.shape


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """Numbers that are known, or sizes; `source` is the initializer's name where they are one as it stands."""

    array: Array
    source: str = ""

    @property
    def symbolic(self) -> bool:
        """Whether a batch is among the numbers."""
        return self.array.dtype == object


class Filled(NamedTuple):
    """One number in a shape that holds the batch: zeros of an initial state."""

    number: Array
    shape: tuple[Dim, ...]


Value = Wire | Known | Filled


def sizes_array(shape: Iterable[Dim]) -> Array:
    """A shape as an array of sizes."""
    return simplified(np.array([_size(dim) for dim in shape], object))


def _size(dim: Dim) -> Size | int:
    return Size(dim.multiple) if isinstance(dim, Batch) else dim


def simplified(array: Array) -> Array:
    """The array as whole numbers where no batch is in it."""
    if array.dtype == object and not any(isinstance(item, Size) for item in array.flat):
        whole = all(isinstance(item, int | np.integer | np.bool_ | bool) for item in array.flat)
        return array.astype(np.int64 if whole else np.float32)
    return array


def dims_of(array: Array) -> tuple[Dim, ...]:
    """The sizes in an array as a shape; raises FileError for one that no batch has."""
    return tuple(dim_of(item) for item in array.reshape(-1))


def dim_of(item: object) -> Dim:
    """One size as a dimension; raises FileError for a batch and some more."""
    if isinstance(item, Size):
        if item.number or item.batches < 0:
            raise refusal("sizes that are a number or a multiple of the batch were wanted", f"{item} came")
        return Batch(item.batches)
    return int(item)  # type: ignore[call-overload,no-any-return]  # an array of sizes holds nothing else
