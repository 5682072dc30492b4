"""What the hand does in the window while a picture is taken: real mouse and key events, a drag left under way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest

from gui.app import App
from gui.canvas.canvas import Canvas

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
PANNED = 150
"""Pixels by which the graph makes room for the search."""
_STEPS = 8


class Hand:
    """A mouse on the canvas in front."""

    def __init__(self, app: App) -> None:
        assert app.workspace is not None
        self.canvas: Canvas = app.workspace.canvas
        self.view = self.canvas.view

    def spot(self, at: QPointF) -> QPoint:
        """This place of the scene, in pixels of the view."""
        return self.view.mapFromScene(at)

    def node(self, name: str) -> str:
        """The id of the node of this name."""
        found = self.canvas.scene.graph.by_name(name)
        assert found is not None
        return found.id

    def port(self, name: str, side: str, port: str) -> QPoint:
        """Where the port of this card is seen."""
        return self.spot(self.canvas.scene.nodes[self.node(name)].port_at(side, port))

    def title(self, name: str) -> QPoint:
        """The middle of a card's header."""
        return self.spot(self.canvas.scene.nodes[self.node(name)].pos() + QPointF(73, 13))

    def hold(self, start: QPoint, end: QPoint, button: Qt.MouseButton = LEFT) -> None:
        """Press and move, without letting go."""
        QTest.mousePress(self.view.viewport(), button, NONE, start)
        for step in range(1, _STEPS + 1):
            QTest.mouseMove(self.view.viewport(), start + (end - start) * step / _STEPS)

    def let_go(self, at: QPoint, button: Qt.MouseButton = LEFT) -> None:
        """Lift the button."""
        QTest.mouseRelease(self.view.viewport(), button, NONE, at)

    def give_up(self) -> None:
        """Esc: what is under way is as if it had not been."""
        QTest.keyClick(self.view, Qt.Key.Key_Escape)


@contextmanager
def asking(app: App) -> Iterator[None]:
    """A wire was let go on empty canvas, beside the graph, where the search asks what it leads to."""
    hand = Hand(app)
    middle = hand.view.viewport().rect().center()
    hand.hold(middle, middle - QPoint(PANNED, 0), Qt.MouseButton.MiddleButton)
    hand.let_go(middle - QPoint(PANNED, 0), Qt.MouseButton.MiddleButton)
    start = hand.port("pool1", "output", "output")
    end = start + QPoint(56, 56)
    hand.hold(start, end)
    hand.let_go(end)
    yield
    hand.canvas.popup.close_popup()


@contextmanager
def refused(app: App) -> Iterator[None]:
    """The wire of a row of numbers is held over a layer that takes pictures."""
    hand = Hand(app)
    end = hand.port("norm", "input", "input")
    hand.hold(hand.port("fc1", "output", "output"), end)
    yield
    hand.give_up()
    hand.let_go(end)


@contextmanager
def splicing(app: App) -> Iterator[None]:
    """A loose card is held over a wire, which lights up."""
    hand = Hand(app)
    nodes = hand.canvas.scene.nodes
    left = nodes[hand.node("tanh1")].port_at("output", "output")
    right = nodes[hand.node("pool1")].port_at("input", "input")
    end = hand.spot((left + right) / 2 - QPointF(0, 34))
    hand.hold(hand.title("norm"), end)
    yield
    hand.give_up()
    hand.let_go(end)
