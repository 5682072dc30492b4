"""Collapsed and folded-out cards: an edit like any other that leaves the network alone; room is made and given back."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import planning
from core.bodies import PLAIN, Body, body_of
from core.collapsing import collapse, held_with_room, show_activations, with_room
from core.document import Document
from core.errors import FileError
from core.files import from_text, load, save, to_text
from core.grouping import group
from core.pasting import duplicate, extract, paste
from core.project import Project
from tests.core.networks import lenet


def test_a_card_is_collapsed_and_shown_again_and_the_graph_stays_the_same_object():
    project = lenet()
    folded = collapse(project, ("conv1", "fc1"), True)
    assert folded.graph is project.graph
    assert dict(folded.bodies) == {"conv1": Body(collapsed=True), "fc1": Body(collapsed=True)}
    both = show_activations(folded, ("conv1",), True)
    assert both.bodies["conv1"] == Body(collapsed=True, activation=True)
    assert collapse(both, ("conv1",), False).bodies["conv1"] == Body(activation=True)
    assert collapse(folded, ("conv1", "fc1"), False) == project
    assert show_activations(project, ("conv1",), False) is project


def test_it_is_one_step_of_undo():
    document = Document(lenet())
    before = document.project
    document.edit("Collapse conv1", collapse(before, ("conv1",), True))
    document.edit("Show activation of fc1", show_activations(document.project, ("fc1",), True))
    assert document.past == ("Collapse conv1", "Show activation of fc1")
    document.undo()
    assert dict(document.project.bodies) == {"conv1": Body(collapsed=True)}
    document.undo()
    assert document.project is before
    document.redo()
    document.redo()
    assert document.project.bodies.keys() == {"conv1", "fc1"}


def test_it_stands_in_the_file_and_comes_back(tmp_path: Path):
    project = show_activations(collapse(lenet(), ("conv1", "fc1"), True), ("fc1", "fc2"), True)
    save(project, tmp_path / "net.chain")
    text = (tmp_path / "net.chain").read_text()
    assert '"fc1": ["collapsed", "activation"]' in text
    assert load(tmp_path / "net.chain").bodies == project.bodies
    assert '"bodies"' not in to_text(lenet())


def test_a_body_of_no_node_is_left_out_and_an_unknown_mark_is_refused():
    text = to_text(collapse(lenet(), ("conv1",), True))
    assert from_text(text.replace('"conv1": ["collapsed"]', '"gone": ["collapsed"]')).bodies == {}
    with pytest.raises(FileError):
        from_text(text.replace('["collapsed"]', '["upside down"]'))
    assert body_of(()) == PLAIN


def test_a_node_that_is_deleted_leaves_no_body_for_one_that_takes_its_id():
    project = collapse(lenet(), ("tanh1",), True)
    assert planning.delete(project, ("tanh1",)).bodies == {}


def test_copies_are_shown_as_their_originals():
    project = show_activations(lenet(), ("conv1",), True)
    copied, (fresh,) = duplicate(project, ("conv1",))
    assert copied.bodies[fresh] == Body(activation=True)
    pasted, (other,) = paste(lenet(), extract(project, ("conv1",)))
    assert pasted.bodies[other] == Body(activation=True)


def test_what_is_folded_into_a_block_keeps_how_it_is_shown():
    project = collapse(lenet(), ("conv2", "tanh2"), True)
    grouped, _block = group(project, ("conv2", "tanh2"))
    assert grouped.bodies == project.bodies


def rows(*tops: float) -> dict[str, tuple[float, float, float, float]]:
    return {f"n{index}": (index * 170.0, top, 146.0, 92.0) for index, top in enumerate(tops)}


def test_rows_below_make_room_and_what_stands_beside_or_above_stays():
    cards = rows(0, 10, 168, 336)
    assert with_room(cards, {"n1": 76.0}) == {"n2": (340.0, 244.0), "n3": (510.0, 412.0)}
    assert with_room(cards, {"n0": 76.0}) == {"n2": (340.0, 234.0), "n3": (510.0, 402.0)}
    assert with_room(cards, {"n3": 76.0}) == {}
    assert with_room({}, {}) == {}


@given(st.lists(st.integers(0, 12), min_size=1, max_size=12), st.sets(st.integers(0, 11)))
def test_folding_out_and_in_again_leads_back_to_every_place(levels: list[int], opened: set[int]):
    cards = rows(*(level * 60.0 for level in levels))
    growth = {f"n{index}": 76.0 for index in opened if index < len(levels)}
    moved = with_room(cards, growth)
    grown = {
        key: (x, moved[key][1] if key in moved else top, wide, tall + growth.get(key, 0.0))
        for key, (x, top, wide, tall) in cards.items()
    }
    back = with_room(grown, {key: -by for key, by in growth.items()})
    for key, rect in cards.items():
        assert back.get(key, grown[key][:2]) == rect[:2]


LEVELS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 40)), min_size=1, max_size=12)


@given(LEVELS, st.sets(st.integers(0, 11)))
def test_the_gaps_between_rows_stay(levels: list[tuple[int, int]], opened: set[int]):
    cards = rows(*(row * 168.0 + by for row, by in levels))
    growth = {f"n{index}": 76.0 for index in opened if index < len(levels)}
    moved = with_room(cards, growth)
    tops = {key: moved.get(key, rect[:2])[1] for key, rect in cards.items()}

    def ends(row: int) -> tuple[float, float, float, float]:
        """The row's first top and last bottom, before and after."""
        held = [f"n{index}" for index, (level, _by) in enumerate(levels) if level == row]
        before = min(cards[key][1] for key in held), max(cards[key][1] + 92 for key in held)
        return *before, min(tops[key] for key in held), max(tops[key] + 92 + growth.get(key, 0.0) for key in held)

    there = sorted({row for row, _by in levels})
    for upper, lower in pairwise(there):
        assert ends(lower)[2] - ends(upper)[3] == pytest.approx(ends(lower)[0] - ends(upper)[1])


def test_a_frame_grows_with_what_it_holds():
    cards = rows(0, 168)
    growth = {"n0": 76.0}
    moved = with_room(cards, growth)
    assert held_with_room((-24, -48, 400, 332), cards, moved, growth) == (-24, -48, 400, 408)
    below = {"n1": cards["n1"]}
    assert held_with_room((100, 120, 300, 164), below, moved, growth) == (100, 196, 300, 164)
    assert held_with_room((0, 0, 96, 48), {}, moved, growth) == (0, 0, 96, 48)


def test_a_project_without_bodies_is_as_it_was():
    assert Project().bodies == {}
    assert lenet().without_cards({"nothing"}).bodies == {}
