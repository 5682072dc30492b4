"""Templates that are there to show a fault are told of by its name; the others are left alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.data.load import load
from core.diagnosis.doctor import diagnose
from core.diagnosis.finding import Finding
from core.diagnosis.remedies import remedies
from core.training.control import Control
from core.training.facts import facts_of
from core.training.loop import train
from core.training.run import Job
from tests.faulty.running import KEPT, recorded
from tools.gallery.listing import EXHIBITS

BY_NAME = {exhibit.name: exhibit for exhibit in EXHIBITS}
SHOWN = {
    "moons-identity": {"MISSING_NONLINEARITY"},
    "learning-rate": {"LR_TOO_HIGH", "LR_TOO_LOW"},
    "mlp12-sigmoid": {"VANISHING_GRADIENT"},
    "memory-rnn": {"VANISHING_GRADIENT"},
}
"""Quick ones that show a fault, and its name."""
SOUND = ("iris", "logistic-regression", "batch-large", "batch-small", "ridge", "xor", "moons-tanh", "lasso-path")
"""Quick ones that are as they should be."""


def told(name: str) -> tuple[Finding, ...]:
    """What is warned of after the whole training of a template."""
    project = BY_NAME[name].make()
    project = replace(project, training=replace(project.training, threads=1))
    data = {key: load(settings) for key, settings in project.data.items()}
    ran = recorded([event for event in train(Job(project, data), Control()) if isinstance(event, KEPT)])
    found = diagnose(project, facts_of(data, project.training), ran.record, failed=ran.failed)
    return tuple(finding for finding in found if finding.shown)


@pytest.mark.slow
@pytest.mark.parametrize("name", SHOWN)
def test_a_template_that_shows_a_fault_is_told_of(name: str) -> None:
    assert {finding.code for finding in told(name)} == SHOWN[name]


@pytest.mark.slow
@pytest.mark.parametrize("name", SOUND)
def test_a_sound_template_is_left_alone(name: str) -> None:
    assert told(name) == ()


@pytest.mark.slow
def test_of_networks_side_by_side_each_is_judged_by_its_own_loss() -> None:
    high, low = told("learning-rate")
    assert (high.side, high.where) == ("large_loss", ("large_loss",))
    assert (low.side, low.where) == ("small_loss", ("small_loss",))
    project = BY_NAME["learning-rate"].make()
    graph = project.graph
    assert [graph.node(node).name for node in (*high.nodes, *low.nodes)] == ["large_loss", "small_loss"]
    lowered = remedies(project, high)[0].apply(project).training.phases
    rates = [phase.optimizer.learning_rate for phase in project.training.phases]
    assert [phase.optimizer.learning_rate for phase in lowered[:2]] == rates[:2], "the others stay as they are"
    assert lowered[2].optimizer.learning_rate < rates[2]
