"""The random orders of a data set: the split, and the batches of an epoch. Neither touches torch's global generator."""

from __future__ import annotations

import torch
from torch import Tensor

from core.data.settings import DatasetSettings, split_sizes


def generator(seed: int) -> torch.Generator:
    """A generator of its own for one order."""
    return torch.Generator().manual_seed(seed)


def split(settings: DatasetSettings) -> tuple[Tensor, Tensor]:
    """The sample numbers (int64) for training and for validation: `randperm(n)` by the data set's seed, cut in two."""
    sizes = split_sizes(settings)
    order = torch.randperm(sum(sizes), generator=generator(settings.seed))
    return order[: sizes[0]].clone(), order[sizes[0] :].clone()


def batches(n: int, batch_size: int, order: torch.Generator, drop_last: bool = False) -> tuple[Tensor, ...]:
    """The places (int64) of one epoch's batches: one `randperm(n)`, cut; a smaller last one is kept unless dropped."""
    parts = torch.split(torch.randperm(n, generator=order), batch_size)
    return parts[:-1] if drop_last and n % batch_size else parts
