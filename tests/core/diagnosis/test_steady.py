"""What lasts is told, what flickers is not."""

from __future__ import annotations

from itertools import pairwise

from core.diagnosis.finding import Family, Finding
from core.diagnosis.ranking import ranked
from core.diagnosis.steady import Steady


def finding(code: str = "VANISHING_GRADIENT", family: Family = "flow", step: int = 0) -> Finding:
    return Finding(code, "critical", "Gradients vanish", ("fc1",), ("n1",), (), "", "", "", step, family)


def told(looks: list[bool]) -> list[bool]:
    """After each look whether the finding is told."""
    steady = Steady()
    return [bool(steady.take([finding()] if found else [])) for found in looks]


def test_two_looks_must_agree_before_a_finding_comes_or_goes():
    assert told([True, True, False, True, False, False]) == [False, True, True, True, True, False]


def test_a_finding_that_comes_and_goes_is_told_ever_more_seldom():
    """However it flickers, with two looks each way: the changes of what is told are few."""
    looks = [step // 2 % 2 == 0 for step in range(200)]
    changes = sum(before != after for before, after in pairwise(told(looks)))
    assert changes <= 2


def test_what_does_not_develop_is_told_at_once():
    for code, family in (("NAN_INPUT", "data"), ("DOUBLE_SOFTMAX", "graph"), ("NONFINITE", "progress")):
        assert Steady().take([finding(code, family)])  # type: ignore[arg-type]  # a family of the table
    assert not Steady().take([finding("OVERFITTING", "generalisation")])


def test_the_last_look_tells_all_that_it_found():
    assert Steady().take([finding()], is_last=True)


def test_the_newest_numbers_are_told_and_what_is_gone_is_remembered_until_another_run():
    steady = Steady()
    steady.take([finding(step=10)])
    assert [one.step for one in steady.take([finding(step=20)])] == [20]
    assert [one.step for one in steady.take([])] == [20]  # one look alone does not take it back
    assert steady.withdrawn == ()
    assert steady.take([]) == ()
    assert [one.step for one in steady.withdrawn] == [20]
    steady.clear()
    assert steady.withdrawn == ()


def test_a_rate_that_is_too_high_does_not_make_one_that_is_too_low():
    high = finding("LR_TOO_HIGH", "settings")
    (told,) = ranked([high, finding("LR_TOO_LOW", "settings"), finding("NOT_LEARNING", "progress")])
    assert (told.code, told.explains) == ("LR_TOO_HIGH", ("NOT_LEARNING",))
