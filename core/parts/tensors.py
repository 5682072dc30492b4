"""Tensors that a network keeps and hands out; each class needs torch only, and exported code holds its text."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn


class LearnableTensor(nn.Module):
    """Numbers that learn and hang on no input: a class token, a table of positions."""

    def __init__(self, shape: Sequence[int], std: float = 0.02) -> None:
        super().__init__()
        self.value = nn.Parameter(torch.randn(tuple(shape)) * std)

    def forward(self) -> Tensor:
        """The numbers, of the shape that was set; they have no batch."""
        return self.value


class Constant(nn.Module):
    """Numbers that never change, kept with the weights."""

    value: Tensor

    def __init__(self, shape: Sequence[int], fill: float = 0.0, dtype: str = "float32") -> None:
        super().__init__()
        self.register_buffer("value", torch.full(tuple(shape), fill, dtype=getattr(torch, dtype)))

    def forward(self) -> Tensor:
        """The numbers, of the shape that was set; they have no batch."""
        return self.value
