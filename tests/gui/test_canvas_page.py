"""docs/canvas.md names a test for everything that it says of the hand; each exists, and drives real events."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "canvas.md").read_text(encoding="utf-8")
NAMED = re.compile(r"`((?:tests/)?[\w/]*test_\w+)::(test_\w+)`")
FILES = re.compile(r"`((?:tests|benchmarks)/[\w/]+\.py)`")
GROUPS = ("Navigate", "Select", "Add", "Wire", "Edit", "Group", "Run and files", "Left out")
EVENTS = ("QTest", "Hands", "Hand(", "sendEvent", "hands.", "postEvent")
"""What a test that uses mouse and keys has in its file."""

QUIET = ("test_geometry", "test_scene", "test_filing", "test_changes")
"""Files about what is drawn, kept aside or dropped from outside by itself, with neither mouse nor keys of ours."""


def file_of(module: str) -> Path | None:
    """The file of a module that the page names, which lies beside this one or in the canvas's folder."""
    places = (module, f"tests/gui/canvas/{module}", f"tests/gui/{module}")
    return next((ROOT / f"{place}.py" for place in places if (ROOT / f"{place}.py").is_file()), None)


def rows() -> list[str]:
    """Every line of the tables that name tests, heads and rules left out."""
    tables = [part.splitlines() for part in PAGE.split("\n\n") if part.startswith("| What | How | Test |\n")]
    return [line for table in tables for line in table[2:]]


@pytest.mark.parametrize(("module", "name"), sorted(set(NAMED.findall(PAGE))))
def test_every_test_that_the_page_names_is_there_and_uses_mouse_or_keys(module: str, name: str) -> None:
    found = file_of(module)
    assert found is not None, f"{module} is a file"
    text = found.read_text(encoding="utf-8")
    assert re.search(rf"^def {name}\(", text, re.M), f"{name} is in {module}"
    if not module.startswith("tests/core") and module not in QUIET:
        assert any(sign in text for sign in EVENTS), f"{module} drives events"


def test_every_row_names_a_test_or_a_benchmark_and_every_file_is_there() -> None:
    assert len(rows()) > 90
    assert [line for line in rows() if not NAMED.search(line) and not FILES.search(line)] == []
    assert [path for path in FILES.findall(PAGE) if not (ROOT / path).is_file()] == []


def test_the_page_has_every_group_of_the_conventions_in_their_order() -> None:
    heads = re.findall(r"^## (.+)$", PAGE, re.M)
    assert [head for head in heads if head in GROUPS] == list(GROUPS)


def test_no_signal_carries_a_mapping_that_qt_would_convert() -> None:
    """Qt turns a `dict` into a map with text keys of its own types; declared as an object it comes as it was sent."""
    texts = {path: path.read_text(encoding="utf-8") for path in (ROOT / "gui").rglob("*.py")}
    assert [path.name for path, text in texts.items() if re.search(r"Signal\([^)]*\bdict\b", text)] == []
