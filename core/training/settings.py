"""How a project is trained: frozen settings, and the table of fields that form, files and command line read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace

from core.errors import ParameterError
from core.training.fields import Field, checked
from core.training.metric_kinds import LOSS, METRICS
from core.training.optimizers import OPTIMIZER_FIELDS, Optimizer
from core.training.schedules import Schedule, validated_schedule

DEVICES = ("cpu", "cuda", "mps")
"""Where a run may compute. A window has no torch and offers all; what the engine does not have it says."""
PRECISIONS = ("float32", "bfloat16", "float16")
"""What the forward pass may compute in; the weights are float32 always."""
SHARE = Field(
    "share",
    float,
    "Rate ×",
    "The share of the learning rate that its weights are trained with, beside the phase's; 0 freezes them.",
    0.0,
    1e6,
)


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
    shuffle: bool = True
    clip_norm: float = 0.0
    clip_value: float = 0.0
    early_stop: int = 0
    metrics: str = ""
    best_by: str = LOSS
    keep_epochs: int = 0
    keep_steps: int = 0
    accumulate: int = 1
    l1: float = 0.0
    l2: float = 0.0
    averaging: float = 0.0
    precision: str = "float32"
    deterministic: bool = False
    watch_cost: float = 3.0
    watch_all: bool = False
    look_back: int = 64
    rates: tuple[tuple[str, float], ...] = ()
    """Instance paths with their share of the learning rate, 0 for what is frozen; the longest path that fits counts."""
    schedule: Schedule = Schedule()  # noqa: RUF009  # it is frozen
    phases: tuple[Phase, ...] = (Phase(),)


PHASE_STEPS = Field("steps", int, "Steps a round", "Steps of this phase in every round of all phases.", 1, 1000)
FIELDS = (
    Field("epochs", int, "Epochs", "How often the whole training part is seen.", 1, 1_000_000),
    Field("batch_size", int, "Batch size", "Samples in one step.", 1, 1_000_000),
    Field("seed", int, "Seed", "Draws the first weights and the order of the data.", 0, 2**63 - 1),
    Field("threads", int, "Threads", "Processor cores for one run; results may differ between 1 and 2.", 1, 256),
    Field("device", str, "Device", "Where the network computes; the graphics card, if torch has it.", choices=DEVICES),
    Field(
        "early_stop",
        int,
        "Stop early",
        "End after so many epochs without a lower validation loss, with the best weights; 0: never.",
        0,
        1_000_000,
    ),
    Field(
        "metrics",
        str,
        "Metrics",
        "What is measured on the validation part, with commas between; empty: what suits the loss.",
        choices=tuple(METRICS),
        several=True,
        titles=tuple(kind.title for kind in METRICS.values()),
        empty="what suits the loss",
    ),
    Field(
        "accumulate",
        int,
        "Accumulate",
        "Batches whose gradients are averaged before a step: a larger batch in the memory of a small one.",
        1,
        1_000_000,
    ),
    Field("drop_last", bool, "Drop last batch", "Leave out the last, smaller batch of an epoch."),
    Field("shuffle", bool, "Shuffle", "Take the samples of every epoch in a new random order; else as they stand."),
    Field(
        "l1",
        float,
        "L1 penalty",
        "Also make this times the sum of |w| small, biases aside, which brings weights to 0; with L2 an elastic net.",
        0.0,
        1e6,
    ),
    Field(
        "l2",
        float,
        "L2 penalty",
        "Also make half of this times the sum of w² small, biases aside; it enters the gradient (coupled).",
        0.0,
        1e6,
    ),
    Field("clip_norm", float, "Clip norm", "Shorten a phase's gradient to this norm; 0: as it is.", 0.0, 1e9),
    Field(
        "clip_value",
        float,
        "Clip value",
        "Cut every number of the gradient to ± this; 0: as it is.",
        0.0,
        1e9,
    ),
    Field(
        "averaging",
        float,
        "EMA decay",
        "Share of the old in a running average of the weights, as 0.99; the average is judged and saved; 0: none.",
        0.0,
        0.999999,
    ),
    Field(
        "precision",
        str,
        "Precision",
        "What forward computes in (autocast); weights, gradients and validation stay float32.",
        choices=PRECISIONS,
    ),
    Field(
        "deterministic",
        bool,
        "Deterministic",
        "Only let torch compute what comes out the same every time; a layer that cannot ends the run.",
    ),
    Field("best_by", str, "Best by", "What the best checkpoint is chosen by.", choices=(LOSS, *METRICS)),
    Field(
        "keep_epochs",
        int,
        "Keep every",
        "Keep a checkpoint after every so many epochs; 0: none.",
        0,
        1_000_000,
    ),
    Field(
        "watch_cost",
        float,
        "Watching cost",
        "What measuring may add to the time of training, in %; it is done less often to keep that.",
        0.1,
        1000.0,
    ),
    Field(
        "watch_all",
        bool,
        "Watch every step",
        "Measure mean, deviation and zeros of every layer at every step, whatever it costs.",
    ),
    Field(
        "look_back",
        int,
        "Look back",
        "MiB of memory for the weights of the last steps, to look back at and to go on from; 0: none are kept.",
        0,
        65_536,
    ),
    Field("keep_steps", int, "Keep at steps", "Keep a checkpoint after every so many steps; 0: none.", 0, 10**9),
)
BASIC = ("epochs", "batch_size", "seed", "threads", "device", "early_stop", "metrics")
"""The fields that every run is asked for; a form may fold the others away."""


def validated(settings: TrainingSettings) -> TrainingSettings:
    """The same settings, every field checked; raises ParameterError."""
    values = {field.name: checked(field, getattr(settings, field.name)) for field in FIELDS}
    if not settings.phases:
        raise ParameterError("Training wants at least one phase", "none came", "Training settings", "Add a phase.")
    phases = tuple(_validated_phase(phase) for phase in settings.phases)
    schedule, rates = validated_schedule(settings.schedule), validated_rates(settings.rates)
    return replace(settings, phases=phases, schedule=schedule, rates=rates, **values)  # type: ignore[arg-type]  # names come from FIELDS


def _validated_phase(phase: Phase) -> Phase:
    steps = checked(PHASE_STEPS, phase.steps, "Phases")
    assert isinstance(steps, int)
    return replace(phase, steps=steps, optimizer=validated_optimizer(phase.optimizer))


def validated_rates(rates: Iterable[tuple[str, float]]) -> tuple[tuple[str, float], ...]:
    """The same shares, every one checked, and the last of those that one path has; raises ParameterError."""
    return tuple({path: float(checked(SHARE, share, path)) for path, share in rates}.items())


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
