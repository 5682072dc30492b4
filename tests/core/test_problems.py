"""Codes of problems are stable: each stands in the table, is given by one room alone, and is on the page."""

from __future__ import annotations

import re
from pathlib import Path

from core.problems import CODES
from tools.make_problems import PAGE, page

CORE = Path(__file__).parents[2] / "core"
GIVEN = re.compile(r"(?:Problem\(|_problem\(|code = |severity = \(|CODE_FAILED, CODE_UNTRUSTED = |WITHOUT_DATA = ).*")


def given() -> dict[str, set[str]]:
    """By code the files that give it, as literals in the lines that make problems."""
    found: dict[str, set[str]] = {}
    for path in CORE.rglob("*.py"):
        for line in GIVEN.findall(path.read_text(encoding="utf-8")):
            for code in re.findall(r'"([EWI]\d{3})"', line):
                found.setdefault(code, set()).add(path.name)
    return found


def test_every_code_is_in_the_table_and_every_entry_is_given():
    assert given().keys() == CODES.keys()


def test_no_code_means_two_things():
    assert {code: files for code, files in given().items() if len(files) > 1} == {}


def test_the_page_is_what_the_table_says():
    assert PAGE.read_text(encoding="utf-8") == page()
