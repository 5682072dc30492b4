"""The third suite: sound declarations, and a look at whether two of its cases are what they claim."""

from __future__ import annotations

from collections import Counter

import pytest

from core.lowering import lower
from core.shapes import analyse
from tests.faulty.case import HEALTHY, Case, view_of
from tests.faulty.data import make_data
from tests.faulty.graphs import imported
from tests.faulty.network import build_model
from tests.faulty.scoring import CASES as FIRST
from tests.faulty.scoring import evaluate_patch, opaque
from tests.faulty.second.suite import CASES as SECOND
from tests.faulty.third.suite import CASES
from tests.faulty.training import course, evaluate

BY_ID = {case.id.split("_")[0]: case for case in CASES}
KNOWN = {label for case in FIRST for label in case.right} | {"BATCH_TOO_SMALL"}
FAULTS = {case.label for case in FIRST}


def test_there_are_as_many_as_are_told_of() -> None:
    tiers = Counter(case.id[0] for case in CASES)
    assert tiers == {"P": 26, "R": 10, "Q": 10, "S": 6}
    assert len(BY_ID) == len(opaque(CASES)) == 52
    assert not BY_ID.keys() & {case.id.split("_")[0] for case in (*FIRST, *SECOND)}


def test_every_fault_of_the_first_suite_is_there_and_no_other_label() -> None:
    assert {case.label for case in CASES} == FAULTS
    assert {label for case in CASES for label in case.right} <= KNOWN


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id[:4])
def test_a_fault_has_a_cure_and_the_bounds_are_apart(case: Case) -> None:
    if case.label == HEALTHY:
        assert case.id[0] in "QS"
        assert not case.fixes
        assert case.good > 0
    else:
        assert case.id[0] in "PR"
        assert case.fixes
        assert case.where
        assert case.bad < case.good


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id[:4])
def test_every_case_is_a_project_of_the_app(case: Case) -> None:
    project = imported(view_of(case, "case")).project
    analysis = analyse(lower(project))
    model = build_model(case.spec, make_data(case.spec["data"]).x[:4])
    assert analysis.problems == ()
    assert analysis.total_parameters == sum(parameter.numel() for parameter in model.parameters())


def test_a_fault_scores_low_and_its_cure_high() -> None:
    case = BY_ID["P107"]
    assert evaluate(case.spec, 0) <= case.bad
    assert evaluate_patch(case, case.fixes[0][1], 0) >= case.good


def test_a_healthy_network_learns_and_does_not_overfit() -> None:
    case = BY_ID["S101"]
    ran = course(case.spec, 0)
    assert ran.score >= case.good
    assert ran.rise < 1.25
