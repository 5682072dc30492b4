"""A run that was interrupted and goes on ends bitwise as one that was not; files survive what goes wrong."""

from __future__ import annotations

import hashlib

import pytest
import torch

from core.engine.messages import Failed, Finished, Progress, Said, Validated
from core.errors import FileError
from core.training.checkpoint import CHECKPOINT, WEIGHTS, load_weights, read_weights, save_weights
from core.training.control import Control
from core.training.loop import start, train
from core.training.optimizers import Optimizer
from tests.core.training.projects import gan, lstm_classifier, sigmoid_mlp, small_convnet
from tests.core.training.running import assert_same, columns, finished, job, only, weights

RUNS = {
    "dropout and batch norm, Adam": small_convnet(Optimizer("Adam", 0.01), epochs=2),
    "momentum": sigmoid_mlp(3, optimizer=Optimizer("Momentum", 0.1), epochs=2),
    "lstm": lstm_classifier(epochs=2),
    "two phases and noise": gan(batch_size=10, epochs=8),
}


def interrupted(made, folder, steps):
    """Stopped after so many steps, a rate changed on the way."""
    control = Control(paused=True)
    control.resume(steps=3)
    events, rates = [], [0.02]
    for event in train(job(made, folder=folder), control):
        events.append(event)
        if isinstance(event, Progress) and event.state == "paused":
            if event.step == steps:
                control.stop()
            else:
                for rate in rates:
                    control.set_learning_rate(rate)
                rates = []
                control.resume(steps=steps - event.step)
    return events


def straight(made):
    control = Control(paused=True)
    control.resume(steps=3)
    events = []
    for event in train(job(made), control):
        events.append(event)
        if isinstance(event, Progress) and event.state == "paused":
            control.set_learning_rate(0.02)
            control.resume()
    return events, control


@pytest.mark.parametrize("name", RUNS)
@pytest.mark.parametrize("steps", [20, 45])
def test_interrupted_and_resumed_equals_uninterrupted_bit_for_bit(tmp_path, name, steps):
    made = RUNS[name]
    first = interrupted(made, tmp_path, steps)
    torch.manual_seed(12345)  # another process would not have the same generator
    second, control = finished(made, resume=tmp_path)
    whole, reference = straight(made)
    assert_same(weights(control), weights(reference))
    joined = [*columns(first)["loss"], *columns(second)["loss"]]
    assert joined == columns(whole)["loss"].tolist()
    assert only(second, Finished)[0].validation_loss == only(whole, Finished)[0].validation_loss
    assert only(second, Validated)[0].train_metric == only(whole, Validated)[-len(only(second, Validated))].train_metric


def test_the_weights_of_a_run_are_written_and_their_hash_told(tmp_path):
    events, control = finished(small_convnet(), folder=tmp_path)
    told = only(events, Finished)[0]
    assert told.weights == str(tmp_path / WEIGHTS)
    assert told.sha256 == hashlib.sha256((tmp_path / WEIGHTS).read_bytes()).hexdigest()
    assert_same(read_weights(tmp_path / WEIGHTS), weights(control))


def test_a_run_can_begin_from_weights(tmp_path):
    _events, control = finished(small_convnet(), folder=tmp_path)
    run = start(job(small_convnet(seed=99), weights=tmp_path / WEIGHTS))
    assert_same(run.weights(), weights(control))
    assert all(group.flat.intact() for group in run.groups)


def test_weights_of_another_network_are_refused_before_any_is_copied(tmp_path):
    finished(sigmoid_mlp(3), folder=tmp_path)
    (failed,) = train(job(sigmoid_mlp(4), weights=tmp_path / WEIGHTS), Control())
    assert isinstance(failed, Failed)
    assert "fc3.weight" in failed.problem.wanted
    module = start(job(sigmoid_mlp(4))).network.root
    before = {name: tensor.clone() for name, tensor in module.state_dict().items()}
    with pytest.raises(FileError):
        load_weights(module, read_weights(tmp_path / WEIGHTS), "here")
    assert_same(module.state_dict(), before)


@pytest.mark.parametrize("damage", [b"", b"nonsense" * 40, None])
def test_a_damaged_checkpoint_is_refused_in_words(tmp_path, damage):
    finished(sigmoid_mlp(2), folder=tmp_path)
    file = tmp_path / CHECKPOINT
    file.write_bytes(file.read_bytes()[:500] if damage is None else damage)
    (failed,) = train(job(sigmoid_mlp(2), resume=tmp_path), Control())
    assert failed.problem.kind == "FileError"
    assert str(file) in failed.problem.where


def test_a_checkpoint_that_is_missing_is_refused_in_words(tmp_path):
    (failed,) = train(job(sigmoid_mlp(2), resume=tmp_path), Control())
    assert failed.problem.kind == "FileError"


def test_a_file_of_weights_is_no_checkpoint(tmp_path):
    finished(sigmoid_mlp(2), folder=tmp_path)
    (failed,) = train(job(sigmoid_mlp(2), resume=tmp_path / WEIGHTS), Control())
    assert failed.problem.kind == "FileError"


def test_a_folder_that_cannot_be_written_ends_no_run_and_is_told(tmp_path):
    file = tmp_path / "file"
    file.write_text("in the way")
    events, control = finished(sigmoid_mlp(2), folder=file / "run")
    assert {said.level for said in only(events, Said)} == {"warning", "error"}
    assert only(events, Finished)[0].weights == ""
    assert weights(control)


def test_an_old_file_stays_whole_when_the_new_one_cannot_be_written(tmp_path):
    path = tmp_path / WEIGHTS
    save_weights({"a": torch.ones(3)}, path)
    (tmp_path / f"{WEIGHTS}.part").mkdir()
    with pytest.raises(FileError):
        save_weights({"a": torch.zeros(3)}, path)
    assert torch.equal(read_weights(path)["a"], torch.ones(3))
