"""Quantities of several losses, phases and optimizers, and of an average of the weights, beside plain torch."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from core.training.loop import start
from core.training.optimizers import Optimizer
from core.training.run import Run
from core.training.settings import Phase
from tests.core.training import projects
from tests.core.training.measuring.test_oracle import last_row
from tests.core.training.projects import DIGITS, chain, gan, node, project, sigmoid_mlp, wire
from tests.core.training.running import job


class Critic(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.hidden, self.score = nn.Linear(2, 8), nn.Linear(8, 1)

    def forward(self, x: Tensor, name: str, seen: dict[str, Tensor]) -> Tensor:
        seen[f"{name}.hidden"] = self.hidden(x)
        seen[f"{name}.bend"] = functional.leaky_relu(seen[f"{name}.hidden"], 0.01)
        seen[f"{name}.score"] = self.score(seen[f"{name}.bend"])
        return seen[f"{name}.score"]


class Game:
    """The tests' contest of two networks in plain torch and float64, from the weights that a run has."""

    def __init__(self, weights: dict[str, Tensor]) -> None:
        self.first, self.second, self.critic = nn.Linear(4, 8), nn.Linear(8, 2), Critic()
        for name, module in {"gen1": self.first, "gen2": self.second, "real": self.critic}.items():
            own = {key: tensor.double() for key, tensor in weights.items() if key.startswith(f"{name}.")}
            module.double().load_state_dict({key.removeprefix(f"{name}."): tensor for key, tensor in own.items()})

    def made(self, noise: Tensor, seen: dict[str, Tensor]) -> Tensor:
        seen["gen1"] = self.first(noise)
        seen["bent"] = torch.relu(seen["gen1"])
        seen["gen2"] = self.second(seen["bent"])
        return seen["gen2"]


def rms(tensor: Tensor) -> float:
    return float(tensor.square().mean().sqrt())


@pytest.mark.parametrize("everything", [False, True])
def test_every_instance_of_a_linked_block_has_its_own_gradient_in_the_phase_that_asks_for_it(everything: bool):
    made = gan(batch_size=10, watch_all=everything)
    run = start(job(made))
    run.batches.begin_epoch()
    data, numbers = projects.loaded(made)["data"].fields, projects.batches(made)[0]
    point, target = data["point"][numbers].double(), data["target"][numbers].double()
    before, random = run.weights(), torch.get_rng_state()
    run.step()
    after = run.weights()
    between = {name: before[name] if name.startswith("gen") else after[name] for name in before}
    torch.set_rng_state(random)
    noises = [torch.randn(10, 4).double() for _ in range(2)]
    seen: dict[str, Tensor] = {}
    critics, makers = Game(before), Game(between)
    bce = functional.binary_cross_entropy_with_logits
    fake = critics.made(noises[0], {}).detach()
    judged = bce(critics.critic(point, "real", seen), target) + bce(critics.critic(fake, "fake", seen), target)
    fooled = bce(makers.critic(makers.made(noises[1], seen), "fooled", seen), target)
    for output in seen.values():
        output.retain_grad()
    judged.backward()
    fooled.backward()
    shown = last_row(run)
    assert {name.removeprefix("output:") for name in shown if name.startswith("output:")} == seen.keys()
    for name, output in seen.items():
        assert shown[f"output:{name}"] == pytest.approx(10 * rms(output.grad), rel=1e-4), name
        assert shown[f"mean:{name}"] == pytest.approx(float(output.detach().mean()), rel=1e-4, abs=1e-6), name
        assert shown[f"std:{name}"] == pytest.approx(float(output.detach().std(correction=0)), rel=1e-4), name
    groups = {"gen1": makers.first, "gen2": makers.second, "real.hidden": critics.critic.hidden}
    for name, module in groups.items():
        assert shown[f"gradient:{name}"] == pytest.approx(float(module.weight.grad.norm()), rel=1e-4), name
        moved = run.weights()[f"{name}.weight"].double() - before[f"{name}.weight"].double()
        assert shown[f"update:{name}"] == pytest.approx(float(moved.norm()), rel=1e-6), name
    modules = (makers.first, makers.second, critics.critic)
    squares = sum(float(one.grad.square().sum()) for module in modules for one in module.parameters())
    assert shown["gradient_norm"] == pytest.approx(math.sqrt(squares), rel=1e-4)
    assert shown["loss"] == pytest.approx(judged.item() + fooled.item(), rel=1e-5)
    assert shown["loss:fool_loss"] == pytest.approx(fooled.item(), rel=1e-5)


def two_losses(phases: tuple[Phase, ...] = (Phase(),), **settings: object) -> Run:
    nodes = [
        node("data", "Dataset", dataset="data"),
        node("flatten", "Flatten"),
        node("fc1", "Linear", out_features=12),
        node("bend", "Tanh"),
        node("fc2", "Linear", out_features=10),
        node("back", "Linear", out_features=64),
        node("right", "CrossEntropy"),
        node("same", "MSE", weight=0.25),
    ]
    edges = [
        wire("data.image", "flatten"),
        *chain(["flatten", "fc1", "bend", "fc2"]),
        wire("bend", "back"),
        wire("fc2", "right.logits"),
        wire("data.label", "right.label"),
        wire("back", "same.prediction"),
        wire("flatten", "same.target"),
    ]
    return start(job(project(nodes, edges, DIGITS, phases, **settings)))


@pytest.mark.parametrize("accumulate", [1, 3])
def test_of_several_losses_each_is_told_before_it_is_weighted_and_gradients_are_of_their_sum(accumulate: int):
    run = two_losses(batch_size=30, accumulate=accumulate, clip_norm=0.01)
    run.batches.begin_epoch()
    fields, weights = run.job.data["data"].fields, run.weights()
    numbers = torch.cat(projects.batches(run.job.project)[:accumulate])
    image, label = fields["image"][numbers].double().flatten(1), fields["label"][numbers]
    leaves = {name: tensor.double().requires_grad_() for name, tensor in weights.items()}
    linear = {name: (leaves[f"{name}.weight"], leaves[f"{name}.bias"]) for name in ("fc1", "fc2", "back")}
    bent = torch.tanh(functional.linear(image, *linear["fc1"]))
    right = functional.cross_entropy(functional.linear(bent, *linear["fc2"]), label)
    same = functional.mse_loss(functional.linear(bent, *linear["back"]), image)
    (right + 0.25 * same).backward()
    run.step()
    shown = last_row(run)
    assert shown["loss:right"] == pytest.approx(right.item(), rel=1e-5)
    assert shown["loss:same"] == pytest.approx(same.item(), rel=1e-5)
    assert shown["loss"] == pytest.approx(right.item() + 0.25 * same.item(), rel=1e-5)
    norm = math.sqrt(sum(float(leaf.grad.square().sum()) for leaf in leaves.values()))
    assert shown["gradient_norm"] == pytest.approx(norm, rel=1e-5)
    assert shown["clip"] == pytest.approx(0.01 / norm, rel=1e-4)
    for name in linear:
        assert shown[f"gradient:{name}"] == pytest.approx(float(linear[name][0].grad.norm()), rel=1e-5)


def test_an_update_is_that_of_the_weights_and_not_of_their_average():
    run = start(job(sigmoid_mlp(2, averaging=0.9, batch_size=50)))
    run.batches.begin_epoch()
    for _step in range(4):
        before = run.own_weights()
        run.step()
        shown, after = last_row(run), run.own_weights()
        for name in ("fc1", "fc2"):
            moved = after[f"{name}.weight"].double() - before[f"{name}.weight"].double()
            assert shown[f"update:{name}"] == pytest.approx(float(moved.norm()), rel=1e-5)
            assert shown[f"weight:{name}"] == pytest.approx(float(before[f"{name}.weight"].double().norm()), rel=1e-6)
    assert not torch.equal(run.weights()["fc1.weight"], after["fc1.weight"])


@pytest.mark.parametrize("everything", [False, True])
def test_of_two_phases_the_one_that_trains_a_layer_tells_of_it(everything: bool):
    first = Phase(("right",), ("fc1", "fc2"), Optimizer("SGD", 0.5))
    second = Phase(("same",), ("back",), Optimizer("SGD", 0.5))
    for phases in ((first, second), (second, first)):
        run = two_losses(phases, batch_size=50, watch_all=everything)
        run.batches.begin_epoch()
        weights, fields = run.weights(), run.job.data["data"].fields
        image = fields["image"][projects.batches(run.job.project)[0]].double().flatten(1)
        run.step()
        shown = last_row(run)
        plain = functional.linear(image, *(weights[f"fc1.{name}"].double() for name in ("weight", "bias")))
        later = functional.linear(image, *(run.weights()[f"fc1.{name}"].double() for name in ("weight", "bias")))
        assert shown["mean:fc1"] == pytest.approx(float(plain.mean()), rel=1e-5)
        assert float(later.mean()) != pytest.approx(float(plain.mean()), rel=1e-3)
        assert shown["std:back"] > 0 < shown["output:back"]


@pytest.mark.parametrize("everything", [False, True])
@pytest.mark.parametrize("order", [1, -1])
def test_a_layer_that_two_phases_reach_is_told_of_by_the_one_that_trains_it(order: int, everything: bool):
    phases = [Phase(("right",), (name,), Optimizer("SGD", 0.5)) for name in ("fc2", "fc1")]
    run = two_losses(tuple(phases[::order]), batch_size=50, watch_all=everything)
    run.batches.begin_epoch()
    before, fields = run.weights(), run.job.data["data"].fields
    image = fields["image"][projects.batches(run.job.project)[0]].double().flatten(1)
    run.step()
    first = run.weights() if order < 0 else before

    def layer(x: Tensor, name: str, weights: dict[str, Tensor]) -> Tensor:
        return functional.linear(x, *(weights[f"{name}.{part}"].double() for part in ("weight", "bias")))

    wanted = layer(torch.tanh(layer(image, "fc1", first)), "fc2", before)
    shown = last_row(run)
    assert shown["mean:fc2"] == pytest.approx(float(wanted.mean()), rel=1e-5)
    assert shown["std:fc2"] == pytest.approx(float(wanted.std(correction=0)), rel=1e-5)
