"""The tables of the Doctor: every finding has words, every threshold is used, and the document says what they say."""

from __future__ import annotations

import re
from pathlib import Path

from core.diagnosis.doctor import DYNAMIC, STATIC, TOGETHER
from core.diagnosis.thresholds import THRESHOLDS
from core.diagnosis.words import WORDS
from tools.make_doctor import PATH, written

ROOM = Path(__file__).resolve().parents[3] / "core" / "diagnosis"
SOURCES = "\n".join(path.read_text(encoding="utf-8") for path in ROOM.rglob("*.py"))


def test_every_why_has_four_sentences_and_a_source() -> None:
    for code, words in WORDS.items():
        assert len(re.findall(r"[.:](?: |$)", words.why)) >= 4, code
        assert words.source
        assert words.title


def test_every_threshold_is_used_and_has_its_source() -> None:
    used = set(re.findall(r'"(\w+)"', SOURCES))
    assert set(THRESHOLDS) <= used
    asked = set(re.findall(r'limit\("(\w+)"\)', SOURCES))
    assert asked <= set(THRESHOLDS)
    assert all(threshold.source and threshold.meaning for threshold in THRESHOLDS.values())


def test_rules_say_in_a_sentence_what_they_look_for() -> None:
    for rule in (*STATIC, *DYNAMIC, *TOGETHER):
        assert (rule.__doc__ or "").split("\n", maxsplit=1)[0].endswith(".")


def test_the_document_is_made_of_the_tables() -> None:
    text = PATH.read_text(encoding="utf-8")
    assert written(text) == text
