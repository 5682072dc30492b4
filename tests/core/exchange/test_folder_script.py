"""The script of a project on folders and texts of one's own takes the steps of the app."""

from __future__ import annotations

import json
import runpy
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from core.data.load import load
from core.data.own import inspected
from core.data.settings import DatasetSettings
from core.engine.messages import Failed, StepRows
from core.errors import DataError
from core.exchange.script import write_script
from core.project import Project
from core.training.control import Control
from core.training.loop import train
from core.training.run import Job
from tests.core.data.pictures.drawing import classes
from tests.core.data.test_audio import folder as sounds
from tests.core.data.test_cifar import ten
from tests.core.data.test_idx import mnist
from tests.core.training.projects import chain, classifier, node, wire
from tests.core.training.projects import project as projected


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
    torch.use_deterministic_algorithms(False)


def classified(settings: DatasetSettings, field: str, count: int) -> Project:
    layers = [node("flat", "Flatten"), node("fc", "Linear", out_features=count)]
    return classifier(layers, settings, field, epochs=2, batch_size=8)


def pictures(root: Path) -> Project:
    classes(root / "train", 12)
    classes(root / "val", 4)
    known = inspected(root, {"height": 6, "width": 6})
    return classified(replace(known, normalise="standardise"), "image", 3)


def text(root: Path) -> Project:
    root.mkdir()
    (root / "verse.txt").write_text("Die Zeit heilt nicht alle Wunden.\n" * 40)
    nodes = [
        node("data", "Dataset", dataset="data"),
        node("embed", "Embedding", embedding_dim=4, num_embeddings=30),
        node("fc", "Linear", out_features=30),
        node("turn", "Transpose"),
        node("loss", "CrossEntropy"),
    ]
    edges = [wire("data.text", "embed"), *chain(["embed", "fc", "turn"]), wire("turn", "loss.logits")]
    known = inspected(root / "verse.txt", {"context": 8, "stride": 3})
    return projected(nodes, [*edges, wire("data.next", "loss.label")], known, epochs=1, batch_size=16)


CASES: dict[str, Callable[[Path], Project]] = {
    "pictures": pictures,
    "text": text,
    "audio": lambda root: classified(
        inspected(sounds(root), {"rate": 8_000, "seconds": 0.05, "window": 64, "hop": 32}), "audio", 2
    ),
    "idx": lambda root: classified(inspected(mnist(root)), "image", 10),
    "cifar": lambda root: (root.mkdir(), classified(inspected(ten(root)), "image", 10))[1],
}


@pytest.mark.parametrize("name", CASES)
def test_every_step_is_the_apps(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = CASES[name](tmp_path / "own")
    path, *_files = write_script(project, tmp_path / "made.py")
    monkeypatch.setattr(sys, "argv", [str(path), "--losses", str(tmp_path / "losses.json")])
    runpy.run_path(str(path), run_name="__main__")
    theirs = json.loads((tmp_path / "losses.json").read_text())
    events = list(train(Job(project, {"data": load(project.data["data"])}), Control()))
    assert not [event for event in events if isinstance(event, Failed)]
    rows = [np.frombuffer(one.data, np.float32).reshape(one.count, -1) for one in events if isinstance(one, StepRows)]
    assert np.float32(theirs).tolist() == np.concatenate(rows)[:, 0].tolist()


def test_what_is_larger_than_the_memory_is_not_written_beside_a_script(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = pictures(tmp_path / "own")
    monkeypatch.setattr("core.data.rows.IN_MEMORY", 10_000)
    with pytest.raises(DataError, match="read from their file"):
        write_script(project, tmp_path / "made.py")
