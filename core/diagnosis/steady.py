"""What is told of findings over a run: one that comes and goes from look to look is not told each time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from core.diagnosis.finding import Finding

LOOKS = 2
"""That have to agree before a finding comes, or goes."""
AT_ONCE = frozenset({"data", "graph", "loss", "start"})
"""Families that do not develop: what is found of them is so from the first step on."""


@dataclass
class _Course:
    """How one code has fared so far."""

    is_told: bool = False
    agreeing: int = 0
    """Looks in a row that said otherwise than what is told."""
    turns: int = 0
    """How often what is told has changed."""
    latest: Finding | None = None
    """The finding as it was last seen."""


@dataclass
class Steady:
    """Takes what each look at a run finds, and tells what has lasted; each turn back takes twice as many looks."""

    _courses: dict[str, _Course] = field(default_factory=dict)

    def take(self, found: Iterable[Finding], is_last: bool = False) -> tuple[Finding, ...]:
        """What is told after one more look, in its order; after the last one all that it found."""
        by_code = {finding.code: finding for finding in found}
        for code, finding in by_code.items():
            course = self._courses.setdefault(code, _Course())
            course.latest = finding
        for code, course in self._courses.items():
            self._turn(course, by_code.get(code), is_last)
        told = [by_code[code] for code in by_code if self._courses[code].is_told]
        lasting = [
            course.latest
            for code, course in self._courses.items()
            if course.is_told and code not in by_code and course.latest is not None
        ]
        return (*told, *lasting)

    @property
    def withdrawn(self) -> tuple[Finding, ...]:
        """What was told once and is no more, as it was last seen."""
        gone = (course for course in self._courses.values() if course.turns and not course.is_told)
        return tuple(course.latest for course in gone if course.latest is not None)

    def clear(self) -> None:
        """Begin anew, with another run."""
        self._courses.clear()

    @staticmethod
    def _turn(course: _Course, finding: Finding | None, is_last: bool) -> None:
        is_found = finding is not None
        if is_found == course.is_told:
            course.agreeing = 0
            return
        course.agreeing += 1
        sure = is_last or (finding is not None and (finding.code == "NONFINITE" or finding.family in AT_ONCE))
        if sure or course.agreeing >= LOOKS << max(course.turns - 1, 0):
            course.is_told, course.agreeing = is_found, 0
            course.turns += 1
