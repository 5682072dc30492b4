"""Whether a text is a table or prose, by its first lines."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

MARKS = ("\t", ";", ",", "|")
LINES, HEAD = 40, 2**16
CELL = 20
"""Letters of a cell on average; between the commas of prose there are more."""


def has_columns(path: Path) -> bool:
    """Whether the file's first lines have as many cells each, more than one, or are numbers alone; raises OSError."""
    with path.open("rb") as stream:
        head = stream.read(HEAD).decode("utf-8", "replace")
    lines = [line for line in head.splitlines()[:LINES] if line.strip() and not line.startswith("#")]
    if len(lines) < 2:
        return False
    for mark in MARKS:
        counts = [line.count(mark) for line in lines]
        alike = min(counts) > 0 and counts.count(counts[-1]) >= 0.9 * len(lines)
        short = sum(map(len, lines)) <= CELL * (sum(counts) + len(lines))
        if alike and short and not _is_prose(lines, mark):
            return True
    return all(map(_is_number, " ".join(lines[1:]).split()))


def _is_prose(lines: Sequence[str], mark: str) -> bool:
    """Whether each mark has a space behind it, as in a sentence, and there is no number."""
    text = "\n".join(lines[1:])
    return text.count(f"{mark} ") == text.count(mark) and not any(letter.isdigit() for letter in text)


def _is_number(text: str) -> bool:
    try:
        float(text.replace(",", "."))
    except ValueError:
        return False
    return True
