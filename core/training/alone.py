"""What each sample of a batch costs by itself: the losses of a batch of one, though the network runs but once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from core.build import Network
from core.catalog import KINDS
from core.catalog.sources import INPUT
from core.errors import EngineError
from core.plan import Plan, Step, Value
from core.training.devices import answering
from core.training.forward import Field, loss_function

MIXING = frozenset({"CTC"})
"""The losses that read their samples in another place than the first."""


class Judged(NamedTuple):
    """A batch, as its losses saw it."""

    losses: NDArray[np.float32]
    """(N,): what a batch of each sample alone would have cost."""
    prediction: Tensor
    """(N, ...): what the first loss compares."""
    target: Tensor | None


class Alone:
    """The losses of a network, taken apart from it: they read what the network gives as if it were data."""

    def __init__(self, network: Network, losses: Sequence[Step]) -> None:
        """Raises EngineError where a loss does not read its samples one by one."""
        for step in losses:
            if step.kind.name in MIXING:
                wanted = "a loss that reads its samples one after another was wanted"
                raise EngineError(wanted, f"{step.path} does not", step.path, "Look at the loss of whole batches.")
        values = tuple(dict.fromkeys(value for step in losses for value in step.values()))
        plan = network.plan.reaching(Value(step.path, "loss") for step in losses)
        self._whole = answering(loss_function(network, plan, losses, False, values), network)
        self.fields: tuple[Field, ...] = self._whole.fields
        alone = loss_function(network, _apart(losses, values), losses_of(losses, values), False)
        self._alone = answering(alone, network)

    def judge(self, batch: Sequence[Tensor]) -> Judged:
        """The samples of a batch (N, ...), by field; in evaluation mode, without gradients."""
        size = len(batch[0]) if batch else 1
        _total, _parts, prediction, target, read, _times = self._whole.call(size, *batch)
        costs = [float(self._alone.call(1, *(_one(value, at, size) for value in read))[0]) for at in range(size)]
        return Judged(np.array(costs, np.float32), prediction, target)


def losses_of(losses: Sequence[Step], values: Sequence[Value]) -> list[Step]:
    """The losses as they read these values from outside."""
    places = {value: Value(_path(at), "output") for at, value in enumerate(values)}
    return [
        step._replace(inputs=tuple((port, tuple(places[value] for value in read)) for port, read in step.inputs))
        for step in losses
    ]


def _apart(losses: Sequence[Step], values: Sequence[Value]) -> Plan:
    """The losses alone, each value that they read an input of its own."""
    sources = [Step(_path(at), "", "", KINDS[INPUT], (), (), _path(at)) for at in range(len(values))]
    steps = (*sources, *losses_of(losses, values))
    return Plan(steps, {step.path: step for step in steps})


def _path(at: int) -> str:
    return f"<{at}>"  # no node is called so


def _one(value: Tensor, at: int, size: int) -> Tensor:
    """What a value holds of one sample; what is one for all samples stays whole."""
    return value[at : at + 1] if value.dim() and len(value) == size else value
