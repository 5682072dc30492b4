"""The random orders of a data set: the split, and the batches of an epoch. Neither touches torch's global generator."""

from __future__ import annotations

import torch
from torch import Tensor

from core.data.settings import DatasetSettings, sample_count, split_kind, split_sizes


def generator(seed: int) -> torch.Generator:
    """A generator of its own for one order."""
    return torch.Generator().manual_seed(seed)


def split(settings: DatasetSettings, labels: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """The sample numbers (int64) for training and for validation.

    At random it is `randperm(n)` by the data set's seed, cut in two. Stratified, the same permutation is sorted by
    class, and every so manieth is held out: of each class its share, to one sample. By time the last are held out.
    """
    (train, held), total = split_sizes(settings), sample_count(settings)
    if split_kind(settings) == "time":
        return torch.arange(train), torch.arange(total - held, total)
    order = torch.randperm(total, generator=generator(settings.seed))
    if labels is None or split_kind(settings) != "stratified":
        return order[:train].clone(), order[train:].clone()
    order = order[torch.argsort(labels[order], stable=True)]
    ends = torch.arange(total + 1) * held // total
    is_held = ends[1:] > ends[:-1]
    return order[~is_held], order[is_held]


def batches(n: int, batch_size: int, order: torch.Generator, drop_last: bool = False) -> tuple[Tensor, ...]:
    """The places (int64) of one epoch's batches: one `randperm(n)`, cut; a smaller last one is kept unless dropped."""
    parts = torch.split(torch.randperm(n, generator=order), batch_size)
    return parts[:-1] if drop_last and n % batch_size else parts
