"""Alt and the arrows: by a little or by more, on the grid or not, frames with what stands in them."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from gui.canvas.geometry import GRID
from tests.gui.canvas.hands import Hands, assert_mirror
from tests.gui.canvas.test_annotations import framed, only

ALT, SHIFT = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ShiftModifier
LEFT, RIGHT, UP, DOWN = Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down


def place(hands: Hands, node: str = "tanh1") -> tuple[float, float]:
    item = hands.canvas.scene.nodes[node]
    return item.x(), item.y()


def test_a_press_moves_by_a_little_with_shift_by_more_and_many_are_one_step(hands: Hands) -> None:
    canvas = hands.canvas
    canvas.select(("tanh1", "pool1"))
    (x, y), (other, _y) = place(hands), place(hands, "pool1")
    for key, held in ((RIGHT, ALT), (RIGHT, ALT), (DOWN, ALT), (LEFT, ALT | SHIFT), (UP, ALT | SHIFT)):
        hands.key(key, held)
    assert place(hands) == (x + 8 - 24, y + 4 - 24)
    assert place(hands, "pool1")[0] == other + 8 - 24
    assert canvas.document.past == ("Move 2 layers",)
    assert_mirror(canvas)
    canvas.document.undo()
    assert place(hands) == (x, y)


@pytest.mark.parametrize(("key", "held", "expected"), [
    (RIGHT, ALT, (2 * GRID, 7)),
    (LEFT, ALT, (GRID, 7)),
    (RIGHT, ALT | SHIFT, (5 * GRID, 7)),
    (DOWN, ALT, (30, GRID)),
    (UP, ALT, (30, 0)),
])  # fmt: skip
def test_while_things_stand_on_the_grid_a_press_goes_to_its_next_line(
    hands: Hands, key: Qt.Key, held: Qt.KeyboardModifier, expected: tuple[float, float]
) -> None:
    canvas = hands.canvas
    canvas.document.edit("Move", canvas.document.project.with_positions({"tanh1": (30.0, 7.0)}))
    canvas.stage.toggle_snap()
    canvas.select(("tanh1",))
    hands.key(key, held)
    assert place(hands) == expected


def test_a_frame_is_nudged_with_the_layers_that_stand_in_it(hands: Hands) -> None:
    canvas = hands.canvas
    key = framed(hands)
    left, top, wide, tall = only(canvas).rect
    x, y = place(hands)
    canvas.scene.select((), (), (key,))
    hands.key(DOWN, ALT)
    assert only(canvas).rect == (left, top + 4, wide, tall)
    assert place(hands) == (x, y + 4)
    assert canvas.document.past[-1] == "Move frame “Frame”"
    canvas.document.undo()
    assert place(hands) == (x, y)
    assert only(canvas).rect == (left, top, wide, tall)


def test_nothing_selected_moves_nothing(hands: Hands) -> None:
    hands.canvas.select(())
    before = hands.canvas.document.project
    hands.key(RIGHT, ALT)
    assert hands.canvas.document.project is before
