"""A look at a run may be taken rule by rule, and comes to the same."""

from __future__ import annotations

from core.diagnosis.doctor import DYNAMIC, STATIC, TOGETHER, Look, diagnose, diagnosing
from core.diagnosis.facts import Facts
from tests.core.diagnosis.records import record_of
from tests.core.training.projects import sigmoid_mlp


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
