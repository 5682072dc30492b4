import json
import math
import os
import pty
import signal
import subprocess
import sys

import numpy as np
import pytest
from safetensors.numpy import load_file

from core.commands.opening import opened
from core.commands.process import ROOT
from core.files import load, trained_weights
from core.runs.reading import read
from tests.core.commands.broken import FILES, NETWORKS

COMMAND = (sys.executable, "-m", "core.cli", "train")


def messages(text):
    return [json.loads(line) for line in text.splitlines()]


def test_a_run_leaves_weights_metrics_and_the_project_as_it_was(call, tmp_path):
    result = call("train", "iris", "--epochs", 3, "--seed", 7, "--out", tmp_path)
    assert result.code == 0
    project = load(tmp_path / "project.chain")
    assert (project.training.epochs, project.training.seed) == (3, 7)
    assert project.graph == opened("iris").project.graph
    assert trained_weights(project, tmp_path / "project.chain") == tmp_path / "project.safetensors"
    assert set(load_file(tmp_path / "project.safetensors")) == {"fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias"}
    metrics = json.loads((tmp_path / "metrics.json").read_text())
    assert (metrics["state"], metrics["steps"], metrics["seed"]) == ("finished", 24, 7)
    assert [epoch["epoch"] for epoch in metrics["epochs"]] == [1, 2, 3]
    assert project.weights.validation_accuracy == metrics["validation_metric"]
    assert f"{100 * metrics['validation_metric']:.2f} %" in result.out


def test_evaluating_afterwards_gives_what_training_told(call, tmp_path):
    call("train", "iris", "--epochs", 3, "--out", tmp_path)
    metrics = json.loads((tmp_path / "metrics.json").read_text())
    told = json.loads(call("evaluate", tmp_path, "--json").out)
    assert told["accuracy"] == metrics["validation_metric"]
    assert told["loss"] == pytest.approx(metrics["validation_loss"], rel=1e-6)


def test_where_no_terminal_is_there_is_one_line_an_epoch(call):
    result = call("train", "linear-regression", "--epochs", 4)
    lines = result.err.splitlines()
    assert [line.split("  ")[0] for line in lines[:-1]] == [f"epoch {number}/4" for number in range(1, 5)]
    assert "--out" in lines[-1]
    assert "\r" not in result.err
    assert result.out.startswith("Finished after 4 epochs (48 steps, ")


def test_json_is_one_object_a_message_and_holds_every_step(call):
    told = messages(call("train", "iris", "--epochs", 2, "--json").out)
    assert told[0]["type"] == "started"
    assert told[-1]["type"] == "finished"
    rows = [row for message in told if message["type"] == "step_rows" for row in message["rows"]]
    assert len(rows) == told[0]["total_steps"] == 16
    assert all(len(row) == len(told[0]["step_columns"]) for row in rows)
    judged = [message["epoch"] for message in told if message["type"] == "validated"]
    assert judged == [1, 2]


def test_the_figures_of_an_epoch_are_means_over_its_samples(call, tmp_path):
    alone = ("--set", "diabetes.validation=0", "--json", "--out", tmp_path)
    told = messages(call("train", "linear-regression", "--epochs", 1, *alone).out)
    rows = np.array([row for message in told if message["type"] == "step_rows" for row in message["rows"]])
    sizes = np.array([32] * 13 + [442 - 13 * 32])
    epoch = json.loads((tmp_path / "metrics.json").read_text())["epochs"][0]
    assert epoch["train_loss"] == pytest.approx((rows[:, 0] * sizes).sum() / 442, rel=1e-6)
    assert epoch["train_metric"] == pytest.approx(math.sqrt(epoch["train_loss"]), rel=1e-6)


def test_without_a_validation_part_epochs_are_told_too(call, tmp_path):
    result = call("train", "iris", "--epochs", 2, "--set", "iris.validation=0", "--out", tmp_path)
    assert result.code == 0
    assert result.err.count("epoch ") == 2
    assert "validation loss" not in result.err + result.out
    metrics = json.loads((tmp_path / "metrics.json").read_text())
    assert [epoch["validation_loss"] for epoch in metrics["epochs"]] == [None, None]


def test_a_resumed_run_ends_as_one_that_never_stopped(call, tmp_path):
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    call("train", "iris", "--epochs", 5, "--out", whole)
    call("train", "iris", "--epochs", 2, "--out", parts)
    assert call("train", parts, "--epochs", 5, "--resume").code == 0
    assert (whole / "project.safetensors").read_bytes() == (parts / "project.safetensors").read_bytes()
    ours, theirs = (json.loads((folder / "metrics.json").read_text()) for folder in (parts, whole))
    assert ours["epochs"] == theirs["epochs"]
    assert read(parts).steps.rows().tobytes() == read(whole).steps.rows().tobytes()


def test_settings_of_the_command_line_count(call, tmp_path):
    settings = ["optimizer=Adam", "learning_rate=0.02", "batch_size=64", "fc1.out_features=5", "iris.validation=0.5"]
    arguments = [part for setting in settings for part in ("--set", setting)]
    assert call("train", "iris", "--epochs", 1, *arguments, "--out", tmp_path).code == 0
    assert load_file(tmp_path / "project.safetensors")["fc1.weight"].shape == (5, 4)
    told = json.loads((tmp_path / "run.json").read_text())["started"]
    assert (told["train_samples"], told["validation_samples"], told["steps_per_epoch"]) == (75, 75, 2)


def test_a_loss_that_turns_nan_ends_the_run_and_is_named(call, tmp_path):
    wild = ("--set", "optimizer=SGD", "--set", "learning_rate=1e6")
    result = call("train", "iris", *wild, "--out", tmp_path)
    assert result.code == 1
    line = result.err.splitlines()[-1]
    assert line.startswith("chainrule: fc")
    assert "finite" in line
    assert "Lower the learning rate" in line
    metrics = json.loads((tmp_path / "metrics.json").read_text())
    assert metrics["state"] == "failed"
    assert metrics["problem"]["where"] in ("fc1", "fc2")
    assert call("evaluate", tmp_path).code == 2


@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_with_an_error_is_not_trained(call, tmp_path, name):
    file = tmp_path / "net.chain"
    file.write_bytes(NETWORKS[name])
    result = call("train", file, "--out", tmp_path / "run")
    assert result.code == 1
    assert result.err.startswith("error E1")
    assert not (tmp_path / "run").exists()


def test_a_folder_that_cannot_be_used_is_told_before_anything_is_done(call, tmp_path):
    (tmp_path / "file").write_text("")
    (tmp_path / "project.chain").write_bytes(FILES["empty"])
    for folder, part in (
        (tmp_path / "file", "file exists"),
        (tmp_path, "another project.chain"),
        ("/proc/x", "/proc/x"),
    ):
        result = call("train", "iris", "--out", folder)
        assert (result.code, result.out) == (2, "")
        assert result.err.count("\n") == 1
        assert part in result.err
    assert (tmp_path / "project.chain").read_bytes() == b""


def test_there_must_be_something_to_go_on_with(call, tmp_path):
    result = call("train", "iris", "--resume", "--out", tmp_path / "new")
    assert result.code == 2
    assert "checkpoint" in result.err


def test_a_checkpoint_of_another_network_is_refused(call, tmp_path):
    call("train", "iris", "--epochs", 1, "--out", tmp_path)
    weights = (tmp_path / "project.safetensors").read_bytes()
    result = call("train", "iris", "--set", "fc1.out_features=9", "--resume", "--out", tmp_path)
    assert result.code == 2
    assert "fc1.weight 9×4" in result.err
    assert (tmp_path / "project.safetensors").read_bytes() == weights


@pytest.mark.slow
def test_ctrl_c_stops_after_the_step_and_keeps_the_weights(call, tmp_path):
    line = (*COMMAND, "iris", "--epochs", "100000", "--out", str(tmp_path))
    with subprocess.Popen(line, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        process.stderr.readline()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert out.startswith("Stopped after ")
    assert "Traceback" not in err
    assert json.loads((tmp_path / "metrics.json").read_text())["state"] == "stopped"
    assert call("evaluate", tmp_path).code == 0


@pytest.mark.slow
def test_in_a_terminal_one_line_is_redrawn():
    ours, theirs = pty.openpty()
    line = (*COMMAND, "iris", "--epochs", "3")
    environment = {**os.environ, "COLUMNS": "90", "LC_ALL": "C.UTF-8"}
    try:
        with subprocess.Popen(line, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=theirs) as process:
            process.communicate(timeout=60)
        text = os.read(ours, 1_000_000).decode()
    finally:
        os.close(ours)
        os.close(theirs)
    drawn, *after = text.replace("\r\n", "\n").split("\n")
    states = drawn.split("\r\x1b[K")
    assert "Starting PyTorch..." in states
    assert max(map(len, states)) < 90
    assert states[-1].startswith("epoch 3/3  ━━━━━━━━━━━━━━━━━━━━━━━━ 100 %  loss ")
    assert after[0].startswith("The weights are not kept")
