"""The sharpness is the largest eigenvalue of the whole Hessian, in float64, and measuring it leaves no trace."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from core.engine.sharpness import Curve, Curved
from core.errors import EngineError
from core.project import Project
from core.training.run import Job, Run
from core.training.sharpness import Iteration, hessian, sharpness
from core.training.tracing import Tracer
from tests.core.training import projects
from tests.core.training.measuring.architectures import encoder
from tests.core.training.projects import SPIRAL, classifier, node

SAMPLES = 50


def spiral(bend: str = "Tanh") -> Project:
    layers = [node("fc1", "Linear", out_features=6), node("bend", bend), node("fc2", "Linear", out_features=2)]
    return classifier(layers, SPIRAL, "point", seed=1)


def measured(made: Project, **wishes: object) -> tuple[Run, Curved]:
    run = Run(Job(made, projects.loaded(made)))
    tracer = Tracer(run.network, run.job.data, run.settings)
    told: list[float] = []
    wish = Curve(project="", samples=SAMPLES, **{"tolerance": 1e-5, "iterations": 2000, **wishes})
    return run, sharpness(tracer, wish, lambda _text, share: told.append(share))


def exact(run: Run, bend: nn.Module) -> Tensor:
    """Every eigenvalue of the Hessian, lowest first."""
    shapes = [weight.shape for weight in run.network.root.parameters()]
    flat = torch.cat([weight.detach().double().flatten() for weight in run.network.root.parameters()])
    data = run.job.data["data"]
    points, labels = (data.fields[name][data.train[:SAMPLES]] for name in ("point", "label"))

    def loss(vector: Tensor) -> Tensor:
        parts = vector.split([shape.numel() for shape in shapes])
        one, first, two, second = (part.view(shape) for part, shape in zip(parts, shapes, strict=True))
        hidden = bend(functional.linear(points.double(), one, first))
        return functional.cross_entropy(functional.linear(hidden, two, second), labels)

    return torch.linalg.eigvalsh(torch.autograd.functional.hessian(loss, flat))


@pytest.mark.parametrize(("kind", "bend"), [("Tanh", nn.Tanh()), ("Sigmoid", nn.Sigmoid())])
def test_it_is_the_largest_eigenvalue_of_the_whole_hessian(kind: str, bend: nn.Module):
    run, found = measured(spiral(kind))
    assert found.sharpness == pytest.approx(float(exact(run, bend)[-1]), rel=1e-3)
    assert found.residual < 0.1
    assert found.samples == SAMPLES


def test_one_below_zero_that_is_as_large_in_size_does_not_hide_it():
    made = spiral()
    run = Run(Job(made, projects.loaded(made)))
    with torch.no_grad():
        run.network.modules["fc2"].bias.copy_(torch.tensor([15.0, -15.0]))  # sure of what is wrong half of the time
    values = exact(run, nn.Tanh())
    assert -float(values[0]) > 0.7 * float(values[-1]) > 0
    tracer = Tracer(run.network, run.job.data, run.settings)
    wish = Curve(project="", samples=SAMPLES, tolerance=1e-6, iterations=3000)
    found = sharpness(tracer, wish, lambda _text, _share: None)
    assert found.sharpness == pytest.approx(float(values[-1]), rel=1e-2)


@pytest.mark.parametrize("values", [[5.0, 2.0, -1.0], [3.0, 1.0, -3.0], [1.0, 0.5, -8.0], [-1.0, -2.0, -3.0]])
def test_it_is_the_largest_of_any_eigenvalues(values: list[float]):
    turned, _ = torch.linalg.qr(torch.randn(3, 3, generator=torch.Generator().manual_seed(0)))
    matrix = turned @ torch.diag(torch.tensor(values)) @ turned.T
    point = torch.zeros(3, requires_grad=True)
    product = hessian(0.5 * point @ matrix @ point, [point])
    wish = Curve(project="", tolerance=1e-7, iterations=5000)
    found, residual = Iteration(3, wish, lambda _text, _share: None).largest(product)
    assert found == pytest.approx(max(values), rel=1e-3)
    assert residual < 0.05


def test_weights_gradients_random_numbers_and_statistics_stay_as_they_were():
    made = projects.small_convnet()
    run = Run(Job(made, projects.loaded(made)))
    run.batches.begin_epoch()
    run.step()
    state = {name: tensor.clone() for name, tensor in run.network.root.state_dict().items()}
    gradients = [group.flat.gradient.clone() for group in run.groups]
    random = torch.get_rng_state()
    found = sharpness(Tracer(run.network, run.job.data, run.settings), Curve(project="", samples=8), lambda *_: None)
    assert found.sharpness > 0
    assert all(torch.equal(tensor, state[name]) for name, tensor in run.network.root.state_dict().items())
    assert all(torch.equal(group.flat.gradient, old) for group, old in zip(run.groups, gradients, strict=True))
    assert torch.equal(torch.get_rng_state(), random)
    assert run.network.root.training


@pytest.mark.parametrize("make", [projects.lstm_classifier, lambda: projects.sigmoid_mlp(2), lambda: encoder().project])
def test_it_can_be_measured_of_recurrent_and_other_layers(make):
    _run, found = measured(make(), tolerance=1e-2)
    assert found.sharpness > 0


def test_what_makes_no_sense_is_refused():
    with pytest.raises(EngineError, match="iterations"):
        measured(spiral(), iterations=0)
