"""How results stand in a terminal: one-line errors, problems, and tables of aligned columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from core.errors import ChainruleError
from core.problems import Problem


def one_line(error: ChainruleError) -> str:
    """The error's four parts in one line."""
    return " ".join(str(error).split())


def table(rows: Sequence[Sequence[str]], right: Iterable[int] = ()) -> str:
    """The rows as lines, two spaces between the columns; those in `right` are aligned at their right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    ends = frozenset(right)
    return "\n".join(_line(row, widths, ends) for row in rows)


def problem_text(problem: Problem) -> str:
    """A problem in two lines: what was wanted, what came and where; then what to do."""
    where = problem.error.where or problem.path
    place = f"{where}: " if where else ""
    head = f"{problem.severity} {problem.code}  {place}{' '.join(problem.message.split())}"
    fix = " ".join(problem.error.fix.split())
    return f"{head}\n    {fix}" if fix else head


def problem_json(problem: Problem) -> dict[str, Any]:
    """A problem for programs."""
    error = problem.error
    return {
        "code": problem.code,
        "severity": problem.severity,
        "node": problem.node,
        "path": problem.path,
        "port": problem.port,
        "param": problem.param,
        "wanted": error.wanted,
        "came": error.came,
        "where": error.where or problem.path,
        "fix": error.fix,
        "fixes": [fix.label for fix in problem.fixes],
    }


def counted(problems: Iterable[Problem]) -> str:
    """How many problems there are of each severity: 1 error, 2 warnings."""
    severities = [problem.severity for problem in problems]
    parts = [plural(severities.count(name), name) for name in ("error", "warning", "hint") if name in severities]
    return ", ".join(parts) or "No problems"


def json_line(value: object) -> str:
    """The value as JSON in one line; NaN and infinity, which JSON has not, are null."""
    return msgspec.json.encode(value).decode()


def plural(count: int, noun: str) -> str:
    """The count and its noun: 1 error, 2 errors."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def _line(row: Sequence[str], widths: Sequence[int], right: frozenset[int]) -> str:
    cells = (
        text.rjust(width) if index in right else text.ljust(width)
        for index, (text, width) in enumerate(zip(row, widths, strict=True))
    )
    return "  ".join(cells).rstrip()
