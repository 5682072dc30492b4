"""Sums of squares of tensors of any kind on any device, where they are copied to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import cast

import numpy as np
import torch
from torch import Tensor

from chainrule.measuring import CHUNK, WIDE, Doubles, SegmentSums, layout


class Lines:
    """Tensors one behind the other, summed by chunks: on the device that they are on, by NumPy where that is this one.

    A table of float64 (3, rows) is written to: a line of it for tensors that are given, for the weights, which come
    first, and for what becomes of them.
    """

    def __init__(self, likes: Sequence[Tensor], rows: Sequence[int], weights: int, table: Doubles) -> None:
        segments = [[like for like, row in zip(likes, rows, strict=True) if row == number]
                    for number in range(table.shape[1])]  # fmt: skip
        chunk = WIDE if sum(like.numel() for like in likes) >= 4 * WIDE * len(segments) else CHUNK
        bounds, places = layout(segments, chunk)
        of_weights = max(rows[:weights], default=-1) + 1
        starts, ends = [start for start, _end in bounds], [0, *(end for _start, end in bounds)]
        gradients, copies = _zeros(ends[-1], likes), _zeros(ends[of_weights], likes)
        self._slots, self._kept = _slots(gradients, places, likes), _slots(copies, places, likes[:weights])
        self._sum_given = _summing(gradients, starts, chunk, table[0])
        self._sum_weights = _summing(copies, starts[:of_weights], chunk, table[1, :of_weights])
        self._sum_change = _summing(copies, starts[:of_weights], chunk, table[2, :of_weights])
        self._from: list[Tensor] = self._kept

    def place(self, weights: list[Tensor]) -> None:
        """Say where the weights are now."""
        self._from = weights

    @torch.no_grad()
    def sums(self, tensors: list[Tensor]) -> None:
        """Write those of tensors as many and as large as all."""
        torch._foreach_copy_(self._slots, tensors)
        self._sum_given()

    @torch.no_grad()
    def keep(self) -> None:
        """Write those of the weights, and copy them."""
        torch._foreach_copy_(self._kept, self._from)
        self._sum_weights()

    @torch.no_grad()
    def change(self) -> None:
        """Write those of what has become of the weights since they were copied, which are kept no longer."""
        torch._foreach_sub_(self._kept, cast(list[complex], self._from))  # what torch says of itself lacks tensors
        self._sum_change()


def _zeros(size: int, likes: Sequence[Tensor]) -> Tensor:
    """A line of zeros: in float32, or in float64 where some of what it is for is."""
    kind = torch.float64 if any(like.dtype == torch.float64 for like in likes) else torch.float32
    return torch.zeros(size, dtype=kind, device=likes[0].device if likes else None)


def _slots(line: Tensor, places: Sequence[int], likes: Sequence[Tensor]) -> list[Tensor]:
    """The places of these tensors in a line."""
    return [line[place : place + like.numel()].view(like.shape) for place, like in zip(places, likes, strict=False)]


def _summing(line: Tensor, starts: Sequence[int], chunk: int, out: Doubles) -> Callable[[], None]:
    """What sums a line's squares from each start to the next."""
    if line.device.type == "cpu" and line.dtype == torch.float32 and starts:
        segments = SegmentSums(starts, line.numpy()[None], chunk)
        return np.errstate(over="ignore", under="ignore", invalid="ignore")(lambda: segments.sums(out))
    kind = torch.float32 if line.device.type == "mps" else torch.float64
    places = np.array([start // CHUNK for start in starts], np.intp)

    def summed() -> None:
        chunks = line.view(-1, CHUNK).to(kind).square().sum(1)
        np.add.reduceat(chunks.cpu().numpy().astype(np.float64), places, out=out)

    return summed
