"""How a project is trained: frozen settings, and the table of fields that form, files and command line read."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

from core.errors import ParameterError
from core.training.fields import Field, checked
from core.training.optimizers import OPTIMIZER_FIELDS, Optimizer
from core.training.schedules import Schedule, validated_schedule


@dataclass(frozen=True, slots=True)
class Phase:
    """Losses, the parts they train, and with what; empty tuples mean all of them."""

    losses: tuple[str, ...] = ()
    """Node ids of the losses."""
    trains: tuple[str, ...] = ()
    """Instance paths whose parameters this phase trains (a block's path covers what is inside)."""
    optimizer: Optimizer = Optimizer()  # noqa: RUF009  # it is frozen
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
    clip_norm: float = 0.0
    clip_value: float = 0.0
    early_stop: int = 0
    schedule: Schedule = Schedule()  # noqa: RUF009  # it is frozen
    phases: tuple[Phase, ...] = (Phase(),)


FIELDS = (
    Field("epochs", int, "Epochs", "How often the whole training part is seen.", 1, 1_000_000),
    Field("batch_size", int, "Batch size", "Samples in one step.", 1, 1_000_000),
    Field("seed", int, "Seed", "Draws the first weights and the order of the data.", 0, 2**63 - 1),
    Field("threads", int, "Threads", "Processor cores for one run; results may differ between 1 and 2.", 1, 256),
    Field("device", str, "Device", "Where the tensors live.", choices=("cpu",)),
    Field("drop_last", bool, "Drop last batch", "Leave out the last, smaller batch of an epoch."),
    Field("clip_norm", float, "Clip norm", "Shorten a phase's gradient to this norm; 0: as it is.", 0.0, 1e9),
    Field("clip_value", float, "Clip value", "Cut every number of the gradient to ± this; 0: as it is.", 0.0, 1e9),
    Field(
        "early_stop",
        int,
        "Stop early",
        "End after so many epochs without a lower validation loss, with the best weights; 0: never.",
        0,
        1_000_000,
    ),
)


def validated(settings: TrainingSettings) -> TrainingSettings:
    """The same settings, every field checked; raises ParameterError."""
    values = {field.name: checked(field, getattr(settings, field.name)) for field in FIELDS}
    if not settings.phases:
        raise ParameterError("Training wants at least one phase", "none came", "Training settings", "Add a phase.")
    phases = tuple(replace(phase, optimizer=validated_optimizer(phase.optimizer)) for phase in settings.phases)
    schedule = validated_schedule(settings.schedule)
    return replace(settings, phases=phases, schedule=schedule, **values)  # type: ignore[arg-type]  # names come from FIELDS


def validated_optimizer(optimizer: Optimizer) -> Optimizer:
    """The same optimizer, every field checked; raises ParameterError."""
    values = {field.name: checked(field, getattr(optimizer, field.name), "Optimizer") for field in OPTIMIZER_FIELDS}
    if values["nesterov"] and optimizer.name == "Momentum" and (not optimizer.momentum or optimizer.dampening):
        raise ParameterError(
            "momentum without dampening was wanted for Nesterov",
            f"momentum {optimizer.momentum:g} and dampening {optimizer.dampening:g} came",
            "Optimizer",
            "Turn Nesterov off, or set dampening to 0.",
        )
    return Optimizer(**values)  # type: ignore[arg-type]  # names come from OPTIMIZER_FIELDS


def field_names(settings: type) -> tuple[str, ...]:
    """The names of a settings class's fields, in order."""
    return tuple(item.name for item in fields(settings))
