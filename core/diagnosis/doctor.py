"""The Doctor: what is wrong with a network before it trains, and with a run while it trains or after."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import get_args

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


def examine(
    project: Project, facts: Facts = NOTHING, plan: Plan | None = None, analysis: Analysis | None = None
) -> tuple[Finding, ...]:
    """What is wrong with a project before it trains, the cause of the rest first.

    With the plan and shapes of the project, where they are known, it costs less.
    """
    network = _network(project, facts, plan, analysis)
    return _ranked(chain.from_iterable(rule(network) for rule in STATIC))


def diagnose(
    project: Project,
    facts: Facts,
    record: RunRecord,
    plan: Plan | None = None,
    analysis: Analysis | None = None,
) -> tuple[Finding, ...]:
    """What is wrong with the run of this project as far as it went, the cause of the rest first."""
    network = _network(project, facts, plan, analysis)
    seen = Seen(network, record)
    found = chain.from_iterable(rule(network) for rule in STATIC)
    return _ranked(chain(found, chain.from_iterable(rule(seen) for rule in DYNAMIC)))


def _network(project: Project, facts: Facts, plan: Plan | None, analysis: Analysis | None) -> Network:
    plan = plan if plan is not None else lower(project)
    return Network(project, plan, analysis if analysis is not None else analyse(plan), facts)


def _ranked(found: Iterable[Finding]) -> tuple[Finding, ...]:
    """Grave ones before hints, and causes before what they cause."""
    return tuple(sorted(found, key=lambda one: (one.severity == "hint", _ORDER[one.family], _SEVERITY[one.severity])))
