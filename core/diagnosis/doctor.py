"""The Doctor: what is wrong with a network before it trains, and with a run while it trains or after."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from typing import Any, NamedTuple, get_args

from core.diagnosis import flow
from core.diagnosis.facts import Facts
from core.diagnosis.finding import Family, Finding
from core.diagnosis.seen import Network, Seen
from core.lowering import lower
from core.plan import Plan
from core.project import Project
from core.shapes import Analysis, analyse
from core.telemetry.record import RunRecord

Static = Callable[[Network], Iterator[Finding]]
Dynamic = Callable[[Seen], Iterator[Finding]]
STATIC: tuple[Static, ...] = ()
"""What can be said before training."""
DYNAMIC: tuple[Dynamic, ...] = (flow.vanishing,)
"""What the rows of a run tell."""
_ORDER = {family: place for place, family in enumerate(get_args(Family))}
_SEVERITY = {"critical": 0, "warning": 1, "hint": 2}
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


Looking = Generator[None, None, Look]
"""A look that stops after every rule, so that a window may do something else between two."""


def examine(
    project: Project, facts: Facts = NOTHING, plan: Plan | None = None, analysis: Analysis | None = None
) -> tuple[Finding, ...]:
    """What is wrong with a project before it trains, the cause of the rest first.

    With the plan and shapes of the project, where they are known, it costs less.
    """
    return _whole(examining(project, facts, plan, analysis)).findings


def diagnose(
    project: Project,
    facts: Facts,
    record: RunRecord,
    plan: Plan | None = None,
    analysis: Analysis | None = None,
) -> tuple[Finding, ...]:
    """What is wrong with the run of this project as far as it went, the cause of the rest first."""
    return _whole(diagnosing(project, facts, record, plan, analysis)).findings


def examining(
    project: Project, facts: Facts = NOTHING, plan: Plan | None = None, analysis: Analysis | None = None
) -> Looking:
    """The same as `examine`, rule by rule."""
    network = _network(project, facts, plan, analysis)
    return _looking([(rule, network) for rule in STATIC])


def diagnosing(
    project: Project,
    facts: Facts,
    record: RunRecord,
    plan: Plan | None = None,
    analysis: Analysis | None = None,
) -> Looking:
    """The same as `diagnose`, rule by rule."""
    network = _network(project, facts, plan, analysis)
    seen = Seen(network, record)
    return _looking([*((rule, network) for rule in STATIC), *((rule, seen) for rule in DYNAMIC)])


def _looking(rules: Sequence[tuple[Callable[[Any], Iterator[Finding]], object]]) -> Looking:
    found: list[Finding] = []
    passed: list[Passed] = []
    for rule, subject in rules:
        before = len(found)
        found += rule(subject)
        if len(found) == before:
            passed.append(Passed(rule.__name__, (rule.__doc__ or "").split("\n", maxsplit=1)[0]))
        yield
    return Look(_ranked(found), tuple(passed))


def _whole(looking: Looking) -> Look:
    """What a look comes to when nothing else is done between its rules."""
    while True:
        try:
            next(looking)
        except StopIteration as end:
            look: Look = end.value
            return look


def _network(project: Project, facts: Facts, plan: Plan | None, analysis: Analysis | None) -> Network:
    plan = plan if plan is not None else lower(project)
    return Network(project, plan, analysis if analysis is not None else analyse(plan), facts)


def _ranked(found: Iterable[Finding]) -> tuple[Finding, ...]:
    """Grave ones before hints, and causes before what they cause."""
    return tuple(sorted(found, key=lambda one: (one.severity == "hint", _ORDER[one.family], _SEVERITY[one.severity])))
