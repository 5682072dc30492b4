"""Phases as they are edited: what may be chosen, what keeps one from training, and shares of the learning rate."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core import phasing
from core.errors import ParameterError, TrainingError
from core.project import Project
from core.reading import read
from core.training.loop import start
from core.training.settings import Phase, TrainingSettings
from tests.core.training.projects import gan, small_convnet
from tests.core.training.running import job


def phased(*phases: Phase, **settings: object) -> Project:
    return replace(gan(), training=replace(gan().training, phases=phases, **settings))  # type: ignore[arg-type]


def test_losses_and_parts_with_weights_can_be_chosen_those_that_share_them_once():
    known = read(gan())
    losses, parts = phasing.choices(known.plan, known.analysis)
    assert [name for _key, name in losses] == ["real_loss", "fake_loss", "fool_loss"]
    assert dict(parts) == {"gen1": "gen1", "gen2": "gen2", "real": "real, fake, fooled"}
    assert phasing.picked(("b", "a"), ("a", "b", "c")) == ("a", "b")
    assert phasing.picked(("a", "b"), ("a", "b")) == ()


@pytest.mark.parametrize(
    ("made", "told"),
    [
        (phased(Phase()), ""),
        (phased(Phase(losses=("fool_loss",), trains=("gen1",))), ""),
        (phased(Phase(losses=("real_loss",), trains=("gen1",))), "No weight"),
        (phased(Phase(losses=("fake_loss",), trains=("gen1", "gen2"))), "No weight"),
        (phased(Phase(losses=("gone",))), "None of its losses"),
        (phased(Phase(losses=("real_loss",)), rates=(("real", 0.0),)), "No weight"),
        (phased(Phase(losses=("real_loss",)), rates=(("real.score", 0.0),)), ""),
    ],
)
def test_what_keeps_a_phase_from_training_is_what_the_engine_says(made: Project, told: str):
    known = read(made)
    fault = phasing.fault(made.training, 0, known.plan, known.analysis)
    assert fault.startswith(told)
    if told:
        with pytest.raises(TrainingError):
            start(job(made))
    else:
        assert not fault
        assert start(job(made)).groups


def test_phases_come_and_go():
    more = phasing.with_more(gan().training)
    assert more.phases[2] == Phase(optimizer=gan().training.phases[1].optimizer)
    assert phasing.without(more, 2) == gan().training
    with pytest.raises(ParameterError, match="at least one"):
        phasing.without(small_convnet().training, 0)


def test_a_share_is_said_only_where_it_differs_from_what_it_lies_in():
    settings = phasing.with_share(TrainingSettings(), "encoder", 0.1)
    inner = phasing.with_share(settings, "encoder[1].conv", 1.0)
    assert inner.rates == (("encoder", 0.1), ("encoder[1].conv", 1.0))
    shares = [phasing.share_of(inner, path) for path in ("encoder", "encoder[0].conv", "encoder[1].conv", "encoders")]
    assert shares == [0.1, 0.1, 1.0, 1.0]
    assert phasing.with_share(inner, "encoder[1].conv", 0.1) == settings
    assert phasing.with_share(settings, "encoder", 1.0) == TrainingSettings()
