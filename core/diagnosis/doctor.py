"""The Doctor: what is wrong with a network before it trains, and with a run while it trains or after."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from typing import Any, NamedTuple

from core.diagnosis import (
    activations,
    first_weights,
    flow,
    graphs,
    held_out,
    inputs,
    labels,
    losses,
    outcome,
    pace,
    rates,
    starts,
)
from core.diagnosis.facts import Facts
from core.diagnosis.finding import Finding
from core.diagnosis.measured import measured
from core.diagnosis.network import Network
from core.diagnosis.ranking import ranked, spared
from core.diagnosis.seen import Seen
from core.diagnosis.sides import Side, of_side, sides
from core.engine.messages import Failed
from core.lowering import lower
from core.pieces import at_once
from core.plan import Plan
from core.project import Project
from core.shapes import Analysis, analyse
from core.telemetry.record import RunRecord

Static = Callable[[Network], Iterator[Finding]]
Dynamic = Callable[[Seen], Iterator[Finding]]
STATIC: tuple[Static, ...] = (
    inputs.missing_numbers,
    inputs.unscaled_inputs,
    inputs.other_validation,
    inputs.leaks,
    labels.unscaled_targets,
    labels.rare_classes,
    labels.constant_targets,
    labels.unmixed_batches,
    held_out.strange_labels,
    graphs.straight_layers,
    graphs.unlearning_layers,
    graphs.narrow_layers,
    graphs.harsh_dropout,
    graphs.dropout_before_norm,
    graphs.small_batches,
    first_weights.equal_start,
    losses.doubled,
    losses.unbent,
    losses.unsuited,
    losses.out_of_range,
    rates.long_memory,
    rates.collapsing_schedule,
)
"""What can be said before training."""
DYNAMIC: tuple[Dynamic, ...] = (
    held_out.labels_of_chance,
    held_out.redrawn_labels,
    held_out.missed_class,
    starts.alike,
    starts.explodes,
    starts.fades,
    starts.sure_and_wrong,
    rates.tight_clip,
    rates.strong_decay,
    rates.high_rate,
    rates.low_rate,
    flow.vanishing,
    flow.forgetting,
    activations.dead,
    activations.saturated,
    activations.collapsed,
    outcome.swings,
    pace.oscillates,
    pace.drowned,
    pace.ends_early,
    outcome.stands,
    outcome.too_small,
    outcome.lonely_steps,
    held_out.by_heart,
)
"""What the rows of a run tell, of each network that lies in a project beside others."""
TOGETHER: tuple[Dynamic, ...] = (outcome.nonfinite, outcome.one_side_won)
"""The same of all of them at once."""
NOTHING = Facts()


class Look(NamedTuple):
    """What one look at a network or its run came to."""

    findings: tuple[Finding, ...]
    """The cause of the rest first."""
    passed: tuple[Passed, ...]
    """What was looked for and not found."""


class Passed(NamedTuple):
    """A rule that found nothing."""

    name: str
    """As vanishing."""
    looked_for: str
    """In one sentence."""
    seen: str = ""
    """What was seen instead, with its number and limit; empty where nothing was measured."""


Looking = Generator[None, None, Look]
"""A look that stops after every rule, so that a window may do something else between two."""


def examine(
    project: Project, facts: Facts = NOTHING, plan: Plan | None = None, analysis: Analysis | None = None
) -> tuple[Finding, ...]:
    """What is wrong with a project before it trains, the cause of the rest first.

    With the plan and shapes of the project, where they are known, it costs less.
    """
    return whole(examining(project, facts, plan, analysis)).findings


def diagnose(
    project: Project,
    facts: Facts,
    record: RunRecord,
    plan: Plan | None = None,
    analysis: Analysis | None = None,
    failed: Failed | None = None,
) -> tuple[Finding, ...]:
    """What is wrong with the run of this project as far as it went, the cause of the rest first.

    `failed` is how it ended, where it failed.
    """
    return whole(diagnosing(project, facts, record, plan, analysis, failed)).findings


def examining(
    project: Project, facts: Facts = NOTHING, plan: Plan | None = None, analysis: Analysis | None = None
) -> Looking:
    """The same as `examine`, rule by rule."""
    network = network_of(project, facts, plan, analysis)
    return looking([(rule, network) for rule in STATIC])


def diagnosing(
    project: Project,
    facts: Facts,
    record: RunRecord,
    plan: Plan | None = None,
    analysis: Analysis | None = None,
    failed: Failed | None = None,
) -> Looking:
    """The same as `diagnose`, rule by rule."""
    network = network_of(project, facts, plan, analysis)
    seen = Seen(network, record, failed)
    rules: list[tuple[Callable[[Any], Iterator[Finding]], object]] = [(rule, network) for rule in STATIC]
    rules += [(rule, side) for rule in DYNAMIC for side in sides(seen)]
    return looking([*rules, *((rule, seen) for rule in TOGETHER)], seen)


def looking(rules: Sequence[tuple[Callable[[Any], Iterator[Finding]], object]], seen: Seen | None = None) -> Looking:
    """A look by these rules, each with what it looks at."""
    found: list[Finding] = []
    passed: dict[str, Passed] = {}
    failed: set[str] = set()
    for rule, subject in rules:
        before = len(found)
        found += of_side(rule, subject) if isinstance(subject, Side) else rule(subject)
        if len(found) > before:
            failed.add(rule.__name__)
        elif rule.__name__ not in passed:
            passed[rule.__name__] = _passed(rule, subject)
        yield
    told = tuple(check for name, check in passed.items() if name not in failed)
    return Look(ranked(spared(found, seen) if seen is not None else found), told)


def _passed(rule: Callable[[Any], Iterator[Finding]], subject: object) -> Passed:
    looked_for = (rule.__doc__ or "").split("\n", maxsplit=1)[0]
    return Passed(rule.__name__, looked_for, measured(rule.__name__, subject))


def whole(looking: Looking) -> Look:
    """What a look comes to when nothing else is done between its rules."""
    return at_once(looking)


def network_of(project: Project, facts: Facts, plan: Plan | None = None, analysis: Analysis | None = None) -> Network:
    """What rules look at before training; the plan and the shapes cost less where they are known."""
    plan = plan if plan is not None else lower(project)
    return Network(project, plan, analysis if analysis is not None else analyse(plan), facts)
