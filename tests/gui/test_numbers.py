"""How the panel writes numbers: no share looks like all or nothing that is not, and a minus is a minus."""

from __future__ import annotations

import math

import pytest

from gui.numbers import percent, plain, signed


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (0.0, "0.0 %"),
        (1.0, "100.0 %"),
        (1e-6, "< 0.01 %"),
        (0.0004, "0.04 %"),
        (0.5, "50.0 %"),
        (0.9821, "98.2 %"),
        (0.9996, "99.96 %"),
        (0.99996, "> 99.99 %"),
        (math.nan, "NaN"),
    ],
)
def test_shares(share: float, words: str) -> None:
    assert percent(share) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (152.13, "152.1"),
        (-0.034123, "−0.03412"),
        (3.1e-7, "3.1e−7"),
        (123456.0, "123,456"),
        (0.0, "0"),
        (-math.inf, "−∞"),
        (math.nan, "NaN"),
    ],
)
def test_values(value: float, words: str) -> None:
    assert plain(value) == words


def test_a_sign_is_written_on_both_sides_of_zero() -> None:
    assert (signed(2.5), signed(-2.5), signed(0.0)) == ("+2.5", "−2.5", "+0")
