"""The cases themselves: what the app makes of them is what plain torch makes of them."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.lowering import lower
from core.shapes import analyse
from core.training.loop import start
from core.training.run import Job
from tests.faulty.case import Case, view_of
from tests.faulty.data import make_data
from tests.faulty.graphs import imported
from tests.faulty.network import build_model
from tests.faulty.running import events, recorded
from tests.faulty.scoring import CASES, evaluate_patch, opaque
from tests.faulty.training import evaluate

BY_ID = {case.id[:3]: case for case in CASES}


def test_there_are_as_many_as_are_told_of() -> None:
    assert len(CASES) == len(opaque()) == 70
    assert sum(case.label != "HEALTHY" for case in CASES) == 48


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id[:3])
def test_every_case_is_a_project_of_the_app(case: Case) -> None:
    project = imported(view_of(case, "case")).project
    analysis = analyse(lower(project))
    model = build_model(case.spec, make_data(case.spec["data"]).x[:4])
    assert analysis.problems == ()
    assert analysis.total_parameters == sum(parameter.numel() for parameter in model.parameters())


@pytest.mark.parametrize("name", ["P04", "P05", "P06", "P08", "P10", "P12", "R02", "Q08", "S02"])
def test_weights_begin_as_large_as_in_the_plain_network(name: str) -> None:
    case = BY_ID[name]
    made = imported(view_of(case, name))
    run = start(Job(made.project, made.data))
    model = build_model(case.spec, make_data(case.spec["data"]).x[:4])
    for ours, theirs in zip(run.network.root.parameters(), model.parameters(), strict=True):
        assert ours.shape == theirs.shape
        one, other = ours.detach().numpy(), theirs.detach().numpy()
        spread = 6 * np.sqrt(np.square(other).mean() / other.size) + 1e-6
        assert abs(one.mean() - other.mean()) <= spread
        assert abs(np.sqrt(np.square(one).mean()) - np.sqrt(np.square(other).mean())) <= spread


@pytest.mark.parametrize("name", ["P24", "Q05"])
def test_a_loss_without_luck_in_it_is_the_plain_loops(name: str) -> None:
    """With the weights of the plain network the first epoch's losses are the same where nothing is drawn."""
    case = BY_ID[name]
    made = imported(view_of(case, name))
    data, run = make_data(case.spec["data"]), start(Job(made.project, made.data))
    model = build_model(case.spec, data.x[:4])
    for ours, theirs in zip(run.network.root.parameters(), model.parameters(), strict=True):
        ours.data.copy_(theirs.data)
    run.batches.begin_epoch()
    (places,) = run.batches.permutations.values()
    first = places[: run.settings.batch_size]
    output, target = model(data.x[first]), data.y[first]
    functional = torch.nn.functional
    wanted = functional.cross_entropy(output, target) if data.task == "clf" else ((output[:, 0] - target) ** 2).mean()
    assert run.step() == pytest.approx(wanted.item(), rel=1e-5)


def test_a_fault_scores_low_and_its_cure_high() -> None:
    case = BY_ID["P09"]
    assert evaluate(case.spec, 0) <= case.bad
    assert evaluate_patch(case, case.fixes[0][1], 0) >= case.good


def test_a_patch_touches_the_data_in_four_ways_only() -> None:
    case = BY_ID["P22"]
    same = evaluate_patch(case, {"data": {"keep_frac": {}}}, 0)
    assert same == evaluate(case.spec, 0)


def test_the_run_of_a_case_has_a_row_for_every_step() -> None:
    case = BY_ID["P16"]
    ran = recorded(events(imported(view_of(case, "case"))))
    rates = ran.record.column("learning_rate").values()
    steps = case.spec["train"]["steps"]
    assert len(rates) >= steps
    assert ran.failed is None
    assert np.allclose(rates[[0, 9, 10, 20]], 0.05 * np.array([1, 1, 0.3, 0.09]))
