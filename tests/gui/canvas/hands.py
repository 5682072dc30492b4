"""A user's hands on a canvas: real mouse and key events."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from core.graph import Graph
from core.trail import block_of, existing
from gui.canvas.canvas import Canvas

LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier


class Hands:
    """Drags and types on one canvas."""

    def __init__(self, canvas: Canvas) -> None:
        self.canvas = canvas
        self.view = canvas.view

    @property
    def graph(self) -> Graph:
        return self.canvas.scene.graph

    def spot(self, at: QPointF) -> QPoint:
        return self.view.mapFromScene(at)

    def card(self, node: str) -> QPoint:
        """The middle of a card's header."""
        return self.spot(self.canvas.scene.nodes[node].pos() + QPointF(73, 13))

    def port(self, node: str, side: str, name: str) -> QPoint:
        return self.spot(self.canvas.scene.nodes[node].port_at(side, name))

    def press(self, at: QPoint, held: Qt.KeyboardModifier = NONE, button: Qt.MouseButton = LEFT) -> None:
        QTest.mousePress(self.view.viewport(), button, held, at)

    def move(self, at: QPoint) -> None:
        QTest.mouseMove(self.view.viewport(), at)

    def release(self, at: QPoint, held: Qt.KeyboardModifier = NONE, button: Qt.MouseButton = LEFT) -> None:
        QTest.mouseRelease(self.view.viewport(), button, held, at)

    def click(self, at: QPoint, held: Qt.KeyboardModifier = NONE) -> None:
        self.press(at, held)
        self.release(at, held)

    def drag(self, start: QPoint, end: QPoint, held: Qt.KeyboardModifier = NONE, button: Qt.MouseButton = LEFT) -> None:
        self.hold(start, end, held, button)
        self.release(end, held, button)

    def hold(self, start: QPoint, end: QPoint, held: Qt.KeyboardModifier = NONE, button: Qt.MouseButton = LEFT) -> None:
        """Press and move, without letting go."""
        self.press(start, held, button)
        for step in (1, 2, 3):
            self.move(start + (end - start) * step / 3)

    def double_click(self, at: QPoint) -> None:
        self.click(at)
        QTest.mouseDClick(self.view.viewport(), LEFT, NONE, at)

    def key(self, key: Qt.Key, held: Qt.KeyboardModifier = NONE, on: QWidget | None = None) -> None:
        QTest.keyClick(on or self.view, key, held)


def assert_mirror(canvas: Canvas) -> None:
    """The scene shows exactly what the document says of the graph to which the trail leads."""
    project, scene = canvas.document.project, canvas.scene
    assert scene.project is project
    assert canvas.trail == existing(project, canvas.trail)
    assert scene.block == block_of(project, canvas.trail)
    graph = project.scope(scene.block)
    assert scene.nodes.keys() == graph.nodes.keys()
    assert {key: item.edge for key, item in scene.edges.items()} == dict(graph.edges)
    assert scene.cards.rects.keys() == scene.nodes.keys()
    for key, node in graph.nodes.items():
        item = scene.nodes[key]
        assert item.card.name == node.name
        assert item.scene() is scene
        assert scene.cards.rects[key] == item.rect
        if key in project.positions:
            assert (item.x(), item.y()) == project.positions[key]
    for key, edge in graph.edges.items():
        path = scene.edges[key].route.path
        ends = path.pointAtPercent(0), path.pointAtPercent(1)
        assert (ends[0] - scene.nodes[edge.source].port_at("output", edge.output)).manhattanLength() < 0.01
        assert (ends[1] - scene.nodes[edge.target].port_at("input", edge.input)).manhattanLength() < 0.01
        via = [(place.x(), place.y()) for place in scene.edges[key].via]
        assert tuple(via) == project.reroutes.get(edge, ())
        assert scene.edges[key].marked == {p.number for p in scene.points.selection if p.edge == edge}
    drawn = 1 if canvas.stage.trace.scene() is scene else 0  # from afar what a gesture draws is in the other scene
    beside = len(scene.annotations.items) + len(scene.verdicts.items) + drawn
    assert len(scene.items()) == 2 + beside, "two items draw all wires and cards"
    assert scene.wires.rects.keys() == scene.edges.keys()
    assert {key: item.annotation for key, item in scene.annotations.items.items()} == {
        key: item for key, item in project.annotations.items() if item.block == scene.block
    }
    for item in scene.annotations.items.values():
        assert item.rect.getRect() == item.annotation.rect
