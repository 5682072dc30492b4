"""Modules that tell steps apart by their place or time; each class needs torch only."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn


class SinusoidalPositions(nn.Module):
    """Adds sines and cosines of the place, of ever longer waves (Vaswani et al. 2017, section 3.5)."""

    def __init__(self, base: float = 10000.0) -> None:
        super().__init__()
        self.base = base

    def forward(self, sequence: Tensor) -> Tensor:
        """A sequence of (..., steps, features), the waves added."""
        steps, dim = sequence.shape[-2:]
        place = torch.arange(dim, device=sequence.device)
        rates = self.base ** (-(place - place % 2) / dim)
        angles = torch.arange(steps, device=sequence.device)[:, None] * rates
        return sequence + torch.where(place % 2 == 0, angles.sin(), angles.cos()).to(sequence.dtype)


class LearnedPositions(nn.Module):
    """Adds a learned row of numbers for every place (Gehring et al. 2017)."""

    def __init__(self, steps: int, dim: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(1, steps, dim) * 0.02)

    def forward(self, sequence: Tensor) -> Tensor:
        """A sequence of B×steps×dim, the rows added; it may be shorter than the table."""
        return sequence + self.weight[:, : sequence.shape[1]]


class RotaryPositions(nn.Module):
    """Turns pairs of features by an angle that grows with the place (Su et al. 2021, equation 34)."""

    def __init__(self, base: float = 10000.0) -> None:
        super().__init__()
        self.base = base

    def forward(self, sequence: Tensor) -> Tensor:
        """Queries or keys of (..., steps, features), turned; products then depend on distances alone."""
        steps, dim = sequence.shape[-2:]
        rates = self.base ** (-torch.arange(0, dim, 2, device=sequence.device) / dim)
        angles = torch.arange(steps, device=sequence.device)[:, None] * rates
        cos, sin = angles.cos().to(sequence.dtype), angles.sin().to(sequence.dtype)
        first, second = sequence[..., 0::2], sequence[..., 1::2]
        return torch.stack([first * cos - second * sin, first * sin + second * cos], -1).flatten(-2)


class TimeStepEmbedding(nn.Module):
    """Sines and cosines of a time, one of each for every wave length (Ho et al. 2020)."""

    def __init__(self, dim: int, max_period: float = 10000.0) -> None:
        super().__init__()
        self.dim = dim
        self.max_period = max_period

    def forward(self, times: Tensor) -> Tensor:
        """Times of B as rows of B×dim: the sines first, the cosines behind them."""
        half = self.dim // 2
        place = torch.arange(half, device=times.device)
        angles = times.float()[:, None] * torch.exp(place * (-math.log(self.max_period) / (half - 1)))
        return torch.cat([angles.sin(), angles.cos()], 1)
