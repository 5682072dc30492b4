"""A few of the cases by the whole way: train in the app, look, and name; all of them by `python -m tests.faulty`."""

from __future__ import annotations

import math

import pytest

from tests.faulty.case import view_of
from tests.faulty.report import figures
from tests.faulty.scoring import CASES, Row, judged
from tests.faulty.tool import Watched, diagnose

BY_ID = {case.id[:3]: case for case in CASES}
NAMED = ("P05", "P06", "P09", "P12", "P19", "P23", "P33", "R03", "R09")
SOUND = ("Q10", "Q11", "Q14", "S03")


@pytest.mark.parametrize("short", NAMED)
def test_the_fault_is_named_first(short: str) -> None:
    case = BY_ID[short]
    labels = Watched.of(view_of(case, "case")).labels()
    assert labels[0] in case.right
    assert len(labels) <= 2


@pytest.mark.parametrize("short", SOUND)
def test_a_healthy_network_is_left_alone(short: str) -> None:
    assert diagnose(view_of(BY_ID[short], "case")) == []


def test_vanishing_is_named_within_a_tenth_of_the_run_and_its_sigmoids_are_told_of() -> None:
    case = BY_ID["P02"]
    watched = Watched.of(view_of(case, "case"))
    assert watched.named_after(case.right) <= 0.1
    (finding, *_rest) = watched.findings(0.1)
    assert {"fc2", "fc3", "fc4", "fc5"} <= set(finding.where)


def test_a_case_is_told_with_a_patch() -> None:
    (label, patch), *_rest = diagnose(view_of(BY_ID["P15"], "case"))
    assert label == "LR_TOO_LOW"
    assert patch is not None


def test_figures_count_what_was_said() -> None:
    faulty, sound = BY_ID["P01"], BY_ID["Q01"]
    rows = [
        judged(faulty, 0, [("VANISHING_GRADIENT", None)]),
        judged(faulty, 1, [("LR_TOO_LOW", None), ("VANISHING_GRADIENT", None)]),
        judged(faulty, 2, []),
        judged(sound, 0, []),
        Row(sound, 1, ("DEAD_RELU",)),
    ]
    found = figures(rows)
    assert [row.verdict for row in rows] == ["first", "in three", "missed", "ok", "false alarm"]
    assert found["right label first"] == pytest.approx(1 / 3)
    assert found["right label among the first three"] == pytest.approx(2 / 3)
    assert found["healthy runs with a warning"] == 0.5
    assert math.isnan(found["first remedy cures, of those offered"])
