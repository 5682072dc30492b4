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
