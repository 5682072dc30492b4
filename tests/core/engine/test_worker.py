from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from core.data.load import load as load_data
from core.engine.client import Engine, EngineDied
from core.engine.messages import (
    Answer,
    Failed,
    Finished,
    Hello,
    Pause,
    Progress,
    Ready,
    Resume,
    SampleRows,
    SaveWeights,
    SetLearningRate,
    Started,
    StepRows,
    Stop,
    Train,
    WeightsSaved,
)
from core.files import load, to_text
from core.project import Project
from core.runs.layout import CHECKPOINT, checkpoint
from core.runs.reading import read
from core.training.control import Control
from core.training.loop import train
from core.training.run import Job
from tests.engines import until

TEMPLATES = Path(__file__).parents[3] / "resources" / "templates"
CHECKPOINT_WAIT = 30.0


def template(name: str, epochs: int) -> Project:
    project = load(TEMPLATES / f"{name}.chain")
    return replace(project, training=replace(project.training, epochs=epochs))


IRIS = template("iris", 3)
LONG = template("lenet5", 1000)


def rows_of(came: list[object], columns: int) -> np.ndarray:
    data = b"".join(event.data for event in came if isinstance(event, StepRows))
    return np.frombuffer(data, "<f4").reshape(-1, columns)


def test_the_real_engine_speaks_the_same_messages(engine: Engine) -> None:
    assert engine.alive
    engine.send(Hello(version=99))
    assert "99" in until(engine, Failed)[0].problem.came


def test_a_run_in_the_engine_is_the_run_of_the_loop(engine: Engine) -> None:
    engine.send(Train(project=to_text(IRIS)))
    _, came = until(engine, Finished)
    here = list(train(Job(IRIS, {key: load_data(settings) for key, settings in IRIS.data.items()}), Control()))
    started = next(event for event in here if isinstance(event, Started))
    assert next(event for event in came if isinstance(event, Started)) == started
    there = rows_of(came, len(started.step_columns))
    assert len(there) == started.total_steps
    np.testing.assert_array_equal(there, rows_of(here, len(started.step_columns)))


def test_a_run_leaves_its_folder_complete(engine: Engine, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    engine.send(Train(project=to_text(IRIS), folder=str(folder)))
    finished, came = until(engine, Finished)
    run = read(folder)
    assert run.ended
    assert run.info.seed == IRIS.training.seed
    np.testing.assert_array_equal(run.steps.rows(), rows_of(came, len(run.info.started.step_columns)))
    samples = b"".join(event.data for event in came if isinstance(event, SampleRows))
    assert run.samples.rows().tobytes() == samples
    assert Path(finished.weights) == folder / "weights.safetensors"
    assert {name.split(".")[0] for name in load_file(finished.weights)} == {
        row.path for row in run.info.started.weights
    }


def test_stop_ends_a_run_and_keeps_its_weights(engine: Engine, tmp_path: Path) -> None:
    engine.send(Train(project=to_text(LONG)))
    until(engine, StepRows)
    engine.send(Stop())
    finished, _ = until(engine, Finished)
    assert finished.state == "stopped"
    engine.send(SaveWeights(path=str(tmp_path / "w.safetensors")))
    saved, _ = until(engine, WeightsSaved)
    assert load_file(saved.path)


def test_a_run_that_stands_still_is_stepped_steered_saved_and_asked(engine: Engine, tmp_path: Path) -> None:
    engine.send(Train(project=to_text(LONG), paused=True))
    until(engine, Progress)
    engine.send(SetLearningRate(value=0.0))
    engine.send(Resume(steps=3))
    steps = 0
    while steps < 3:
        steps += sum(event.count for event in until(engine, StepRows)[1] if isinstance(event, StepRows))
    assert steps == 3
    before, after = tmp_path / "before", tmp_path / "after"
    engine.send(SaveWeights(path=str(before)))
    until(engine, WeightsSaved)
    engine.send(Resume(steps=1))
    until(engine, StepRows)
    engine.send(SaveWeights(path=str(after)))
    until(engine, WeightsSaved)
    for name, tensor in load_file(before).items():
        assert torch.equal(tensor, load_file(after)[name]), name
    engine.ask("evaluate", json.dumps({"project": to_text(LONG)}))
    answer, _ = until(engine, Answer)
    assert json.loads(answer.body)["samples"] == 1000
    engine.send(Pause())
    engine.send(Stop())
    assert until(engine, Finished)[0].step == 4


def test_a_trained_network_is_evaluated_and_asked_for_predictions(engine: Engine, tmp_path: Path) -> None:
    engine.send(Train(project=to_text(template("iris", 40)), folder=str(tmp_path)))
    finished, _ = until(engine, Finished)
    engine.ask("evaluate", json.dumps({"project": to_text(IRIS), "weights": finished.weights}))
    answer = json.loads(until(engine, Answer)[0].body)
    assert answer["loss"] == pytest.approx(finished.validation_loss, rel=1e-6)
    assert answer["metric"] == finished.validation_metric
    (settings,) = IRIS.data.values()
    data = load_data(settings)
    field = next(name for name, values in data.fields.items() if values.ndim == 2)
    inputs = {field: data.fields[field][data.validation].tolist()}
    engine.ask("predict", json.dumps({"project": to_text(IRIS), "weights": finished.weights, "inputs": inputs}))
    (scores,) = json.loads(until(engine, Answer)[0].body).values()
    right = torch.tensor(scores).argmax(1) == data.fields["label"][data.validation]
    assert right.float().mean().item() == pytest.approx(finished.validation_metric)


@pytest.mark.parametrize(("kind", "body"), [("nonsense", "{}"), ("evaluate", "{"), ("evaluate", "{}")])
def test_a_question_that_makes_no_sense_is_refused_in_words(engine: Engine, kind: str, body: str) -> None:
    engine.ask(kind, body)
    problem = until(engine, Answer)[0].problem
    assert problem is not None
    assert problem.kind == "EngineError"
    assert problem.wanted
    assert problem.came


@pytest.mark.parametrize("text", ["", "{", "\0\1\2", '{"chainrule": 99}', to_text(Project())])
def test_a_project_that_cannot_be_trained_fails_in_four_parts(engine: Engine, text: str) -> None:
    engine.send(Train(project=text))
    problem = until(engine, Failed)[0].problem
    assert problem.wanted
    assert problem.came
    assert problem.fix
    assert not problem.details
    assert problem.kind.endswith("Error")


def test_weights_of_another_network_are_refused(engine: Engine, tmp_path: Path) -> None:
    engine.send(Train(project=to_text(IRIS), folder=str(tmp_path)))
    finished, _ = until(engine, Finished)
    engine.send(Train(project=to_text(LONG), weights=finished.weights))
    assert until(engine, Failed)[0].problem.kind == "FileError"


def test_a_disk_that_refuses_does_not_end_the_run(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    engine.send(Train(project=to_text(IRIS), folder=str(tmp_path / "file" / "run")))
    finished, _ = until(engine, Finished)
    assert finished.state == "finished"
    assert not finished.weights


@pytest.mark.slow
def test_a_run_killed_with_its_engine_is_resumed_to_the_very_same_weights(engine: Engine, tmp_path: Path) -> None:
    project = to_text(template("mlp12-sigmoid", 2))
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    engine.send(Train(project=project, folder=str(whole)))
    expected, came = until(engine, Finished)
    rows = rows_of(came, len(read(whole).info.started.step_columns))
    victim = Engine()
    try:
        until(victim, Ready, 60.0)
        victim.send(Train(project=project, folder=str(broken), paused=True))
        victim.send(Resume(steps=70))
        drained: list[object] = []
        while checkpoint(broken) is None or not any(is_paused_at(event, 70) for event in drained):
            drained += until(victim, Progress, CHECKPOINT_WAIT)[1]
        victim.send(Resume())
        until(victim, StepRows)
        victim.kill()
        until(victim, EngineDied)
    finally:
        victim.close()
    assert not read(broken).ended
    engine.send(Train(project=project, folder=str(broken), resume=str(broken / CHECKPOINT)))
    finished, came = until(engine, Finished)
    started = next(event for event in came if isinstance(event, Started))
    assert started.first_step == 70
    assert finished.sha256 == expected.sha256
    np.testing.assert_array_equal(read(broken).steps.rows(), rows)


def is_paused_at(event: object, step: int) -> bool:
    return isinstance(event, Progress) and event.state == "paused" and event.step == step


def test_the_client_needs_neither_torch_nor_qt_nor_numpy() -> None:
    check = (
        "import core.engine.client, sys; print([name for name in ('torch', 'PySide6', 'numpy') if name in sys.modules])"
    )
    root = str(Path(__file__).parents[3])
    line = [sys.executable, "-c", check]
    ran = subprocess.run(
        line, cwd=root, env={**os.environ, "PYTHONPATH": root}, capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == "[]"
