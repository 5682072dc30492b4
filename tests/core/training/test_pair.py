"""A remedy tried: each run is the beginning of what plain training makes, and nothing else is touched."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import torch

from core.data.settings import DatasetSettings
from core.diagnosis.trial import Trial, length, read_trial
from core.engine.answers import answer
from core.engine.means import Means
from core.engine.messages import Validated
from core.errors import EngineError
from core.files import to_text
from core.project import Project
from core.training.optimizers import Optimizer
from core.training.pair import POINTS, try_out
from core.training.schedules import Schedule
from core.training.settings import Phase
from tests.core.training.projects import gan, loaded, node, project, sigmoid_mlp, small_convnet, wire
from tests.core.training.running import assert_same, columns, finished, only, weights

PLATEAU = Schedule("Plateau", patience=0, factor=0.1)


def silent(_text: str, _share: float) -> None:
    """Tell nobody."""


def regression(rate: float) -> Project:
    """A linear layer on a table, by plain gradient descent."""
    nodes = [node("data", "Dataset", dataset="data"), node("fc", "Linear", out_features=1), node("loss", "MSE")]
    edges = [wire("data.features", "fc"), wire("fc", "loss.prediction"), wire("data.target", "loss.target")]
    phases = (Phase(optimizer=Optimizer("SGD", rate)),)
    return project(nodes, edges, DatasetSettings("diabetes"), phases, epochs=10, threads=1)


def tried(before: Project, after: Project, steps: int = 0) -> Trial:
    return try_out(before, after, loaded, silent, steps)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (small_convnet(Optimizer("SGD", 1e-4), epochs=4), small_convnet(Optimizer("Adam", 3e-3), epochs=4)),
        (
            sigmoid_mlp(4, epochs=5, batch_size=100),
            sigmoid_mlp(2, optimizer=Optimizer("Momentum", 5.0), epochs=5, batch_size=100, schedule=PLATEAU),
        ),
        (gan(epochs=20, batch_size=16), gan(3, epochs=20, batch_size=16)),
        (small_convnet(epochs=4, averaging=0.9, accumulate=2), small_convnet(epochs=4, shuffle=False, clip_norm=0.1)),
    ],
    ids=["optimizers", "plateau", "phases", "averaged"],
)
def test_both_curves_are_those_of_plain_training_to_the_last_bit(before: Project, after: Project) -> None:
    found = tried(before, after, 60)
    for made, branch in ((before, found.before), (after, found.after)):
        events, _control = finished(made)
        plain = columns(events)["loss"]
        assert [torch.tensor(loss).float().item() for loss in branch.losses] == plain[: len(branch.losses)].tolist()
    assert len(found.before.losses) == len(found.after.losses) == found.steps


def test_held_out_samples_are_judged_as_at_the_end_of_an_epoch() -> None:
    made = small_convnet(epochs=1)
    events, _control = finished(made)
    (judged,) = only(events, Validated)
    found = tried(made, made, judged.step)
    assert found.before.points[-1].step == judged.step
    assert found.before.points[-1].loss == judged.loss
    assert found.before.points[-1].scores == judged.metrics
    assert len(found.before.points) == POINTS + 1
    assert found.before.points[0].step == 0


def test_a_project_tried_against_itself_makes_no_difference() -> None:
    found = tried(small_convnet(), small_convnet())
    assert found.before.losses == found.after.losses
    assert found.verdict.outcome == "alike"
    assert "no difference" in found.verdict.text


def test_a_rate_that_is_too_low_is_beaten_and_the_sentence_has_the_numbers() -> None:
    slow = small_convnet(Optimizer("SGD", 1e-6), epochs=4)
    found = tried(slow, small_convnet(Optimizer("Adam", 3e-3), epochs=4))
    verdict = found.verdict
    assert verdict.outcome == "better"
    assert f"falls to {found.after.last:.3g} instead of {found.before.last:.3g} in {found.steps} steps" in verdict.text
    accuracy = 100 * found.after.points[-1].scores["accuracy"]
    assert f"Accuracy on held-out samples: {accuracy:.1f} %" in verdict.text
    back = tried(small_convnet(Optimizer("Adam", 3e-3), epochs=4), slow)
    assert back.verdict.outcome == "worse"


def test_a_run_that_ends_in_nan_is_told_with_its_step() -> None:
    wild, calm = regression(1e4), regression(0.01)
    found = tried(wild, calm)
    assert found.before.failed == len(found.before.losses) + 1
    assert found.after.failed == 0
    assert found.verdict.outcome == "better"
    assert f"NaN at step {found.before.failed}" in found.verdict.text
    assert tried(calm, wild).verdict.outcome == "worse"


def test_losses_of_other_units_are_compared_by_their_own_beginning() -> None:
    made = sigmoid_mlp(2, epochs=4)
    loss = made.graph.by_name("loss")
    assert loss is not None
    other = replace(made, graph=made.graph.replace_node(loss.with_params(weight=10.0)))
    found = tried(made, other)
    assert not found.alike
    assert "of its first value" in found.verdict.text


@pytest.mark.parametrize(("total", "steps"), [(40, 40), (200, 100), (1000, 200), (100_000, 300)])
def test_a_trial_is_a_fifth_of_the_run_but_neither_very_short_nor_long(total: int, steps: int) -> None:
    assert length(total) == steps


def test_weights_and_generators_of_a_run_that_stands_still_are_not_touched() -> None:
    _events, control = finished(small_convnet())
    before, state = weights(control), torch.get_rng_state()
    tried(small_convnet(), sigmoid_mlp(2), 20)
    assert torch.equal(torch.get_rng_state(), state)
    assert_same(weights(control), before)


def test_it_tells_how_far_it_is_and_can_be_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.training.pair.TELL_EVERY", 0.0)
    said: list[tuple[str, float]] = []

    def cancelled(text: str, share: float) -> None:
        said.append((text, share))
        if share > 0.7:
            raise EngineError("an answer was wanted", "it was cancelled", "Engine")

    with pytest.raises(EngineError):
        try_out(small_convnet(), small_convnet(), loaded, cancelled, 20)
    shares = [share for _text, share in said]
    assert shares == sorted(shares)
    assert said[0][0].startswith("As it is: step 2 of 20, about ")
    assert said[-1][0].startswith("With the remedy: step ")


def test_the_engine_answers_with_the_whole_trial() -> None:
    made, other = small_convnet(), small_convnet(Optimizer("Adam", 3e-3))
    means = Means(loaded, lambda _within: {}, lambda _wanted: None, lambda _trained: None, silent)
    body = answer("trial", json.dumps({"before": to_text(made), "after": to_text(other), "steps": 15}), means)
    found, direct = read_trial(body), tried(made, other, 15)
    assert (found.before.losses, found.after.points) == (direct.before.losses, direct.after.points)
    assert found.verdict == direct.verdict
    with pytest.raises(EngineError):
        read_trial("{}")
