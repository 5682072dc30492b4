"""A remedy tried: two short runs from one seed, the project as it is and with the remedy, and what that comes to.

The engine makes the runs (the question `trial`); what it answers is read here, without torch.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import msgspec

from core.catalog import KINDS
from core.errors import EngineError
from core.project import Project
from core.training.metric_kinds import METRICS

Outcome = Literal["better", "alike", "worse"]
FEWEST, MOST = 100, 300
"""Steps of a trial: a fifth of the run, in these bounds."""
SHARE = 0.2
CLEAR = 0.1
"""The share by which a loss must differ so that it is no accident of a short run."""
CLEAR_SCORE = 0.02
"""The same of a score between 0 and 1."""
LAST = 0.1
"""The part of a run whose mean is its loss at the end."""
_SCORES = ("r2", "accuracy")


@dataclass(frozen=True, slots=True)
class Point:
    """What the held-out samples were judged like after so many steps."""

    step: int
    loss: float | None
    """None where it is no number any more."""
    scores: dict[str, float] = field(default_factory=dict)
    """By name of the metric, as `METRICS` has them."""


@dataclass(frozen=True, slots=True)
class Branch:
    """One of the two runs: the loss of every step, and what was held out judged now and then."""

    losses: tuple[float, ...]
    points: tuple[Point, ...]
    """The first before any step; none where nothing is held out."""
    failed: int = 0
    """The step whose loss or gradient was no number any more, with which the run ended; 0: it went through."""
    seconds: float = 0.0

    @property
    def last(self) -> float:
        """The mean loss of its last tenth; infinite where it failed."""
        count = max(round(len(self.losses) * LAST), 1)
        return math.inf if self.failed or not self.losses else sum(self.losses[-count:]) / len(self.losses[-count:])

    @property
    def fallen(self) -> float:
        """The share of its first losses by which the loss has fallen; below zero where it rose."""
        first = sum(self.losses[:3]) / max(len(self.losses[:3]), 1)
        return -math.inf if not math.isfinite(self.last) or first <= 0 else 1 - self.last / first

    def score(self, metric: str) -> float | None:
        """How good it is at the end on held-out samples; None where that was not measured."""
        return self.points[-1].scores.get(metric) if self.points and not self.failed else None

    @property
    def held_loss(self) -> float | None:
        """The loss of the held-out samples at the end."""
        return self.points[-1].loss if self.points and not self.failed else None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a trial says of its remedy: a word, and a sentence with the numbers."""

    outcome: Outcome
    text: str


@dataclass(frozen=True, slots=True)
class Trial:
    """Both runs of a trial, step by step from the same seed and in the same order of the samples."""

    before: Branch
    after: Branch
    steps: int
    """How many each was to make."""
    alike: bool = True
    """Whether both losses are of one kind and unit, so that their curves compare."""
    metric: str = ""
    """The score that both have; empty where there is none."""

    @property
    def verdict(self) -> Verdict:
        """Whether the remedy helps, by held-out samples where there are any."""
        if self.before.failed or self.after.failed:
            return _failed(self)
        one, other = self.before.score(self.metric), self.after.score(self.metric)
        if one is not None and other is not None:
            outcome = _outcome(other - one, CLEAR_SCORE)
            if outcome == "alike" and self.alike:
                outcome = _by_loss(self)
            return Verdict(outcome, f"{_losses(self)} {_scores(self, one, other)}{_ending(outcome)}")
        return Verdict(_by_loss(self), f"{_losses(self)}{_ending(_by_loss(self))}")


class Try(msgspec.Struct, kw_only=True):
    """The question `trial`: the text of the project as it is, and with the remedy; answered by a Trial as JSON."""

    before: str
    after: str
    steps: int = 0
    """Of each run; 0: as many as suit its length."""


def read_trial(body: str) -> Trial:
    """The trial in an engine's answer; raises EngineError."""
    try:
        return msgspec.json.decode(body, type=Trial)
    except msgspec.MsgspecError as error:
        raise EngineError("the answer of a trial was wanted", str(error), "Engine pipe", "Update Chainrule.") from error


def length(total: int) -> int:
    """The steps of a trial of a run of so many: a fifth of it, but enough to see something and not more than that."""
    return min(max(round(total * SHARE), FEWEST), MOST, max(total, 1))


def told(remedied: bool, step: int, steps: int, left: float) -> str:
    """What a trial is at, with the time that it still takes."""
    name = "With the remedy" if remedied else "As it is"
    return f"{name}: step {step:,} of {steps:,}, about {max(round(left), 1):,} s left"


def compares(before: Project, after: Project) -> bool:
    """Whether the losses of two projects are of one kind and one unit."""
    return before.data == after.data and _judging(before) == _judging(after) and _penalties(before) == _penalties(after)


def shared_metric(before: Project, after: Project, names: Mapping[str, float], others: Mapping[str, float]) -> str:
    """The score by which two runs are told apart; "" where they have none in common.

    R² of amounts, as it has no unit; of classes the accuracy, or the mean recall where what classes count differs.
    """
    both = names.keys() & others.keys()
    if "recall" in both and _judging(before) != _judging(after):
        return "recall"
    return next((name for name in _SCORES if name in both), "")


def _judging(project: Project) -> list[tuple[str, ...]]:
    nodes = project.all_nodes().values()
    losses = [node for node in nodes if node.kind in KINDS and KINDS[node.kind].role == "loss"]
    return sorted((node.id, node.kind, repr(node.params)) for node in losses)


def _penalties(project: Project) -> tuple[float, float]:
    return project.training.l1, project.training.l2


def _by_loss(trial: Trial) -> Outcome:
    if not trial.alike:
        return _outcome(trial.after.fallen - trial.before.fallen, CLEAR)
    one, other = trial.before.held_loss, trial.after.held_loss
    if one is None or other is None:
        one, other = trial.before.last, trial.after.last
    return _outcome(one - other, CLEAR * max(abs(one), 1e-12))


def _outcome(gain: float, clear: float) -> Outcome:
    return "better" if gain > clear else "worse" if gain < -clear else "alike"


def _losses(trial: Trial) -> str:
    one, other, steps = trial.before, trial.after, f"{trial.steps:,} steps"
    if not trial.alike:
        return (
            f"In {steps} the loss {_share(other.fallen)} of its first value instead of {_percent(one.fallen)}; "
            "it has another unit than before."
        )
    verb = "falls to" if other.last < other.losses[0] else "comes to"
    return f"The loss {verb} {other.last:.3g} instead of {one.last:.3g} in {steps}."


def _share(fallen: float) -> str:
    return f"falls by {_percent(fallen)}" if fallen >= 0 else f"rises by {_percent(-fallen)}"


def _percent(share: float) -> str:
    return f"{share:.0%}".replace("%", " %") if math.isfinite(share) else "none"


def _scores(trial: Trial, one: float, other: float) -> str:
    kind = METRICS[trial.metric]
    before, after = (f"{100 * value:.1f} %" if kind.share else f"{value:.3g}" for value in (one, other))
    return f"{kind.title} on held-out samples: {after} instead of {before}."


def _ending(outcome: Outcome) -> str:
    endings = {"better": "", "alike": " In so few steps that is no difference.", "worse": " The remedy does not help."}
    return endings[outcome]


def _failed(trial: Trial) -> Verdict:
    one, other = trial.before, trial.after
    if other.failed and one.failed:
        text = f"Both runs end in NaN, at step {one.failed:,} and with the remedy at step {other.failed:,}."
        return Verdict("alike", text)
    if other.failed:
        return Verdict("worse", f"With the remedy the run ends in NaN at step {other.failed:,}.")
    verb = "falls from" if other.last < other.losses[0] else "goes from"
    text = f"The loss {verb} {other.losses[0]:.3g} to {other.last:.3g} in {trial.steps:,} steps"
    return Verdict("better", f"{text}, where it was NaN at step {one.failed:,}.")
