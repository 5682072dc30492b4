"""Norms of gradient, weight and true update of parameters that stay where they are: nothing of a script's is moved."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter

import numpy as np
import torch
from torch import Tensor

from chainrule.lines import Lines
from chainrule.measuring import Doubles
from chainrule.near import Compiled, all_dense, all_near, compiled, is_near

_GRADIENT, _PLACE = attrgetter("grad"), Tensor.data_ptr


class Norms:
    """Sums of squares of the gradients of some parameters, all of one device, of their weights, and of their change.

    Each row (the weights that one norm is taken of) is a segment of its own; of the rest, which stands behind, only the
    gradient is measured. The weights are copied just before a step: so what a script has done to them since the last
    one is no part of the update, and the step finds them in the processor's cache. Copies are in float32, or in float64
    where the parameters are, as their change would be lost otherwise.
    """

    def __init__(self, rows: Sequence[Sequence[Tensor]], rest: Sequence[Tensor] = ()) -> None:
        segments = [list(row) for row in (*rows, rest) if len(row)]
        self.parameters = [parameter for segment in segments for parameter in segment]
        self._row_of = [index for index, segment in enumerate(segments) for _parameter in segment]
        self._in_rows = self.parameters[: sum(len(row) for row in rows)]
        self._table = np.zeros((3, len(segments)))
        self.gradient: Doubles = self._table[0]
        """Sums of squares of every row's gradient as it was read last, and of the rest's where there is one."""
        self.squares: Doubles = self._table[:, : len(rows)]
        """Sums of squares of every row's gradient, weight before the step and update, after the step."""
        self.missing: list[int] = []
        """Rows none of whose weights had a gradient when it was last read."""
        self._held: list[Tensor | None] = []
        """The gradients, until the step has been made: Python's objects for them need not be made again by it."""
        self._library = compiled()
        self._near, self._sizes = False, [-1]
        self._squares: Compiled | Lines
        self._settle()

    def read_gradient(self) -> None:
        """Measure the gradients as they are now."""
        self._held = gradients = list(map(_GRADIENT, self.parameters))
        fit = all_near if self._near else all_dense
        if not self._unusual and fit(gradients, self._sizes):
            self._squares.sums(gradients)
            self.missing = []
            return
        self._settle()
        with torch.no_grad():
            self._read_some(gradients)

    def before(self) -> None:
        """Keep and measure the weights as they are before the step."""
        if self._in_rows:
            self._find()
            self._squares.keep()

    def after(self) -> None:
        """Measure, after the step, what has become of the weights that `before` has kept, which are kept no longer."""
        self._held = []
        if self._in_rows:
            if self._find():
                self._squares.keep()  # they are others now
            self._squares.change()

    def _settle(self) -> bool:
        """Find out where the parameters lie, and what can measure them there; whether that is something new."""
        library, sizes = self._library, [parameter.numel() for parameter in self.parameters]
        near = library is not None and all(map(is_near, self.parameters))
        new = (near, sizes) != (self._near, self._sizes)
        self._near, self._sizes = near, sizes
        self._pointers = list(map(_PLACE, self._in_rows)) if near else []
        if new:
            self._unusual = any(parameter.is_complex() for parameter in self.parameters)
            made = [_real(parameter) for parameter in self.parameters], self._row_of, len(self._in_rows), self._table
            self._squares = Compiled(library, *made) if library is not None and near else Lines(*made)
        self._squares.place([_real(parameter) for parameter in self._in_rows])
        return new

    def _find(self) -> bool:
        """Follow the weights where they have been moved to; whether what measured them could not."""
        if self._near and list(map(_PLACE, self._in_rows)) == self._pointers:
            return False
        return self._settle()

    def _read_some(self, gradients: Sequence[Tensor | None]) -> None:
        """Where some parameters have no gradient, one of few of their rows, or one that lies in some other way."""
        self._squares.sums([
            _plain(gradient, parameter) for gradient, parameter in zip(gradients, self.parameters, strict=True)
        ])  # fmt: skip
        there = np.bincount(self._row_of, [gradient is not None for gradient in gradients], len(self.gradient))
        self.missing = np.flatnonzero(there[: self.squares.shape[1]] == 0).tolist()


def _plain(gradient: Tensor | None, parameter: Tensor) -> Tensor:
    """The gradient as a whole one, of real numbers that lie as the parameter's do; zeros where there is none."""
    if gradient is None or gradient.shape != parameter.shape:
        return _real(torch.zeros_like(parameter)).contiguous()
    dense = gradient.to_dense() if gradient.is_sparse else gradient
    return _real(dense.detach().to(parameter)).contiguous()


def _real(tensor: Tensor) -> Tensor:
    """The tensor's numbers; a complex one's parts as pairs."""
    return torch.view_as_real(tensor.detach()) if tensor.is_complex() else tensor
