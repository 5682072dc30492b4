"""Schedules of the learning rate against torch.optim.lr_scheduler, and what waits for the validation loss."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.optim import lr_scheduler

from core.engine.messages import Finished, Said, Validated
from core.errors import ParameterError
from core.files import from_text, to_text
from core.training.checkpoint import CHECKPOINT, read_weights
from core.training.control import Control
from core.training.loop import train
from core.training.optimizers import Optimizer
from core.training.schedules import KINDS, Plateau, Schedule, rate_factor, schedule_fields
from core.training.settings import validated
from core.training.stopping import Best
from tests.core.training import projects
from tests.core.training.projects import small_convnet
from tests.core.training.running import assert_same, columns, finished, job, only, weights
from tests.core.training.test_truth import ConvNet


def torchs(make, steps):
    """The rates that a scheduler of torch gives, of a set rate of 1."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    scheduler = make(optimizer)
    rates = []
    for _ in range(steps):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return rates


ORACLES = {
    "Step": (Schedule("Step", every=2, factor=0.3), lambda o: lr_scheduler.StepLR(o, 20, 0.3)),
    "Exponential": (Schedule("Exponential", every=1, factor=0.5), lambda o: lr_scheduler.ExponentialLR(o, 0.5**0.1)),
    "Linear": (Schedule("Linear", lowest=0.1), lambda o: lr_scheduler.LinearLR(o, 1.0, 0.1, 60)),
    "Cosine": (Schedule("Cosine", lowest=0.2), lambda o: lr_scheduler.CosineAnnealingLR(o, 60, 0.2)),
    "One cycle": (
        Schedule("One cycle", rise=0.3, start=0.04, lowest=1e-4),
        lambda o: lr_scheduler.OneCycleLR(o, 1.0, 60, cycle_momentum=False),
    ),
    "warm-up, then cosine": (
        Schedule("Cosine", warmup=1),
        lambda o: lr_scheduler.SequentialLR(
            o,
            [lr_scheduler.LinearLR(o, 1 / 11, 1.0, 10), lr_scheduler.CosineAnnealingLR(o, 50)],
            [10],
        ),
    ),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", ORACLES)
def test_the_rates_are_those_of_torchs_scheduler(name):
    schedule, make = ORACLES[name]
    shown = [rate_factor(schedule, step, 10, 60) for step in range(60)]
    assert shown == pytest.approx(torchs(make, 60), rel=1e-9, abs=1e-12)
    assert max(shown) <= 1


@settings(max_examples=200, deadline=None)
@given(
    name=st.sampled_from(tuple(KINDS)),
    numbers=st.tuples(*(st.floats(0, 1),) * 4),
    warmup=st.floats(0, 10),
    per_epoch=st.integers(1, 40),
    epochs=st.integers(1, 12),
    share=st.floats(0, 1),
)
def test_every_rate_is_between_nothing_and_the_set_one(name, numbers, warmup, per_epoch, epochs, share):
    lowest, rise, start, factor = numbers
    schedule = Schedule(name, warmup, max(share, 1e-3), max(factor, 1e-6), lowest, rise, start)
    total = per_epoch * epochs
    assert 0 <= rate_factor(schedule, round(share * (total - 1)), per_epoch, total) <= 1 + 1e-12


def test_a_plateau_is_torchs():
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    scheduler = lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.5, patience=2, threshold=1e-2, min_lr=0.1)
    plateau = Plateau(Schedule("Plateau", factor=0.5, patience=2, threshold=1e-2, lowest=0.1))
    for loss in [3, 2, 2, 1.999, 2, 2, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5]:
        scheduler.step(loss)
        plateau.note(loss)
        assert plateau.factor == pytest.approx(optimizer.param_groups[0]["lr"])
    assert plateau.factor == pytest.approx(0.1)


def test_a_run_follows_its_schedule_and_a_rate_that_is_set_on_the_way():
    made = small_convnet(Optimizer("SGD", 0.2), epochs=3, batch_size=100, schedule=Schedule("Cosine", warmup=1))
    events, _control = finished(made)
    shown = columns(events)["learning_rate"]
    total = len(shown)
    wanted = [0.2 * rate_factor(made.training.schedule, step, total // 3, total) for step in range(total)]
    assert shown == pytest.approx(wanted, rel=1e-6)
    control = Control(paused=True)
    control.resume(steps=5)
    rows = []
    for event in train(job(made), control):
        rows.append(event)
        if getattr(event, "state", "") == "paused":
            control.set_learning_rate(0.05)
            control.resume()
    changed = columns(rows)["learning_rate"]
    assert changed[5:] == pytest.approx([0.25 * rate for rate in wanted[5:]], rel=1e-6)


def test_clipping_shortens_the_step_and_not_what_is_shown():
    plain, clipped = (small_convnet(Optimizer("SGD", 0.1), epochs=1, clip_norm=norm) for norm in (0.0, 0.01))
    shown, short = columns(finished(plain)[0]), columns(finished(clipped)[0])
    assert short["gradient_norm"][0] == shown["gradient_norm"][0] > 0.1
    assert short["gradient:fc"][0] == shown["gradient:fc"][0]
    updates = [short[f"update:{path}"][0] ** 2 for path in ("conv", "fc")]
    assert sum(updates) ** 0.5 <= 0.1 * 0.01 * (1 + 1e-5)
    assert sum(updates) ** 0.5 > 0.1 * 0.01 * 0.9  # biases and the norm's scale hold the rest


def test_clipping_ends_in_torchs_weights_bit_for_bit():
    made = small_convnet(Optimizer("SGD", 0.1), epochs=1, clip_norm=0.05, clip_value=0.01)
    _events, control = finished(made)
    torch.manual_seed(made.training.seed)
    model = ConvNet()
    data, step = projects.loaded(made)["data"], torch.optim.SGD(model.parameters(), lr=0.1)
    for numbers in projects.batches(made):
        step.zero_grad()
        scores = model(data.fields["image"][numbers])
        torch.nn.functional.cross_entropy(scores, data.fields["label"][numbers]).backward()
        torch.nn.utils.clip_grad_value_(model.parameters(), 0.01)
        torch.nn.utils.clip_grad_norm_(model.parameters(), 0.05)
        step.step()
    assert_same(weights(control), model.state_dict())


def test_a_run_stops_when_its_validation_loss_falls_no_more_and_keeps_its_best_weights(tmp_path):
    made = small_convnet(Optimizer("SGD", 3.0), epochs=40, batch_size=32, early_stop=3, seed=1)
    events = list(train(job(made, folder=tmp_path), Control()))
    judged = [event.loss for event in only(events, Validated)]
    (end,) = only(events, Finished)
    best = min(range(len(judged)), key=judged.__getitem__)
    assert len(judged) == best + 4 < 40
    assert end.state == "finished"
    assert end.validation_loss == pytest.approx(judged[best], rel=1e-6)
    texts = " ".join(event.text for event in only(events, Said))
    assert "Stopped early" in texts
    assert f"epoch {best + 1}" in texts
    again = list(train(job(replace_epochs(made, best + 1), folder=tmp_path / "again"), Control()))
    assert only(again, Finished)[0].sha256 == end.sha256


def replace_epochs(made, epochs):
    return replace(made, training=replace(made.training, epochs=epochs, early_stop=0))


@pytest.mark.parametrize("schedule", [Schedule("One cycle"), Schedule("Plateau", factor=0.1, patience=0)])
def test_an_interrupted_run_goes_on_in_its_schedule_bit_for_bit(schedule, tmp_path):
    made = small_convnet(
        Optimizer("Momentum", 0.5), epochs=6, batch_size=100, schedule=schedule, early_stop=2, clip_norm=1.0
    )
    whole, control = finished(made)
    control2 = Control(paused=True)
    control2.resume(steps=40)
    for event in train(job(made, folder=tmp_path), control2):
        if getattr(event, "state", "") == "paused":
            control2.stop()
    assert read_weights(tmp_path / CHECKPOINT)
    rest, resumed = finished(made, resume=tmp_path)
    assert_same(weights(resumed), weights(control))
    shown = columns(whole)["learning_rate"]
    assert columns(rest)["learning_rate"].tolist() == shown[40:].tolist()


def test_settings_stand_in_the_file_and_are_judged():
    made = small_convnet(clip_norm=1.5, early_stop=4, schedule=Schedule("Plateau", factor=0.2, patience=3))
    assert from_text(to_text(made)) == made
    assert "schedule" not in to_text(small_convnet())
    switched = small_convnet(schedule=Schedule("Cosine", every=2.0, factor=0.3, patience=7))
    assert from_text(to_text(switched)) == switched  # what Step and Plateau were told stays for the way back
    with pytest.raises(ParameterError, match="Factor"):
        validated(replace(made.training, schedule=Schedule("Step", factor=2.0)))
    with pytest.raises(ParameterError, match="one of"):
        validated(replace(made.training, schedule=Schedule("Wave")))


@pytest.mark.parametrize("name", KINDS)
def test_all_that_a_schedule_reads_has_a_line_in_the_form(name):
    fields = schedule_fields(name)
    assert {field.name for field in fields} == {"name", *KINDS[name].reads}
    assert all(field.help for field in fields)


def test_the_best_epoch_is_the_first_of_the_lowest():
    best = Best(2)
    for epoch, loss in enumerate([3.0, 1.0, 1.0, math.nan], 1):
        best.note(loss, epoch, lambda epoch=epoch: {"w": torch.tensor(epoch)})
    assert (best.loss, best.epoch, best.waited, best.over) == (1.0, 2, 2, True)
    assert int(best.weights["w"]) == 2
