"""What no rule told when it was first looked at, and healthy runs that are near it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.faulty.case import view_of
from tests.faulty.second.suite import CASES as SECOND
from tests.faulty.third.suite import CASES as THIRD
from tests.faulty.tool import diagnose

BY_ID = {case.id.split("_")[0]: case for case in (*SECOND, *THIRD)}
MISSED_AT_FIRST = ("P101", "P134", "R107", "R108")
NEAR_THESE = ("S108", "S51")
"""Dropout of 0.6 behind 256 units, and a fifth of the labels drawn anew."""


@pytest.mark.parametrize("short", MISSED_AT_FIRST)
def test_what_was_missed_at_first_is_told_first(short: str) -> None:
    case = BY_ID[short]
    assert diagnose(view_of(case, "case"))[0][0] in case.right


@pytest.mark.parametrize("short", NEAR_THESE)
def test_what_is_near_and_healthy_is_left_alone(short: str) -> None:
    assert diagnose(view_of(BY_ID[short], "case")) == []


def test_a_run_at_chance_is_told_of_a_gradient_that_fades_slower_along_the_sequence() -> None:
    spec = {
        "data": {"name": "recall", "n": 1000, "T": 29, "k": 3, "distract": 0.3},
        "arch": [["rnn", 20], ["last"], ["linear", 3]],
        "init": {"rnn_gain": 0.68},
        "train": {"opt": "adam", "lr": 0.001, "batch": 64, "steps": 350},
    }
    case = replace(BY_ID["P102"], spec=spec)
    assert [label for label, _patch in diagnose(view_of(case, "case"))] == ["VANISHING_GRADIENT"]
