"""The Doctor over scripts: what a watch records of a training is judged by the rules of the app."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

import chainrule
from core.diagnosis.scripts import diagnose_script
from core.runs.following import FollowedRun

STEPS = 300


def rings() -> tuple[Tensor, Tensor]:
    """A disc within a ring."""
    random = torch.Generator().manual_seed(0)
    angle = torch.rand(512, generator=random) * 6.283
    label = torch.arange(512) % 2
    radius = torch.rand(512, generator=random) * 0.8 + 1.2 * label
    return torch.stack([radius * angle.sin(), radius * angle.cos()], 1), label


def codes(
    folder: Path,
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    batch: int = 32,
    each: Callable[[int], object] = lambda _step: None,
) -> list[str]:
    """What the Doctor warns of in a short training of this model on the rings."""
    x, y = rings()
    random = torch.Generator().manual_seed(1)
    with chainrule.watch(model, optimizer, folder=folder, steps=STEPS) as watch:
        for step in range(STEPS):
            places = torch.randint(512, (batch,), generator=random)
            loss = nn.functional.cross_entropy(model(x[places]), y[places])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            watch.step(loss)
            each(step)
    followed = FollowedRun(folder)
    return [one.code for one in diagnose_script(followed.project(), followed.record()) if one.shown]


def stack(bend: type[nn.Module], depth: int = 2, *between: nn.Module) -> nn.Sequential:
    """Layers of 24 units."""
    torch.manual_seed(0)
    layers: list[nn.Module] = [nn.Linear(2, 24), bend()]
    for _ in range(depth - 1):
        layers += [nn.Linear(24, 24), bend()]
    return nn.Sequential(*layers, *between, nn.Linear(24, 2))


def adam(parameters: Iterable[nn.Parameter], **settings: float) -> torch.optim.Adam:
    """Adam at a usual rate."""
    return torch.optim.Adam(parameters, **{"lr": 5e-3, **settings})


def test_a_sound_script_is_left_alone(tmp_path: Path) -> None:
    model = stack(nn.ReLU)
    assert codes(tmp_path / "run", model, adam(model.parameters())) == []


def test_sigmoids_in_a_script_vanish(tmp_path: Path) -> None:
    model = stack(nn.Sigmoid, 7)
    found = codes(tmp_path / "run", model, torch.optim.SGD(model.parameters(), 0.05))
    assert found[0] == "VANISHING_GRADIENT"


def test_layers_that_no_optimizer_was_given_are_told(tmp_path: Path) -> None:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 3), nn.Tanh(), nn.Linear(3, 2))
    found = codes(tmp_path / "run", model, adam(model[-1].parameters()))
    assert found[0] == "UNTRAINED_LAYER"


def test_a_rate_that_a_script_lets_fall_at_every_step_is_told(tmp_path: Path) -> None:
    model = stack(nn.ReLU)
    optimizer = torch.optim.SGD(model.parameters(), 0.05)
    schedule = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.9)
    found = codes(tmp_path / "run", model, optimizer, each=lambda _step: schedule.step())
    assert found[0] == "SCHEDULE_COLLAPSE"


@pytest.mark.parametrize(
    ("settings", "batch", "between", "code"),
    [
        ({"eps": 1.0}, 32, (), "OPTIMIZER_CONFIG"),
        ({}, 2, (nn.BatchNorm1d(24),), "BN_SMALL_BATCH"),
    ],
)
def test_settings_that_a_script_made_layers_and_optimizers_with_are_judged(
    tmp_path: Path, settings: dict[str, float], batch: int, between: tuple[nn.Module, ...], code: str
) -> None:
    model = stack(nn.Tanh, 1, *between)
    assert code in codes(tmp_path / "run", model, adam(model.parameters(), **settings), batch)


class Squashed(nn.Module):
    """Two layers and a softmax that is no layer."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.last = nn.Linear(2, 24), nn.Linear(24, 2)

    def forward(self, x: Tensor) -> Tensor:
        return self.last(self.first(x).relu()).softmax(1)


def test_a_softmax_before_a_loss_that_has_one_is_told_though_it_is_no_layer(tmp_path: Path) -> None:
    torch.manual_seed(0)
    model = Squashed()
    assert codes(tmp_path / "run", model, torch.optim.SGD(model.parameters(), 0.05))[0] == "DOUBLE_SOFTMAX"


def test_an_optimizer_of_another_models_parameters_is_told(tmp_path: Path) -> None:
    model = stack(nn.ReLU)
    assert codes(tmp_path / "run", model, adam(stack(nn.ReLU).parameters()))[0] == "STRANGE_PARAMETERS"


def test_a_model_that_trains_in_the_mode_of_its_use_is_told(tmp_path: Path) -> None:
    model = stack(nn.ReLU, 2, nn.Dropout(0.2)).eval()
    assert codes(tmp_path / "run", model, adam(model.parameters()))[0] == "TRAINED_IN_USE"


def test_units_that_begin_dead_are_told_though_a_bias_alone_has_brought_the_loss_down(tmp_path: Path) -> None:
    model = stack(nn.ReLU)
    with torch.no_grad():
        for layer in model:
            if isinstance(layer, nn.Linear):
                layer.bias.fill_(-20.0)
        model[-1].bias[0] = 20.0  # so the first loss is far above chance
    assert codes(tmp_path / "run", model, torch.optim.SGD(model.parameters(), 0.5))[0] == "DEAD_RELU"


def told(
    folder: Path, model: nn.Module, loss_of: Callable[[Tensor, Tensor], Tensor], optimizer: torch.optim.Optimizer,
    scale: float = 1.0, clear: bool = True, steps: int = STEPS,
) -> list[str]:  # fmt: skip
    """The same of a loop that may forget to clear gradients, of inputs that may be large, and of any loss."""
    x, y = rings()
    with chainrule.watch(model, optimizer, folder=folder) as watch:
        for step in range(steps):
            places = torch.arange(32 * step, 32 * step + 32) % 512
            if clear:
                optimizer.zero_grad()
            loss = loss_of(model(scale * x[places]), y[places])
            loss.backward()
            optimizer.step()
            watch.step(loss)
    followed = FollowedRun(folder)
    return [one.code for one in diagnose_script(followed.project(), followed.record()) if one.shown]


def test_gradients_that_are_never_cleared_are_told_first(tmp_path: Path) -> None:
    model = stack(nn.Tanh)
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    assert told(tmp_path / "run", model, nn.functional.cross_entropy, optimizer, clear=False)[0] == "KEPT_GRADIENTS"


def test_inputs_of_a_script_that_are_far_too_large_are_told(tmp_path: Path) -> None:
    model = stack(nn.Tanh)
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    found = told(tmp_path / "run", model, nn.functional.cross_entropy, optimizer, scale=1e4)
    assert found[0] == "INPUT_NOT_NORMALIZED"


def test_a_logarithm_of_nothing_is_told_as_such_and_not_as_growth(tmp_path: Path) -> None:
    model = stack(nn.ReLU, 2, nn.Dropout(0.0))
    broken = []

    def loss_of(scores: Tensor, y: Tensor) -> Tensor:
        broken.append(None)
        chosen = scores.softmax(1).gather(1, y[:, None])
        return -(chosen * (0.0 if len(broken) > 60 else 1.0)).log().mean()

    assert told(tmp_path / "run", model, loss_of, adam(model.parameters()), steps=80) == ["NONFINITE"]
    followed = FollowedRun(tmp_path / "run")
    finding = diagnose_script(followed.project(), followed.record())[0]
    assert "logarithm" in finding.cause
    assert finding.step == 61


def test_a_loop_of_functions_without_a_gradient_that_can_be_seen_is_left_alone(tmp_path: Path) -> None:
    model = stack(nn.Tanh)
    x, y = rings()
    parameters = dict(model.named_parameters())

    def objective(found: dict[str, Tensor]) -> Tensor:
        return nn.functional.cross_entropy(torch.func.functional_call(model, found, (x,)), y)

    with chainrule.watch(model, folder=tmp_path / "run") as watch:
        for _ in range(120):
            gradients, loss = torch.func.grad_and_value(objective)({k: one.detach() for k, one in parameters.items()})
            with torch.no_grad():
                for name, one in parameters.items():
                    one.sub_(0.5 * gradients[name])
            watch.step(loss)
    followed = FollowedRun(tmp_path / "run")
    assert diagnose_script(followed.project(), followed.record()) == ()


class Memory(nn.Module):
    """Is to say at the end of a sequence what stood at its beginning."""

    def __init__(self) -> None:
        super().__init__()
        self.embed, self.walk, self.last = nn.Embedding(8, 8), nn.RNN(8, 12, batch_first=True), nn.Linear(12, 4)

    def forward(self, tokens: Tensor) -> Tensor:
        return self.last(self.walk(self.embed(tokens))[0][:, -1])


@pytest.mark.parametrize(("length", "code"), [(50, "VANISHING_GRADIENT"), (3, None)])
def test_what_a_recurrent_layer_of_a_script_forgets_is_told(tmp_path: Path, length: int, code: str | None) -> None:
    torch.manual_seed(0)
    model = Memory()
    optimizer = adam(model.parameters())
    with chainrule.watch(model, optimizer, folder=tmp_path / "run", steps=200) as watch:
        for _ in range(200):
            tokens = torch.randint(4, 8, (32, length))
            tokens[:, 0] -= 4
            loss = nn.functional.cross_entropy(model(tokens), tokens[:, 0])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            watch.step(loss)
    followed = FollowedRun(tmp_path / "run")
    found = [one for one in diagnose_script(followed.project(), followed.record()) if one.shown]
    assert [one.code for one in found] == ([code] if code else [])
    assert not found or found[0].where == ("walk",)


def test_a_loss_with_weights_of_its_own_is_no_stranger(tmp_path: Path) -> None:
    model, scale = stack(nn.ReLU), nn.Parameter(torch.ones(3))
    optimizer = adam([*model.parameters(), scale])
    assert codes(tmp_path / "run", model, optimizer) == []
