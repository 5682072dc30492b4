"""The suites written without a look at the rules: sound declarations, and some cases held to what they claim."""

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
from tests.faulty.third.suite import CASES as THIRD
from tests.faulty.training import course, evaluate

CASES = (*SECOND, *THIRD)
FAULTS = {case.label for case in FIRST}
KNOWN = {label for case in FIRST for label in case.right} | {"BATCH_TOO_SMALL"}


def short(case: Case) -> str:
    """What a case is called for short: P61."""
    return case.id.split("_")[0]


BY_ID = {short(case): case for case in CASES}


def test_there_are_as_many_as_are_told_of() -> None:
    assert Counter(case.id[0] for case in SECOND) == {"P": 36, "R": 12, "Q": 33, "S": 19}
    assert Counter(case.id[0] for case in THIRD) == {"P": 26, "R": 10, "Q": 10, "S": 6}
    assert len({short(case) for case in (*FIRST, *CASES)}) == len(opaque((*FIRST, *CASES))) == 222


@pytest.mark.parametrize("suite", [SECOND, THIRD], ids=["second", "third"])
def test_every_fault_of_the_first_suite_is_there_and_no_other_label(suite: tuple[Case, ...]) -> None:
    assert {case.label for case in suite} >= FAULTS
    assert {label for case in suite for label in case.right} <= KNOWN


@pytest.mark.parametrize("case", CASES, ids=short)
def test_a_fault_has_a_cure_and_the_bounds_are_apart(case: Case) -> None:
    assert case.is_hard == (case.id[0] in "RS")
    if case.label == HEALTHY:
        assert case.id[0] in "QS"
        assert not case.fixes
        assert case.good > 0
    else:
        assert case.id[0] in "PR"
        assert case.fixes
        assert case.where
        assert case.bad < case.good


@pytest.mark.parametrize("case", CASES, ids=short)
def test_every_case_is_a_project_of_the_app(case: Case) -> None:
    project = imported(view_of(case, "case")).project
    analysis = analyse(lower(project))
    model = build_model(case.spec, make_data(case.spec["data"]).x[:4])
    assert analysis.problems == ()
    assert analysis.total_parameters == sum(parameter.numel() for parameter in model.parameters())


@pytest.mark.parametrize("name", ["P61", "R61", "P107"])
def test_a_fault_scores_low_and_its_cure_high(name: str) -> None:
    case = BY_ID[name]
    cure = case.fixes[0][1]
    assert evaluate(case.spec, 0) <= case.bad
    assert (evaluate_patch(case, cure, 0) >= case.good) == ("data" not in cure)


@pytest.mark.parametrize("name", ["Q54", "S64", "S101"])
def test_a_healthy_network_learns_and_does_not_overfit(name: str) -> None:
    case = BY_ID[name]
    ran = course(case.spec, 0)
    assert ran.score >= case.good
    assert ran.rise < 1.25
