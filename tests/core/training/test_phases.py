"""Which parameters a phase trains: those it names, that its losses reach and that are not frozen; no other moves."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from core.graph import Node
from core.project import Project
from core.training.loop import start
from core.training.optimizers import Optimizer
from core.training.settings import Phase
from tests.core.training.projects import DIGITS, classifier, gan, node
from tests.core.training.running import finished, job, weights

DECAYING = Optimizer("AdamW", 0.01, weight_decay=0.5)


def with_middle(*middle: Node, frozen: bool = False) -> Project:
    layers = [
        node("flatten", "Flatten"),
        node("fc1", "Linear", out_features=12, frozen=frozen),
        *middle,
        node("fc2", "Linear", out_features=10),
    ]
    return classifier(layers, DIGITS, optimizer=DECAYING)


@pytest.mark.parametrize(
    "made", [with_middle(node("stop", "Detach")), with_middle(frozen=True)], ids=["unreached", "frozen"]
)
def test_what_gets_no_gradient_is_not_decayed_either(made: Project):
    first = start(job(made)).weights()
    _events, control = finished(made)
    last = weights(control)
    for name in ("fc1.weight", "fc1.bias"):
        assert torch.equal(first[name], last[name])
    assert not torch.equal(first["fc2.weight"], last["fc2.weight"])


def test_a_phase_leaves_the_gradients_of_another_alone():
    run = start(job(gan(batch_size=10)))
    run.batches.begin_epoch()
    run.step()
    critic = run.phases[0].groups[0].flat
    shown = run.table.norms(run.table._table[0])
    rows = [row.path for row in run.table.rows]
    first = run.network.modules["real.hidden"].weight.grad
    assert float(first.double().norm()) == pytest.approx(shown[rows.index("real.hidden"), 0], rel=1e-6)
    assert critic.intact()


def test_phases_that_share_parameters_step_the_same_flat_tensor():
    made = gan(batch_size=10)
    run = start(job(with_phases(made, *(replace(phase, trains=()) for phase in made.training.phases))))
    run.batches.begin_epoch()
    run.step()
    (critic,), both = run.phases[0].groups, run.phases[1].groups
    assert set(critic.rows) == {"real.hidden", "real.score"}
    assert critic in both
    assert {path for group in both for path in group.rows} == {row.path for row in run.table.rows}
    assert all(group.flat.intact() for group in run.groups)


def with_phases(made: Project, *phases: Phase) -> Project:
    return replace(made, training=replace(made.training, phases=phases))


def test_a_path_covers_what_is_inside_it_and_no_name_that_only_begins_alike():
    made = gan()
    run = start(job(made))
    assert run.phases[0].part.trained == ("real.hidden", "real.score")
    layers = [
        node("flatten", "Flatten"),
        node("fc", "Linear", out_features=12),
        node("fc1", "Linear", out_features=10),
    ]
    alike = classifier(layers, DIGITS)
    run = start(job(with_phases(alike, Phase(trains=("fc",)))))
    assert run.phases[0].part.trained == ("fc",)
