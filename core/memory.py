"""How much memory training will take, told before it begins: weights, gradients, optimizer and activations."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import NamedTuple

from core.data.settings import split_sizes
from core.liveness import Held
from core.pieces import at_once
from core.plan import Plan, Step, Value
from core.project import Project
from core.shapes import Analysis
from core.training.optimizers import remembered, worked
from core.training.reach import shares
from core.training.settings import Phase, TrainingSettings

_METER = 3
"""Numbers kept of each weight to watch the update: the weight before, the change, and the last step's gradient."""
JUDGED_TOGETHER = 512
"""Samples that are judged at once after an epoch, where all their outputs stay below JUDGING_BYTES."""
MANY = 2**40
"""Samples, where no data set says how many."""
JUDGING_BYTES = 8 * 2**20


class _Half(NamedTuple):
    """How much of what float32 would take a precision takes on its way forward, and of the weights for their casts."""

    share: float
    weights: float

    def of(self, size: int) -> int:
        """What comes of so many bytes of float32."""
        return round(self.share * size)

    def cast(self, weights: int) -> int:
        """The weights once more, as the way forward reads them."""
        return round(self.weights * weights)


_HALF: Mapping[str, _Half] = MappingProxyType(
    {"float32": _Half(1.0, 0.0), "bfloat16": _Half(0.5, 0.5), "float16": _Half(0.6, 0.5)}
)
"""Of float16 more stays in float32."""


class Memory(NamedTuple):
    """Bytes that training needs; the program, torch itself and the data set come on top."""

    parameters: int
    """Weights and biases, shared ones once."""
    gradients: int
    optimizer: int
    watching: int
    """What stays of each weight to measure its update."""
    average: int
    """The running average of the weights."""
    activations: int
    """What one batch leaves behind for the way back."""
    step: int
    """The most that one step holds beside weights, gradients and optimizer."""
    judging: int
    """The most that judging the held-out samples holds beside them."""

    @property
    def peak(self) -> int:
        """The most at any time."""
        weights = self.parameters + self.gradients + self.optimizer + self.watching + self.average
        return weights + max(self.step, self.judging)

    def parts(self) -> tuple[tuple[str, int], ...]:
        """What the peak is made of, as it is told; what is nothing is left out."""
        told = (
            ("weights", self.parameters),
            ("gradients", self.gradients),
            ("optimizer", self.optimizer),
            ("watching updates", self.watching),
            ("average weights", self.average),
            ("one step" if self.step >= self.judging else "judging held-out samples", max(self.step, self.judging)),
        )
        return tuple((title, size) for title, size in told if size)


def training_memory(project: Project, plan: Plan, analysis: Analysis, watch: bool = True) -> Memory:
    """The estimate for a project's settings and data; what is unknown counts nothing."""
    return at_once(weighing(project, plan, analysis, watch))


def weighing(project: Project, plan: Plan, analysis: Analysis, watch: bool = True) -> Generator[None, None, Memory]:
    """The same, step by step of the network."""
    settings = project.training
    trained_on, held_out = _samples(project, plan)
    batch = min(settings.batch_size, trained_on)
    owners = tuple(_owners(plan, analysis))
    weights = {step.module: 4 * analysis.parameters[step.path] for step in owners}
    frozen = {step.module for step in owners if analysis.arguments[step.path].get("frozen")}
    frozen |= {module for module, share in shares(plan, settings.rates).items() if not share}
    trained = sum([size for module, size in weights.items() if module not in frozen])
    states = [(phase.optimizer, _trained(phase, weights, frozen)) for phase in settings.phases]
    whole = plan.for_training() if plan.losses else plan
    yield
    steps: list[Held] = []
    for part in _parts(whole, settings.phases):
        steps.append((yield from Held.counting(part, analysis, batch, frozen)))
    judged = (steps[0] if len(steps) == 1 else (yield from Held.counting(whole, analysis, batch, frozenset()))).judged
    half = _HALF[settings.precision]
    work = max([worked(optimizer) * size for optimizer, size in states], default=0)
    work = _shaped(settings, trained, max(weights.values(), default=0), work)
    work += half.of(max([held.watched_end if watch else held.end for held in steps]))
    step = max([held.watched if watch else held.peak for held in steps])
    return Memory(
        sum(weights.values()),
        trained,
        sum([remembered(optimizer) * size for optimizer, size in states]),
        _METER * trained if watch else 0,
        trained if settings.averaging else 0,
        half.of(max(held.saved for held in steps)),
        max(work, half.of(step) + half.cast(sum(weights.values()))),
        judged * min(_together(judged, batch), held_out) // batch,
    )


def _shaped(settings: TrainingSettings, trained: int, largest: int, work: int) -> int:
    """What an update holds where the gradient is changed first: what it was, and what a penalty makes of a weight."""
    if not (settings.l1 or settings.l2 or settings.clip_norm or settings.clip_value):
        return work
    penalty = (2 if settings.l1 else bool(settings.l2)) * largest
    return trained + max(work, penalty)


def judged_together(plan: Plan, analysis: Analysis, batch: int) -> int:
    """How many samples are judged at once: a batch at least, and more where their outputs stay small."""
    return _together(Held.of(plan, analysis, batch).judged, batch)


def batch_that_fits(project: Project, plan: Plan, analysis: Analysis, room: int) -> int:
    """The largest power of two below the batch size with which training fits into so many bytes; 0 for none."""
    batch = 1 << (project.training.batch_size - 1).bit_length() >> 1
    while batch:
        smaller = replace(project, training=replace(project.training, batch_size=batch))
        if training_memory(smaller, plan, analysis).peak <= room:
            return batch
        batch //= 2
    return 0


def _samples(project: Project, plan: Plan) -> tuple[int, int]:
    """How many samples are trained on and held out at most: those of the smallest data set."""
    sizes = [split_sizes(project.data[step.dataset]) for step in plan.steps if step.dataset in project.data]
    return min([size for size, _ in sizes], default=MANY), min([size for _, size in sizes], default=MANY)


def _together(outputs: int, batch: int) -> int:
    """The same, when all outputs of a batch come to so many bytes."""
    fitting = JUDGING_BYTES * batch // max(outputs, 1)
    return max(min(batch, JUDGED_TOGETHER), min(fitting, JUDGED_TOGETHER))


def _parts(plan: Plan, phases: tuple[Phase, ...]) -> Iterator[Plan]:
    """What each phase runs of the plan; all of it where there is no loss yet."""
    for phase in phases:
        if phase.losses and plan.losses:
            yield plan.reaching([Value(step.path, "loss") for step in plan.losses if step.node in phase.losses])
        else:
            yield plan


def _owners(plan: Plan, analysis: Analysis) -> Iterator[Step]:
    """The first step of every module with weights."""
    return (step for step in plan.steps if analysis.modules.get(step.path))


def _trained(phase: Phase, weights: Mapping[str, int], frozen: set[str]) -> int:
    """The bytes of the weights that a phase trains."""
    paths = phase.trains
    return sum(
        [
            size
            for module, size in weights.items()
            if module not in frozen and (not paths or any(_within(module, path) for path in paths))
        ]
    )


def _within(module: str, path: str) -> bool:
    return module == path or module.startswith((f"{path}.", f"{path}["))
