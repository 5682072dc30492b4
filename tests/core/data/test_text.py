"""Texts as samples: characters, words and bytes, the vocabulary, the split by place, encodings, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from core.data.load import LoadedData, load
from core.data.own import inspected
from core.data.settings import DatasetSettings, split_sizes
from core.errors import DataError

TEXT = "Die Zeit heilt nicht alle Wunden, die Zeit heilt.\n" * 30


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "verse.txt"
    path.write_text(TEXT, encoding="utf-8")
    return path


def said(data: LoadedData, name: str, number: int) -> str:
    values, classes = data.fields[name], data.classes[name]
    return "".join(classes[token] for token in values[number].tolist())


def found(settings: DatasetSettings):
    assert settings.found is not None
    return settings.found


def test_characters_follow_one_another_and_next_is_one_further(file: Path) -> None:
    settings = inspected(file, {"context": 20})
    data = load(settings)
    assert settings.source == "text"
    assert data.classes["text"] == tuple(sorted(set(TEXT)))
    count = (len(TEXT) - 1) // 20
    assert data.fields["text"].shape == data.fields["next"].shape == (count, 20)
    for number in range(count):
        assert said(data, "text", number) == TEXT[20 * number : 20 * number + 20]
        assert said(data, "next", number) == TEXT[20 * number + 1 : 20 * number + 21]


def test_the_split_is_by_place_and_no_token_is_in_both_parts(file: Path) -> None:
    settings = inspected(file, {"context": 20, "stride": 3})
    data = load(settings)
    last, first = int(data.train.max()), int(data.validation.min())
    assert data.train.tolist() == list(range(last + 1))
    assert data.validation.tolist() == list(range(first, found(settings).samples))
    assert 3 * first >= 3 * last + 20
    assert 3 * (first - 1) < 3 * last + 20  # no more samples are given up than that takes


def test_words_are_counted_and_rare_ones_are_one(file: Path) -> None:
    settings = inspected(file, {"level": "word", "context": 5, "vocabulary": 5, "case": "small"})
    data = load(settings)
    assert data.classes["text"] == ("(unknown)", "\n", "die", "heilt", "zeit")
    words = ["die", "zeit", "heilt", *["(unknown)"] * 4, "die", "zeit", "heilt"]
    shown = [data.classes["text"][token] for token in data.fields["text"][:2].reshape(-1).tolist()]
    assert shown == words
    assert found(settings).notes == (
        "There are 4 different words and one for all others, which are 41.7% of the text.",
    )


def test_bytes_are_those_of_the_file(tmp_path: Path) -> None:
    content = bytes(range(256)) * 3
    (tmp_path / "any.txt").write_bytes(content)
    data = load(inspected(tmp_path / "any.txt", {"level": "byte", "context": 10}, "text"))
    assert data.fields["text"][:].reshape(-1)[:700].tolist() == list(content[:700])
    assert len(set(data.classes["text"])) == 256


def _tensor(data: LoadedData) -> bool:
    return isinstance(data.fields["text"], torch.Tensor)


def test_the_folders_of_parts_say_what_is_held_out(tmp_path: Path) -> None:
    for part, text in (("train", "abcab" * 10), ("valid", "cabca" * 4)):
        (tmp_path / part).mkdir()
        (tmp_path / part / "a.txt").write_text(text)
        (tmp_path / part / "b.txt").write_text(text)
    settings = inspected(tmp_path, {"context": 7})
    data = load(settings)
    assert split_sizes(settings) == (14, 5)
    assert said(data, "text", 14) == ("cabca" * 8)[:7]
    assert said(data, "text", 13) == ("abcab" * 20)[91:98]


def test_other_letters_are_found_and_told(tmp_path: Path) -> None:
    path = tmp_path / "alt.txt"
    path.write_bytes("Käse und Brot\n".encode("latin-1") * 20)
    settings = inspected(path, {"context": 10})
    assert "ä" in found(settings).fields[0].classes
    assert "Read as Latin-1" in found(settings).notes[0]
    path.write_bytes("Käse\n".encode("utf-16") * 20)
    assert "ä" in found(inspected(path, {"context": 10})).fields[0].classes


def test_a_table_that_is_called_txt_is_still_a_table(tmp_path: Path) -> None:
    path = tmp_path / "rows.txt"
    path.write_text("a;b\n" + "1;2\n2;3\n" * 10)
    assert inspected(path).source == "table"
    path.write_text("x y\n" + "1.5 2\n2 3\n" * 10)
    assert inspected(path).source == "table"
    path.write_text("One day, the rain.\nTwo days, the sun.\nGone, all of it.\n" * 40)
    assert inspected(path).source == "text"
    path.write_text("Dear all, this is a letter.\nIt has lines, some with commas, others not\nat all.\n" * 40)
    assert inspected(path).source == "text"


def test_what_is_too_short_empty_or_changed_is_told(tmp_path: Path, file: Path) -> None:
    with pytest.raises(DataError, match=r"two samples of 4,000 tokens were wanted, but 1,500 tokens came"):
        inspected(file, {"context": 4_000})
    (tmp_path / "empty.txt").write_text("")
    with pytest.raises(DataError, match="at most 128"):
        inspected(tmp_path / "empty.txt", source="text")
    settings = inspected(file)
    file.write_text(TEXT + "x", encoding="utf-8")
    with pytest.raises(DataError, match="it has changed"):
        load(settings)


def test_windows_that_overlap_are_cut_when_they_are_read_where_they_are_many(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = inspected(file, {"context": 16, "stride": 1})
    whole = load(settings)
    monkeypatch.setattr("core.data.rows.IN_MEMORY", 1_000)
    monkeypatch.setattr("core.data.rows.SMALL", 1_000)
    data = load(settings)
    assert not _tensor(data)
    places = torch.from_numpy(np.random.default_rng(0).permutation(found(settings).samples))
    for name in ("text", "next"):
        assert torch.equal(data.fields[name].index_select(0, places), whole.fields[name].index_select(0, places))
