"""How a project is trained: frozen settings, and the table of fields that form, files and command line read."""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass, fields, replace
from types import MappingProxyType

from core.errors import ParameterError

OPTIMIZERS = ("SGD", "Momentum", "Adam", "AdamW")
"""The optimizers offered; Momentum is SGD with `momentum`."""


@dataclass(frozen=True, slots=True)
class Field:
    """One line of the form: its type, bounds and help."""

    name: str
    type: type[int] | type[float] | type[str] | type[bool]
    title: str
    help: str
    minimum: float = -math.inf
    maximum: float = math.inf
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Optimizer:
    """An optimizer and its hyper-parameters, named as in torch.optim."""

    name: str = "SGD"
    learning_rate: float = 0.05
    momentum: float = 0.9
    weight_decay: float = 0.0
    beta1: float = 0.9
    beta2: float = 0.999
    eps: float = 1e-8


@dataclass(frozen=True, slots=True)
class Phase:
    """Losses, the parts they train, and with what; empty tuples mean all of them."""

    losses: tuple[str, ...] = ()
    """Node ids of the losses."""
    trains: tuple[str, ...] = ()
    """Instance paths whose parameters this phase trains (a block's path covers what is inside)."""
    optimizer: Optimizer = Optimizer()
    steps: int = 1
    """Steps of this phase in each round."""


@dataclass(frozen=True, slots=True)
class TrainingSettings:
    """Everything a run needs to know beside the graph and the data."""

    epochs: int = 20
    batch_size: int = 32
    seed: int = 0
    threads: int = 1
    device: str = "cpu"
    drop_last: bool = False
    phases: tuple[Phase, ...] = (Phase(),)


FIELDS = (
    Field("epochs", int, "Epochs", "How often the whole training part is seen.", 1, 1_000_000),
    Field("batch_size", int, "Batch size", "Samples in one step.", 1, 1_000_000),
    Field("seed", int, "Seed", "Draws the first weights and the order of the data.", 0, 2**63 - 1),
    Field("threads", int, "Threads", "Processor cores for one run; results may differ between 1 and 2.", 1, 256),
    Field("device", str, "Device", "Where the tensors live.", choices=("cpu",)),
    Field("drop_last", bool, "Drop last batch", "Leave out the last, smaller batch of an epoch."),
)
OPTIMIZER_FIELDS = (
    Field("name", str, "Optimizer", "The rule that turns gradients into steps.", choices=OPTIMIZERS),
    Field("learning_rate", float, "Learning rate", "The length of a step along the gradient.", 0.0, 1e6),
    Field("momentum", float, "Momentum", "The share of the last step that is kept.", 0.0, 0.9999),
    Field("weight_decay", float, "Weight decay", "The pull of every weight towards zero.", 0.0, 1e3),
    Field("beta1", float, "Beta 1", "Memory of Adam's mean of the gradient.", 0.0, 0.999999),
    Field("beta2", float, "Beta 2", "Memory of Adam's mean of the squared gradient.", 0.0, 0.999999),
    Field("eps", float, "Epsilon", "Keeps Adam's division from zero.", 0.0, 1.0),
)
_USED_BY = MappingProxyType(
    {
        "SGD": ("name", "learning_rate", "weight_decay"),
        "Momentum": ("name", "learning_rate", "momentum", "weight_decay"),
        "Adam": ("name", "learning_rate", "weight_decay", "beta1", "beta2", "eps"),
        "AdamW": ("name", "learning_rate", "weight_decay", "beta1", "beta2", "eps"),
    }
)


def optimizer_fields(name: str) -> tuple[Field, ...]:
    """The fields that this optimizer reads."""
    return tuple(field for field in OPTIMIZER_FIELDS if field.name in _USED_BY[name])


def checked(field: Field, value: object, where: str = "Training settings") -> int | float | str | bool:
    """The value in the field's type; raises ParameterError where it does not fit."""
    if field.type is str and isinstance(value, str) and (not field.choices or value in field.choices):
        return value
    if field.type is bool and isinstance(value, bool):
        return value
    number = _number(value)
    if number is not None and field.minimum <= number <= field.maximum:
        if field.type is float:
            return number
        if field.type is int and number == int(number):
            return int(value) if isinstance(value, int) else int(number)
    raise ParameterError(f"{field.title} wants {_wanted(field)}", f"{value!r} came", where, f"Set {field.name} to fit.")


def validated(settings: TrainingSettings) -> TrainingSettings:
    """The same settings, every field checked; raises ParameterError."""
    values = {field.name: checked(field, getattr(settings, field.name)) for field in FIELDS}
    if not settings.phases:
        raise ParameterError("Training wants at least one phase", "none came", "Training settings", "Add a phase.")
    phases = tuple(replace(phase, optimizer=validated_optimizer(phase.optimizer)) for phase in settings.phases)
    return replace(settings, phases=phases, **values)  # type: ignore[arg-type]  # names come from FIELDS


def validated_optimizer(optimizer: Optimizer) -> Optimizer:
    """The same optimizer, every field checked; raises ParameterError."""
    values = {field.name: checked(field, getattr(optimizer, field.name), "Optimizer") for field in OPTIMIZER_FIELDS}
    return Optimizer(**values)  # type: ignore[arg-type]  # names come from OPTIMIZER_FIELDS


def field_names(settings: type) -> tuple[str, ...]:
    """The names of a settings class's fields, in order."""
    return tuple(item.name for item in fields(settings))


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= sys.float_info.max:
        return None
    return float(value)


def _wanted(field: Field) -> str:
    if field.choices:
        return f"one of {', '.join(field.choices)}"
    if field.type is bool:
        return "true or false"
    noun = "a whole number" if field.type is int else "a number"
    return f"{noun} from {field.minimum:,.12g} to {field.maximum:,.12g}"
