"""The hand itself: it hits what it aims at, holds keys while it drags, and counts."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint
from pytestqt.qtbot import QtBot

from gui.app import App
from tests.gui.hand import CTRL, KEY, SHIFT, Hand


@pytest.fixture
def hand(lenet: App, qtbot: QtBot) -> Hand:
    lenet.window.resize(1600, 1000)
    made = Hand(lenet)
    made.canvas.fit()
    made.canvas.setFocus()
    qtbot.waitUntil(made.view.hasFocus)
    return made


def test_it_hits_cards_wires_menus_palette_and_fields_and_counts(hand: Hand) -> None:
    fc1 = hand.node("fc1").id
    hand.click(hand.card(fc1))
    assert hand.canvas.selection() == (fc1,)
    hand.set_field("out_features", "60")
    assert hand.graph.nodes[fc1].param("out_features") == 60
    hand.click(hand.card(hand.node("fc2").id), CTRL)
    assert len(hand.canvas.selection()) == 2
    hand.menu("Graph", "Align left")
    assert len({hand.scene.nodes[key].x() for key in hand.canvas.selection()}) == 1
    place = next(hand.ground(90))
    made = hand.drop("ReLU", place)
    assert hand.graph.nodes[made].kind == "ReLU"
    hand.command("Undo")
    assert made not in hand.graph.nodes
    hand.double_click(next(hand.ground(90)))
    hand.answer("dropout")
    assert "dropout1" in hand.names
    assert hand.count["drag"] == 1
    assert hand.count["double click"] == 1
    assert hand.gestures > 30


def test_a_key_that_is_held_reaches_every_event_of_a_drag(hand: Hand) -> None:
    seen = []
    fc1 = hand.node("fc1").id
    with hand.holding(SHIFT):
        hand.press(hand.card(fc1), SHIFT)
        for step in (20, 40):
            hand.point(hand.card(fc1) + QPoint(step, 0))
            seen.append(hand.canvas.stage.held)
        hand.release(hand.card(fc1), SHIFT)
    assert seen == [SHIFT, SHIFT]
    hand.point(hand.card(fc1))
    assert hand.canvas.stage.held != SHIFT


def test_it_cannot_press_through_what_lies_over_the_graph(hand: Hand) -> None:
    bar = hand.canvas.furniture.breadcrumb
    with pytest.raises(AssertionError, match="nothing lies over"):
        hand.click(hand.view.viewport().mapFromGlobal(bar.mapToGlobal(bar.rect().center())))
    hand.key(KEY.Key_Tab)
    assert hand.canvas.popup.isVisible()
    with pytest.raises(AssertionError, match="nothing lies over"):
        hand.click(hand.canvas.popup.geometry().center())
