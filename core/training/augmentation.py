"""The batches that are trained on, changed at random as their data sets say, by a generator of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from torch import Tensor

from core.data.augmented import Mixed, augment
from core.data.order import generator
from core.data.settings import DatasetSettings
from core.plan import Plan
from core.training.forward import Field, Function
from core.training.mixing import chains


class Samples(Protocol):
    """The training samples of a field, in memory or not."""

    def index_select(self, dim: int, index: Tensor, /) -> Tensor:
        """Those of these numbers."""


class Augmenter:
    """What is done to a batch before it is trained on.

    The generator begins with the training seed and one, and is no other's: neither the order of the samples nor what
    the network draws depends on it. Whoever trains on a batch has it augmented anew.
    """

    def __init__(self, plan: Plan, data: Mapping[str, DatasetSettings], seed: int) -> None:
        self.generator = generator(seed + 1)
        self._roles = chains(plan, data)
        self._steps = {name: data[name].augmentation for name in self._roles}

    @property
    def wanted(self) -> bool:
        """Whether there is anything to do."""
        return bool(self._roles)

    def batch(
        self, function: Function, tensors: Mapping[Field, Samples], numbers: Mapping[str, Tensor]
    ) -> list[Tensor | float]:
        """What the function is called with for the samples of these numbers: its fields, then what labels mix with."""
        taken = {field: samples.index_select(0, numbers[field.dataset]) for field, samples in tensors.items()}
        mixed = {name: self._change(name, taken) for name in self._datasets(function)}
        batch: list[Tensor | float] = [taken[field] for field in function.fields]
        for field in function.mixed:
            found = mixed[field.dataset]
            assert found is not None  # a field is mixed where its data set's list says so
            batch += [taken[field][found.partner], found.share]
        return batch

    def _datasets(self, function: Function) -> list[str]:
        """The augmented data sets of which the function reads an input."""
        read = {(field.dataset, field.name) for field in function.fields}
        return [name for name, told in self._roles.items() if any((name, one) in read for one in told.inputs)]

    def _change(self, name: str, taken: dict[Field, Tensor]) -> Mixed | None:
        """Augment the fields of a data set."""
        batch = {field.name: tensor for field, tensor in taken.items() if field.dataset == name}
        found = augment(batch, self._steps[name], self._roles[name], self.generator)
        taken |= {Field(name, key): tensor for key, tensor in batch.items()}
        return found


def compared(
    function: Function, batch: Sequence[Tensor | float], prediction: Tensor, target: Tensor, judged: Field | None
) -> list[tuple[Tensor, Tensor, float]]:
    """The prediction with each label that it is compared with, and the share of that; `judged` is the label's field."""
    if judged is None or judged not in function.mixed:
        return [(prediction, target, 1.0)]
    other, share = batch[len(function.fields) + 2 * function.mixed.index(judged) :][:2]
    assert isinstance(other, Tensor)
    assert isinstance(share, float)
    return [(prediction, target, share), (prediction, other.to(target.device), 1 - share)]
