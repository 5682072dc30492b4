"""Modules for images that torch.nn does not have; each class needs torch only, and exported code holds its text."""

from __future__ import annotations

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
