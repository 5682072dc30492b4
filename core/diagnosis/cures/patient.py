"""What cures look at: the finding, the network, and the layers in the forms they ask for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from core.catalog.kind import TensorType
from core.compared import prediction
from core.data.settings import split_sizes
from core.diagnosis.chain import is_layer, trunk
from core.diagnosis.facts import Facts, FieldFacts
from core.diagnosis.finding import Finding
from core.diagnosis.network import Network
from core.diagnosis.remedy import Remedy
from core.plan import Plan, Step, Value
from core.project import Project
from core.shapes import Analysis
from core.training.optimizers import Optimizer

SHARING = frozenset({"Softmax", "LogSoftmax", "Softmin", "Softmax2d", "GLU"})
"""Activations that are no function of one number."""
BOUNDED = frozenset({"Sigmoid", "Tanh", "Hardsigmoid", "Softsign", "Hardtanh", "LogSigmoid", "Tanhshrink"})
"""Activations whose slope goes to zero on both sides, or on one for good."""
RECURRENT = frozenset({"RNN", "GRU", "LSTM", "RNNCell", "GRUCell", "LSTMCell"})
DROPOUTS = ("Dropout", "AlphaDropout", "FeatureAlphaDropout", "FunctionalDropout")
PLAIN = ("Linear", "Conv", "ConvTranspose")
"""What the kinds begin with whose weights are one matrix or kernel and a bias."""


@dataclass(frozen=True, eq=False)
class Patient:
    """A finding about a network."""

    network: Network
    finding: Finding

    @property
    def project(self) -> Project:
        """The project as it is."""
        return self.network.project

    @property
    def plan(self) -> Plan:
        """Its steps."""
        return self.network.plan

    @property
    def analysis(self) -> Analysis:
        """Its shapes."""
        return self.network.analysis

    @property
    def facts(self) -> Facts:
        """What is known of its data."""
        return self.network.facts

    @property
    def optimizer(self) -> Optimizer:
        """That of the first phase."""
        return self.project.training.phases[0].optimizer

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """All that the losses need, in running order."""
        return self.network.trained

    @cached_property
    def readers(self) -> dict[str, list[Step]]:
        """By path, who reads what the step gives."""
        found: dict[str, list[Step]] = {}
        for step in self.steps:
            for value in step.values():
                found.setdefault(value.path, []).append(step)
        return found

    @cached_property
    def layers(self) -> tuple[Step, ...]:
        """The layers with weights, in running order."""
        return tuple(step for step in self.steps if is_layer(step))

    @cached_property
    def trunk(self) -> tuple[Step, ...]:
        """The longest way of layers with weights to a loss, input first."""
        return trunk(self.network)

    @cached_property
    def outputs(self) -> frozenset[str]:
        """The layers with weights behind which no other one comes."""
        return frozenset(step.path for step in self.layers if not self.leads_to(step, is_layer))

    @cached_property
    def activations(self) -> tuple[Step, ...]:
        """The activations between layers with weights; gates, which are multiplied with something, are left out."""
        return tuple(
            step for step in self.steps if is_bend(step) and self.leads_to(step, is_layer) and not self._gates(step)
        )

    @cached_property
    def recurrent(self) -> tuple[Step, ...]:
        """The layers that walk along a sequence."""
        return tuple(step for step in self.steps if step.kind.name in RECURRENT)

    @cached_property
    def norms(self) -> tuple[Step, ...]:
        """The layers that normalise."""
        return tuple(step for step in self.steps if is_norm(step))

    @cached_property
    def losses(self) -> tuple[Step, ...]:
        """The losses of the network."""
        return self.plan.losses

    def named(self, steps: Iterable[Step]) -> tuple[Step, ...]:
        """Those of these steps that the finding is about; all where it names none of them."""
        every = tuple(steps)
        told = tuple(step for step in every if step.path in self.finding.where)
        return told or every

    def leads_to(self, step: Step, wanted: Callable[[Step], bool]) -> bool:
        """Whether such a step comes behind this one."""
        waiting, seen = list(self.readers.get(step.path, ())), {step.path}
        while waiting:
            one = waiting.pop()
            if one.path in seen:
                continue
            if wanted(one):
                return True
            seen.add(one.path)
            waiting += self.readers.get(one.path, ())
        return False

    def bend_behind(self, step: Step) -> Step | None:
        """The first activation behind a layer, before the next layer with weights; None where there is none."""
        for one in self.behind(step):
            if is_layer(one) or one.kind.role == "loss":
                return None
            if is_bend(one):
                return one
        return None

    def behind(self, step: Step) -> Iterator[Step]:
        """What comes behind a step, along the first wire of each."""
        while readers := self.readers.get(step.path):
            step = readers[0]
            yield step

    def type_of(self, step: Step) -> TensorType | None:
        """What the step gives by its first port."""
        return self.analysis.types.get(Value(step.path, step.outputs[0])) if step.outputs else None

    def answers(self) -> Iterator[tuple[Step, Step]]:
        """Each loss with the step whose output it judges."""
        for loss in self.losses:
            value = prediction(loss)
            if value is not None and value.path in self.plan.by_path:
                yield loss, self.plan.by_path[value.path]

    def field(self, value: Value | None) -> FieldFacts | None:
        """What is known of the data field from which a value comes, whatever it is cast or reshaped to."""
        while value is not None:
            step = self.plan.by_path.get(value.path)
            if step is None:
                return None
            if step.dataset:
                return self.facts.of(step.dataset, value.port)
            value = next(step.values(), None)
        return None

    @property
    def steps_per_epoch(self) -> int:
        """Steps of an epoch; 1 where the data are not known."""
        sizes = [split_sizes(settings)[0] for settings in self.project.data.values()]
        training = self.project.training
        size = training.batch_size * training.accumulate
        return max(min(sizes) // size if training.drop_last else -(-min(sizes) // size), 1) if sizes else 1

    def _gates(self, step: Step) -> bool:
        return any(reader.kind.name in ("Multiply", "Lerp") for reader in self.readers.get(step.path, ()))


Cure = Callable[[Patient], Iterator[Remedy]]
"""The remedies of one family that apply, best first."""


def is_bend(step: Step) -> bool:
    """Whether it is a function of one number, as ReLU is."""
    return step.kind.category == "Activation" and step.kind.name not in SHARING


def is_dropout(step: Step) -> bool:
    """Whether it sets numbers to zero at random."""
    return step.kind.stem == "dropout"


def is_norm(step: Step) -> bool:
    """Whether it normalises."""
    return "Norm" in step.kind.name


def is_plain(step: Step) -> bool:
    """Whether its weights are one matrix or kernel and a bias."""
    return step.kind.weighted and step.kind.name.startswith(PLAIN) and not step.kind.many_weights


def nodes_of(steps: Iterable[Step]) -> tuple[str, ...]:
    """The ids of the nodes that these steps are calls of, once each."""
    return tuple(dict.fromkeys(step.node for step in steps))
