"""The script of a network that learns from a file of one's own: the app's losses to the last bit, and no place told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pytest
import torch

from core.data.own import inspected
from core.data.settings import DatasetSettings
from core.exchange.script import write_script
from core.project import Project
from core.training.settings import TrainingSettings
from tests.core.exchange.test_script import app, run
from tests.core.networks import chain


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """What is compared bit for bit must be added up in one order."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def table(folder: Path, **options: str) -> DatasetSettings:
    random = np.random.default_rng(4)
    rows = ["first,second,island,class"]
    for place in range(150):
        kind = place % 3
        first = f"{random.normal(kind, 1):.3f}" if random.random() > 0.1 else ""
        island = ("Biscoe", "Dream", "")[random.integers(3)]
        rows.append(f"{first},{random.normal(-kind, 2):.2f},{island},{'abc'[kind]}")
    path = folder / 'sec"ret \\ name.csv'
    path.write_text("\n".join(rows))
    return inspected(path, options)


def arrays(folder: Path) -> DatasetSettings:
    random = np.random.default_rng(4)
    np.savez(folder / "set.npz", features=random.normal(3, 2, (90, 4)), label=np.arange(90) % 3)
    return inspected(folder / "set.npz")


CASES = {
    "dropped": table,
    "filled": lambda folder: table(folder, missing="fill"),
    "filled by time": lambda folder: replace(table(folder, missing="fill", order="second"), split="time"),
    "filled whole": lambda folder: replace(table(folder, missing="fill"), validation=0.0),
    "stratified": lambda folder: replace(table(folder), split="stratified"),
    "arrays": arrays,
}


def learner(settings: DatasetSettings) -> Project:
    target = "class_column" if settings.source == "table" else "label"
    project = chain([("Linear", "line", {"out_features": 3})], "iris", "features", target=target)
    training = TrainingSettings(epochs=4, batch_size=16)
    return replace(project, data=MappingProxyType({"iris": settings}), training=training)


@pytest.mark.parametrize("name", CASES)
def test_every_step_is_the_apps(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "private").mkdir()
    project = learner(CASES[name](tmp_path / "private"))
    (tmp_path / "out").mkdir()
    path, *files = write_script(project, tmp_path / "out" / "made.py")
    assert [file.name for file in files] == [f"made-{project.data['iris'].source}.npz"]
    assert str(tmp_path) not in path.read_text()
    for file in (tmp_path / "private").iterdir():
        file.unlink()
    theirs = np.float32(run(path, monkeypatch, "--steps", "20"))
    monkeypatch.undo()
    project = learner(CASES[name](tmp_path / "private"))
    ours, _judged = app(project)
    assert theirs.tolist() == ours[:20]


@pytest.mark.parametrize("name", ["torch", "np", "file", "F", "len", "class"])
def test_columns_may_have_the_names_of_what_the_script_uses(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "names.csv"
    path.write_text(f"a,{name}\n" + "".join(f"{place / 3},{'xy'[place % 2]}\n" for place in range(40)))
    settings = inspected(path)
    assert settings.found is not None
    project = chain([("Linear", "line", {"out_features": 2})], "iris", "features", target=settings.found.fields[1].name)
    project = replace(project, data=MappingProxyType({"iris": settings}))
    made, *_files = write_script(project, tmp_path / "made.py")
    assert len(run(made, monkeypatch, "--steps", "2")) == 2
