"""Cards in line, on the grid, and frozen: by the hand, one edit each."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QPoint, Qt

from gui.canvas.geometry import GRID
from tests.gui.canvas.hands import Hands, assert_mirror


def test_cards_are_brought_in_line_in_one_edit(hands: Hands) -> None:
    canvas = hands.canvas
    start = hands.card("conv1")
    hands.drag(start, start + QPoint(7, 31))
    before = canvas.document.project
    canvas.select(("conv1", "tanh1"))
    canvas.editing.arrange("top")
    after = canvas.document.project
    assert after.positions["conv1"][1] == after.positions["tanh1"][1] != before.positions["conv1"][1]
    assert after.graph is before.graph
    assert len(canvas.document.past) == 2
    canvas.document.undo()
    assert canvas.document.project == before
    assert_mirror(canvas)


def test_a_dragged_card_stands_on_the_grid_while_snapping_is_on(hands: Hands) -> None:
    canvas = hands.canvas
    canvas.stage.toggle_snap()
    start = hands.card("conv1")
    hands.drag(start, start + QPoint(43, 55))
    x, y = canvas.document.project.positions["conv1"]
    assert x % GRID == y % GRID == 0
    canvas.stage.toggle_snap()
    start = hands.card("conv1")
    hands.drag(start, start + QPoint(7, 5))
    assert canvas.document.project.positions["conv1"] == (x + 7, y + 5)
    assert_mirror(canvas)


def test_l_freezes_what_can_be_frozen_and_again_lets_it_learn(hands: Hands) -> None:
    canvas = hands.canvas
    canvas.select(("conv1", "tanh1", "fc1"))
    before = canvas.document.project
    hands.key(Qt.Key.Key_L)
    nodes = hands.graph.nodes
    assert [bool(nodes[key].param("frozen", False)) for key in ("conv1", "tanh1", "fc1")] == [True, False, True]
    assert canvas.scene.nodes["conv1"].card.frozen
    assert len(canvas.document.past) == 1
    hands.key(Qt.Key.Key_L)
    assert canvas.document.project == before
    canvas.select(("tanh1",))
    said: list[str] = []
    canvas.message.connect(said.append)
    hands.key(Qt.Key.Key_L)
    assert len(canvas.document.past) == 2
    assert "frozen" in said[0]


def test_a_card_is_frozen_by_its_share_of_the_learning_rate_too(hands: Hands) -> None:
    canvas = hands.canvas
    project = canvas.document.project
    rates = (("conv1", 0.0), ("tanh1", 0.0), ("fc1", 0.5))
    canvas.document.edit("Freeze", replace(project, training=replace(project.training, rates=rates)))
    cards = {key: canvas.scene.nodes[key].card.frozen for key in ("conv1", "tanh1", "fc1")}
    assert cards == {"conv1": True, "tanh1": False, "fc1": False}
    assert_mirror(canvas)
    canvas.document.undo()
    assert not canvas.scene.nodes["conv1"].card.frozen
    assert_mirror(canvas)
