"""The checkpoints of a run: what is kept, when, and what killing the process at any moment costs."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from core.engine.messages import Kept, Said, Validated
from core.runs.layout import CHECKPOINT, kept
from core.training import loop
from core.training.checkpoint import read_facts, read_weights
from core.training.control import Control
from core.training.evaluate import evaluate
from core.training.loop import train
from core.training.optimizers import Optimizer
from tests.core.training.projects import loaded, sigmoid_mlp, small_convnet
from tests.core.training.running import assert_same, finished, job, only, weights

ROOT = Path(__file__).parents[3]
MOMENTS = 50


@pytest.mark.slow
@pytest.mark.timeout(400)
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no fork")
def test_a_run_killed_at_any_moment_goes_on_from_its_last_checkpoint_to_the_same_bits(tmp_path):
    line = [sys.executable, "-m", "tests.core.training.killing", str(tmp_path), str(MOMENTS), "1"]
    told = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
    report = json.loads(told.stdout)
    assert report["wrong"] == []
    assert report["killed"] > MOMENTS * 0.6
    assert report["torn"] > 0  # some died while they wrote a checkpoint


def test_a_checkpoint_at_the_very_end_of_an_epoch_does_not_train_it_twice(tmp_path, monkeypatch):
    monkeypatch.setattr(loop, "SAVE_EVERY", 0.0)
    monkeypatch.setattr(loop, "SEND_EVERY", 0.0)
    made = sigmoid_mlp(2, epochs=2, batch_size=500)  # three steps an epoch
    _events, reference = finished(made)
    for event in train(job(made, folder=tmp_path), Control()):
        if isinstance(event, Kept) and event.name == "last" and (event.step, event.epoch) == (3, 0):
            break
    second, control = finished(made, resume=tmp_path)
    assert_same(weights(control), weights(reference))
    assert [event.epoch for event in only(second, Validated)] == [1, 2]


def test_the_best_and_those_at_epochs_and_steps_are_kept_and_told(tmp_path):
    made = small_convnet(Optimizer("Adam", 0.03), epochs=4, keep_epochs=2, keep_steps=50)
    events, _control = finished(made, folder=tmp_path)
    told = {event.name: event for event in only(events, Kept)}
    assert told.keys() == {"best", "last", "epoch-2", "epoch-4", "step-50", "step-100", "step-150"}
    assert told["epoch-2"].step == 90
    assert told["last"].path == str(tmp_path / CHECKPOINT)
    assert {path.stem for path in (tmp_path / "checkpoints").iterdir()} == told.keys() - {"last"}
    judged = only(events, Validated)
    best = min(judged, key=lambda event: event.loss)
    facts = read_facts(kept(tmp_path, "best"))
    assert (facts["epoch"], facts["score"], facts["judged"]["loss"]) == (best.epoch, best.loss, best.loss)
    assert evaluate(made, kept(tmp_path, "best"), loaded(made)).loss == best.loss
    assert read_facts(kept(tmp_path, "epoch-2"))["judged"]["f1"] == judged[1].metrics["f1"]


@pytest.mark.parametrize(("by", "rising"), [("accuracy", True), ("perplexity", False)])
def test_the_best_may_be_chosen_by_a_metric(tmp_path, by, rising):
    made = small_convnet(Optimizer("Adam", 0.03), epochs=4, best_by=by, metrics="accuracy, perplexity")
    events, _control = finished(made, folder=tmp_path)
    values = [event.metrics[by] for event in only(events, Validated)]
    facts = read_facts(kept(tmp_path, "best"))
    assert facts["score"] == (max(values) if rising else min(values))
    assert facts["epoch"] == values.index(facts["score"]) + 1


def test_a_metric_that_is_not_measured_gives_way_to_the_loss_and_that_is_said(tmp_path):
    events, _control = finished(small_convnet(best_by="rmse"), folder=tmp_path)
    assert next(said.text for said in only(events, Said)).startswith("rmse is not measured here")
    assert read_facts(kept(tmp_path, "best"))["by"] == "loss"


def test_a_run_goes_on_from_a_checkpoint_that_was_kept(tmp_path):
    made = small_convnet(Optimizer("Adam", 0.01), epochs=3, keep_epochs=1)
    _events, reference = finished(made, folder=tmp_path)
    _second, control = finished(made, resume=kept(tmp_path, "epoch-1"))
    assert_same(weights(control), weights(reference))
    assert torch.equal(read_weights(kept(tmp_path, "epoch-3"))["fc.weight"], weights(reference)["fc.weight"])


def test_a_resumed_run_keeps_the_best_of_before(tmp_path):
    made = small_convnet(Optimizer("SGD", 0.2), epochs=1)
    events, _control = finished(made, folder=tmp_path)
    best = only(events, Validated)[0].loss
    harmful = replace(made, training=replace(made.training, epochs=2))
    for event in train(job(harmful, folder=tmp_path, resume=tmp_path), control := Control()):
        if isinstance(event, Kept) or control.weights is None:
            continue
        control.set_learning_rate(60.0)
    assert read_facts(kept(tmp_path, "best"))["score"] == best


def test_without_a_folder_nothing_is_kept():
    events, _control = finished(sigmoid_mlp(2, keep_epochs=1, keep_steps=10))
    assert only(events, Kept) == []
