"""What the Doctor says at one moment, as a value that panel, transport, status line and canvas read alike."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from core.diagnosis.finding import Finding
from core.diagnosis.thresholds import limit

Phase = Literal["empty", "wrong", "before", "waiting", "judged"]
"""Nothing to check; errors in the graph; no run yet; too few steps to judge what develops; a run that was judged."""
Tone = Literal["quiet", "ok", "hint", "warning", "critical"]
TONES: dict[str, Tone] = {"critical": "critical", "warning": "warning", "hint": "hint"}
FIRST = int(limit("warm_up_steps"))
"""The step at which what develops over a run is judged first."""
_NUMBERED = re.compile(r"^(.*?)(\d+)$")


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked for and not found."""

    code: str
    title: str
    seen: str = ""
    """What was seen instead, with its numbers."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What was found when it was last looked for."""

    phase: Phase = "empty"
    findings: tuple[Finding, ...] = ()
    """The root causes, gravest first; what the user does not want to hear of is left out."""
    muted: tuple[Finding, ...] = ()
    withdrawn: tuple[Finding, ...] = ()
    """What was said of this run and holds no more."""
    passed: tuple[Check, ...] = ()
    step: int = 0
    """Up to which the run was looked at; 0 before it."""
    errors: int = 0
    """Of the graph."""
    is_stale: bool = False
    """Whether the project has changed since the run that was looked at."""
    failure: str = ""
    """Why the run ended, where it did not reach its end."""
    ended: bool = False

    @property
    def shown(self) -> tuple[Finding, ...]:
        """The findings that are more than hints: those that are counted."""
        return tuple(finding for finding in self.findings if finding.shown)

    @property
    def tone(self) -> Tone:
        """How grave it is: the colour of what is said."""
        if self.shown:
            return TONES[self.shown[0].severity]
        if self.phase == "judged" and not self.failure:
            return "ok"
        return "quiet"

    @property
    def words(self) -> str:
        """How many findings there are, as on the button of the transport; nothing while there is nothing to check."""
        count = len(self.shown)
        if count:
            return f"{count} finding{'s' if count != 1 else ''}"
        return "no findings" if self.phase in ("before", "judged") else ""


def headline(finding: Finding) -> str:
    """The finding in one line with its layers: Vanishing gradient in fc1–fc5; what is about data lies in no layer."""
    places = where_text(finding.where) if finding.family != "data" else ""
    return f"{finding.title} in {places}" if places and places not in finding.title else finding.title


def where_text(paths: Sequence[str], most: int = 3) -> str:
    """Some layers as people name them: fc1–fc5, conv1 and conv3, fc1, fc4 and 3 more."""
    runs = _runs(list(paths))
    said = [first if first == last else f"{first}–{last}" for first, last, _count in runs]
    if len(said) > most:
        rest = sum(count for _first, _last, count in runs[most - 1 :])
        said = [*said[: most - 1], f"{rest} more"]
    return said[0] if len(said) == 1 else f"{', '.join(said[:-1])} and {said[-1]}" if said else ""


def _runs(paths: list[str]) -> list[tuple[str, str, int]]:
    """The first and the last of those that count on, and how many they are."""
    runs: list[tuple[str, str, int]] = []
    for path in paths:
        if runs and _follows(runs[-1][1], path):
            runs[-1] = (runs[-1][0], path, runs[-1][2] + 1)
        else:
            runs.append((path, path, 1))
    return runs


def _follows(one: str, other: str) -> bool:
    before, after = _NUMBERED.match(one), _NUMBERED.match(other)
    return before is not None and after is not None and before[1] == after[1] and int(after[2]) == int(before[2]) + 1
