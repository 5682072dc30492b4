"""Data of the user's own in project files: paths from the file's folder on, what was found, places told to no one."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pytest

from core import files
from core.data.own import inspected
from core.filedata import is_within, outside, without_places
from core.owndata import add_own
from core.ports import output_ports
from core.project import Project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "work" / "data").mkdir(parents=True)
    path = tmp_path / "work" / "data" / "Points 1.npz"
    np.savez(path, x=np.ones((6, 2)), label=np.arange(6) % 2)
    return add_own(Project(), inspected(path))[0]


def test_the_node_offers_what_was_found(project: Project) -> None:
    (node,) = project.graph.nodes.values()
    assert [port.name for port in output_ports(project, node)] == ["x", "label"]
    assert list(project.data) == ["points_1"]


def test_the_same_file_is_brought_in_once(project: Project) -> None:
    twice, _ = add_own(project, project.data["points_1"])
    assert len(twice.data) == 1
    assert len(twice.graph.nodes) == 2


def test_project_and_data_can_be_moved_together(project: Project, tmp_path: Path) -> None:
    saved = tmp_path / "work" / "net.chain"
    files.save(project, saved)
    assert '"data/Points 1.npz"' in saved.read_text()
    assert files.load(saved) == project
    shutil.move(tmp_path / "work", tmp_path / "other")
    moved = files.load(tmp_path / "other" / "net.chain")
    assert moved.data["points_1"].path == str(tmp_path / "other" / "data" / "Points 1.npz")
    assert moved.data["points_1"].found == project.data["points_1"].found


def test_a_file_out_of_the_folder_is_known_to_be(project: Project, tmp_path: Path) -> None:
    assert outside(project, tmp_path / "work") == ()
    assert outside(project, tmp_path / "work" / "deeper") == (project.data["points_1"].path,)


def test_others_are_told_the_names_of_files_alone(project: Project, tmp_path: Path) -> None:
    text = files.to_text(without_places(project))
    assert str(tmp_path) not in text
    assert "Points 1.npz" in text


def test_what_a_folder_puts_aside_is_kept(project: Project, tmp_path: Path) -> None:
    known = project.data["points_1"]
    assert known.found is not None
    apart = replace(known, found=replace(known.found, held=2, gap=1, skipped=3, notes=("A note.",)))
    files.save(replace(project, data=MappingProxyType({"points_1": apart})), tmp_path / "work" / "net.chain")
    assert files.load(tmp_path / "work" / "net.chain").data["points_1"].found == apart.found


def test_a_link_out_of_the_folder_leads_out_of_it(project: Project, tmp_path: Path) -> None:
    folder = tmp_path / "work"
    (tmp_path / "secret.csv").write_text("a,b\n")
    (folder / "inside.csv").symlink_to(tmp_path / "secret.csv")
    assert not is_within(str(folder / "inside.csv"), folder)
    assert not is_within(str(folder / ".." / "secret.csv"), folder)
    assert is_within(str(folder / "data" / ".." / "data" / "Points 1.npz"), folder)


def test_what_is_elsewhere_by_its_name_is_not_even_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []
    monkeypatch.setattr("os.path.realpath", lambda path: looked.append(str(path)) or str(path))
    assert not is_within("//server/share/table.csv", tmp_path)
    assert looked == []
