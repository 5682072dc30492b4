"""A finding put together: what a rule saw here, and the words that every finding of its kind has."""

from __future__ import annotations

from collections.abc import Iterable

from core.diagnosis.finding import Curve, Evidence, Family, Finding, Plot, Severity
from core.diagnosis.network import Network
from core.diagnosis.seen import Floats, Seen
from core.diagnosis.words import WORDS

MOST_POINTS = 120
"""Of a small line."""


def finding(
    network: Network,
    code: str,
    severity: Severity,
    evidence: Evidence | tuple[Evidence, ...],
    cause: str,
    where: Iterable[str] = (),
    *,
    step: int = 0,
    family: Family | None = None,
) -> Finding:
    """What is said of this code; `family` where it is not the usual one."""
    words, paths = WORDS[code], tuple(dict.fromkeys(where))
    return Finding(
        code=code,
        severity=severity,
        title=words.title,
        where=paths,
        nodes=network.shown(paths),
        evidence=evidence if isinstance(evidence, tuple) else (evidence,),
        cause=cause,
        why=words.why,
        source=words.source,
        step=step,
        family=family or words.family,
    )


def line(seen: Seen, quantity: str, limit: float | None = None, logarithmic: bool = False) -> Plot:
    """A quantity of the whole network over the run, in few points."""
    values = seen.plain(quantity)
    return Plot("line", (thin(quantity, seen, values),), (), limit, logarithmic, "step", quantity.replace("_", " "))


def thin(name: str, seen: Seen, values: Floats, steps: int = 0) -> Curve:
    """Numbers a step, or evenly over so many steps, as a curve of few points, each the mean of its stretch."""
    width = max(1, -(-len(values) // MOST_POINTS))
    starts, each = range(0, len(values), width), max(steps / max(len(values), 1), 1.0)
    means = [float(values[start : start + width].mean()) for start in starts]
    return Curve(name, tuple(means), tuple(float(seen.record.first_step + 1 + int(start * each)) for start in starts))


def profile(names: Iterable[str], values: Iterable[float], limit: float | None, logarithmic: bool, title: str) -> Plot:
    """A number a layer, input first."""
    numbers = tuple(float(value) for value in values)
    return Plot("profile", (Curve(title, numbers),), tuple(names), limit, logarithmic, "", title)


def bars(names: Iterable[str], values: Iterable[float], title: str, limit: float | None = None) -> Plot:
    """A number a name."""
    numbers = tuple(float(value) for value in values)
    return Plot("bars", (Curve(title, numbers),), tuple(names), limit, y_title=title)


def listed(paths: Iterable[str]) -> str:
    """Paths in words: fc1, fc2 and 3 more."""
    known = list(paths)
    if len(known) > 3:
        return f"{', '.join(known[:3])} and {len(known) - 3} more"
    return " and ".join((", ".join(known[:-1]), known[-1])) if len(known) > 1 else "".join(known)
