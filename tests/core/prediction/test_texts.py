"""Typed texts become the tokens that the data has, and come back as texts that read well."""

from __future__ import annotations

import pytest

from core.data.arrays import natural_fields
from core.data.settings import DatasetSettings, dataset_kind
from core.data.tokens import END, PAD, START, UNKNOWN
from core.prediction.texts import place_of, tokens_of, visible, written

WORDS = ("<pad>", "<start>", "<end>", "<unknown>", "the", ",", "and", ".", "king", "¿", "?", "quién")


@pytest.mark.parametrize("source", ["shakespeare", "arithmetic", "recall"])
def test_samples_of_spelled_texts_come_out_as_they_went_in(source: str) -> None:
    settings = DatasetSettings(source)
    field = dataset_kind(settings).fields[0]
    for row in natural_fields(settings)[field.name][:5].tolist():
        kept = [token for token in row if field.classes[token] not in WORDS[:3]]
        assert tokens_of(written(row, field.classes), field.classes) == (kept, [])


def test_samples_of_words_come_out_as_they_went_in() -> None:
    settings = DatasetSettings("sentences")
    fields = dataset_kind(settings).fields
    natural = natural_fields(settings)
    for field in (fields[0], fields[2]):
        for row in natural[field.name][:50].tolist():
            kept = [token for token in row if token not in (PAD, START, END)]
            assert tokens_of(written(row, field.classes), field.classes).tokens == kept


def test_words_are_found_in_either_case_and_signs_stand_close() -> None:
    typed = tokens_of("The king, and Caesar.", WORDS)
    assert typed == ([4, 8, 5, 6, UNKNOWN, 7], ["Caesar"])
    assert written(typed.tokens, WORDS) == "the king, and <unknown>."
    assert written([START, 9, 11, 10, END, PAD], WORDS) == "¿quién?"
    assert tokens_of("<start> the", WORDS).tokens == [START, 4]


def test_what_no_vocabulary_has_is_left_out_and_named() -> None:
    assert tokens_of("a7b7", ("a", "b")) == ([0, 1], ["7"])
    assert tokens_of("", ("a",)) == ([], [])
    assert place_of("b", ("a", "b")) == 1
    assert place_of("c", ("a", "b")) is None
    assert visible("\n") == "↵"
    assert visible(" ") == "␣"


def test_bytes_are_those_of_utf_8() -> None:
    names = tuple(chr(at) if 32 < at < 127 else f"0x{at:02X}" for at in range(256))
    assert tokens_of("añ", names).tokens == list("añ".encode())
    assert written("añ".encode(), names) == "añ"
