"""The table of what the Doctor said of the cases, and the figures that it comes to."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator, Sequence

from tests.faulty.case import Case
from tests.faulty.scoring import Row, share

GOALS = (
    ("right label first", 0.95, "at least"),
    ("right label first, hard cases", 0.80, "at least"),
    ("right label among the first three", 0.97, "at least"),
    ("healthy runs with a warning", 0.03, "at most"),
    ("findings shown, median", 2.0, "at most"),
    ("vanishing named after, of the run", 0.10, "at most"),
    ("first remedy cures, of those offered", 0.90, "at least"),
)
"""Each figure with its goal."""


def figures(rows: Sequence[Row]) -> dict[str, float]:
    """The figures by name; NaN where nothing was measured."""
    faulty, healthy = [row for row in rows if not row.is_healthy], [row for row in rows if row.is_healthy]
    tried = [row for row in faulty if row.cured is not None]
    vanishing = [row.found_after for row in faulty if row.case.label == "VANISHING_GRADIENT"]
    return {
        "right label first": share(faulty, lambda row: row.verdict == "first"),
        "right label first, hard cases": share([r for r in faulty if r.case.is_hard], lambda r: r.verdict == "first"),
        "right label among the first three": share(faulty, lambda row: row.verdict in ("first", "in three")),
        "healthy runs with a warning": share(healthy, lambda row: bool(row.labels)),
        "findings shown, median": statistics.median(len(row.labels) for row in faulty) if faulty else math.nan,
        "vanishing named after, of the run": max(vanishing, default=math.nan),
        "first remedy cures, of those offered": share(tried, lambda row: bool(row.cured)),
    }


def figure_lines(rows: Sequence[Row]) -> Iterator[str]:
    """The figures as a table of Markdown."""
    found = figures(rows)
    yield "| figure | reached | goal |"
    yield "|---|---|---|"
    for name, goal, bound in GOALS:
        yield f"| {name} | {_told(name, found[name])} | {bound} {_told(name, goal)} |"


def _told(name: str, value: float) -> str:
    if math.isnan(value):
        return "not measured"
    return f"{value:g}" if "median" in name else f"{100 * value:.1f} %".replace(".0 %", " %")


def case_lines(rows: Sequence[Row]) -> Iterator[str]:
    """What was said of each case, all seeds together, as a table of Markdown."""
    yield "| case | fault | said first (runs) | named after | cured |"
    yield "|---|---|---|---|---|"
    cases: dict[str, list[Row]] = {}
    for row in rows:
        cases.setdefault(row.case.id, []).append(row)
    for name, found in cases.items():
        yield f"| {name} | {_fault(found[0].case)} | {_first(found)} | {_after(found)} | {_cured(found)} |"


def _fault(case: Case) -> str:
    return f"`{case.label}`" if case.label != "HEALTHY" else "healthy"


def _first(rows: Sequence[Row]) -> str:
    said = [row.labels[0] if row.labels else "nothing" for row in rows]
    counted = {label: said.count(label) for label in dict.fromkeys(said)}
    return ", ".join(f"{'nothing' if label == 'nothing' else f'`{label}`'} ({n})" for label, n in counted.items())


def _after(rows: Sequence[Row]) -> str:
    known = [row.found_after for row in rows if not math.isnan(row.found_after)]
    return f"{max(known):.0%}" if known else ""


def _cured(rows: Sequence[Row]) -> str:
    tried = [row for row in rows if row.cured is not None]
    return f"{sum(bool(row.cured) for row in tried)} of {len(tried)}" if tried else ""
