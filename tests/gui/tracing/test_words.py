"""What a numeric check of a gradient is said to come to."""

from __future__ import annotations

import pytest

from core.engine.traces import Differed
from gui.tracing.words import checked


def found(exact: float, numeric: float, left: float, right: float, noise: float) -> Differed:
    largest = max(abs(exact), abs(numeric))
    return Differed(
        value=0.5,
        autograd=exact,
        exact=exact,
        numeric=numeric,
        left=left,
        right=right,
        width=1e-5,
        error=abs(exact - numeric) / largest,
        noise=noise,
    )


@pytest.mark.parametrize(
    ("told", "words", "state"),
    [
        (found(0.25, 0.2500001, 0.25, 0.2500002, 1e-10), "they agree to 4e−7", "ok"),
        (found(3.4e-11, 2.2e-11, 0.0, 4.4e-11, 2e-10), "they agree as far as can be told", "ok"),
        (found(0.0, 0.05, 0.0, 0.1, 1e-10), "The loss has a kink here: 0 to the left and 0.1 to the right", "warn"),
        (found(0.2, 0.1, 0.1, 0.1, 1e-10), "they differ, by 50.0 %", "error"),
        (found(0.2, 0.1995, 0.1995, 0.1995, 1e-10), "they agree roughly, by 0.3 %", "warn"),
    ],
)
def test_a_check_says_how_far_both_agree_and_why_they_do_not(told: Differed, words: str, state: str):
    said, how = checked(told)
    assert words in said
    assert how == state
