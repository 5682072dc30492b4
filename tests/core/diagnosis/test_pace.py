"""How the loss comes down: networks that swing, end too early or drown in noise, and the same ones that do not."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
import pytest

from core.diagnosis.doctor import diagnose, network_of
from core.diagnosis.finding import Finding
from core.diagnosis.pace import drowned, ends_early, oscillates
from core.diagnosis.rates import tight_clip
from core.diagnosis.remedies import remedies
from core.diagnosis.seen import Floats, Seen
from core.project import Project
from core.training.facts import facts_of
from core.training.optimizers import Optimizer
from tests.core.diagnosis.records import record_of
from tests.core.training.projects import DIGITS, SPIRAL, classifier, loaded, node

STEPS, EPOCHS = 200, 40
NOISE = np.random.default_rng(0).normal(0, 0.1, STEPS)
WAVE = 0.65 + 0.2 * np.repeat(np.tile([1.0, -1.0], EPOCHS // 2), STEPS // EPOCHS)


def layered(width: int, depth: int, act: str, last: int) -> list[Any]:
    """Layers of one width with an activation behind each, and one that gives the scores."""
    layers = [node("flatten", "Flatten")]
    for index in range(1, depth + 1):
        layers += [node(f"fc{index}", "Linear", out_features=width), node(f"act{index}", act)]
    return [*layers, node("last", "Linear", out_features=last)]


def spirals(rate: float, **settings: Any) -> Project:
    """Two spirals, all samples in one batch."""
    settings = {"batch_size": 160, "epochs": 200, **settings}
    return classifier(layered(32, 2, "ReLU", 2), SPIRAL, "point", Optimizer("SGD", rate), **settings)


def digits(optimizer: Optimizer, **settings: Any) -> Project:
    return classifier(layered(16, 4, "Tanh", 10), DIGITS, optimizer=optimizer, batch_size=16, **settings)


def told(made: Project) -> tuple[Finding, ...]:
    """What the Doctor says of a whole run."""
    return diagnose(made, facts_of(loaded(made), made.training), record_of(made))


@dataclass(frozen=True, eq=False)
class Measured(Seen):
    """A run of which these quantities of the whole network are others."""

    given: dict[str, Floats] = field(default_factory=dict)

    def plain(self, quantity: str) -> Floats:
        return self.given[quantity] if quantity in self.given else super().plain(quantity)


@cache
def _flat() -> Seen:
    """A run over forty epochs of five batches that learns next to nothing."""
    made = spirals(1e-4, batch_size=16, epochs=EPOCHS)
    facts, record = facts_of(loaded(made), made.training), record_of(made)
    assert (record.started.total_steps, record.started.epochs) == (STEPS, EPOCHS)
    return Seen(network_of(made, facts), record)


def measured(held: Floats | None = None, **given: Floats) -> Measured:
    """That run, with these numbers in the place of what was measured, and held-out losses that fall."""
    flat = _flat()
    seen = Measured(flat.network, flat.record, None, given)
    seen.__dict__["held_losses"] = np.linspace(0.9, 0.6, EPOCHS) if held is None else held
    return seen


def test_a_rate_at_which_the_loss_swings_is_told_and_a_lower_one_is_not() -> None:
    found = told(spirals(1.5))
    assert [(one.code, one.severity) for one in found] == [("UNSTABLE_LOSS", "warning")]
    assert any("goes up and down" in evidence.text for evidence in found[0].evidence)
    assert remedies(spirals(1.5), found[0])[0].id == "LR_DOWN"
    assert "UNSTABLE_LOSS" not in {one.code for one in told(spirals(0.3))}


def test_epochs_that_go_up_and_down_are_told_and_batches_that_differ_are_not() -> None:
    assert [one.severity for one in oscillates(measured(loss=WAVE + 0.1 * NOISE))] == ["warning"]
    unlike = 0.69 * (1 + np.random.default_rng(0).uniform(-0.9, 0.9, STEPS))
    assert list(oscillates(measured(loss=unlike))) == []
    assert list(oscillates(measured(loss=0.69 + 0.2 * (WAVE - 0.65)))) == [], "a swing of a twentieth"


def test_a_loss_that_swings_while_it_falls_or_by_a_rate_that_rises_again_is_left_alone() -> None:
    falling = WAVE * np.linspace(3.0, 1.0, STEPS)
    restarts = np.tile(np.linspace(0.1, 0.01, 20), STEPS // 20)
    assert list(oscillates(measured(loss=falling))) == []
    assert list(oscillates(measured(loss=WAVE, learning_rate=restarts))) == []
    assert list(oscillates(measured(loss=0.1 * WAVE))) == [], "next to nothing is left to learn"
    assert [one.severity for one in oscillates(measured(loss=0.4 * WAVE))] == ["hint"]


def test_gradients_that_lead_back_tell_of_slower_swings_too() -> None:
    slow = 0.65 + 0.2 * np.sin(np.arange(STEPS) / 8)
    back = np.where(np.arange(STEPS) % 4 == 0, -0.8, np.nan)
    assert list(oscillates(measured(loss=slow, cosine=-back))) == []
    (found,) = oscillates(measured(loss=slow, cosine=back))
    assert [evidence.quantity for evidence in found.evidence] == ["loss", "cosine"]


def test_a_run_that_ends_while_its_loss_falls_is_too_short() -> None:
    made = digits(Optimizer("Adam", 1e-3))
    (found,) = told(made)
    assert (found.code, found.severity) == ("SLOW_CONVERGENCE", "warning")
    offered = remedies(made, found)
    assert offered[0].id == "TRAIN_LONGER"
    assert offered[0].apply(made).training.epochs == 3
    assert [one.code for one in told(digits(Optimizer("Adam", 3e-3), epochs=4)) if one.shown] == []


def test_a_loss_that_has_come_to_rest_or_swings_is_not_too_slow() -> None:
    assert [one.severity for one in ends_early(measured(loss=np.linspace(0.9, 0.55, STEPS)))] == ["warning"]
    assert list(ends_early(measured(loss=0.55 + 0.35 * np.exp(-np.arange(STEPS) / 30)))) == []
    assert list(ends_early(measured(loss=0.4 + 0.5 * np.exp(-np.arange(STEPS) / 50)))) == [], "it falls ever slower"
    back = np.full(STEPS, -0.8)
    assert list(ends_early(measured(loss=np.linspace(0.9, 0.55, STEPS), cosine=back))) == []


def test_more_steps_are_not_asked_for_where_held_out_samples_gain_nothing() -> None:
    falling = np.linspace(0.9, 0.55, STEPS)
    assert list(ends_early(measured(loss=falling, held=np.linspace(0.6, 0.9, EPOCHS)))) == []
    assert len(list(ends_early(measured(loss=falling)))) == 1


@pytest.mark.parametrize(
    ("scale", "severities"),
    [(16.0 * 100, ["warning"]), (np.nan, ["warning"]), (16.0 * 5, []), (-4.0, [])],
)
def test_noise_is_held_against_the_batch_size(scale: float, severities: list[str]) -> None:
    looked = np.arange(STEPS) % 10 == 0
    noise = np.where(looked, scale, np.nan)
    noise[0] = 40.0  # the first that was measured
    found = list(drowned(measured(noise_scale=noise, alpha=np.where(looked, -1.0, np.nan))))
    assert [one.severity for one in found] == severities
    assert all(one.code == "BATCH_TOO_SMALL" for one in found)


def test_noise_that_was_not_measured_or_hides_little_is_no_finding() -> None:
    looked = np.where(np.arange(STEPS) % 10 == 0, -1.0, np.nan)
    assert list(drowned(measured(noise_scale=np.full(STEPS, np.nan), alpha=looked))) == []
    loud = np.where(np.isfinite(looked), 1e5, np.nan)
    learned = np.linspace(0.7, 0.4, STEPS)
    assert list(drowned(measured(noise_scale=loud, alpha=looked, loss=learned))) == []


def test_clipping_is_told_by_what_it_leaves_and_as_a_hint_where_it_never_rests() -> None:
    def clipped(factor: float, **given: Floats) -> list[str]:
        return [one.severity for one in tight_clip(measured(clip=np.full(STEPS, factor), **given))]

    assert clipped(0.01) == ["critical"]
    assert clipped(0.5) == ["hint"]
    assert clipped(1.0) == clipped(0.01, loss=np.full(STEPS, 0.01)) == []
