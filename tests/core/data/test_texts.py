"""Texts as rows of tokens: what they say, how they are split, and that the answer is the right one."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.data.arrays import natural_fields
from core.data.builtin import words
from core.data.builtin.texts import CHARACTERS
from core.data.load import load
from core.data.packaged import FOLDER, read_arrays
from core.data.preview import preview
from core.data.settings import DatasetSettings, dataset_kind, sample_count
from core.data.tokens import END, PAD, START, text_of
from core.errors import DataError


def told(chosen: DatasetSettings, field: str) -> list[str]:
    """The field of every sample as a text."""
    names = dataset_kind(chosen).field(field).classes
    return [text_of(row.reshape(-1).tolist(), names) for row in natural_fields(chosen)[field]]


def test_the_plays_are_shakespeares() -> None:
    text = text_of(read_arrays(FOLDER / "shakespeare.npz", ("text",))["text"].tolist(), CHARACTERS)
    for line in (
        "\n\nROMEO:\nHe jests at scars that never felt a wound.\nBut, soft! what light through yonder window breaks?",
        "HAMLET:\nTo be, or not to be: that is the question:\nWhether 'tis nobler in the mind to suffer",
        "such stuff\nAs dreams are made on, and our little life\nIs rounded with a sleep.",
        "Out, out, brief candle!\nLife's but a walking shadow, a poor player",
    ):
        assert line in text
    assert set(text) == set(CHARACTERS)
    assert not re.search("ACT [IV]|SCENE", text)


@settings(max_examples=20, deadline=None)
@given(st.integers(10_000, 60_000), st.integers(4, 300))
def test_windows_lie_side_by_side_and_next_is_one_character_on(characters: int, length: int) -> None:
    chosen = DatasetSettings("shakespeare", (("characters", characters), ("length", length)))
    fields, stored = natural_fields(chosen), read_arrays(FOLDER / "shakespeare.npz", ("text",))["text"]
    size = sample_count(chosen) * length
    assert characters - length <= size < characters
    assert np.array_equal(fields["text"].reshape(-1), stored[:size])
    assert np.array_equal(fields["next"].reshape(-1), stored[1 : size + 1])


def test_no_character_of_the_held_out_windows_was_seen_in_training() -> None:
    data = load(DatasetSettings("shakespeare"))
    assert int(data.validation[0]) - int(data.train[-1]) == 2
    assert len(data.train) + len(data.validation) + 1 == sample_count(data.settings)


def test_sentences_are_verses_of_both_translations() -> None:
    chosen = DatasetSettings("sentences", (("longest", 20), ("words", 8000)))
    pairs = dict(zip(told(chosen, "source"), told(chosen, "target_out"), strict=True))
    assert pairs["jesus wept ."] == "y lloró jesús ."
    assert pairs["thou shalt not kill ."] == "no matarás ."
    other = DatasetSettings("sentences", (("direction", "es to en"), ("longest", 20), ("words", 8000)))
    assert told(other, "source") == told(chosen, "target_out")
    assert told(other, "target_in") == told(chosen, "source")


@pytest.mark.parametrize("longest", [6, 12, 20])
def test_no_sentence_is_longer_than_it_may_be_and_rare_words_are_unknown(longest: int) -> None:
    chosen = DatasetSettings("sentences", (("longest", longest), ("words", 300)))
    kind, fields = dataset_kind(chosen), natural_fields(chosen)
    assert [field.shape for field in kind.fields] == [(longest,), (longest + 1,), (longest + 1,)]
    assert all(len(field.classes) == 300 for field in kind.fields)
    whole = natural_fields(DatasetSettings("sentences", (("longest", longest), ("words", 8000))))["source"]
    known = whole < 300
    assert np.array_equal(fields["source"], np.where(known, whole, 3))
    assert (~known).any()


@pytest.mark.parametrize("source", ["sentences", "arithmetic"])
def test_what_is_known_is_the_answer_one_token_later(source: str) -> None:
    fields = natural_fields(DatasetSettings(source))
    for known, wanted in zip(fields["target_in"], fields["target_out"], strict=True):
        answer = known[1:][known[1:] != PAD]
        assert known[0] == START
        assert wanted[: len(answer)].tolist() == answer.tolist()
        assert wanted[len(answer)] == END
        assert not wanted[len(answer) + 1 :].any()


@pytest.mark.parametrize("operation", ["+", "-", "both"])
@pytest.mark.parametrize("digits", [1, 2, 3])
def test_every_sum_is_right_and_comes_once(operation: str, digits: int) -> None:
    chosen = DatasetSettings("arithmetic", (("digits", digits), ("operation", operation), ("samples", 400)))
    questions, answers = told(chosen, "source"), told(chosen, "target_out")
    assert len(questions) == (100 if digits == 1 else 400)
    asked = [re.fullmatch(r"(\d+)([+-])(\d+)=", question) for question in questions]
    for match, answer in zip(asked, answers, strict=True):
        first, sign, second = match.groups()
        assert int(answer) == (int(first) + int(second) if sign == "+" else int(first) - int(second))
    assert len({(match[1], match[3]) for match in asked}) == len(questions)
    assert {match[2] for match in asked} == (set("+-") if operation == "both" else {operation})


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 60), st.integers(2, 26), st.integers(0, 100))
def test_the_first_letter_is_what_has_to_be_recalled(length: int, symbols: int, seed: int) -> None:
    chosen = DatasetSettings("recall", (("length", length), ("samples", 260), ("symbols", symbols)), seed=seed)
    strings, letters = told(chosen, "sequence"), told(chosen, "label")
    assert all(
        re.fullmatch(rf"{letter}\d{{{length}}}", string) for string, letter in zip(strings, letters, strict=True)
    )
    counts = np.bincount(natural_fields(chosen)["label"])
    assert len(counts) == symbols
    assert counts.max() - counts.min() <= 1


def test_waves_go_on_as_their_shape_says() -> None:
    chosen = DatasetSettings("waves", (("horizon", 20), ("noise", 0.0), ("samples", 40), ("window", 100)))
    fields = natural_fields(chosen)
    values = np.concatenate((fields["past"][:, :, 0], fields["next"]), axis=1).astype(np.float64)
    assert np.bincount(fields["label"]).tolist() == [10] * 4
    sines = values[0::4]
    # A sine is the solution of x[t+1] = 2 cos(w) x[t] - x[t-1], with one w for the whole of it.
    turns = (sines[:, 2:] + sines[:, :-2]) / 2
    cosine = (turns * sines[:, 1:-1]).sum(1) / (sines[:, 1:-1] ** 2).sum(1)
    assert turns == pytest.approx(cosine[:, np.newaxis] * sines[:, 1:-1], abs=1e-5)
    assert set(np.unique(values[1::4]).tolist()) == {-1.0, 1.0}
    rises = np.diff(values[2::4], axis=1)
    assert (np.isclose(rises, np.median(rises, axis=1, keepdims=True), atol=1e-5) | (rises < -1)).all()
    slopes = np.abs(np.diff(values[3::4], axis=1))
    assert (slopes <= slopes.max(axis=1, keepdims=True) + 1e-6).all()
    assert np.isclose(slopes, slopes.max(axis=1, keepdims=True), atol=1e-5).mean() > 0.7


def test_texts_are_shown_as_texts() -> None:
    (running,) = preview(DatasetSettings("shakespeare"), "text", 3).texts
    assert running[0].startswith("Prologue:\nTwo households, both alike in dignity,\nIn fair Verona")
    assert len(running[0]) == 3 * 64
    shown = preview(DatasetSettings("arithmetic"), "source", 5).texts
    assert [eval(question[:-1]) == int(answer) for question, answer in shown] == [True] * 5  # made here


def test_a_vocabulary_that_is_damaged_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(words, "FOLDER", tmp_path)
    words._words.cache_clear()
    (tmp_path / "sentences.json").write_text(json.dumps({"samples": {}}))
    try:
        with pytest.raises(DataError, match="vocabulary"):
            words.vocabulary("sentences", "en")
    finally:
        words._words.cache_clear()
