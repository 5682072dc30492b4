from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QCursor, QGuiApplication

from core.graph import InputKey
from core.project import Project
from gui.canvas.canvas import Canvas
from tests.gui.canvas.conftest import Open
from tests.gui.canvas.hands import Hands, assert_mirror

CTRL = Qt.KeyboardModifier.ControlModifier
FC2 = InputKey("fc2", "input")


@pytest.fixture(autouse=True)
def pointer_put_back() -> Iterator[None]:
    before = QCursor.pos()
    yield
    QCursor.setPos(before)


def point(hands: Hands, at: QPoint) -> None:
    QCursor.setPos(hands.view.viewport().mapToGlobal(at))


def choose(hands: Hands, *nodes: str) -> None:
    hands.click(hands.card(nodes[0]))
    for node in nodes[1:]:
        hands.click(hands.card(node), CTRL)
    hands.canvas.copy()


def on_wire(hands: Hands, key: InputKey) -> QPoint:
    route = hands.canvas.scene.edges[key].route.path
    places = [route.pointAtPercent(share / 20) for share in range(1, 20)]
    return hands.spot(next(place for place in places if hands.canvas.scene.node_at(place) is None))


def test_a_chain_pasted_on_a_wire_goes_into_it_in_one_step(hands: Hands) -> None:
    canvas = hands.canvas
    before = canvas.document.project
    choose(hands, "fc1", "tanh3")
    point(hands, on_wire(hands, FC2))
    canvas.paste()
    linear, tanh = canvas.selection()
    assert hands.graph.edges[FC2].source == tanh
    assert hands.graph.edges[InputKey(linear, "input")].source == "tanh3"
    assert canvas.document.past == ("Paste",)
    assert_mirror(canvas)
    canvas.document.undo()
    assert canvas.document.project == before
    assert_mirror(canvas)


def test_what_is_no_chain_is_pasted_beside_the_wire_and_says_why(hands: Hands) -> None:
    said: list[str] = []
    hands.canvas.message.connect(said.append)
    choose(hands, "conv1", "fc2")
    point(hands, on_wire(hands, FC2))
    hands.canvas.paste()
    assert hands.graph.edges[FC2].source == "tanh3"
    assert len(hands.canvas.selection()) == 2
    assert "2 free inputs" in said[-1]


def test_a_paste_beside_the_wires_goes_into_none(hands: Hands) -> None:
    choose(hands, "fc1", "tanh3")
    point(hands, hands.spot(hands.canvas.scene.nodes["fc3"].pos() + QPointF(20, 150)))
    hands.canvas.paste()
    assert hands.graph.edges[FC2].source == "tanh3"


def test_a_paste_with_incoming_wires_is_fed_as_the_originals_are(hands: Hands) -> None:
    canvas = hands.canvas
    before = canvas.document.project
    choose(hands, "fc2", "tanh4")
    canvas.paste_wired()
    linear, tanh = canvas.selection()
    assert hands.graph.edges[InputKey(linear, "input")].source == "tanh3"
    assert hands.graph.edges[InputKey(tanh, "input")].source == linear
    assert hands.graph.edges[FC2].source == "tanh3"
    assert canvas.document.past == ("Paste with wires",)
    assert_mirror(canvas)
    canvas.document.undo()
    assert canvas.document.project == before


def test_a_selection_travels_as_text_to_another_window(hands: Hands, open_canvas: Open) -> None:
    choose(hands, "conv1", "tanh1")
    text = QGuiApplication.clipboard().text()
    assert text.startswith("{")
    other: Canvas = open_canvas(Project())
    other.paste_wired()
    assert [node.kind for node in other.document.project.graph.nodes.values()] == ["Conv2d", "Tanh"]
    assert len(other.document.project.graph.edges) == 1


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("hello", "holds no layers"),
        ("", "holds no layers"),
        ('{"chainrule": 1, "nodes": 3}', "clipboard"),
        ('{"chainrule": 999}', "newer"),
        ("{" * 5000, "clipboard"),
    ],
)
def test_foreign_text_is_refused_and_changes_nothing(hands: Hands, text: str, word: str) -> None:
    said: list[str] = []
    hands.canvas.message.connect(said.append)
    before = hands.canvas.document.project
    QGuiApplication.clipboard().setText(text)
    hands.canvas.paste()
    hands.canvas.paste_wired()
    assert hands.canvas.document.project is before
    assert len(said) == 2
    assert all(word in line for line in said)
