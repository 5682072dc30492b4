"""What an edit of an imported project is in the words of a view: a patch of its layers, start, training and data."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any

from core.catalog.kind import Arguments
from core.data.settings import DatasetSettings, split_sizes
from core.graph import Edge, Node
from core.lowering import lower
from core.project import Project
from core.shapes import analyse
from core.training.optimizers import Optimizer
from core.training.schedules import Schedule
from tests.faulty.graphs import LOSSES, WEIGHTED
from tests.faulty.view import Layer

LOSS = "loss"
OPTIMIZERS = {"SGD": "sgd", "Momentum": "sgd", "Adam": "adam", "AdamW": "adamw", "RMSprop": "rmsprop"}
WORDS = {
    **{"ReLU": "relu", "Sigmoid": "sigmoid", "Tanh": "tanh", "GELU": "gelu", "SELU": "selu", "ELU": "elu"},
    **{"BatchNorm1d": "bn", "BatchNorm2d": "bn", "LayerNorm": "ln", "Softmax": "softmax", "Flatten": "flatten"},
    **{"Select": "last", "Detach": "detach"},
}
"""Kinds whose word has no numbers."""


def _conv(told: Arguments) -> Layer:
    return [
        "conv",
        told["out_channels"],
        _whole(told, "kernel_size"),
        *([told["stride"]] if told["stride"] != 1 else []),
    ]


NUMBERED: Mapping[str, Callable[[Arguments], Layer]] = MappingProxyType(
    {
        "Linear": lambda told: ["linear", told["out_features"], *([] if told["bias"] else [False])],
        "Conv2d": _conv,
        "LeakyReLU": lambda told: ["leaky", told["negative_slope"]],
        "GroupNorm": lambda told: ["gn", told["num_groups"]],
        "Dropout": lambda told: ["dropout", told["p"]],
        "MaxPool2d": lambda told: ["maxpool", _whole(told, "kernel_size")],
        "Mean": lambda told: ["gap"] if told["dim"] == (2, 3) else ["meanpool"],
        "Embedding": lambda told: ["embed", told["num_embeddings"], told["embedding_dim"]],
        "RNN": lambda told: ["rnn", told["hidden_size"], told["nonlinearity"]],
        "GRU": lambda told: ["gru", told["hidden_size"]],
        "LSTM": lambda told: ["lstm", told["hidden_size"]],
        "SelfAttention": lambda told: ["attn", told["num_heads"]],
    }
)
"""By kind the word with its numbers."""


class Unsaid(Exception):
    """What no word of a view says."""


@dataclass(frozen=True)
class Said:
    """A project, as far as a view can say it."""

    project: Project

    @cached_property
    def arguments(self) -> Mapping[str, Arguments]:
        """By node every parameter with its value."""
        return analyse(lower(self.project)).arguments

    @cached_property
    def arch(self) -> list[Layer]:
        """The layers from the data to the loss; raises Unsaid."""
        return list(self._layers(("data", next(port for port in self._ports("data") if port == "x")), LOSS))

    @cached_property
    def plain(self) -> list[Node]:
        """The nodes of one matrix or kernel, in the order of the layers."""
        return [node for node in self._ordered() if node.kind in ("Linear", "Conv2d")]

    @cached_property
    def weighted(self) -> list[Node]:
        """All nodes with weights but for normalization, in the order of the layers."""
        return [node for node in self._ordered() if node.kind in WEIGHTED]

    @property
    def steps_per_epoch(self) -> int:
        """The whole batches of an epoch."""
        return max(split_sizes(self.data)[0] // self.project.training.batch_size, 1)

    @property
    def data(self) -> DatasetSettings:
        """The arrays."""
        return next(iter(self.project.data.values()))

    @property
    def optimizer(self) -> Optimizer:
        """That of the only phase."""
        return self.project.training.phases[0].optimizer

    @property
    def loss(self) -> Node:
        """The node of the loss."""
        return self.project.graph.node(LOSS)

    def fans(self, node: Node) -> tuple[int, int]:
        """How many numbers each output sums, and how many outputs each input goes to."""
        told = self.arguments[node.name]
        if node.kind == "Linear":
            return _whole(told, "in_features"), _whole(told, "out_features")
        kernel = told["kernel_size"]
        area = math.prod(kernel) if isinstance(kernel, tuple) else _whole(told, "kernel_size") ** 2
        return _whole(told, "in_channels") * int(area), _whole(told, "out_channels") * int(area)

    def spread(self, node: Node) -> float:
        """The deviation of the numbers with which a layer begins; the number itself where all are one."""
        return _deviation(self, node, self.arguments[node.name])

    def _ports(self, node: str) -> list[str]:
        return [edge.output for edge in self.project.graph.out_of(node)]

    def _ordered(self) -> Iterator[Node]:
        for step in lower(self.project).steps:
            yield self.project.graph.node(step.node)

    def _layers(self, tip: tuple[str, str], until: str) -> Iterator[Layer]:
        """What lies between an output and a node, each wire past others as the branch that it goes past."""
        while True:
            edges = [edge for edge in self._out(tip) if edge.target == until or self._leads(edge.target, until)]
            if len(edges) == 2:
                tip, layer = self._branch(tip, edges)
                yield layer
                continue
            if len(edges) != 1:
                raise Unsaid(f"{len(edges)} wires at {tip}")
            if edges[0].target == until:
                return
            node = self.project.graph.node(edges[0].target)
            yield self._word(node)
            tip = (node.id, "output")

    def _branch(self, tip: tuple[str, str], edges: list[Edge]) -> tuple[tuple[str, str], Layer]:
        past = next((edge for edge in edges if self.project.graph.node(edge.target).kind == "Add"), None)
        if past is None:
            raise Unsaid(f"two ways from {tip}")
        body = next(edge for edge in edges if edge is not past)
        first = self.project.graph.node(body.target)
        inner = [self._word(first), *self._layers((first.id, "output"), past.target)]
        return (past.target, "output"), ["res", inner]

    def _out(self, tip: tuple[str, str]) -> list[Edge]:
        found = [edge for edge in self.project.graph.out_of(tip[0]) if edge.output == tip[1]]
        return [edge for edge in found if not (edge.target == LOSS and edge.input in ("label", "target"))]

    def _leads(self, start: str, goal: str) -> bool:
        return any(edge.target == goal or self._leads(edge.target, goal) for edge in self.project.graph.out_of(start))

    def _word(self, node: Node) -> Layer:
        if node.kind in WORDS:
            return [WORDS[node.kind]]
        if node.kind not in NUMBERED:
            raise Unsaid(node.kind)
        return NUMBERED[node.kind](self.arguments[node.name])


def patch(before: Project, after: Project) -> dict[str, Any] | None:
    """What makes the one of the other; None where no view can say it, or nothing differs."""
    old, new = Said(before), Said(after)
    try:
        found = {"arch": _arch(old, new), "init": _init(old, new), "train": _train(old, new), "data": _data(old, new)}
    except Unsaid:
        return None
    said = {key: value for key, value in found.items() if value}
    return said or None


def _arch(old: Said, new: Said) -> list[Layer]:
    return new.arch if new.arch != old.arch else []


def _data(old: Said, new: Said) -> dict[str, Any]:
    said: dict[str, Any] = {}
    if new.data.normalise != old.data.normalise:
        said = {"restandardize": True, "y_standardize": True}
    if dict(new.data.options).get("missing") != dict(old.data.options).get("missing"):
        said["drop_nan"] = True
    if new.data.split != old.data.split or new.data.augmentation != old.data.augmentation:
        raise Unsaid("other parts")
    return said


def _train(old: Said, new: Said) -> dict[str, Any]:
    said = {**_lengths(old, new), **_steps(old.optimizer, new.optimizer)}
    one, other = old.project.training, new.project.training
    if other.early_stop != one.early_stop:
        raise Unsaid("early stop")
    if other.clip_norm != one.clip_norm:
        said["clip"] = other.clip_norm or None
    if other.shuffle != one.shuffle:
        said["shuffle"] = other.shuffle
    if other.schedule != one.schedule:
        said["sched"] = _schedule(other.schedule, new.steps_per_epoch)
    if (frozen := _frozen(new)) != _frozen(old):
        said["freeze"] = frozen
    return {**said, **_judging(old.loss, new.loss)}


def _lengths(old: Said, new: Said) -> dict[str, Any]:
    one, other = old.project.training, new.project.training
    said: dict[str, Any] = {"batch": other.batch_size} if other.batch_size != one.batch_size else {}
    if said or other.epochs != one.epochs:
        said["steps"] = other.epochs * new.steps_per_epoch
    return said


def _steps(old: Optimizer, new: Optimizer) -> dict[str, Any]:
    """What of the optimizer is another."""
    said: dict[str, Any] = {}
    if OPTIMIZERS.get(new.name) is None:
        raise Unsaid(new.name)
    if OPTIMIZERS[new.name] != OPTIMIZERS.get(old.name):
        said["opt"] = OPTIMIZERS[new.name]
    switched = bool(said)
    if switched or new.learning_rate != old.learning_rate:
        said["lr"] = new.learning_rate
    if switched or new.weight_decay != old.weight_decay:
        said["wd"] = new.weight_decay
    if new.name == "Momentum" and (new.momentum != old.momentum or old.name != new.name):
        said["momentum"] = new.momentum
    if new.name == "Adam" and (new.beta1, new.beta2, new.eps) != (old.beta1, old.beta2, old.eps):
        said |= {"betas": [new.beta1, new.beta2], "eps": new.eps}
    return said


def _schedule(schedule: Schedule, per_epoch: int) -> list[Any] | None:
    warm = round(schedule.warmup * per_epoch)
    match schedule.name:
        case "Cosine":
            return ["cosine", warm]
        case "Constant":
            return ["warmup", warm] if warm else None
        case "Step":
            return ["step", max(round(schedule.every * per_epoch), 1), schedule.factor]
    raise Unsaid(schedule.name)


def _frozen(said: Said) -> list[int]:
    return [place for place, node in enumerate(said.weighted) if node.param("frozen", False)]


def _judging(old: Node, new: Node) -> dict[str, Any]:
    """The loss and what classes count, where they are others."""
    said: dict[str, Any] = {}
    words = {kind: word for word, (kind, _port, _target) in reversed(LOSSES.items())}
    if new.kind != old.kind:
        if new.kind not in words:
            raise Unsaid(new.kind)
        said["loss"] = words[new.kind]
    if new.param("class_weights", None) != old.param("class_weights", None):
        said["class_weight"] = "balanced"
    if new.param("label_smoothing", 0.0) != old.param("label_smoothing", 0.0) or new.param("pos_weight", None):
        raise Unsaid("smoothed or weighted labels")
    return said


def _init(old: Said, new: Said) -> dict[str, Any]:
    """The whole start where it is another than it was."""
    said = _matrices(new) if _starts(new) != _starts(old) else {}
    recurrent = [node for node in new.weighted if node.kind in ("RNN", "GRU", "LSTM")]
    known = {node.id: node for node in old.weighted}
    for node in recurrent:
        before = known.get(node.id)
        for name, word in (("recurrent_gain", "rnn_gain"), ("forget_bias", "forget_bias")):
            value = new.arguments[node.name].get(name)
            same = before is not None and before.kind == node.kind and before.params == node.params
            if value is not None and not same and (name != "recurrent_gain" or _is_orthogonal(new, node)):
                said[word] = value
    return said


def _is_orthogonal(said: Said, node: Node) -> bool:
    return said.arguments[node.name].get("recurrent_init") == "orthogonal"


def _starts(said: Said) -> dict[str, tuple[object, ...]]:
    names = ("weight_init", "init_value", "init_gain", "bias_init")
    return {node.id: tuple(node.param(name, None) for name in names) for node in said.plain}


def _matrices(said: Said) -> dict[str, Any]:
    """One start for all layers but the last, and a factor for that."""
    *hidden, last = said.plain
    family, gain = _family(said, hidden or [last])
    found: dict[str, Any] = {"w": family, "gain": gain, "skip_last": False, "last_scale": 1.0}
    if family in ("normal", "const"):
        found |= {"std" if family == "normal" else "value": gain, "gain": 1.0}
    if hidden:
        own = said.spread(last)
        usual = _usual(said, last, family) * gain
        found |= {"skip_last": True} if _name(said, last) == "default" != family else {"last_scale": own / usual}
    for word, node in (("b", (hidden or [last])[0]), ("b_last", last)):
        if isinstance(bias := said.arguments[node.name].get("bias_init"), float):
            found[word] = bias
    return found


def _family(said: Said, nodes: list[Node]) -> tuple[str, float]:
    """The start that most of these layers have, and what it is multiplied by."""
    words = {"kaiming_normal": "he", "xavier_normal": "xavier", "constant": "const", "orthogonal": "orth"}
    named = [_name(said, node) for node in nodes]
    name = max(named, key=named.count)
    family = words.get(name, name)
    first = nodes[named.index(name)]
    if family not in ("he", "xavier", "normal", "const", "orth", "default"):
        raise Unsaid(name)
    deviation = said.spread(first)
    return family, deviation if family in ("normal", "const") else deviation / _usual(said, first, family)


def _name(said: Said, node: Node) -> str:
    return str(said.arguments[node.name]["weight_init"])


def _usual(said: Said, node: Node, family: str) -> float:
    """The deviation of a start with a gain of 1."""
    into, out = said.fans(node)
    deviations = {"he": 2 / into, "xavier": 2 / (into + out), "orth": 1.0, "default": 1 / (3 * into)}
    return math.sqrt(deviations.get(family, 1.0))


def _deviation(said: Said, node: Node, told: Arguments) -> float:
    """How far a layer's weights spread at its start."""
    value, gain = told.get("init_value"), told.get("init_gain")
    assert isinstance(value, float)
    assert isinstance(gain, float)
    match told["weight_init"]:
        case "normal" | "constant":
            return value
        case "kaiming_normal":
            return _usual(said, node, "he")
        case "xavier_normal":
            return gain * _usual(said, node, "xavier")
        case "orthogonal":
            return gain
    return _usual(said, node, "default")


def _whole(told: Arguments, name: str) -> int:
    value = told[name]
    if isinstance(value, tuple) and len(set(value)) == 1:
        value = value[0]
    if not isinstance(value, int):
        raise Unsaid(f"{name} {value}")
    return value
