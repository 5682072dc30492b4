"""A look at a run may be taken rule by rule, and comes to the same."""

from __future__ import annotations

import numpy as np
import pytest

from core.diagnosis.doctor import DYNAMIC, STATIC, TOGETHER, Look, diagnose, diagnosing, whole
from core.diagnosis.facts import Facts
from core.diagnosis.thresholds import THRESHOLDS
from tests.core.diagnosis.records import record_of
from tests.core.training.projects import sigmoid_mlp, small_convnet


def test_a_look_stops_after_every_rule_and_comes_to_the_same():
    project = sigmoid_mlp(8, epochs=2)
    record = record_of(project)
    looking, stops = diagnosing(project, Facts(), record), 0
    while True:
        try:
            next(looking)
            stops += 1
        except StopIteration as end:
            look: Look = end.value
            break
    assert stops == len(STATIC) + len(DYNAMIC) + len(TOGETHER)
    assert look.findings == diagnose(project, Facts(), record)
    assert "VANISHING_GRADIENT" in {finding.code for finding in look.findings}
    assert "vanishing" not in {one.name for one in look.passed}
    assert all(one.looked_for for one in look.passed)


def test_a_check_that_passed_tells_what_it_has_seen_beside_its_limit():
    project = small_convnet(epochs=2)
    record = record_of(project)
    passed = {one.name: one.seen for one in whole(diagnosing(project, Facts(), record)).passed}
    words, limit = passed["low_rate"].rsplit(", told below ", 1)
    moves = np.nanmedian(record.columns("update_ratio").values(), axis=0)
    assert float(words.rsplit(" ", 1)[1]) == pytest.approx(float(np.nanmax(moves)), rel=0.01)
    assert float(limit) == THRESHOLDS["tiny_step"].value
    assert passed["high_rate"] == "", "the first steps are long, and no harm came of it"
    assert passed["forgetting"] == "", "there is no sequence"
