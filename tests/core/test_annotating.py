"""Frames and notes as values: apart from the graph, in the file, and refused where the file is wrong."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import pytest

from core import grouping, planning
from core.annotating import add_note, frame_around, recolored, removed, reshaped
from core.document import Document
from core.errors import FileError, GraphError
from core.files import from_text, to_text
from core.layout import arrange
from core.pasting import extract, paste
from core.project import Project
from core.ungrouping import ungroup
from tests.core.networks import lenet


def annotated() -> Project:
    project, frame = frame_around(lenet(), [(0, 0, 146, 92), (200, 40, 146, 92)])
    project, _note = add_note(project, (10, 300), "", "*why*")
    return recolored(project, (frame,), "red")


def test_a_frame_holds_what_it_was_put_around_and_the_graph_is_the_same_object() -> None:
    project = lenet()
    framed, key = frame_around(project, [(0, 0, 146, 92), (200, 40, 146, 92)])
    frame = framed.annotations[key]
    assert frame.holds((0, 0, 146, 92))
    assert frame.holds((200, 40, 146, 92))
    assert not frame.holds((frame.rect[0] - 1, 0, 146, 92))
    assert framed.graph is project.graph
    assert framed.positions is project.positions
    with pytest.raises(GraphError, match="nothing is selected"):
        frame_around(project, [])


def test_they_come_back_from_the_file_one_a_line_and_old_files_have_none() -> None:
    project, text = annotated(), to_text(annotated())
    assert from_text(text) == project
    assert sum('"role"' in line for line in text.splitlines()) == len(project.annotations) == 2
    plain = to_text(lenet())
    assert "annotations" not in plain
    assert not from_text(plain).annotations


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('"id": "note1"', '"id": "frame1"', "some stand twice"),
        ('"color": "red"', '"color": "pink"', "pink"),
        ('"text": "*why*"', '"text": "' + "x" * 20_001 + '"', "20,001"),
        ('"text": "*why*"', '"block": "none", "text": ""', "none"),
    ],
)
def test_wrong_ones_in_a_file_are_refused(old: str, new: str, told: str) -> None:
    text = to_text(annotated())
    assert old in text
    with pytest.raises(FileError, match=told):
        from_text(text.replace(old, new))


def test_every_edit_is_undone_entry_by_entry() -> None:
    start = annotated()
    document = Document(start)
    document.edit("move", reshaped(start, {"note1": (1, 2, 3, 4)}))
    assert document.project.annotations["note1"].rect == (1, 2, 96, 48)
    document.edit("remove", removed(document.project, ("frame1",)))
    document.edit("other", document.project.with_positions({"conv1": (5.0, 5.0)}))
    for _step in range(3):
        document.undo()
    assert document.project == start
    for _step in range(3):
        document.redo()
    assert tuple(document.project.annotations) == ("note1",)


def test_a_copied_selection_takes_them_along_at_the_same_distance() -> None:
    start = replace(annotated(), positions=MappingProxyType({"conv1": (0.0, 0.0)}))
    pasted, _nodes = paste(start, extract(start, ("conv1",), "", ("frame1",)), (500, 600))
    made = next(item for key, item in pasted.annotations.items() if key not in start.annotations)
    old = start.annotations["frame1"].rect
    assert made.rect == (old[0] + 500, old[1] + 600, old[2], old[3])
    assert made.color == "red"


def test_frames_and_notes_in_a_block_come_out_with_it_once_for_each_repetition() -> None:
    project, made = grouping.group(planning.move(lenet(), arrange(lenet().graph)), ("fc1", "tanh3"))
    block = project.graph.nodes[made].block
    project, key = add_note(project, (700.0, 500.0), block, "why")
    project = grouping.set_repeat(project, made, "", 2)
    inside = project.positions["fc1"]
    unfolded, nodes = ungroup(project, (made,))
    notes = list(unfolded.annotations.values())
    assert [note.block for note in notes] == ["", ""]
    first = [key for key in nodes if unfolded.graph.nodes[key].kind == "Linear"]
    wanted = [
        (700.0 - inside[0] + unfolded.positions[node][0], 500.0 - inside[1] + unfolded.positions[node][1])
        for node in first
    ]
    assert [note.rect[:2] for note in notes] == wanted
    assert from_text(to_text(unfolded)) == unfolded
    assert key in project.annotations


def test_a_parted_block_has_the_notes_of_the_one_it_came_from_and_they_go_with_it() -> None:
    project, made = grouping.group(planning.move(lenet(), arrange(lenet().graph)), ("fc1", "tanh3"))
    block = project.graph.nodes[made].block
    project, _key = add_note(project, (700.0, 500.0), block, "why")
    project, second = planning.add(project, f"block:{block}", (0, 0))
    parted = grouping.part(project, second, "")
    other = parted.graph.nodes[second].block
    assert [note.block for note in parted.annotations.values()] == [block, other]
    alone = grouping.delete_unused(planning.delete(parted, (second,)))
    assert [note.block for note in alone.annotations.values()] == [block]
