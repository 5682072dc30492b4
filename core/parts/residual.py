"""Modules for the branch beside a skip; each class needs torch only."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class LayerScale(nn.Module):
    """Scales every feature by a learned number that begins small (Touvron et al. 2021, arXiv:2103.17239)."""

    def __init__(self, dim: int, value: float = 1e-5) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.full((dim,), value))

    def forward(self, features: Tensor) -> Tensor:
        """Features in the last dimension, scaled."""
        return features * self.weight


class DropPath(nn.Module):
    """Sets the whole branch to zero for random samples (Huang et al. 2016, arXiv:1603.09382)."""

    def __init__(self, p: float = 0.1) -> None:
        super().__init__()
        self.p = p

    def forward(self, branch: Tensor) -> Tensor:
        """The branch of the samples that keep it, grown by 1/(1 − p); all of it after training."""
        ones = branch.new_ones(branch.shape[0], *[1] * (branch.dim() - 1))
        return branch * F.dropout(ones, self.p, self.training)
