"""Stepping through a batch shows what torch and autograd give, and leaves the network bit for bit alone."""

from __future__ import annotations

import math

import msgspec
import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from core.engine.messages import Answer, Ask, Train
from core.engine.traces import Differ, Differed, Incoming, Stage, Trace, Traced
from core.engine.worker import Worker
from core.errors import EngineError, TrainingError
from core.files import to_text
from core.project import Project
from core.training.control import Control
from core.training.run import Job, Run
from core.training.tracing import Tracer
from tests.core.training import projects
from tests.core.training.projects import DIGITS, chain, node, wire

SAMPLES = 20


def begun(made: Project) -> tuple[Run, Tracer]:
    """A run before its first step, and who traces it."""
    run = Run(Job(made, projects.loaded(made)))
    return run, Tracer(run.network, run.job.data, run.settings, lambda: run.step_number)


def traced(tracer: Tracer, **wish: int) -> tuple[Traced, dict[str, Stage]]:
    found = tracer.trace(Trace(project="", samples=SAMPLES, **wish))
    return found, {stage.path: stage for stage in found.stages}


def rms(gradient: Tensor, size: int = SAMPLES) -> float:
    return float(gradient.double().pow(2).mean().sqrt()) * size


def residual() -> Project:
    """Two wires leave the first layer: one through a second layer, one past it."""
    nodes = [
        node("data", "Dataset", dataset="data"),
        node("flatten", "Flatten"),
        node("first", "Linear", out_features=12),
        node("bend", "Tanh"),
        node("second", "Linear", out_features=12),
        node("sum", "Add"),
        node("last", "Linear", out_features=10),
        node("loss", "CrossEntropy"),
    ]
    edges = [
        wire("data.image", "flatten"),
        *chain(["flatten", "first", "bend", "second"]),
        wire("bend", "sum.inputs", 0),
        wire("second", "sum.inputs", 1),
        wire("sum", "last"),
        wire("last", "loss.logits"),
        wire("data.label", "loss.label"),
    ]
    return projects.project(nodes, edges, DIGITS)


def test_every_number_and_gradient_of_a_residual_net_is_autograds_wire_by_wire():
    run, tracer = begun(residual())
    told, stages = traced(tracer)
    data = run.job.data["data"]
    batch = data.train[:SAMPLES]
    module = run.network.modules
    first = module["first"](torch.flatten(data.fields["image"][batch], 1))
    bent = torch.tanh(first)
    straight, through = bent.view_as(bent), bent.view_as(bent)
    second = module["second"](through)
    total = straight + second
    loss = functional.cross_entropy(module["last"](total), data.fields["label"][batch])
    wanted = torch.autograd.grad(loss, [first, bent, straight, through, second, total], retain_graph=True)
    by_first, by_bent, by_straight, by_through, by_second, by_total = wanted
    assert told.loss == pytest.approx(float(loss.detach()), rel=1e-6)
    for path, output, gradient in (("first", first, by_first), ("bend", bent, by_bent), ("sum", total, by_total)):
        shown = stages[path].outputs[0]
        assert shown.gradient == pytest.approx(rms(gradient), rel=1e-5)
        assert shown.numbers == pytest.approx(output[0, :8].tolist(), rel=1e-5)
        assert shown.gradients == pytest.approx((gradient[0, :8] * SAMPLES).tolist(), rel=1e-4, abs=1e-9)
        values = output.detach().double()
        assert shown.spread.mean == pytest.approx(float(values.mean()), abs=1e-6)
        assert shown.spread.deviation == pytest.approx(float(values.std(unbiased=False)), rel=1e-6)
        assert (shown.spread.low, shown.spread.high) == pytest.approx(
            (float(values.min()), float(values.max())), rel=1e-6
        )
        assert sum(shown.spread.bins) == values.numel()
    assert stages["loss"].outputs[0].gradient == 1.0
    assert stages["loss"].incoming[0].factor == pytest.approx(stages["last"].outputs[0].gradient, rel=1e-6)
    past, by_way = stages["sum"].incoming
    assert (past.path, by_way.path) == ("bend", "second")
    assert (past.gradient, by_way.gradient) == pytest.approx((rms(by_straight), rms(by_second)), rel=1e-5)
    assert stages["second"].incoming[0].gradient == pytest.approx(rms(by_through), rel=1e-5)
    assert stages["second"].incoming[0].factor == pytest.approx(rms(by_through) / rms(by_second), rel=1e-5)
    assert by_straight.add(by_through).allclose(by_bent, rtol=1e-4, atol=1e-8)
    assert stages["bend"].incoming[0].slope == pytest.approx(float((1 - bent.detach() ** 2).mean()), rel=1e-5)
    assert stages["bend"].incoming[0].steepest == pytest.approx(float((1 - bent.detach() ** 2).max()), rel=1e-5)
    kept = torch.autograd.grad(loss, list(module["second"].parameters()))
    assert [one.gradient for one in stages["second"].weights] == pytest.approx(
        [float(g.norm()) for g in kept], rel=1e-5
    )


def test_twelve_sigmoids_let_no_more_through_than_a_quarter_each():
    _run, tracer = begun(projects.sigmoid_mlp(12))
    _told, stages = traced(tracer)
    bends = [stages[f"act{number}"].incoming[0] for number in range(1, 12)]
    assert all(bend.steepest <= 0.25 and bend.slope <= bend.steepest for bend in bends)
    backward = [stages[f"fc{number}"].outputs[0].gradient for number in range(1, 13)]
    assert backward == sorted(backward)
    # The factors along the way are what the first gradient is of the last.
    links = [link for number in range(1, 12) for link in (bends[number - 1], stages[f"fc{number + 1}"].incoming[0])]
    product = math.prod(_factor(link) for link in links)
    assert product == pytest.approx(backward[0] / backward[-1], rel=1e-4)


def _factor(link: Incoming) -> float:
    assert link.factor is not None
    return link.factor


def test_looking_leaves_weights_buffers_gradients_and_random_numbers_alone():
    run, tracer = begun(projects.small_convnet(seed=4))
    state = {name: tensor.clone() for name, tensor in run.network.root.state_dict().items()}
    flat = [group.flat.gradient.clone() for group in run.groups]
    random = torch.get_rng_state()
    one, _stages = traced(tracer)
    tracer.differ(Differ(project="", module="fc", parameter="weight", place=[3, 7], samples=SAMPLES))
    again, _stages = traced(tracer)
    assert one == again
    assert all(torch.equal(tensor, state[name]) for name, tensor in run.network.root.state_dict().items())
    assert all(torch.equal(group.flat.gradient, before) for group, before in zip(run.groups, flat, strict=True))
    assert torch.equal(torch.get_rng_state(), random)
    assert all(group.flat.intact() for group in run.groups)


def test_a_gan_shows_the_losses_of_the_phase_that_is_asked_for():
    _run, tracer = begun(projects.gan())
    _first, critic = traced(tracer, phase=0)
    _second, generator = traced(tracer, phase=1)
    assert "fool_loss" not in critic
    assert critic["gen2"].outputs[0].gradient is None  # nothing goes back through Detach
    assert generator["gen2"].outputs[0].gradient > 0
    with pytest.raises(EngineError, match="phase 3"):
        traced(tracer, phase=2)


@pytest.mark.parametrize(("module", "parameter", "place"), [("conv", "weight", [2, 0, 1, 1]), ("bn", "bias", [3])])
def test_a_difference_agrees_with_autograd(module, parameter, place):
    run, tracer = begun(projects.small_convnet(seed=4))
    wish = Differ(project="", module=module, parameter=parameter, place=place, samples=SAMPLES)
    found = tracer.differ(wish)
    weight = dict(run.network.modules[module].named_parameters())[parameter]
    assert found.value == pytest.approx(float(weight.detach()[tuple(place)]), rel=1e-6)
    assert found.error < 1e-6
    assert found.autograd == pytest.approx(found.exact, rel=1e-4, abs=1e-7)
    assert found.numeric == pytest.approx(by_hand(run, wish), rel=1e-6)


def by_hand(run: Run, wish: Differ) -> float:
    """The gradient of a plain module in float64; dropout draws the numbers of seed 0."""
    model = PlainNet().double().train()
    model.load_state_dict({name: tensor.double() for name, tensor in run.network.root.state_dict().items()})
    data = run.job.data["data"]
    batch = data.train[:SAMPLES]
    with torch.random.fork_rng():
        torch.manual_seed(0)
        scores = model(data.fields["image"][batch].double())
    functional.cross_entropy(scores, data.fields["label"][batch]).backward()
    return float(model.get_submodule(wish.module).get_parameter(wish.parameter).grad[tuple(wish.place)])


class PlainNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv, self.bn = nn.Conv2d(1, 6, 3, padding=1), nn.BatchNorm2d(6)
        self.drop, self.fc = nn.Dropout(0.2), nn.Linear(96, 10)

    def forward(self, images: Tensor) -> Tensor:
        maps = functional.max_pool2d(torch.relu(self.bn(self.conv(images))), 2)
        return self.fc(self.drop(torch.flatten(maps, 1)))


def test_a_kink_is_told_by_its_two_sides():
    """A ReLU whose input is exactly zero: the loss falls on one side alone."""
    layers = [node("flatten", "Flatten"), node("fc", "Linear", out_features=3), node("bend", "ReLU")]
    run, tracer = begun(projects.classifier([*layers, node("out", "Linear", out_features=10)], DIGITS))
    with torch.no_grad():
        run.network.modules["fc"].weight[0].zero_()
        run.network.modules["fc"].bias[0] = 0.0
    found = tracer.differ(Differ(project="", module="fc", parameter="bias", place=[0], samples=SAMPLES))
    assert found.left == 0.0
    assert abs(found.right) > 1e-4
    assert found.numeric == pytest.approx((found.left + found.right) / 2, rel=1e-6)


def test_a_gradient_that_is_lost_in_the_losss_rounding_is_no_kink():
    """Ten sigmoids: what reaches the first weight changes the loss by less than its last place."""
    layers = [node("flatten", "Flatten")]
    for place in range(10):
        layers += [node(f"fc{place}", "Linear", out_features=8), node(f"bend{place}", "Sigmoid")]
    _run, tracer = begun(projects.classifier([*layers, node("out", "Linear", out_features=10)], DIGITS))
    for column in range(20, 30):
        wish = Differ(project="", module="fc0", parameter="weight", place=[0, column], samples=SAMPLES)
        found = tracer.differ(wish)
        assert abs(found.exact - found.numeric) <= found.noise
        assert 1e-11 < found.noise < 1e-8


def test_an_unknown_weight_is_refused():
    _run, tracer = begun(projects.small_convnet())
    for module, parameter, place in (
        ("none", "weight", [0]),
        ("fc", "scale", [0]),
        ("fc", "bias", [10]),
        ("fc", "bias", []),
    ):
        with pytest.raises(EngineError, match="was wanted"):
            tracer.differ(Differ(project="", module=module, parameter=parameter, place=place))


def test_samples_are_counted_round():
    run, tracer = begun(residual())
    there = len(run.job.data["data"].train)
    near = tracer.trace(Trace(project="", samples=3, first=there - 1))
    image = run.job.data["data"].fields["image"][run.job.data["data"].train[there - 1]]
    stages = {stage.path: stage for stage in near.stages}
    assert near.samples == 3
    assert np.allclose(stages["flatten"].outputs[0].numbers, image.reshape(-1)[:8])
    assert isinstance(tracer.differ(Differ(project="", module="last", parameter="bias", place=[1])), Differed)


def test_the_engine_answers_with_the_last_run_or_with_the_first_weights_of_the_seed():
    made = projects.sigmoid_mlp(3, epochs=1)
    worker, control = Worker(), Control()
    request = Train(project=to_text(made))
    asked = Ask(id=1, kind="trace", body=msgspec.json.encode(Trace(project=to_text(made), samples=4)).decode())
    with pytest.raises(TrainingError, match="nothing was trained yet"):
        worker.answer(asked, silent)
    fresh = answered(worker, Trace(project=to_text(made), samples=4, fresh=True))
    list(worker.train(request, control))
    trained = answered(worker, Trace(project=to_text(made), samples=4))
    assert fresh.step == 0 < trained.step
    assert trained.loss != fresh.loss
    run, tracer = begun(made)
    assert fresh.stages == tracer.trace(Trace(project="", samples=4)).stages
    assert run.step_number == 0


def answered(worker: Worker, wish: Trace) -> Traced:
    event = worker.answer(Ask(id=1, kind="trace", body=msgspec.json.encode(wish).decode()), silent)
    assert isinstance(event, Answer)
    return msgspec.json.decode(event.body, type=Traced)


def silent(_text: str, _share: float) -> None:
    """Tell nobody."""
