"""Modules of which a part has no counterpart: it is kept as Python code."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

FACTOR = 3


def swish(x: Tensor) -> Tensor:
    """A function of the same file."""
    return x * torch.sigmoid(FACTOR * x)


class Fourier(nn.Module):
    """Mixes with a transform that no kind does."""

    def forward(self, x: Tensor) -> Tensor:
        return torch.fft.fft(torch.fft.fft(x, dim=-1), dim=-2).real


class FNet(nn.Module):
    """Lee-Thorp et al. 2021 (arXiv:2105.03824): attention replaced by a Fourier transform."""

    def __init__(self, wide: int = 8, depth: int = 2) -> None:
        super().__init__()
        self.mixers = nn.ModuleList(Fourier() for _ in range(depth))
        self.norms = nn.ModuleList(nn.LayerNorm(wide) for _ in range(depth))
        self.ffs = nn.ModuleList(nn.Linear(wide, wide) for _ in range(depth))

    def forward(self, x: Tensor) -> Tensor:
        for mixer, norm, ff in zip(self.mixers, self.norms, self.ffs, strict=True):
            x = norm(x + mixer(x))
            x = x + swish(ff(x))
        return x


class Choosing(nn.Module):
    """Takes one of two ways by what the numbers say."""

    def __init__(self, wide: int) -> None:
        super().__init__()
        self.scale = math.sqrt(wide)
        self.low = nn.Linear(wide, wide)
        self.high = nn.Sequential(nn.Linear(wide, wide), nn.Tanh())
        self.register_buffer("limit", torch.tensor(0.5))
        self.shift = nn.Parameter(torch.ones(wide))

    def forward(self, x: Tensor, flags: list[Tensor] | None = None) -> tuple[Tensor, Tensor]:
        if (x.mean() > self.limit).item():
            return swish(self.low(x)) / self.scale, x
        return F.relu(self.high(x) + self.shift), x + 1


class Mixed(nn.Module):
    """A part that decides, between parts that can be drawn."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(6, 8)
        self.choosing = Choosing(8)
        self.last = nn.Linear(8, 3)

    def forward(self, x: Tensor) -> Tensor:
        one, two = self.choosing(self.first(x))
        return self.last(one + two)


class Writing(nn.Module):
    """Fills a tensor step by step, and cuts triangles and rows of it."""

    def __init__(self) -> None:
        super().__init__()
        self.cell = nn.GRUCell(4, 5)
        self.pairs = nn.Linear(5, 5)

    def forward(self, x: Tensor) -> Tensor:
        state = x.new_zeros(x.size(0), 5)
        out = torch.zeros(x.size(0), x.size(1), 5)
        for step in range(x.size(1)):
            state = self.cell(x[:, step], state)
            out[:, step] = state
        out[..., 0] *= 2.0
        return torch.renorm(self.pairs(out), 2, 0, 1e6)
