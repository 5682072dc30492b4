"""Which nodes of a graph look otherwise after another analysis: found by what differs, not by looking at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeVar

from core.differing import differing, gone
from core.plan import Plan
from core.shapes import Analysis
from gui.canvas.known import Known

Key = TypeVar("Key")


def affected(before: Known, after: Known) -> set[str] | None:
    """The nodes of the main graph of which the two tell different things; None where all have to be looked at.

    Blocks are left out: what lies in them is looked at with every analysis.
    """
    if before.types.trail or after.types.trail:
        return None
    found: set[str] = set()
    for old, new in ((before.parameters, after.parameters), (before.waiting, after.waiting)):
        found.update(_keys(old, new))
    for key in before.problems.keys() | after.problems.keys():
        if before.problems.get(key) != after.problems.get(key):
            found.add(key)
    if before.analysis is not after.analysis:
        found.update(_shown(before.analysis, after.analysis))
    return found


def _shown(before: Analysis, after: Analysis) -> Iterator[str]:
    """The nodes whose types or arguments are others."""
    paths = {value.path for value in _keys(before.types, after.types)}
    paths.update(_keys(before.arguments, after.arguments))
    paths.update(before.awaited.keys() ^ after.awaited.keys())
    for path in paths:
        for plan in (before.plan, after.plan):
            yield from _node(plan, path)


def _node(plan: Plan, path: str) -> Iterator[str]:
    step = plan.by_path.get(path)
    if step is not None:
        yield step.shown


def _keys(old: Mapping[Key, object], new: Mapping[Key, object]) -> set[Key]:
    """What is new, gone, or other than before; what was worked out anew and came to the same is not."""
    changed = differing(old, new)
    return gone(old, new, changed).union(key for key in changed if old.get(key) != new[key])
