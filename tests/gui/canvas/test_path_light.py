from __future__ import annotations

from PySide6.QtCore import QPoint
from pytestqt.qtbot import QtBot

from core.graph import Edge, InputKey
from gui.canvas.canvas import Canvas
from tests.gui.canvas.hands import Hands

FC2, FC3 = InputKey("fc2", "input"), InputKey("fc3", "input")


def forked(canvas: Canvas) -> Hands:
    """tanh3 feeds fc3 and, beside it, fc2."""
    project = canvas.document.project
    canvas.document.edit("fork", project.with_scope(project.graph.connect(Edge("tanh3", "output", "fc3", "input"))))
    return Hands(canvas)


def dim(canvas: Canvas) -> set[str]:
    return {key for key, item in canvas.scene.nodes.items() if item.is_dim}


def test_a_card_on_which_the_pointer_rests_lights_its_path_both_ways(lenet_canvas: Canvas, qtbot: QtBot) -> None:
    hands = forked(lenet_canvas)
    hands.move(hands.card("fc2"))
    assert dim(lenet_canvas) == set()
    qtbot.waitUntil(lambda: bool(dim(lenet_canvas)), timeout=2000)
    assert dim(lenet_canvas) == {"fc3", "loss"}
    assert lenet_canvas.scene.edges[FC2].is_on_path
    assert lenet_canvas.scene.edges[FC3].is_dim
    assert lenet_canvas.scene.edges[InputKey("conv1", "input")].is_on_path
    hands.move(QPoint(3, 3))
    assert dim(lenet_canvas) == set()
    assert not any(item.is_on_path or item.is_dim for item in lenet_canvas.scene.edges.values())


def test_a_press_puts_the_light_out(lenet_canvas: Canvas, qtbot: QtBot) -> None:
    hands = forked(lenet_canvas)
    hands.move(hands.card("fc2"))
    qtbot.waitUntil(lambda: bool(dim(lenet_canvas)), timeout=2000)
    hands.press(hands.card("fc2"))
    assert dim(lenet_canvas) == set()
    hands.release(hands.card("fc2"))


def test_a_wire_lights_its_own_path_and_not_its_siblings(lenet_canvas: Canvas, qtbot: QtBot) -> None:
    hands = forked(lenet_canvas)
    wire = lenet_canvas.scene.edges[InputKey("tanh4", "input")].route.path.pointAtPercent(0.5)
    hands.move(hands.spot(wire))
    qtbot.waitUntil(lambda: bool(dim(lenet_canvas)), timeout=2000)
    assert lenet_canvas.scene.edges[InputKey("tanh4", "input")].is_on_path
    assert "fc3" in dim(lenet_canvas)
