"""Modules for images that torch.nn does not have; each class needs torch only, and exported code holds its text."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class SqueezeExcite(nn.Module):
    """Weighs every channel by what all channels hold on average (Hu et al. 2018, arXiv:1709.01507)."""

    def __init__(self, channels: int, reduction: int = 16) -> None:
        super().__init__()
        hidden = max(1, channels // reduction)
        self.reduce = nn.Linear(channels, hidden)
        self.expand = nn.Linear(hidden, channels)

    def forward(self, images: Tensor) -> Tensor:
        """Images of B×C×H×W, every channel scaled by a number from 0 to 1."""
        gate: Tensor = self.expand(self.reduce(images.mean((2, 3))).relu()).sigmoid()
        return images * gate[:, :, None, None]


class PatchEmbedding(nn.Module):
    """Cuts an image into patches and makes a row of numbers of each (Dosovitskiy et al. 2021, arXiv:2010.11929)."""

    def __init__(self, in_channels: int, embed_dim: int, patch_size: int | tuple[int, int], bias: bool = True) -> None:
        super().__init__()
        self.project = nn.Conv2d(in_channels, embed_dim, patch_size, stride=patch_size, bias=bias)

    def forward(self, images: Tensor) -> Tensor:
        """Images of B×C×H×W as sequences of B×patches×embed_dim, row by row."""
        height, width = images.shape[2:]
        tall, wide = self.project.kernel_size
        if height % tall or width % wide:
            raise ValueError(f"{height}×{width} pixels cannot be cut into patches of {tall}×{wide}")
        patches: Tensor = self.project(images)
        return patches.flatten(2).transpose(1, 2)


class ClassToken(nn.Module):
    """Puts a learned step before a sequence, in which the class is read (Devlin et al. 2019, arXiv:1810.04805)."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(1, 1, dim) * 0.02)

    def forward(self, sequence: Tensor) -> Tensor:
        """A sequence of B×steps×dim as one of B×(steps + 1)×dim."""
        return torch.cat([self.weight.expand(sequence.shape[0], -1, -1), sequence], 1)
