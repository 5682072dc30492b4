from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from core.project import Position
from gui.canvas.canvas import Canvas
from gui.widgets import IconButton
from tests.gui.canvas.hands import Hands, assert_mirror

SHIFT = Qt.KeyboardModifier.ShiftModifier


def messy(canvas: Canvas) -> dict[str, Position]:
    """Shift every other card, as one edit."""
    project = canvas.document.project
    moved = {key: (x + 130.0, y + 260.0) for key, (x, y) in list(project.positions.items())[::2]}
    canvas.document.edit("mess", project.with_positions(moved))
    return dict(canvas.document.project.positions)


def press_layout(canvas: Canvas) -> None:
    """Press the button in the corner."""
    buttons = canvas.furniture.zoom_bar.findChildren(IconButton)
    button = next(button for button in buttons if button.toolTip() == "Auto layout")
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def test_all_cards_glide_to_their_places_and_stand_there_exactly(lenet_canvas: Canvas, qtbot: QtBot) -> None:
    canvas = lenet_canvas
    canvas.view.animated = True
    before = messy(canvas)
    press_layout(canvas)
    assert canvas.document.past == ("mess", "Auto layout")
    goals = canvas.document.project.positions
    moving = [key for key in before if goals[key] != before[key]]
    assert moving
    assert canvas.glide.under_way
    key = moving[0]
    ends = (QPointF(*before[key]), QPointF(*goals[key]))
    qtbot.waitUntil(lambda: canvas.scene.nodes[key].pos() not in ends, timeout=2000)
    qtbot.waitUntil(lambda: not canvas.glide.under_way, timeout=2000)
    assert_mirror(canvas)
    canvas.document.undo()
    assert canvas.document.project.positions == before
    assert_mirror(canvas)


@pytest.mark.parametrize(
    "interrupt",
    [
        lambda hands: hands.press(QPoint(5, 5)),
        lambda hands: hands.key(Qt.Key.Key_Escape),
        lambda hands: hands.canvas.document.undo(),
        lambda hands: hands.canvas.hide(),
    ],
    ids=["press", "key", "undo", "hidden"],
)
def test_a_glide_ends_at_once_when_anything_happens(
    lenet_canvas: Canvas, interrupt: Callable[[Hands], object], qtbot: QtBot
) -> None:
    canvas, hands = lenet_canvas, Hands(lenet_canvas)
    canvas.view.animated = True
    messy(canvas)
    press_layout(canvas)
    qtbot.wait(40)
    assert canvas.glide.under_way
    interrupt(hands)
    assert not canvas.glide.under_way
    hands.release(QPoint(5, 5))
    assert_mirror(canvas)


def test_with_reduced_motion_cards_are_there_at_once(lenet_canvas: Canvas) -> None:
    messy(lenet_canvas)
    press_layout(lenet_canvas)
    assert not lenet_canvas.glide.under_way
    assert_mirror(lenet_canvas)


def test_several_selected_cards_are_laid_out_in_their_corner_and_the_others_stay(hands: Hands) -> None:
    canvas = hands.canvas
    before = messy(canvas)
    hands.click(hands.card("conv1"))
    for node in ("tanh1", "pool1"):
        hands.click(hands.card(node), SHIFT)
    press_layout(canvas)
    after = canvas.document.project.positions
    assert canvas.document.past[-1] == "Auto layout of 3 layers"
    assert {key for key in before if after[key] != before[key]} <= {"conv1", "tanh1", "pool1"}
    assert after["conv1"][1] == after["tanh1"][1] == after["pool1"][1]
    assert after["conv1"][0] < after["tanh1"][0] < after["pool1"][0]
    assert_mirror(canvas)


def test_what_leads_to_a_card_and_what_follows_it_is_laid_out_around_it(hands: Hands) -> None:
    canvas = hands.canvas
    before = messy(canvas)
    hands.click(hands.card("pool1"))
    canvas.layouting.arrange_before()
    after = dict(canvas.document.project.positions)
    assert {key for key in before if after[key] != before[key]} <= {"data", "conv1", "tanh1"}
    assert after["data"][0] < after["conv1"][0] < after["tanh1"][0] < after["pool1"][0] == before["pool1"][0]
    canvas.layouting.arrange_behind()
    last = canvas.document.project.positions
    assert all(last[key] == after[key] for key in ("data", "conv1", "tanh1", "pool1"))
    assert last["pool1"][0] < last["conv2"][0] < last["loss"][0]
    assert canvas.document.past[1:] == ("Lay out what leads to pool1", "Lay out what follows pool1")
    assert_mirror(canvas)


def test_neighbours_glide_aside_for_what_goes_into_a_wire(hands: Hands, qtbot: QtBot) -> None:
    canvas = hands.canvas
    made = canvas.drop("ReLU", canvas.scene.nodes["fc3"].pos() + QPointF(16, 200))
    canvas.view.animated = True
    way = canvas.scene.wiring.ends(next(key for key in hands.graph.edges if key.node == "fc3"))
    middle = (way.start + way.end) / 2 - canvas.scene.nodes[made].rect.center()
    goal = hands.card(made) + (hands.spot(middle) - hands.spot(QPointF(0, 0)))
    hands.drag(hands.card(made), goal)
    assert canvas.document.past[-1] == f"Put {hands.graph.nodes[made].name} into a wire"
    assert canvas.glide.under_way
    qtbot.waitUntil(lambda: not canvas.glide.under_way, timeout=2000)
    assert_mirror(canvas)
