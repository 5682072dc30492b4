"""Project files: what is written comes back, and what is broken is told and loses nothing."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest

from core import files, recovery
from core.errors import FileError
from core.fileformat import schema
from core.files import from_text, load, save, to_text
from core.graph import Graph, Node
from core.project import Project
from tests.core.networks import lenet
from tests.core.test_plan import block_project

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("project", [Project(), lenet(), block_project(), block_project(1, "shared")])
def test_what_is_written_comes_back(project: Project) -> None:
    assert from_text(to_text(project)) == project


def test_one_node_a_line_so_that_a_change_is_one_line_of_a_diff() -> None:
    project = lenet()
    changed = project.graph.replace_node(project.graph.nodes["conv1"].with_params(out_channels=7))
    before, after = to_text(project).splitlines(), to_text(replace(project, graph=changed)).splitlines()
    assert sum(one != other for one, other in zip(before, after, strict=True)) == 1


def test_moving_a_node_changes_the_layout_alone() -> None:
    project = lenet().with_positions({"conv1": (1, 2)})
    before, after = to_text(project), to_text(project.with_positions({"conv1": (3.5, 2)}))
    assert before.split('"layout"')[0] == after.split('"layout"')[0]


def test_the_published_schema_is_the_one_of_the_types() -> None:
    assert json.loads((ROOT / "resources" / "chain.schema.json").read_text()) == schema()


TEXT = to_text(lenet())
BROKEN = {
    "truncated": (TEXT[: len(TEXT) // 2], "truncated"),
    "empty": ("", "it is empty"),
    "nested deeply": ("[" * 200_000, "expected `object`"),
    "nested parameter": (TEXT.replace('"padding": 2', '"padding": ' + "[" * 5000 + "]" * 5000), "nested too deeply"),
    "newer": (TEXT.replace('"chainrule": 1', '"chainrule": 9'), "newer Chainrule"),
    "unknown kind": (TEXT.replace('"Conv2d"', '"Conv2e"'), "Did you mean Conv2d?"),
    "unknown parameter": (TEXT.replace('"padding"', '"pading"'), "pading"),
    "out of range": (TEXT.replace('"padding": 2', '"padding": -2'), "padding wants a whole number"),
    "wrong type": (TEXT.replace('"padding": 2', '"padding": "2"'), "padding wants a whole number"),
    "not a number": (TEXT.replace('"padding": 2', '"padding": NaN'), "invalid"),
    "unknown key": (TEXT.replace('"chainrule": 1', '"chainrule": 1, "code": "x"'), "unknown field `code`"),
    "a wire to nowhere": (TEXT.replace('["data", "image"', '["nowhere", "image"'), "nowhere"),
    "a wrong port": (TEXT.replace('["data", "image"', '["data", "sound"'), "sound"),
    "an id twice": (TEXT.replace('"id": "tanh1"', '"id": "conv1"'), "conv1"),
    "a bad name": (TEXT.replace('"name": "tanh1"', '"name": "../x"'), "../x"),
    "an unknown data set": (TEXT.replace('"source": "mnist"', '"source": "mnisst"'), "mnisst"),
    "training out of range": (TEXT.replace('"epochs": 20', '"epochs": -1'), "Epochs wants"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_told_in_four_parts(name: str, tmp_path: Path) -> None:
    text, expected = BROKEN[name]
    assert text != TEXT
    path = tmp_path / "broken.chain"
    path.write_text(text)
    with pytest.raises(FileError) as caught:
        load(path)
    assert expected.lower() in str(caught.value).lower()
    assert caught.value.wanted
    assert caught.value.fix
    assert str(path) in caught.value.where


def test_a_binary_file_and_a_folder_are_told(tmp_path: Path) -> None:
    path = tmp_path / "picture.chain"
    path.write_bytes(b"\x89PNG\r\n\x1a\n\xff\xfe")
    with pytest.raises(FileError, match="binary"):
        load(path)
    with pytest.raises(FileError, match="directory"):
        load(tmp_path)
    with pytest.raises(FileError, match="no such file"):
        load(tmp_path / "none.chain")


def test_saving_into_a_read_only_folder_is_told_and_leaves_the_old_file(tmp_path: Path) -> None:
    target = Path("/proc/nowhere/x.chain")
    with pytest.raises(FileError, match="as it was"):
        save(lenet(), target)


def test_a_full_disk_leaves_the_old_file_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "net.chain"
    save(lenet(), path)
    before = path.read_text()

    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(FileError, match="no space left"):
        save(replace(lenet(), name="other"), path)
    assert path.read_text() == before
    assert [item.name for item in tmp_path.iterdir()] == ["net.chain"]


def test_weights_are_saved_beside_and_count_only_while_they_are_the_ones(tmp_path: Path) -> None:
    weights = tmp_path / "run" / "weights.safetensors"
    weights.parent.mkdir()
    weights.write_bytes(b"numbers")
    path = tmp_path / "net.chain"
    project = save(lenet(), path, weights)
    assert load(path) == project
    assert files.trained_weights(project, path) == tmp_path / "net.safetensors"
    (tmp_path / "net.safetensors").write_bytes(b"others")
    assert files.trained_weights(project, path) is None


def test_many_nodes_are_refused_quickly() -> None:
    nodes = [Node(f"n{place}", "ReLU", f"relu{place}") for place in range(1000)]
    text = to_text(Project(graph=Graph(MappingProxyType({node.id: node for node in nodes}))))
    assert len(from_text(text).graph.nodes) == 1000


KEEP = """
import sys
from pathlib import Path
from core.recovery import Recovery
from core.files import load
keeper = Recovery(Path(sys.argv[1]))
keeper.keep(load(Path(sys.argv[2])), Path(sys.argv[2]))
"""


def test_what_a_window_that_died_left_behind_is_offered(tmp_path: Path) -> None:
    path = tmp_path / "net.chain"
    save(lenet(), path)
    folder = tmp_path / "recovery"
    subprocess.run([sys.executable, "-c", KEEP, str(folder), str(path)], check=True, cwd=ROOT)
    (kept,) = recovery.left_behind(folder)
    assert kept.project == lenet()
    assert kept.path == path
    kept.forget()
    assert recovery.left_behind(folder) == ()
    assert list(folder.iterdir()) == []


def test_what_a_living_window_keeps_is_not_offered(tmp_path: Path) -> None:
    keeper = recovery.Recovery(tmp_path)
    keeper.keep(lenet(), None)
    assert recovery.left_behind(tmp_path) == ()
    keeper.forget()
    assert list(tmp_path.iterdir()) == []
