"""What measures flat parameters around a step: by NumPy, by compiled functions, or on the device that they are on."""

from __future__ import annotations

import ctypes
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from chainrule.measuring import CHUNK, FlatParameters, Meter
from chainrule.near import compiled


class NearMeter(Meter):
    """The same in one call of a compiled function."""

    def __init__(self, library: ctypes.CDLL, flat: FlatParameters) -> None:
        super().__init__(flat)
        ends = [0, *(stop for _start, stop in flat.bounds)]
        bounds = (ctypes.c_int64 * len(ends))(*ends)
        lines = (self._gradient, self._old, self._weights, self._change, self._squares)
        self._call = partial(library.lines, ctypes.c_int64(len(flat.bounds)), bounds, *map(_place, lines))

    def after(self) -> float:
        """Measure, after the step; the gradient's sum of squares."""
        self._call()
        return float(np.add.reduce(self._squares[0]))


class FarMeter(Meter):
    """The same of parameters on another device, where the chunks are summed; a few numbers come over every step.

    In float64 where the device has it: on Apple's what lies below 1e-19 counts as nothing.
    """

    def __init__(self, flat: FlatParameters) -> None:
        self._there, self._lines = flat.weights.detach(), flat.storage
        self._kind = torch.float32 if flat.weights.device.type == "mps" else torch.float64
        self._places = np.array([start // CHUNK for start, _stop in flat.bounds], np.intp)
        self._squares = np.zeros((3, len(flat.bounds)))
        self._rows = self._squares[:, : flat.rows].T

    def before(self) -> float:
        """Keep the weights as they are before the step; the gradient's sum of squares."""
        self._lines[1].copy_(self._there)
        return float(self._lines[0].to(self._kind).square().sum())

    def after(self) -> float:
        """Measure, after the step; the gradient's sum of squares."""
        torch.sub(self._there, self._lines[1], out=self._lines[2])
        chunks = self._lines.view(3, -1, CHUNK).to(self._kind).square().sum(2)
        np.add.reduceat(chunks.cpu().numpy().astype(np.float64), self._places, axis=1, out=self._squares)
        return float(np.add.reduce(self._squares[0]))


def meter(flat: FlatParameters) -> Meter:
    """What measures these parameters, wherever they are, by what this computer has."""
    if flat.weights.device.type != "cpu":
        return FarMeter(flat)
    library = compiled()
    return Meter(flat) if library is None else NearMeter(library, flat)


def _place(values: NDArray[Any]) -> ctypes.c_void_p:
    """Where an array's numbers lie; it has to be kept as long as this is used."""
    return ctypes.c_void_p(values.ctypes.data)
