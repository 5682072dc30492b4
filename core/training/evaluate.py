"""A trained network at work: its loss and metric on held-out samples, and its outputs for new ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import torch
from numpy.typing import ArrayLike
from torch import Tensor

from core.build import Network, build
from core.data.lazy import Samples, part
from core.data.load import LoadedData
from core.errors import CheckError, DataError
from core.lowering import lower
from core.memory import judged_together
from core.plan import Plan, Step, Value
from core.project import Project
from core.python.probing import engine_oracle
from core.room import ensure_weights, free_memory
from core.shapes import Analysis, analyse
from core.training.averaging import averaging
from core.training.checkpoint import load_weights, read_weights
from core.training.devices import answering, forked
from core.training.forward import Field, Function, field_of, loss_function, output_function
from core.training.judging import Judge, Judged
from core.training.labels import check_labels
from core.training.metrics import metric_of
from core.training.run import checked_plan

Weights = Path | Mapping[str, Tensor]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Loss and metric over so many samples; `metric_name` says what the metric is, and is empty where there is none."""

    loss: float
    metric: float | None
    metric_name: str
    samples: int
    judged: Judged = Judged()  # noqa: RUF009  # it is frozen
    """All metrics that were asked for, of the first loss."""


class Evaluator:
    """Judges a network on one part of its data; draws nothing from the training's generator."""

    def __init__(
        self,
        network: Network,
        analysis: Analysis,
        data: Mapping[str, LoadedData],
        losses: Sequence[Step],
        batch_size: int,
        part: str,
        metrics: str = "",
    ) -> None:
        """`metrics` are the names of the training settings."""
        self._averages = [averaging(step, network.arguments[step.path], batch_size) for step in losses]
        labels = tuple(average.label for average in self._averages if average.label is not None)
        self.function = answering(loss_function(network, network.plan, losses, training=False, keep=labels), network)
        self.tensors = [held_out(data, field, part) for field in self.function.fields]
        self.samples = min((len(tensor) for tensor in self.tensors), default=0)
        self._network = network
        self._metric = metric_of(losses[0].kind, network.arguments[losses[0].path]) if losses else None
        self._metrics = metrics
        self._first = losses[0] if losses else None
        self.together = judged_together(network.plan, analysis, batch_size)
        """Samples that go through the network at once; what is computed does not depend on it."""

    def evaluate(self) -> Evaluation:
        """Loss and metric in evaluation mode, without gradients; the network is left in training mode as it was."""
        amount, count = 0.0, 0
        judge = self._judge()
        totals, shares = [0.0] * len(self._averages), [0.0] * len(self._averages)
        with evaluating(self._network):
            for start in range(0, self.samples, self.together):
                batch = [tensor[start : start + self.together] for tensor in self.tensors]
                size = min(self.together, self.samples - start)
                _total, parts, prediction, target, kept, _times = self.function.call(size, *(x[:size] for x in batch))
                labels = iter(kept)
                for place, (part, average) in enumerate(zip(parts, self._averages, strict=True)):
                    share = average.share(size, next(labels) if average.label is not None else None)
                    totals[place] += average.counted(part.item(), share)
                    shares[place] += share
                if self._metric is not None and judge is not None:
                    more, of = self._metric.measure(prediction, target)
                    amount, count = amount + more, count + of
                    judge.add(prediction, target)
        value = self._metric.value(amount, count) if self._metric is not None else None
        name = self._metric.name if self._metric is not None else ""
        loss = sum(average.whole(*found) for average, *found in zip(self._averages, totals, shares, strict=True))
        return Evaluation(loss, value, name, self.samples, judge.judged() if judge is not None else Judged())

    def _judge(self) -> Judge | None:
        step = self._first
        return Judge(step.kind, self._network.arguments[step.path], self._metrics) if step is not None else None


def evaluate(
    project: Project,
    weights: Weights,
    data: Mapping[str, LoadedData],
    part: Literal["train", "validation"] = "validation",
) -> Evaluation:
    """Loss and metric of a trained project on a part of its data; raises CheckError, FileError, DataError."""
    plan, analysis = checked_plan(project)
    check_labels(plan, analysis, data)
    with _own_random():
        network = build(plan, analysis.arguments, 0)
    _load(network, weights)
    training = project.training
    judge = Evaluator(network, analysis, data, network.plan.losses, training.batch_size, part, training.metrics)
    if not judge.samples:
        raise DataError(
            f"at least one sample of the {part} part was wanted", "it has none", "", "Hold out a share of the data."
        )
    return judge.evaluate()


def predict(project: Project, weights: Weights, inputs: Mapping[str, ArrayLike | Tensor]) -> dict[str, Tensor]:
    """The outputs of a trained project, keyed by the path of their node, for normalised inputs (N, ...) by field name.

    Two data sets with a field of one name have it as `dataset.field`. Raises CheckError, FileError, DataError.
    """
    plan = lower(project).for_inference()
    network, analysis = with_weights(plan, weights)
    outputs = plan.predictions()
    function = output_function(network, network.plan, outputs)
    types = dtypes(plan, analysis)
    batch = [_given(project, inputs, field, function, types) for field in function.fields]
    with evaluating(network):
        results = function.call(len(batch[0]) if batch else 1, *batch)
    return dict(zip(_names(outputs), results, strict=True))


def with_weights(plan: Plan, weights: Weights) -> tuple[Network, Analysis]:
    """The plan's network with these weights, and its shapes; raises CheckError, FileError."""
    analysis = analyse(plan, oracle=engine_oracle())
    if analysis.problems:
        raise analysis.problems[0].error
    ensure_weights(plan, analysis, free_memory())
    if not plan.predictions():
        raise CheckError("a network with an output was wanted", "it has none", "", "Add a layer.")
    with _own_random():
        network = build(plan, analysis.arguments, 0)
    _load(network, weights)
    return network, analysis


def _names(outputs: Sequence[Value]) -> Iterator[str]:
    for value in outputs:
        yield value.path if value.port == "output" else f"{value.path}.{value.port}"


def _given(
    project: Project,
    inputs: Mapping[str, ArrayLike | Tensor],
    field: Field,
    function: Function,
    types: Mapping[Field, str],
) -> Tensor:
    alone = [other.name for other in function.fields].count(field.name) == 1
    key = field.name if alone and field.name in inputs else f"{field.dataset}.{field.name}"
    if key not in inputs:
        wanted = ", ".join(other.name for other in function.fields)
        raise DataError(
            f"the inputs {wanted} were wanted", f"{field.name} is missing", project.name, "Give all of them."
        )
    value: Any = inputs[key]
    return torch.as_tensor(value, dtype=getattr(torch, types[field]))


def dtypes(plan: Plan, analysis: Analysis) -> dict[Field, str]:
    """What each argument of a network holds, as torch names it."""
    ports = ((step, port) for step in plan.sources for port in step.outputs)
    return {
        field_of(step, port): analysis.types[Value(step.path, port)].dtype
        for step, port in ports
        if Value(step.path, port) in analysis.types
    }


def _load(network: Network, weights: Weights) -> None:
    tensors = read_weights(weights) if isinstance(weights, Path) else weights
    load_weights(network.root, tensors, str(weights) if isinstance(weights, Path) else "Weights", network.plan)


def held_out(data: Mapping[str, LoadedData], field: Field, which: str) -> Samples:
    """What a field holds in the train or in the validation part."""
    loaded = data[field.dataset]
    return part(loaded.fields[field.name], loaded.train if which == "train" else loaded.validation)


@contextmanager
def undisturbed(network: Network) -> Iterator[None]:
    """As `evaluating`, and what the user's own code writes to even where it does not train is put back too."""
    opaque = sorted({step.module for step in network.plan.steps if step.kind.opaque})
    buffers = [buffer for path in opaque for buffer in network.modules[path].buffers()]
    before = [buffer.clone() for buffer in buffers]
    with evaluating(network):
        try:
            yield
        finally:
            for buffer, old in zip(buffers, before, strict=True):
                buffer.copy_(old)


@contextmanager
def evaluating(network: Network) -> Iterator[None]:
    """Evaluation mode without gradients and with random numbers of its own; everything is put back."""
    was_training = network.root.training
    network.root.eval()
    try:
        with torch.no_grad(), _own_random():
            yield
    finally:
        network.root.train(was_training)


@contextmanager
def _own_random() -> Iterator[None]:
    """Torch's generator, seeded with 0 and put back."""
    with forked():
        torch.manual_seed(0)
        yield
