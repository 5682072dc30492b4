"""What a screen reader hears of the graph, asked for through Qt's accessibility."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAccessibleInterface

from core import planning
from core.wiring import running_order
from gui.canvas.canvas import Canvas
from gui.canvas.health import Health
from tests.gui.canvas.conftest import Open
from tests.gui.canvas.hands import Hands
from tests.gui.canvas.test_keys import branches


@pytest.fixture(autouse=True)
def listening() -> Iterator[None]:
    """Somebody listens."""
    before = QAccessible.isActive()
    QAccessible.setActive(True)
    yield
    QAccessible.setActive(before)


def heard(canvas: Canvas) -> QAccessibleInterface:
    """The list of nodes, found from the canvas as a screen reader finds it."""
    root = QAccessible.queryAccessibleInterface(canvas)
    children = [root.child(place) for place in range(root.childCount())]
    return next(one for one in children if one.text(QAccessible.Text.Name) == "Layers in running order")


def rows(canvas: Canvas) -> list[str]:
    found = heard(canvas)
    return [found.child(place).text(QAccessible.Text.Name) for place in range(found.childCount())]


def test_every_node_is_heard_in_running_order_with_its_kind_and_shapes(lenet_canvas: Canvas) -> None:
    lenet_canvas.listed.refresh()
    said = rows(lenet_canvas)
    order, _cyclic = running_order(lenet_canvas.scene.graph)
    assert [line.split(",")[0] for line in said] == [lenet_canvas.scene.graph.nodes[node].name for node in order]
    assert "conv1, Conv2d, input 1×28×28, output 6×28×28" in said
    assert any(line.startswith("conv2, Conv2d, input 6×14×14, output 16×10×10") for line in said)


def test_gradients_and_their_state_are_said_in_words(lenet_canvas: Canvas) -> None:
    canvas = lenet_canvas
    health = {
        "conv1": Health(1.1e-3),
        "conv2": Health(2e-9, vanishing=True),
        "fc1": Health(40.0, exploding=True),
        "fc2": Health(None, nan=True),
    }
    canvas.set_health(health)
    canvas.readings.refresh()
    canvas.listed.refresh()
    said = {line.split(",")[0]: line for line in rows(canvas)}
    assert said["conv1"].endswith("gradient 1.1e−3, healthy")
    assert said["conv2"].endswith("gradient 2.0e−9, vanishing")
    assert said["fc1"].endswith("gradient 4.0e1, exploding")
    assert said["fc2"].endswith("gradient not a number")


def test_several_inputs_are_each_said_by_name(open_canvas: Open) -> None:
    project, ids = branches()
    canvas = open_canvas(project)
    canvas.listed.refresh()
    assert sum("inputs" in line for line in rows(canvas)) == 1
    assert rows(canvas)[0].split(", ")[1] == "Input"
    assert len(rows(canvas)) == len(ids)


def test_the_selection_follows_the_keyboard_and_edits_are_heard(hands: Hands) -> None:
    canvas = hands.canvas
    canvas.select(("conv1",))
    hands.key(Qt.Key.Key_Right)
    place = canvas.listed.nodes.order.index("tanh1")
    assert heard(canvas).child(place).state().selected
    assert [one.row() for one in canvas.listed.selectedIndexes()] == [place]
    assert canvas.view.accessibleDescription().startswith("tanh1, Tanh, input 6×28×28")
    canvas.document.edit("Rename", planning.rename(canvas.document.project, "tanh1", "squash"))
    assert any(line.startswith("squash, ") for line in rows(canvas))
    canvas.document.edit("Delete", planning.delete(canvas.document.project, ("tanh1",)))
    assert not any(line.startswith("squash, ") for line in rows(canvas))
    assert canvas.listed.selectedIndexes() == []
