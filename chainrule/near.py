"""Sums over float32 numbers in this computer's memory, read where they lie by compiled functions."""

from __future__ import annotations

import ctypes
import importlib.util
from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any, TypeGuard

import torch
from torch import Tensor, nn

from chainrule.measuring import Doubles

COMPILED = "chainrule._squares"
"""What squares.c is compiled to where the package is installed, if that computer has a compiler."""
EDITION = 3
"""What its functions take, which changes with this number; squares.c says the same."""
_IS_SPARSE = attrgetter("is_sparse")
_SIZE: Callable[[Any], int] = Tensor.numel
_BYTES, _IS_WHOLE, _PLACE = Tensor.element_size, Tensor.is_contiguous, Tensor.data_ptr


def compiled() -> ctypes.CDLL | None:
    """The compiled functions, where this computer has them."""
    found = importlib.util.find_spec(COMPILED)
    try:
        library = ctypes.CDLL(found.origin) if found is not None and found.origin else None
    except OSError:  # they were made for another computer
        return None
    return library if library is not None and _edition(library) == EDITION else None  # or from an older source


def _edition(library: ctypes.CDLL) -> int:
    try:
        return int(library.edition())
    except AttributeError:  # from one before it was told
        return 0


def is_near(tensor: Tensor) -> bool:
    """Whether a parameter's numbers stand one behind the other in this computer's memory."""
    return (
        type(tensor) in (Tensor, nn.Parameter)
        and tensor.device.type == "cpu"
        and tensor.dtype == torch.float32
        and tensor.layout == torch.strided
        and tensor.is_contiguous()
        and (tensor.data_ptr() != 0 or not tensor.numel())
    )


def all_dense(gradients: Sequence[Tensor | None], sizes: Sequence[int]) -> TypeGuard[list[Tensor]]:
    """Whether there is a gradient for each of some parameters of these sizes, and none of a few of its rows."""
    try:
        return not any(map(_IS_SPARSE, gradients)) and list(map(_SIZE, gradients)) == sizes
    except AttributeError:  # one is None
        return False


def all_near(gradients: Sequence[Tensor | None], sizes: Sequence[int]) -> TypeGuard[list[Tensor]]:
    """The same where they lie as near parameters do."""
    return (
        all_dense(gradients, sizes)
        and list(map(_BYTES, gradients)).count(4) == len(sizes)
        and all(map(_IS_WHOLE, gradients))
    )


class Compiled:
    """Sums of squares of tensors, each added to those of its row, by one call of a compiled function.

    A table of float64 (3, rows) is written to: a line of it for tensors that are given, for the weights, which come
    first and are copied, and for what becomes of them.
    """

    def __init__(
        self, library: ctypes.CDLL, likes: Sequence[Tensor], rows: Sequence[int], weights: int, table: Doubles
    ) -> None:
        self._library, self._table = library, table
        self._pointers, numbers = ctypes.c_void_p * len(likes), ctypes.c_int64 * len(likes)
        sizes, belongs = numbers(*[like.numel() for like in likes]), numbers(*rows)
        of_weights = max(rows[:weights], default=-1) + 1
        self._copies = [torch.zeros(like.numel()) for like in likes[:weights]]
        self._to = self._pointers(*map(_PLACE, self._copies))
        self._from, self._of_given = self._to, self._pointers()
        self._count, self._weights = ctypes.c_int64(len(likes)), ctypes.c_int64(weights)
        outs = [ctypes.c_void_p(line.ctypes.data) for line in table]
        lengths = [ctypes.c_int64(table.shape[1]), ctypes.c_int64(of_weights), ctypes.c_int64(of_weights)]
        self._ends = [(sizes, belongs, length, out) for length, out in zip(lengths, outs, strict=True)]

    def place(self, weights: Sequence[Tensor]) -> None:
        """Say where the weights lie now."""
        self._from = self._pointers(*map(_PLACE, weights))

    def sums(self, tensors: Sequence[Tensor]) -> None:
        """Write those of tensors as many and as large as all."""
        self._of_given[:] = list(map(_PLACE, tensors))
        self._library.sums(self._count, self._of_given, *self._ends[0])

    def keep(self) -> None:
        """Write those of the weights, and copy them."""
        self._library.keep(self._weights, self._from, self._to, *self._ends[1])

    def change(self) -> None:
        """Write those of what has become of the weights since they were copied."""
        self._library.change(self._weights, self._from, self._to, *self._ends[2])
