"""Bypass on the canvas: the key, what is refused and why, what is seen and heard, and the menu of a card."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gui.canvas.health import Health
from gui.canvas.spoken import spoken
from tests.gui.canvas.hands import Hands, assert_mirror

B = Qt.Key.Key_B


def bypassed(hands: Hands) -> set[str]:
    return {key for key, node in hands.graph.nodes.items() if node.bypassed}


def test_b_bypasses_what_is_selected_in_one_step_and_lets_it_run_again(hands: Hands) -> None:
    canvas = hands.canvas
    canvas.select(("tanh1", "tanh2"))
    hands.key(B)
    assert bypassed(hands) == {"tanh1", "tanh2"}
    assert canvas.document.past[-1] == "Bypass 2 layers"
    assert_mirror(canvas)
    assert canvas.scene.nodes["tanh1"].card.bypassed
    hands.key(B)
    assert bypassed(hands) == set()
    assert canvas.document.past[-1] == "Stop bypassing 2 layers"
    canvas.document.undo()
    assert bypassed(hands) == {"tanh1", "tanh2"}
    canvas.document.undo()
    assert bypassed(hands) == set()
    assert_mirror(canvas)


def test_one_that_changes_the_shape_stays_and_both_shapes_are_told_at_it(hands: Hands) -> None:
    canvas = hands.canvas
    before = canvas.document.project
    canvas.select(("pool1",))
    hinted: list[str] = []
    canvas.stage.hinted.connect(lambda text, _at: hinted.append(text))
    hands.key(B)
    (words,) = hinted
    assert "pool1" in words
    assert "B×6×28×28 comes in and B×6×14×14 goes out" in words
    assert canvas.document.project is before


def test_of_several_those_that_can_be_are_bypassed_and_one_of_the_others_says_why(hands: Hands, qtbot: QtBot) -> None:
    canvas = hands.canvas
    canvas.select(("tanh1", "pool1"))
    with qtbot.waitSignal(canvas.message) as told:
        hands.key(B)
    assert bypassed(hands) == {"tanh1"}
    assert canvas.document.past[-1] == "Bypass tanh1"
    assert "pool1" in told.args[0]


def test_the_wire_behind_it_keeps_its_shape(hands: Hands) -> None:
    canvas = hands.canvas
    canvas.select(("tanh1",))
    hands.key(B)
    facts = canvas.scene.facts
    assert facts is not None
    assert str(facts.types.of("tanh1", "output")) == "6×28×28"
    assert not facts.problems.get("tanh1")


def test_it_says_bypassed_and_no_gradient_of_an_earlier_run(hands: Hands) -> None:
    canvas = hands.canvas
    canvas.set_health({"tanh1": Health(1e-3)})
    canvas.select(("tanh1",))
    hands.key(B)
    assert spoken(canvas.scene, "tanh1") == "tanh1, Tanh, bypassed, input 6×28×28, output 6×28×28"
    assert "bypassed" in canvas.view.accessibleDescription()


def test_the_card_is_veiled_and_a_line_leads_through_it(hands: Hands) -> None:
    canvas = hands.canvas
    canvas.select(())
    item = canvas.scene.nodes["tanh1"]
    at = hands.spot(item.pos() + QPointF(120, 47))
    plain = canvas.view.viewport().grab().toImage()
    canvas.select(("tanh1",))
    hands.key(B)
    canvas.select(())
    veiled = canvas.view.viewport().grab().toImage()
    ratio = int(plain.devicePixelRatio())
    assert plain.pixelColor(at * ratio) != veiled.pixelColor(at * ratio)
    line = canvas.scene.look.color("text2")
    assert abs(veiled.pixelColor(at * ratio).lightness() - line.lightness()) < 30


def test_the_right_button_on_a_card_offers_it(hands: Hands, qtbot: QtBot) -> None:
    canvas = hands.canvas
    canvas.select(("conv1",))
    place = hands.card("tanh1")
    viewport = canvas.view.viewport()
    QApplication.sendEvent(
        viewport, QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, viewport.mapToGlobal(place))
    )
    assert canvas.selection() == ("tanh1",)
    menu = canvas.card_menu
    assert menu.isVisible()
    action = next(item for item in menu.actions() if item.objectName() == "bypass")
    QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(action).center())
    assert bypassed(hands) == {"tanh1"}


def test_a_copy_is_bypassed_as_its_original(hands: Hands) -> None:
    canvas = hands.canvas
    canvas.select(("tanh1",))
    hands.key(B)
    canvas.copy()
    assert '"bypassed": true' in QGuiApplication.clipboard().text()
    canvas.paste()
    (copy,) = canvas.selection()
    assert hands.graph.nodes[copy].bypassed


@pytest.mark.parametrize("node", ["data", "loss"])
def test_sources_and_losses_say_what_they_are(hands: Hands, qtbot: QtBot, node: str) -> None:
    hands.canvas.select((node,))
    with qtbot.waitSignal(hands.canvas.message) as told:
        hands.key(B)
    assert ("source" if node == "data" else "loss") in told.args[0]
    assert bypassed(hands) == set()
