"""Writes docs/problems.md from the table of codes: `python -m tools.make_problems`."""

from __future__ import annotations

from pathlib import Path

from core.problems import CODES

PAGE = Path(__file__).parents[1] / "docs" / "problems.md"
_HEAD = """# What can be wrong

Every problem has a code that stays, and stands at its node, in the list of problems and in `chainrule check`. An error
(E) keeps the network from training; a warning (W) or a hint (I) does not. Most come with fixes: ordinary edits.

| code | what it says |
|---|---|
"""


def page() -> str:
    """The page's text."""
    return _HEAD + "".join(f"| {code} | {text} |\n" for code, text in CODES.items())


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(f"Wrote {PAGE.name}.")
