"""Write the rules and thresholds of the Doctor into docs/doctor.md: python -m tools.make_doctor."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import get_args

from core.diagnosis.doctor import DYNAMIC, STATIC, TOGETHER
from core.diagnosis.finding import Family
from core.diagnosis.scripts import NOTICED
from core.diagnosis.thresholds import THRESHOLDS
from core.diagnosis.words import WORDS

PATH = Path(__file__).resolve().parents[1] / "docs" / "doctor.md"
BEGIN, END = "<!-- rules: begin -->", "<!-- rules: end -->"


def rule_lines() -> Iterator[str]:
    """What is looked for, the findings by family, and the thresholds."""
    yield "### What is looked for"
    yield ""
    yield "| rule | looks for | when |"
    yield "|---|---|---|"
    looks = ((STATIC, "before training"), ((*DYNAMIC, *TOGETHER), "in a run"), (NOTICED, "in the run of a script"))
    for rules, when in looks:
        for rule in rules:
            yield f"| {rule.__name__.replace('_', ' ')} | {_first(rule.__doc__)} | {when} |"
    yield ""
    yield "### What is said"
    yield ""
    yield "| finding | code | family | why | source |"
    yield "|---|---|---|---|---|"
    for family in get_args(Family):
        for code, words in WORDS.items():
            if words.family == family:
                yield f"| {words.title} | `{code}` | {family} | {words.why} | {words.source} |"
    yield ""
    yield "### Thresholds"
    yield ""
    yield "| threshold | number | of what | source |"
    yield "|---|---|---|---|"
    for name, threshold in THRESHOLDS.items():
        yield f"| {name} | {threshold.value:g} | {threshold.meaning} | {threshold.source} |"


def _first(text: str | None) -> str:
    return (text or "").split("\n", maxsplit=1)[0]


def written(text: str) -> str:
    """The document with its rules as they are now."""
    head, _, rest = text.partition(BEGIN)
    _old, _, tail = rest.partition(END)
    lines = "\n".join(rule_lines())
    return f"{head}{BEGIN}\n{lines}\n{END}{tail}"


def main() -> None:
    """Write the document anew."""
    PATH.write_text(written(PATH.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
