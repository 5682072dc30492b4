"""Fresh networks: drawn alike by the same number, held to what they claim, and a few of them by the whole way."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.lowering import lower
from core.shapes import analyse
from tests.faulty.case import HEALTHY, Case, view_of
from tests.faulty.fresh.claims import holds
from tests.faulty.fresh.drawn import Family
from tests.faulty.fresh.luck import Luck
from tests.faulty.fresh.variants import FAULTY, SOUND, Wanted
from tests.faulty.graphs import imported
from tests.faulty.running import events, recorded
from tests.faulty.scoring import CASES
from tests.faulty.tool import Watched

SAMPLE = (
    *(Wanted(1, 12), Wanted(1, 46), Wanted(1, 57), Wanted(1, 110)),
    *(Wanted(11, 12, "faulty"), Wanted(11, 82, "healthy"), Wanted(11, 96, "healthy")),
)
"""Some that train quickly: dead units, wrong labels, a loud output, decay that is no fault, ..."""


@pytest.mark.parametrize("family", [*FAULTY, *SOUND], ids=lambda family: family.__name__)
def test_every_family_draws_networks_that_the_app_can_train(family: Family) -> None:
    drawn = family(Luck(5, 7), False)
    assert family(Luck(5, 7), False) == drawn
    assert (drawn.label == HEALTHY) == (family in SOUND)
    case = Case("drawn", drawn.label, drawn.spec, drawn.note)
    assert analyse(lower(imported(view_of(case, "case")).project)).problems == ()


def test_every_fault_of_the_written_cases_is_drawn_too() -> None:
    drawn = {family(Luck(1, 2), False).label for family in FAULTY}
    assert {case.label for case in CASES} - {HEALTHY} <= drawn


@pytest.mark.parametrize("wanted", SAMPLE, ids=lambda wanted: f"{wanted.seed}-{wanted.half}-{wanted.place}")
def test_a_fresh_case_is_told_rightly(wanted: Wanted) -> None:
    case = wanted.case()
    assert case is not None
    labels = Watched.of(view_of(case, "case")).labels()
    assert labels[:1] == () if case.label == HEALTHY else labels[0] in case.right


def test_one_half_is_drawn_alone() -> None:
    for half, families in (("faulty", FAULTY), ("healthy", SOUND)):
        drawn = {Wanted(3, place, half).family[0] for place in range(len(families))}
        assert drawn == set(families)


def test_a_run_that_goes_otherwise_than_claimed_is_left_out() -> None:
    case = Wanted(1, 20).case()
    assert case is not None
    ran = recorded(events(imported(view_of(case, "case"))))
    assert holds(case, ran.record, failed=False)
    assert not holds(case, ran.record, failed=True)
    assert not holds(replace(case, label="LR_TOO_LOW", good=0.0), ran.record, failed=False)
