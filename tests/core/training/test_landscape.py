"""The landscape is what a plain module's loss is at moved weights, and the weights are put back to the last bit."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from core.engine.landscapes import Survey
from core.errors import EngineError
from core.training.landscape import directions, survey
from core.training.run import Job, Run
from core.training.tracing import Tracer
from tests.core.training import projects

SAMPLES = 40


def tracer_of(made: projects.Project) -> tuple[Run, Tracer]:
    run = Run(Job(made, projects.loaded(made)))
    return run, Tracer(run.network, run.job.data, run.settings)


def silent(_text: str, _share: float) -> None:
    """Tell nobody."""


def wish(**others: object) -> Survey:
    return Survey(project="", samples=SAMPLES, **{"points": 5, "reach": 0.5, **others})


def test_each_loss_is_a_plain_modules_at_the_moved_weights():
    run, tracer = tracer_of(projects.sigmoid_mlp(2))
    state = {name: tensor.clone() for name, tensor in run.network.root.state_dict().items()}
    told = survey(tracer, wish(seed=3), silent)
    parameters = [weight.detach().clone() for weight in run.network.root.parameters()]
    one, other = directions(parameters, 3)
    data = run.job.data["data"]
    images = torch.flatten(data.fields["image"][data.train[:SAMPLES]], 1)
    labels = data.fields["label"][data.train[:SAMPLES]]
    for row, down in enumerate((-0.5, -0.25, 0.0, 0.25, 0.5)):
        for column, along in enumerate((-0.5, -0.25, 0.0, 0.25, 0.5)):
            first, bias, second, last = (
                weight + along * by + down * to for weight, by, to in zip(parameters, one, other, strict=True)
            )
            hidden = torch.sigmoid(functional.linear(images, first, bias))
            loss = functional.cross_entropy(functional.linear(hidden, second, last), labels)
            assert told.losses[5 * row + column] == pytest.approx(float(loss), rel=1e-5)
    assert all(torch.equal(tensor, state[name]) for name, tensor in run.network.root.state_dict().items())
    assert all(group.flat.intact() for group in run.groups)


def test_directions_are_as_long_as_the_weights_filter_by_filter_and_leave_vectors_alone():
    weight, bias = torch.randn(6, 3, 5, 5), torch.randn(6)
    (by_weight, by_bias), (to_weight, _to_bias) = directions([weight, bias], 0)
    for moved in (by_weight, to_weight):
        assert torch.allclose(moved.flatten(1).norm(dim=1), weight.flatten(1).norm(dim=1))
    assert torch.equal(by_bias, torch.zeros(6))
    cosine = functional.cosine_similarity(by_weight.flatten(), to_weight.flatten(), dim=0)
    assert abs(float(cosine)) < 0.2


def test_giving_up_puts_the_weights_back():
    run, tracer = tracer_of(projects.small_convnet())
    state = {name: tensor.clone() for name, tensor in run.network.root.state_dict().items()}

    def give_up(_text: str, share: float) -> None:
        if share > 0.3:
            raise EngineError("an answer was wanted", "it was cancelled", "Engine")

    with pytest.raises(EngineError, match="cancelled"):
        survey(tracer, wish(), give_up)
    assert all(torch.equal(tensor, state[name]) for name, tensor in run.network.root.state_dict().items())


@pytest.mark.parametrize(
    "wrong", [{"points": 4}, {"points": 1}, {"points": 103}, {"reach": 0.0}, {"reach": float("nan")}]
)
def test_a_plane_that_cannot_be_is_refused(wrong):
    _run, tracer = tracer_of(projects.sigmoid_mlp(2))
    with pytest.raises(EngineError, match="were wanted"):
        survey(tracer, wish(**wrong), silent)
