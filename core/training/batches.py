"""The order of the samples: one permutation an epoch from a generator of its own, cut into batches."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from core.data.lazy import LazyField, part
from core.data.load import LoadedData
from core.data.order import generator
from core.errors import DataError
from core.training.ahead import Ahead
from core.training.forward import Field


class Batches:
    """The training samples, the epoch's permutation, and the place in it.

    `tensors` are in memory, or read ahead beside training where the data are too large for it. A second data set of the
    network is shuffled by the same generator after the first, and the shortest ends the epoch.
    """

    def __init__(
        self,
        data: Mapping[str, LoadedData],
        fields: tuple[Field, ...],
        size: int,
        seed: int,
        drop_last: bool,
        *,
        shuffle: bool = True,
    ) -> None:
        names = tuple(dict.fromkeys(field.dataset for field in fields))
        if not names:
            raise DataError("a data set that the losses read was wanted", "none is wired", "", "Wire a data set.")
        self.tensors = {field: _training(data[field.dataset], field.name) for field in fields}
        self.lengths = {name: len(data[name].train) for name in names}
        """By data set the samples of its training part."""
        self.samples = min(self.lengths.values())
        self.size = size
        self.shuffle = shuffle
        self.generator = generator(seed)
        self.permutations: dict[str, Tensor] = {}
        self._batches: list[dict[str, Tensor]] = []
        self.place = 0
        """Batches of the epoch that were taken."""
        self.count = self.samples // size if drop_last else -(-self.samples // size)
        if not self.count:
            raise DataError(
                f"at least one whole batch of {size} was wanted",
                f"{self.samples} samples came",
                names[0],
                "Choose a smaller batch size, or keep the last, smaller batch.",
            )

    def begin_epoch(self) -> None:
        """Draw the epoch's permutation, or take the samples as they stand."""
        drawn = {
            name: torch.randperm(n, generator=self.generator) if self.shuffle else torch.arange(n)
            for name, n in self.lengths.items()
        }
        self.go_to(drawn, 0)

    def go_to(self, permutations: dict[str, Tensor], place: int) -> None:
        """Stand in an epoch of these permutations after so many batches."""
        self.permutations, self.place = permutations, place
        parts = [torch.split(permutation[: self.samples], self.size) for permutation in permutations.values()]
        self._batches = [dict(zip(permutations, numbers, strict=True)) for numbers in zip(*parts, strict=True)]
        for field, tensor in self.tensors.items():
            if isinstance(tensor, Ahead):
                tensor.expect([numbers[field.dataset] for numbers in self._batches[place : self.count]])

    @property
    def ended(self) -> bool:
        """Whether the epoch has no batch left."""
        return self.place >= self.count

    def take(self, count: int = 1) -> list[dict[str, Tensor]]:
        """The sample numbers of so many next batches, or of those that the epoch has left, by data set."""
        begin = self.place
        self.place = min(begin + count, self.count)
        return self._batches[begin : self.place]

    def close(self) -> None:
        """End the reading ahead."""
        for tensor in self.tensors.values():
            if isinstance(tensor, Ahead):
                tensor.close()


def _training(loaded: LoadedData, field: str) -> Tensor | Ahead:
    samples = part(loaded.fields[field], loaded.train)
    return Ahead(samples) if isinstance(samples, LazyField) else samples
