"""The sharpness is the largest eigenvalue of the whole Hessian, in float64, and measuring it leaves no trace."""

from __future__ import annotations

import msgspec
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from core.engine.sharpness import Curve, Curved
from core.errors import EngineError, TrainingError
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
    wish = Curve(project="", samples=SAMPLES, **{"tolerance": 1e-5, "iterations": 500, **wishes})
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
    wish = Curve(project="", samples=SAMPLES, tolerance=1e-6, iterations=500)
    found = sharpness(tracer, wish, lambda _text, _share: None)
    assert found.sharpness == pytest.approx(float(values[-1]), rel=1e-2)


SPECTRA: dict[str, list[float]] = {
    "all above": torch.logspace(1, -3, 30).tolist(),
    "one below as large": [5.0, 1.0, 0.1, -5.0, *torch.linspace(-0.2, 0.2, 20).tolist()],
    "one below far larger": [0.1, 0.05, -9.0, *torch.linspace(-0.02, 0.02, 20).tolist()],
    "all below": (-torch.logspace(1, -2, 20)).tolist(),
    "flat but for two": [1e-3, -1.0, *[0.0] * 50],
    "three": [3.0, 1.0, -3.0],
    "small": [3e-12, 1e-12, -1e-12],
    "one number": [-2.0],
    "none": [0.0] * 5,
}


def of_spectrum(values: list[float], seed: int, **wishes: object) -> tuple[float, float, int]:
    """What is found of a quadratic loss whose Hessian has these eigenvalues, and after how many products."""
    generator = torch.Generator().manual_seed(seed)
    turned, _ = torch.linalg.qr(torch.randn(len(values), len(values), generator=generator, dtype=torch.float64))
    matrix = (turned @ torch.diag(torch.tensor(values, dtype=torch.float64)) @ turned.T).float()
    point = torch.zeros(len(values), requires_grad=True)
    product = hessian(0.5 * point @ (matrix @ point), [point])
    iteration = Iteration(len(values), Curve(project="", seed=seed, **wishes), lambda _text, _share: None)
    return *iteration.largest(product), iteration.done


@pytest.mark.parametrize("name", SPECTRA)
def test_it_is_the_largest_of_any_eigenvalues_within_what_its_residual_says(name: str):
    values = SPECTRA[name]
    for seed in range(5):
        found, residual, _done = of_spectrum(values, seed)
        assert residual**2 < 1e-3
        rounding = 1e-6 * max(map(abs, values))
        assert found == pytest.approx(max(values), rel=3e-3, abs=rounding)
        for iterations in (1, 2, 3):
            found, residual, done = of_spectrum(values, seed, iterations=iterations)
            assert done <= iterations
            nearest = min(abs(found - value) for value in values)
            assert nearest <= residual * abs(found) + rounding, "some eigenvalue is as near as the residual"
            assert found <= max(values) + rounding


def test_a_flat_loss_has_none_and_says_so_exactly_in_an_answer():
    point = torch.zeros(4, requires_grad=True)
    found = Iteration(4, Curve(project=""), lambda _text, _share: None).largest(hessian(point.sum(), [point]))
    assert found == (0.0, 0.0)
    answer = Curved(step=0, samples=1, sharpness=found[0], residual=found[1], iterations=1)
    assert msgspec.json.decode(msgspec.json.encode(answer), type=Curved) == answer


def test_of_a_loss_that_is_not_finite_none_is_told():
    made = spiral()
    run = Run(Job(made, projects.loaded(made)))
    with torch.no_grad():
        run.network.modules["fc2"].bias.fill_(torch.nan)
    tracer = Tracer(run.network, run.job.data, run.settings)
    with pytest.raises(TrainingError, match="finite"):
        sharpness(tracer, Curve(project="", samples=SAMPLES), lambda _text, _share: None)


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
