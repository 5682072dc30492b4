"""Norms of gradient, weight and true update of parameters that stay where they are: nothing of a script's is moved."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter

import numpy as np
import torch
from torch import Tensor

from chainrule.measuring import CHUNK, WIDE, Doubles, SegmentSums, layout

_GRADIENT, _VERSION, _IS_SPARSE = attrgetter("grad"), attrgetter("_version"), attrgetter("is_sparse")


class Norms:
    """Sums of squares of the gradients of some parameters, all of one device, of their weights, and of their change.

    Each row (the weights that one norm is taken of) is a segment of its own; of the rest, which stands behind, only the
    gradient is measured. Copies are in float32, or in float64 where the parameters are, as their change would be lost
    otherwise. What lies in the copies is summed all at once after the step: after a step of a small model the processor
    has none of our code at hand any more, and a second call would cost as much as what it does.
    """

    def __init__(self, rows: Sequence[Sequence[Tensor]], rest: Sequence[Tensor] = ()) -> None:
        segments = [list(row) for row in (*rows, rest) if len(row)]
        self.parameters = [parameter for segment in segments for parameter in segment]
        self.rows = len(rows)
        self._unusual = any(parameter.is_complex() for parameter in self.parameters)
        self._ends = np.cumsum([len(row) for row in rows], dtype=np.intp)
        self._in_rows = self.parameters[: sum(len(row) for row in rows)]
        self._lay_out([[_real(parameter) for parameter in segment] for segment in segments])
        self.squares = np.zeros((3, self.rows))
        """Sums of squares of every row's gradient, weight before the step and update, after the step."""
        self._next = np.zeros(self.rows)
        self._held: list[Tensor | None] = []
        """The gradients, until the step has been made: Python's objects for them need not be made again by it."""
        self._turn = 0
        """The line of the weights before the step."""
        self._measured = False
        """Whether the step has been made: the other line holds the weights before the next."""
        self._summed = True
        """Whether the gradient that was read last has been summed."""
        self._versions: list[int] = []
        """How often each parameter had been changed when it was last copied."""
        self._unannounced = False
        self.missing: list[int] = []
        """Rows none of whose weights had a gradient when it was last read."""

    def _lay_out(self, segments: Sequence[Sequence[Tensor]]) -> None:
        reals = [real for segment in segments for real in segment]
        chunk = WIDE if sum(real.numel() for real in reals) >= 4 * WIDE * len(segments) else CHUNK
        bounds, places = layout(segments, chunk)
        starts, end = [start for start, _stop in bounds], bounds[self.rows - 1][1] if self.rows else 0
        lines = self._zeros(bounds[-1][1] if bounds else 0)
        self._weights = [line[:end] for line in lines[:2]]
        """Two copies that take turns: the weights before the step, and after it."""
        inside = len(self._in_rows)
        self._take_weights = [_Gather(line, places[:inside], reals[:inside]) for line in lines[:2]]
        self._take_rows = _Gather(lines[2], places[:inside], reals[:inside])
        self._take_rest = _Gather(lines[2], places[inside:], reals[inside:])
        of_rows, size = starts[: self.rows], lines.shape[1]
        everything = [*of_rows, *(start + size for start in of_rows), *(start + 2 * size for start in starts)]
        self._sum_all = _sums(lines.view(-1), everything, chunk)
        self._sum_gradient = _sums(lines[2], starts, chunk)
        self._sum_rows = [_sums(line, of_rows, chunk) for line in self._weights]
        self._gradient = np.zeros(len(starts))
        self._of_gradient = self._gradient[: self.rows]
        self._found = np.zeros(len(everything))
        self._parts = [self._found[: self.rows], self._found[self.rows : 2 * self.rows], self._found[2 * self.rows :]]

    @property
    def gradient(self) -> Doubles:
        """Sums of squares of every row, and of the rest where there is one."""
        if not self._summed:
            self._sum_gradient(self._gradient)
            self._summed = True
        return self._gradient

    @torch.no_grad()
    def read_gradient(self) -> None:
        """Keep the gradients as they are now."""
        self._turn_over()
        gradients = list(map(_GRADIENT, self.parameters))
        whole = [gradient for gradient in gradients if gradient is not None]
        if self._unusual or len(whole) < len(gradients) or any(map(_IS_SPARSE, whole)):
            self._read_some(gradients)
        else:
            self._take_rows(whole[: len(self._in_rows)])
            self._take_rest(whole[len(self._in_rows) :])
            self.missing = []
        self._held, self._summed = gradients, False

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
            self._take_weights[self._turn](self._of_rows())
            self._unannounced |= known is not None and not torch.equal(known, self._weights[self._turn])
        self._sum_rows[self._turn](self.squares[1])

    @torch.no_grad()
    def after(self) -> None:
        """Measure, after the step; without `before`, what has changed since the last time."""
        self._turn_over()
        self._held = []
        old, new = self._turn, 1 - self._turn
        if self._in_rows:
            self._take_weights[new](self._of_rows())
            torch.sub(self._weights[new], self._weights[old], out=self._weights[old])
        self._sum_all(self._found)
        if not self._summed:
            self._gradient[:], self._summed = self._parts[2], True
        self.squares[0], self.squares[2], self._next[:] = self._of_gradient, self._parts[old], self._parts[new]
        self._versions, self._measured = list(map(_VERSION, self._in_rows)), True

    def _turn_over(self) -> None:
        """Let the weights after a step that was made be those before the next."""
        if self._measured:
            self._turn, self._measured = 1 - self._turn, False
            self.squares[1] = self._next

    def _zeros(self, size: int) -> Tensor:
        double = any(parameter.dtype in (torch.float64, torch.complex128) for parameter in self.parameters)
        kind = torch.float64 if double else torch.float32
        return torch.zeros(3, size, dtype=kind, device=self.parameters[0].device if self.parameters else None)

    def _of_rows(self) -> list[Tensor]:
        return _reals(self._in_rows) if self._unusual else self._in_rows

    def _read_some(self, gradients: Sequence[Tensor | None]) -> None:
        """Where some parameters have no gradient, or one of few of their rows."""
        slots = self._take_rows.slots + self._take_rest.slots
        for slot, gradient in zip(slots, gradients, strict=True):
            if gradient is None:
                slot.zero_()
            else:
                slot.copy_(_real(gradient.to_dense() if gradient.is_sparse else gradient))
        there = np.array([gradient is not None for gradient in gradients], int)
        count = np.concatenate([[0], np.cumsum(there)])
        self.missing = np.flatnonzero(np.diff(count[np.concatenate([[0], self._ends])]) == 0).tolist()


class _Gather:
    """Copies tensors to their places in a line: by one call where they are of one width, as layers of a stack are."""

    def __init__(self, line: Tensor, places: Sequence[int], likes: Sequence[Tensor]) -> None:
        self.slots = [
            line[place : place + like.numel()].view(like.shape) for place, like in zip(places, likes, strict=True)
        ]
        self._joined: Tensor | None = None
        self._gaps: list[tuple[int, Tensor]] = []
        """The zeros between the tensors, each with its place among them all."""
        shapes = {(like.dtype, like.shape[1:]) if like.dim() else None for like in likes}
        if line.device.type == "cpu" and len(shapes) == 1 and shapes.isdisjoint({None}):
            self._join(line, places)

    def __call__(self, tensors: list[Tensor]) -> None:
        """Copy tensors of the same shapes."""
        if self._joined is not None:
            pieces = list(tensors)
            for place, gap in self._gaps:
                pieces.insert(place, gap)
            torch.cat(pieces, out=self._joined)
        elif self.slots:
            torch._foreach_copy_(self.slots, tensors)

    def _join(self, line: Tensor, places: Sequence[int]) -> None:
        shape = self.slots[0].shape[1:]
        ends = [place + slot.numel() for place, slot in zip(places, self.slots, strict=True)]
        gaps = [start - end for start, end in zip(places[1:], ends, strict=False)]
        if not shape.numel() or any(gap % shape.numel() for gap in gaps):
            return
        for index, gap in enumerate(gaps):
            if gap:
                zeros = line.new_zeros(gap // shape.numel(), *shape)
                self._gaps.append((index + 1 + len(self._gaps), zeros))
        self._joined = line[places[0] : ends[-1]].view(-1, *shape)


class _NearSums:
    """Of float32 numbers in this computer's memory."""

    def __init__(self, line: Tensor, starts: Sequence[int], chunk: int) -> None:
        self._segments = SegmentSums(starts, line.numpy()[None], chunk)

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


def _sums(line: Tensor, starts: Sequence[int], chunk: int) -> _NearSums | _OtherSums:
    near = line.device.type == "cpu" and line.dtype == torch.float32 and bool(starts)
    return _NearSums(line, starts, chunk) if near else _OtherSums(line, starts)


def _reals(tensors: Sequence[Tensor]) -> list[Tensor]:
    return [_real(tensor) for tensor in tensors]


def _real(tensor: Tensor) -> Tensor:
    """The tensor's numbers; a complex one's parts as pairs."""
    return torch.view_as_real(tensor.detach()) if tensor.is_complex() else tensor
