"""A project's data outside its folder are read only where the user has allowed it, once."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest

from core.data.own import inspected
from core.datatrust import DataTrust, data_trust_file, not_allowed
from core.files import load, save
from core.project import Project
from core.training.settings import TrainingSettings
from tests.core.commands.conftest import Call
from tests.core.networks import chain

TABLE = "x,z,kind\n" + "".join(f"{i / 7},{i % 5},{'ab'[i % 2]}\n" for i in range(40))


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "private").mkdir()
    path = tmp_path / "private" / "points.csv"
    path.write_text(TABLE)
    learner = chain([("Linear", "line", {"out_features": 2})], "iris", "features", target="kind")
    return replace(learner, data=MappingProxyType({"iris": inspected(path)}), training=TrainingSettings(epochs=1))


@pytest.fixture
def stranger(project: Project, tmp_path: Path) -> Path:
    (tmp_path / "downloads").mkdir()
    path = tmp_path / "downloads" / "net.chain"
    save(project, path)
    return path


def test_a_file_elsewhere_is_not_read_until_it_is_allowed(call: Call, stranger: Path, tmp_path: Path) -> None:
    refused = call("train", stranger)
    assert refused.code == 1
    assert "points.csv" in refused.err
    assert "--allow-data" in refused.err
    script = call("code", stranger, "--script", "-o", tmp_path / "made.py")
    assert script.code == 1
    assert not list(tmp_path.glob("made*"))
    assert call("train", stranger, "--allow-data").code == 0
    assert call("train", stranger).code == 0


def test_what_lies_beside_the_project_needs_no_leave_and_its_run_neither(
    call: Call, project: Project, tmp_path: Path
) -> None:
    save(project, tmp_path / "net.chain")
    assert call("train", tmp_path / "net.chain", "--out", tmp_path / "deep" / "run").code == 0
    assert call("evaluate", tmp_path / "deep" / "run").code == 0
    assert json.loads(data_trust_file().read_text())["allowed"] == [load(tmp_path / "net.chain").data["iris"].path]


def test_another_reading_of_a_table_is_read_anew(call: Call, project: Project, tmp_path: Path) -> None:
    save(project, tmp_path / "net.chain")
    result = call("train", tmp_path / "net.chain", "--set", 'iris.types={"z": "category"}')
    assert result.code == 0, result.err


@pytest.mark.parametrize("content", ["", "{", '{"allowed": 3}', '["a"]'])
def test_a_damaged_list_allows_nothing(content: str, project: Project) -> None:
    data_trust_file().parent.mkdir(parents=True)
    data_trust_file().write_text(content)
    known = DataTrust()
    (path,) = known.missing(project, None)
    assert path in str(not_allowed([path]))
    known.remember([path])
    assert DataTrust().missing(project, None) == ()
