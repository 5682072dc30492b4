"""Remedies of causes that stand beside one another, as one edit: curing one alone shows little where another stays."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import reduce

from core.diagnosis.finding import Finding
from core.diagnosis.remedy import Remedy
from core.project import Project

CERTAIN = frozenset({"data", "graph", "loss"})
"""Families of what is so before training, whatever else is changed."""


def beside(finding: Finding, others: Sequence[Finding]) -> tuple[Finding, ...]:
    """Those of the others that are causes of their own beside this one, and as certain."""
    if not _is_certain(finding):
        return ()
    return tuple(
        other for other in others if _is_certain(other) and other.code not in (finding.code, *finding.explains)
    )


def _is_certain(finding: Finding) -> bool:
    return finding.shown and finding.family in CERTAIN and not finding.step


def as_one(first: Remedy, best: Callable[[Finding], Iterator[Remedy]], others: Sequence[Finding]) -> Iterator[Remedy]:
    """This remedy with the best one of each of the other findings, as one edit; none where none of these has any."""
    chosen = [first, *(remedy for other in others if (remedy := next(best(other), None)) is not None)]
    if len(chosen) < 2:
        return

    def apply(project: Project) -> Project:
        return reduce(lambda made, remedy: remedy.apply(made), chosen, project)

    labels = [one.label if place == 0 else _within(one.label) for place, one in enumerate(chosen)]
    count = {2: "Both", 3: "All three"}.get(len(chosen), "All")
    effect = f"{count} causes are gone at once: with one of them left, curing the other shows little."
    yield Remedy("TOGETHER", " and ".join(labels), " ".join(one.detail for one in chosen), effect, apply)


def _within(label: str) -> str:
    """A label as it stands within a sentence."""
    return label[:1].lower() + label[1:]
