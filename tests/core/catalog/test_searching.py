"""Typed words find what they spell, abbreviate or speak of, and nothing that only happens to hold their letters."""

from __future__ import annotations

import pytest

from core.catalog import KINDS, search
from core.catalog.searching import Spoken, ranked


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("relu", "ReLU"),
        ("conv", "Conv1d"),
        ("bn2", "BatchNorm2d"),
        ("sdpa", "ScaledDotProductAttention"),
        ("lrn", "LocalResponseNorm"),
        ("ln", "LayerNorm"),
        ("batch 2d", "BatchNorm2d"),
        ("fully connected", "Linear"),
        ("cross entropy", "CrossEntropy"),
    ],
)
def test_the_best_of_the_catalog_stands_first(text: str, first: str):
    assert search(text)[0].name == first


@pytest.mark.parametrize("text", ["lstn", "cnov2d", "zzz", "relu lstm"])
def test_what_nothing_is_called_finds_nothing(text: str):
    assert search(text) == ()


def test_every_kind_is_the_first_that_its_name_finds():
    assert [search(name)[0].name for name in KINDS] == list(KINDS)


def test_an_empty_text_finds_everything_in_order():
    assert [kind.name for kind in search("  ")] == list(KINDS)


def test_ties_keep_their_order_and_words_count_by_how_they_begin():
    items = [Spoken("Beta", ("second",)), Spoken("Alpha", ("seconds",)), Spoken("Gamma", ("unsecond",))]
    assert ranked("second", items, lambda item: item) == (items[0], items[1])
