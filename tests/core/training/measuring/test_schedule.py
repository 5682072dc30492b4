"""When samples are due, and that watching keeps its budget."""

from __future__ import annotations

import itertools

import pytest

from core.training.measuring.schedule import (
    ALLOWANCE,
    ALWAYS,
    LEAST,
    LONGEST,
    OF_SAMPLES,
    OF_SELDOM,
    SELDOM,
    WANTED,
    Schedule,
    Seldom,
    interval,
)


@pytest.mark.parametrize(("plain", "sampled"), [(1e-4, 2.6e-4), (6e-3, 7e-3), (1e-3, 1e-1), (1e-3, 9e-4)])
@pytest.mark.parametrize("share", [0.01, 0.2])
def test_sampling_costs_no_more_than_its_share(plain, sampled, share):
    every = interval(plain, sampled, share)
    assert every == LONGEST or max(sampled - plain, 0) / every <= share * plain
    assert every == 1 or max(sampled - plain, 0) / (every - 1) > share * plain


def run(schedule: Schedule, steps: int, bare: float, norms: float, extra: float) -> tuple[list[int], float]:
    """The sampled steps of a run of steps that take so long, and the share that watching added after the first ones."""
    due = []
    for step in range(1, steps + 1):
        sampled = schedule.due(step)
        due += [step] if sampled else []
        schedule.note(step, bare + norms + (extra if sampled else 0), norms, sampled)
    late = [step for step in due if step > 100]
    return due, (len(late) * extra + (steps - 100) * norms) / ((steps - 100) * bare)


def test_the_first_steps_are_sampled_all_and_later_ones_at_the_interval():
    due, _cost = run(Schedule(0.02 / OF_SAMPLES), 500, 1e-3, 0.0, 0.5e-3)
    assert due[:ALWAYS] == list(range(1, ALWAYS + 1))
    assert {later - one for one, later in zip(due[ALWAYS + 1 :], due[ALWAYS + 2 :], strict=False)} == {25}


@pytest.mark.parametrize("budget", [0.01, 0.03, 0.2])
@pytest.mark.parametrize("extra", [1e-5, 3e-4, 2e-3])
def test_watching_keeps_its_budget_norms_included_and_tells_what_it_costs(budget, extra):
    schedule = Schedule(budget)
    _due, cost = run(schedule, 5000, 1e-3, 0.004e-3, extra)
    assert cost <= budget
    assert cost >= min(budget, extra / 1e-3 + 0.004) * 0.4
    assert schedule.cost == pytest.approx(cost, rel=0.25)
    assert schedule.seconds >= 4900 * 1e-3 * cost


def test_norms_that_take_the_whole_budget_leave_a_part_of_it_to_samples():
    schedule = Schedule(0.03)
    _due, cost = run(schedule, 5000, 1e-3, 0.05e-3, 1e-3)
    assert 0.05 < cost <= 0.05 + 0.03 * LEAST
    assert schedule.cost == pytest.approx(cost, rel=0.1)


def test_a_short_run_has_its_samples_while_they_cost_less_than_is_noticed():
    due, _cost = run(Schedule(0.03, 400), 400, 1e-3, 0.0, 2e-3)
    assert WANTED <= len(due) <= WANTED + ALWAYS + 1
    assert max(later - one for one, later in itertools.pairwise(due)) <= SELDOM
    slow, _cost = run(Schedule(0.03, 400), 400, 0.1, 0.0, 0.2)
    assert len(slow) <= ALWAYS + ALLOWANCE / 0.2 + 0.03 * 400 * 0.1 / 0.2 + 1
    long, cost = run(Schedule(0.03, 100_000), 100_000, 1e-3, 0.0, 2e-3)
    assert cost <= 0.03 + ALLOWANCE / 100
    assert long[-1] - long[-2] > 50


def test_what_is_seldom_comes_first_at_once_and_then_as_its_cost_allows():
    schedule, seldom = Schedule(0.015 / OF_SELDOM), Seldom()
    run(schedule, 200, 1e-3, 0.0, 1e-3)
    assert seldom.due(1)
    seldom.note(1, 30e-3, schedule)
    assert [step for step in (SELDOM, 100, 1999, 2001) if seldom.due(step)] == [2001]
    seldom.note(2001, 1e-6, schedule)
    assert not seldom.due(2000 + SELDOM)
    assert seldom.due(2001 + SELDOM)
