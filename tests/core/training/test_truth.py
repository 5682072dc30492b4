"""What is trained and shown is what a plain PyTorch script trains and would print."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from core.training.direct import backward, stepping
from core.training.optimizers import Optimizer
from core.training.phases import make_optimizer
from tests.core.training import projects
from tests.core.training.running import assert_same, columns, finished, only, samples, weights

OPTIMIZERS = {
    "SGD": Optimizer("SGD", 0.1, weight_decay=1e-3),
    "Momentum": Optimizer("Momentum", 0.05, momentum=0.9, weight_decay=1e-3),
    "Adam": Optimizer("Adam", 0.01, beta1=0.8, beta2=0.99, eps=1e-7, weight_decay=1e-3),
    "AdamW": Optimizer("AdamW", 0.01, weight_decay=0.1),
}


def plain_optimizer(name: str, parameters: Iterator[nn.Parameter]) -> torch.optim.Optimizer:
    if name == "SGD":
        return torch.optim.SGD(parameters, lr=0.1, weight_decay=1e-3)
    if name == "Momentum":
        return torch.optim.SGD(parameters, lr=0.05, momentum=0.9, weight_decay=1e-3)
    if name == "Adam":
        return torch.optim.Adam(parameters, lr=0.01, betas=(0.8, 0.99), eps=1e-7, weight_decay=1e-3)
    return torch.optim.AdamW(parameters, lr=0.01, weight_decay=0.1)


class ConvNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, 6, 3, padding=1)
        self.bn = nn.BatchNorm2d(6)
        self.relu = nn.ReLU()
        self.pool = nn.MaxPool2d(2)
        self.drop = nn.Dropout(0.2)
        self.fc = nn.Linear(96, 10)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(self.drop(torch.flatten(self.pool(self.relu(self.bn(self.conv(x)))), 1)))


class Recurrent(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(8, 12, batch_first=True)
        self.fc = nn.Linear(12, 10)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(self.lstm(x.reshape(x.shape[0], 8, 8))[0][:, -1])


class Script:
    """A classifier trained by hand, with the norms a person would print."""

    def __init__(self, model: Callable[[], nn.Module], made: projects.Project, optimizer: str, epochs: int = 1) -> None:
        torch.manual_seed(made.training.seed)
        self.model = model()
        data = projects.loaded(made)["data"]
        step = plain_optimizer(optimizer, self.model.parameters())
        self.losses: list[float] = []
        self.norms: list[dict[str, float]] = []
        self.weights: list[dict[str, float]] = []
        self.updates: list[dict[str, float]] = []
        for numbers in projects.batches(made, epochs):
            step.zero_grad()
            loss = functional.cross_entropy(self.model(data.fields["image"][numbers]), data.fields["label"][numbers])
            loss.backward()
            named = dict(self.model.named_parameters())
            old = {name: weight.detach().double() for name, weight in named.items()}
            self.losses.append(loss.item())
            self.norms.append({name: float(weight.grad.double().norm()) for name, weight in named.items()})
            self.weights.append({name: float(weight.norm()) for name, weight in old.items()})
            step.step()
            change = {name: weight.detach().double() - old[name] for name, weight in named.items()}
            self.updates.append({name: float(values.norm()) for name, values in change.items()})


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer_ends_in_the_weights_of_a_plain_script_bit_for_bit(name):
    made = projects.small_convnet(OPTIMIZERS[name], epochs=2, batch_size=32, seed=3)
    events, control = finished(made)
    script = Script(ConvNet, made, name, epochs=2)
    assert len(script.losses) >= 50
    assert_same(weights(control), script.model.state_dict())
    assert columns(events)["loss"].tolist() == np.float32(script.losses).tolist()


def test_losses_norms_and_updates_at_every_step_are_a_plain_scripts():
    made = projects.small_convnet(OPTIMIZERS["Momentum"], seed=5)
    events, _control = finished(made)
    shown, plain = columns(events), Script(ConvNet, made, "Momentum")
    assert shown["loss"].tolist() == np.float32(plain.losses).tolist()
    for path in ("conv", "fc"):
        assert shown[f"gradient:{path}"] == pytest.approx([step[f"{path}.weight"] for step in plain.norms], rel=1e-6)
        assert shown[f"update:{path}"] == pytest.approx([step[f"{path}.weight"] for step in plain.updates], rel=1e-6)
        assert shown[f"weight:{path}"] == pytest.approx([step[f"{path}.weight"] for step in plain.weights], rel=1e-6)
    total = [sum(norm**2 for norm in step.values()) ** 0.5 for step in plain.norms]
    assert shown["gradient_norm"] == pytest.approx(total, rel=1e-6)
    assert shown["learning_rate"].tolist() == [np.float32(0.05)] * len(plain.losses)


def test_an_lstm_trains_as_a_plain_script_and_its_row_is_the_norm_of_both_its_matrices():
    made = projects.lstm_classifier(optimizer=OPTIMIZERS["SGD"])
    events, control = finished(made)
    plain = Script(Recurrent, made, "SGD")
    assert_same(weights(control), plain.model.state_dict())
    both = [(step["lstm.weight_ih_l0"] ** 2 + step["lstm.weight_hh_l0"] ** 2) ** 0.5 for step in plain.norms]
    assert columns(events)["gradient:lstm"] == pytest.approx(both, rel=1e-6)


def test_output_gradients_are_those_that_autograd_keeps():
    made = projects.small_convnet(optimizer=OPTIMIZERS["SGD"])
    events, _control = finished(made)
    steps, shown = samples(events)
    assert steps[:20].tolist() == list(range(1, 21))
    torch.manual_seed(made.training.seed)
    model, data = ConvNet(), projects.loaded(made)["data"]
    numbers = projects.batches(made)[0]
    outputs: dict[str, Tensor] = {}
    for name, module in model.named_children():
        module.register_forward_hook(lambda _module, _inputs, output, name=name: outputs.update({name: output}))
    scores = model(data.fields["image"][numbers])
    for output in outputs.values():
        output.retain_grad()
    functional.cross_entropy(scores, data.fields["label"][numbers]).backward()
    for name, output in outputs.items():
        rms = float(output.grad.double().square().mean().sqrt())
        assert shown[f"output:{name}"][0] == pytest.approx(rms * len(numbers), rel=1e-6)


def test_a_deep_sigmoid_networks_vanishing_gradients_are_shown_as_small_as_they_are():
    made = projects.sigmoid_mlp(25, 64, batch_size=32)
    events, _control = finished(made)
    torch.manual_seed(made.training.seed)
    layers = [layer for _ in range(24) for layer in (nn.Linear(64, 64), nn.Sigmoid())]
    model = nn.Sequential(nn.Flatten(), *layers, nn.Linear(64, 10))
    data, numbers = projects.loaded(made)["data"], projects.batches(made)[0]
    functional.cross_entropy(model(data.fields["image"][numbers]), data.fields["label"][numbers]).backward()
    matrices = [parameter for parameter in model.parameters() if parameter.dim() == 2]
    shown = [columns(events)[f"gradient:fc{index + 1}"][0] for index in range(25)]
    assert shown == pytest.approx([float(matrix.grad.double().norm()) for matrix in matrices], rel=1e-6, abs=0)
    assert 1e-24 < shown[0] < 1e-18
    in_float32 = float(matrices[0].grad.square().sum().sqrt())
    assert in_float32 != pytest.approx(shown[0], rel=1e-4, abs=0)  # squares underflow


def test_watching_changes_nothing():
    made = projects.small_convnet(OPTIMIZERS["Adam"], epochs=2)
    _events, watched = finished(made)
    events, blind = finished(made, watch=False)
    assert_same(weights(watched), weights(blind))
    assert only(events, type(events[0]))[0].weights == []


def test_a_gan_trains_as_a_plain_script_with_two_optimizers():
    made = projects.gan(batch_size=10, epochs=2)
    events, control = finished(made)
    torch.manual_seed(made.training.seed)
    generator = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2))
    critic = nn.Sequential(nn.Linear(2, 8), nn.LeakyReLU(0.01), nn.Linear(8, 1))
    first, second = torch.optim.Adam(critic.parameters(), 0.01), torch.optim.Adam(generator.parameters(), 0.005)
    data, losses, norms = projects.loaded(made)["data"], [], []
    bce = functional.binary_cross_entropy_with_logits
    for numbers in projects.batches(made, 2):
        point, target = data.fields["point"][numbers], data.fields["target"][numbers]
        fake = generator(torch.randn(len(numbers), 4))
        critic.zero_grad()
        judged = bce(critic(point), target) + bce(critic(fake.detach()), target)
        judged.backward()
        norms.append(float(critic[0].weight.grad.double().norm()))
        first.step()
        fake = generator(torch.randn(len(numbers), 4))
        generator.zero_grad()
        fooled = bce(critic(fake), target)
        fooled.backward()
        second.step()
        losses.append(judged.item() + fooled.item())
    mine = weights(control)
    for path, module in {
        "gen1": generator[0],
        "gen2": generator[2],
        "real.hidden": critic[0],
        "real.score": critic[2],
    }.items():
        assert torch.equal(mine[f"{path}.weight"], module.weight)
        assert torch.equal(mine[f"{path}.bias"], module.bias)
    shown = columns(events)
    assert shown["loss"] == pytest.approx(losses, rel=1e-6)
    assert shown["gradient:real.hidden"] == pytest.approx(norms, rel=1e-6)
    assert shown["loss:real_loss"] + shown["loss:fake_loss"] + shown["loss:fool_loss"] == pytest.approx(
        losses, rel=1e-6
    )


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_short_ways_to_backward_and_step_are_torchs_own_bit_for_bit(name):
    torch.manual_seed(0)
    long, short = nn.Linear(9, 5), nn.Linear(9, 5)
    short.load_state_dict(long.state_dict())
    plain, ours = plain_optimizer(name, long.parameters()), make_optimizer(OPTIMIZERS[name], list(short.parameters()))
    step = stepping(ours)
    for _ in range(5):
        x = torch.randn(4, 9)
        plain.zero_grad()
        long(x).square().sum().backward()
        plain.step()
        ours.zero_grad()
        backward(short(x).square().sum(), torch.ones(()))
        with torch.no_grad():
            step()
    assert_same(long.state_dict(), short.state_dict())
