"""A run is followed while it grows, that of a script as a drawing of its layers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from chainrule.columns import BLOCK
from chainrule.folder import RunFolder
from core.catalog import KINDS
from core.diagnosis.scripts import diagnose_script
from core.engine.messages import Finished, SampleRows, StepRows, Validated
from core.errors import FileError
from core.lowering import lower
from core.runs.following import FollowedRun

LAYERS = (
    ("features.0", "Conv2d"),
    ("features.1", "ReLU"),
    ("0", "Linear"),
    ("train", "MyOwnLinear"),
    ("odd", "Strange"),
)
SCRIPT = {
    "loss": "MSE",
    "model": ["Net"],
    "layers": {"features.0": {"in_channels": 3, "out_channels": 7, "kernel_size": [3, 5], "padding_mode": "zeros"}},
    "optimizers": [{"name": "SGD", "lr": 0.25, "momentum": 0.5, "weight_decay": 0}],
}


def started() -> dict[str, object]:
    rows = [{"path": path, "node": path, "kind": kind, "category": "", "numel": 4} for path, kind in LAYERS]
    weights = [row for row in rows if row["kind"] not in ("ReLU", "Strange")]
    triples = [f"{name}:{row['path']}" for row in weights for name in ("gradient", "weight", "update")]
    return {
        "run": "r", "weights": weights, "outputs": rows, "device": "cpu", "epochs": 1, "steps_per_epoch": 0,
        "total_steps": 0, "parameters": 12, "threads": 1,
        "step_columns": ["loss", "metric", "learning_rate", "gradient_norm", "clip", *triples],
        "sample_columns": [f"output:{row['path']}" for row in rows],
    }  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path):
    made = RunFolder(tmp_path / "run", "Net", started(), SCRIPT)
    yield made
    made.close()


def rows(first: int, count: int, columns: int) -> np.ndarray:
    return np.arange(first, first + count, dtype=np.float32)[:, None] * np.ones(columns, np.float32)


def test_layers_of_a_script_are_cards_with_what_they_were_made_with(folder: RunFolder, tmp_path: Path):
    followed = FollowedRun(tmp_path / "run")
    project = followed.project()
    nodes = {node.name: node for node in project.graph.nodes.values()}
    assert list(nodes) == ["features_0", "features_1", "layer_0", "train_2", "odd", "loss"]
    assert [node.kind for node in nodes.values()] == ["Conv2d", "ReLU", "Linear", "Linear", "Identity", "MSE"]
    assert dict(nodes["features_0"].params) == {"out_channels": 7, "kernel_size": (3, 5)}
    optimizer = project.training.phases[0].optimizer
    assert (optimizer.name, optimizer.learning_rate, optimizer.momentum) == ("Momentum", 0.25, 0.5)
    assert "12 parameters" in project.description
    plan = lower(project)
    assert [step.path for step in plan.for_training().steps] == list(nodes)
    assert {row.path for row in followed.started.outputs} <= set(nodes)
    assert followed.started.outputs[0].category == KINDS["Conv2d"].category
    assert followed.sketch is not None
    assert followed.sketch.paths["layer_0"] == "0"


def test_what_comes_while_it_is_followed_is_told_once_across_blocks(folder: RunFolder, tmp_path: Path):
    columns = len(started()["step_columns"])  # type: ignore[arg-type]  # it is a list
    folder.rows(rows(1, 10, columns))
    followed = FollowedRun(tmp_path / "run")
    record = followed.record()
    assert record.last_step == 10
    assert followed.news() == []
    folder.rows(rows(11, BLOCK + 100, columns))
    folder.samples([3, 7], [rows(3, 1, 5)[0], rows(7, 1, 5)[0]])
    folder.event("validated", step=20, epoch=0, loss=0.5)
    news = followed.news()
    assert [type(event) for event in news] == [StepRows, SampleRows, Validated]
    for event in news:
        if isinstance(event, StepRows):
            record.add_steps(event)
        elif isinstance(event, SampleRows):
            record.add_samples(event)
    wanted = np.arange(1, BLOCK + 111)
    np.testing.assert_array_equal(record.column("gradient", "train_2").values(), wanted)
    np.testing.assert_array_equal(record.column("output", "features_0").steps(), [3, 7])
    folder.event("finished", state="finished", step=BLOCK + 110, epoch=0, seconds=1.0)
    assert [type(event) for event in followed.news()] == [Finished]
    assert followed.news() == []


def test_a_torn_line_waits_for_its_rest(folder: RunFolder, tmp_path: Path):
    followed = FollowedRun(tmp_path / "run")
    line = b'{"type": "validated", "step": 1, "epoch": 0, "loss": 0.5}\n'
    with (tmp_path / "run" / "events.jsonl").open("ab") as file:
        file.write(line[:20])
        file.flush()
        assert followed.news() == []
        file.write(line[20:])
    assert [type(event) for event in followed.news()] == [Validated]


def test_the_doctor_judges_rows_without_a_network_and_says_nothing_of_sound_ones(folder: RunFolder, tmp_path: Path):
    columns = started()["step_columns"]
    assert isinstance(columns, list)
    table = np.full((400, len(columns)), 0.1, np.float32)
    table[:, 0] = np.linspace(2, 0.1, 400)
    table[:, 3] = 1.0
    for index, name in enumerate(columns):
        if name.startswith("update:"):
            table[:, index] = 1e-4
    folder.rows(table)
    folder.samples(list(range(1, 400, 10)), [np.array([0.5, 0.6, 0.7, 0.8, 1.0], np.float32)] * 40)
    followed = FollowedRun(tmp_path / "run")
    assert diagnose_script(followed.project(), followed.record()) == ()
    table[:, :4] = np.nan  # it went on all the same
    folder.rows(table)
    followed = FollowedRun(tmp_path / "run")
    found = diagnose_script(followed.project(), followed.record())
    assert [finding.code for finding in found if finding.shown] == ["NONFINITE"]
    assert found[0].step == 401


def test_what_is_no_run_is_refused_in_words(tmp_path: Path):
    with pytest.raises(FileError, match="the folder of a run was wanted"):
        FollowedRun(tmp_path)


def test_a_loss_that_is_none_of_ours_has_no_name_of_ours_and_says_so(tmp_path: Path):
    made = RunFolder(tmp_path / "run", "Net", started(), {**SCRIPT, "loss": ""})
    made.close()
    project = FollowedRun(tmp_path / "run").project()
    (loss,) = [node for node in project.graph.nodes.values() if KINDS[node.kind].role == "loss"]
    assert loss.name == "own_loss"
    assert "Its loss is its own." in project.description


def test_of_a_model_that_was_not_seen_at_work_all_layers_are_drawn_as_they_were_defined(tmp_path: Path):
    told = started()
    told["outputs"], told["sample_columns"] = [], []
    kinds = {"0": "Linear", "norm": "LayerNorm", "drop": "Dropout", "features.0": "Conv2d", "train": "MyOwnLinear"}
    RunFolder(tmp_path / "run", "Net", told, {**SCRIPT, "kinds": kinds}).close()
    project = FollowedRun(tmp_path / "run").project()
    drawn = [node.kind for node in project.graph.nodes.values()]
    assert drawn == ["Linear", "LayerNorm", "Dropout", "Conv2d", "Linear", "MSE"]
