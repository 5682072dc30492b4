"""Norms of gradient, weight and true update of parameters that stay where they are: nothing of a script's is moved."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter

import numpy as np
import torch
from torch import Tensor

from chainrule.measuring import CHUNK, Doubles, SegmentSums, layout

_GRADIENT, _VERSION, _IS_SPARSE = attrgetter("grad"), attrgetter("_version"), attrgetter("is_sparse")


class Norms:
    """Sums of squares of the gradients of some parameters, all of one device, of their weights, and of their change.

    Each row (the weights that one norm is taken of) is a segment of its own; of the rest, which stands behind, only the
    gradient is measured. Copies are in float32, or in float64 where the parameters are, as their change would be lost
    otherwise. What was copied is summed at once, while the processor has it at hand.
    """

    def __init__(self, rows: Sequence[Sequence[Tensor]], rest: Sequence[Tensor] = ()) -> None:
        segments = [list(row) for row in (*rows, rest) if len(row)]
        self.parameters = [parameter for segment in segments for parameter in segment]
        self.rows = len(rows)
        self._unusual = any(parameter.is_complex() for parameter in self.parameters)
        self._ends = np.cumsum([len(row) for row in rows], dtype=np.intp)
        self._in_rows = self.parameters[: sum(len(row) for row in rows)]
        bounds, places = layout([[_real(parameter) for parameter in segment] for segment in segments])
        starts, end = [start for start, _stop in bounds], bounds[self.rows - 1][1] if self.rows else 0
        self._lines = self._zeros(bounds[-1][1] if bounds else 0)
        """Two copies that take turns: the weights before the step, and what is laid out beside them."""
        self._weights = [line[:end] for line in self._lines]
        self._slots = [
            [line[at : at + one.numel()].view(one.shape) for at, one in zip(places, reals, strict=True)]
            for reals in (_reals(self.parameters),)
            for line in self._lines
        ]
        self._sum_all = [_sums(line, starts) for line in self._lines]
        self._sum_rows = [_sums(line, starts[: self.rows]) for line in self._weights]
        self.gradient = np.zeros(len(bounds))
        """Sums of squares of every row, and of the rest where there is one."""
        self.weight, self.update, self._next = np.zeros((3, self.rows))
        self._held: list[Tensor | None] = []
        """The gradients, until the step has been made: Python's objects for them need not be made again by it."""
        self._turn = 0
        """The line of the weights before the step."""
        self._measured = False
        """Whether the step has been made: the other line holds the weights before the next."""
        self._versions: list[int] = []
        """How often each parameter had been changed when it was last copied."""
        self._unannounced = False
        self.missing: list[int] = []
        """Rows none of whose weights had a gradient when it was last read."""

    @torch.no_grad()
    def read_gradient(self) -> None:
        """Measure the gradients as they are now."""
        self._turn_over()
        gradients = list(map(_GRADIENT, self.parameters))
        whole = [gradient for gradient in gradients if gradient is not None]
        if self._unusual or len(whole) < len(gradients) or any(map(_IS_SPARSE, whole)):
            self._read_some(gradients)
        elif gradients:
            torch._foreach_copy_(self._slots[self._beside], whole)
            self.missing = []
        self._sum_all[self._beside](self.gradient)
        self._held = gradients

    def before(self, surely: bool = False) -> None:
        """Measure the weights as they are before the step, unless they are known from the step before.

        A change that torch does not count (through `.data`) is found where it is looked for `surely`; from then on the
        weights are measured before every step.
        """
        self._turn_over()
        unchanged = list(map(_VERSION, self._in_rows)) == self._versions
        if not self._in_rows or (unchanged and not surely and not self._unannounced):
            return
        with torch.no_grad():
            known = self._weights[self._turn].clone() if unchanged else None
            torch._foreach_copy_(self._slots[self._turn][: len(self._in_rows)], self._of_rows())
            self._unannounced |= known is not None and not torch.equal(known, self._weights[self._turn])
        self._sum_rows[self._turn](self.weight)

    @torch.no_grad()
    def after(self) -> None:
        """Measure, after the step; without `before`, what has changed since the last time."""
        self._turn_over()
        self._held = []
        if not self._in_rows:
            return
        old, new = self._turn, self._beside
        torch._foreach_copy_(self._slots[new][: len(self._in_rows)], self._of_rows())
        self._sum_rows[new](self._next)
        torch.sub(self._weights[new], self._weights[old], out=self._weights[old])
        self._sum_rows[old](self.update)
        self._versions, self._measured = list(map(_VERSION, self._in_rows)), True

    @property
    def _beside(self) -> int:
        return 1 - self._turn

    def _turn_over(self) -> None:
        """Let the weights after a step that was made be those before the next."""
        if self._measured:
            self._turn, self._measured = self._beside, False
            self.weight, self._next = self._next, self.weight

    def _zeros(self, size: int) -> Tensor:
        double = any(parameter.dtype in (torch.float64, torch.complex128) for parameter in self.parameters)
        device = self.parameters[0].device if self.parameters else None
        return torch.zeros(2, size, dtype=torch.float64 if double else torch.float32, device=device)

    def _of_rows(self) -> list[Tensor]:
        return _reals(self._in_rows) if self._unusual else self._in_rows

    def _read_some(self, gradients: Sequence[Tensor | None]) -> None:
        """Where some parameters have no gradient, or one of few of their rows."""
        for slot, gradient in zip(self._slots[self._beside], gradients, strict=True):
            if gradient is None:
                slot.zero_()
            else:
                slot.copy_(_real(gradient.to_dense() if gradient.is_sparse else gradient))
        there = np.array([gradient is not None for gradient in gradients], int)
        count = np.concatenate([[0], np.cumsum(there)])
        self.missing = np.flatnonzero(np.diff(count[np.concatenate([[0], self._ends])]) == 0).tolist()


class _NearSums:
    """Of float32 numbers in this computer's memory."""

    def __init__(self, line: Tensor, starts: Sequence[int]) -> None:
        self._segments = SegmentSums(starts, line.numpy()[None])

    @np.errstate(over="ignore", under="ignore", invalid="ignore")
    def __call__(self, out: Doubles) -> None:
        self._segments.sums(out)


class _OtherSums:
    """Of float64 numbers, or of those on another device, where they are summed by chunks."""

    def __init__(self, line: Tensor, starts: Sequence[int]) -> None:
        self._line = line
        self._kind = torch.float32 if line.device.type == "mps" else torch.float64
        self._places = np.array([start // CHUNK for start in starts], np.intp)

    def __call__(self, out: Doubles) -> None:
        if len(out):
            chunks = self._line.view(-1, CHUNK).to(self._kind).square().sum(1)
            np.add.reduceat(chunks.cpu().numpy().astype(np.float64), self._places, out=out)


def _sums(line: Tensor, starts: Sequence[int]) -> _NearSums | _OtherSums:
    near = line.device.type == "cpu" and line.dtype == torch.float32 and bool(starts)
    return _NearSums(line, starts) if near else _OtherSums(line, starts)


def _reals(tensors: Sequence[Tensor]) -> list[Tensor]:
    return [_real(tensor) for tensor in tensors]


def _real(tensor: Tensor) -> Tensor:
    """The tensor's numbers; a complex one's parts as pairs."""
    return torch.view_as_real(tensor.detach()) if tensor.is_complex() else tensor
