"""The optimizers that are offered: their hyper-parameters as a form reads them, and what torch is called with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import NamedTuple

from core.training.fields import Field

Argument = float | bool | tuple[float, float]
"""What torch takes for a hyper-parameter."""


@dataclass(frozen=True, slots=True)
class Optimizer:
    """An optimizer and its hyper-parameters; each optimizer reads some of them, see KINDS."""

    name: str = "SGD"
    learning_rate: float = 0.05
    momentum: float = 0.9
    weight_decay: float = 0.0
    beta1: float = 0.9
    beta2: float = 0.999
    eps: float = 1e-8
    nesterov: bool = False
    dampening: float = 0.0
    amsgrad: bool = False
    smoothing: float = 0.99
    centered: bool = False
    rho: float = 0.9
    lr_decay: float = 0.0
    initial_accumulator: float = 0.0
    momentum_decay: float = 0.004
    shrink: float = 0.5
    grow: float = 1.2
    shortest: float = 1e-6
    longest: float = 50.0
    decay_term: float = 1e-4
    power: float = 0.75
    average_from: float = 1e6


class Kind(NamedTuple):
    """One optimizer: its class in torch.optim, what it does, the fields it reads, and where its defaults are others."""

    torch: str
    help: str
    reads: tuple[str, ...]
    defaults: Mapping[str, float | bool] = MappingProxyType({})


_ADAM = ("learning_rate", "beta1", "beta2", "eps", "weight_decay")
_THOUSANDTH = MappingProxyType({"learning_rate": 1e-3})
_DOUBLE = MappingProxyType({"learning_rate": 2e-3})
_HUNDREDTH = MappingProxyType({"learning_rate": 1e-2})
KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "SGD": Kind("SGD", "A step against the gradient.", ("learning_rate", "weight_decay")),
        "Momentum": Kind(
            "SGD",
            "SGD that keeps a share of its last step (Polyak 1964).",
            ("learning_rate", "momentum", "dampening", "nesterov", "weight_decay"),
        ),
        "Adam": Kind(
            "Adam",
            "A step of one size for every weight, by mean and spread of its gradient.",
            (*_ADAM, "amsgrad"),
            _THOUSANDTH,
        ),
        "AdamW": Kind("AdamW", "Adam whose weight decay is apart from the gradient.", (*_ADAM, "amsgrad"), _THOUSANDTH),
        "Adamax": Kind("Adamax", "Adam by the largest gradient in place of the mean square.", _ADAM, _DOUBLE),
        "NAdam": Kind("NAdam", "Adam that looks a step ahead (Nesterov).", (*_ADAM, "momentum_decay"), _DOUBLE),
        "RAdam": Kind("RAdam", "Adam whose first steps are held back while it knows little.", _ADAM, _THOUSANDTH),
        "RMSprop": Kind(
            "RMSprop",
            "The gradient over the root of its mean square.",
            ("learning_rate", "smoothing", "eps", "momentum", "centered", "weight_decay"),
            MappingProxyType({**_THOUSANDTH, "momentum": 0.0}),
        ),
        "Adagrad": Kind(
            "Adagrad",
            "Steps that shrink where gradients have been large.",
            ("learning_rate", "lr_decay", "initial_accumulator", "eps", "weight_decay"),
            MappingProxyType({**_HUNDREDTH, "eps": 1e-10}),
        ),
        "Adadelta": Kind(
            "Adadelta",
            "Steps in the units of the last steps.",
            ("learning_rate", "rho", "eps", "weight_decay"),
            MappingProxyType({"learning_rate": 1.0, "eps": 1e-6}),
        ),
        "Rprop": Kind(
            "Rprop",
            "Steps by the gradient's sign alone; for whole batches.",
            ("learning_rate", "shrink", "grow", "shortest", "longest"),
            _HUNDREDTH,
        ),
        "ASGD": Kind(
            "ASGD",
            "SGD with shrinking steps (averaged SGD; Polyak 1992).",
            ("learning_rate", "decay_term", "power", "average_from", "weight_decay"),
        ),
    }
)
"""By name. Of torch.optim's are left out: LBFGS, which calls the network many times a step; SparseAdam, for gradients
that are no whole tensors; Adafactor and Muon, which treat a matrix as one thing, while the engine trains all weights as
one long row.

The rates are torch's own. SGD has none that suits most networks: its kin begin at 0.05. RMSprop begins at 0.001, as its
inventor has it (Hinton, lecture 6e) and Keras: torch's 0.01 is too much for most."""
OPTIMIZERS = tuple(KINDS)
OPTIMIZER_FIELDS = (
    Field("name", str, "Optimizer", "The rule that turns gradients into steps.", choices=OPTIMIZERS),
    Field("learning_rate", float, "Learning rate", "The length of a step along the gradient.", 0.0, 1e6),
    Field("momentum", float, "Momentum", "The share of the last step that is kept.", 0.0, 0.9999),
    Field("nesterov", bool, "Nesterov", "Look ahead along the momentum; wants momentum and no dampening."),
    Field("dampening", float, "Dampening", "How much less of the gradient enters the momentum.", 0.0, 1.0),
    Field("weight_decay", float, "Weight decay", "The pull of every weight towards zero.", 0.0, 1e3),
    Field("beta1", float, "Beta 1", "Memory of Adam's mean of the gradient.", 0.0, 0.999999),
    Field("beta2", float, "Beta 2", "Memory of Adam's mean of the squared gradient.", 0.0, 0.999999),
    Field("eps", float, "Epsilon", "Keeps the division from zero.", 0.0, 1.0),
    Field("amsgrad", bool, "AMSGrad", "Keep the largest mean square, so that steps never grow (Reddi 2018)."),
    Field("smoothing", float, "Smoothing", "Memory of the mean square (torch: alpha).", 0.0, 0.999999),
    Field("centered", bool, "Centered", "Divide by the spread about the mean in place of the mean square."),
    Field("rho", float, "Rho", "Memory of both mean squares.", 0.0, 0.999999),
    Field("lr_decay", float, "Rate decay", "How the rate falls with the steps: 1 / (1 + decay x step).", 0.0, 1e3),
    Field("initial_accumulator", float, "First sum", "Where the sum of squares begins.", 0.0, 1e6),
    Field("momentum_decay", float, "Momentum decay", "How the momentum grows to its value.", 0.0, 1.0),
    Field("shrink", float, "Shrink", "Factor of a step whose sign has turned.", 1e-6, 0.999999),
    Field("grow", float, "Grow", "Factor of a step whose sign has stayed.", 1.000001, 100.0),
    Field("shortest", float, "Shortest step", "No step becomes smaller.", 0.0, 1e6),
    Field("longest", float, "Longest step", "No step becomes larger.", 1e-12, 1e9),
    Field("decay_term", float, "Decay term", "How fast the steps shrink (torch: lambd).", 0.0, 1e3),
    Field("power", float, "Power", "By which power of time the steps shrink (torch: alpha).", 0.0, 10.0),
    Field("average_from", float, "Average from", "The step from which weights are averaged (torch: t0).", 0.0, 1e12),
)
_TORCH: Mapping[str, str] = MappingProxyType(
    {
        "learning_rate": "lr",
        "smoothing": "alpha",
        "initial_accumulator": "initial_accumulator_value",
        "decay_term": "lambd",
        "power": "alpha",
        "average_from": "t0",
    }
)
_REMEMBERED: Mapping[str, int] = MappingProxyType(
    {
        **{"SGD": 0, "Momentum": 1, "RMSprop": 1, "Adagrad": 1, "ASGD": 1},
        **dict.fromkeys(("Adam", "AdamW", "Adamax", "NAdam", "RAdam", "Adadelta", "Rprop"), 2),
    }
)
_PAIRS = (("betas", "beta1", "beta2"), ("etas", "shrink", "grow"), ("step_sizes", "shortest", "longest"))


def optimizer_fields(name: str) -> tuple[Field, ...]:
    """The fields that this optimizer reads."""
    reads = ("name", *KINDS[name].reads)
    return tuple(field for field in OPTIMIZER_FIELDS if field.name in reads)


def torch_arguments(settings: Optimizer) -> dict[str, Argument]:
    """What the class in torch.optim is constructed with, by torch's names."""
    reads = KINDS[settings.name].reads
    paired = {first: (name, second) for name, first, second in _PAIRS}
    seconds = {second for _name, _first, second in _PAIRS}
    found: dict[str, Argument] = {}
    for field in reads:
        if field in paired:
            name, second = paired[field]
            found[name] = (getattr(settings, field), getattr(settings, second))
        elif field not in seconds:
            found[_TORCH.get(field, field)] = getattr(settings, field)
    return found


def defaults(name: str) -> Optimizer:
    """The optimizer with the values that it has where nothing else is said."""
    return replace(Optimizer(name), **KINDS[name].defaults)  # type: ignore[arg-type]  # names come from the fields


def remembered(settings: Optimizer) -> int:
    """How many numbers of each weight it keeps from step to step."""
    more = {
        "Adam": settings.amsgrad,
        "AdamW": settings.amsgrad,
        "RMSprop": int(settings.momentum > 0) + settings.centered,
        "Momentum": int(settings.momentum > 0) - 1,
    }
    return _REMEMBERED[settings.name] + more.get(settings.name, 0)


def worked(settings: Optimizer) -> int:
    """How many numbers of each weight it needs for a moment, in its step."""
    return 0 if settings.name in ("SGD", "Momentum") else 2


def torchs(name: str) -> Optimizer:
    """The optimizer with the values that torch takes by itself; the rate aside."""
    return replace(defaults(name), momentum=0.0)


def switched(settings: Optimizer, name: str) -> Optimizer:
    """Another optimizer that keeps what both read; the rest begins at its defaults.

    So does the learning rate while it is the usual one of the optimizer before: SGD's is far too high for Adam.
    """
    kept = set(KINDS[settings.name].reads) & set(KINDS[name].reads)
    kept -= {*KINDS[name].defaults, *KINDS[settings.name].defaults} - {"learning_rate"}
    if settings.learning_rate == defaults(settings.name).learning_rate:
        kept -= {"learning_rate"}
    return replace(defaults(name), **{field: getattr(settings, field) for field in kept})
