"""The whole way with a real mouse: drop, wire, train, watch, pause, change the rate, stop, save, open, equal."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from core.files import load
from gui.app import App
from tests.gui.canvas.hands import Hands

LEFT = Qt.MouseButton.LeftButton
SOON, LONG = 10_000, 60_000


class Mouse:
    """A user's mouse and keyboard on the window."""

    def __init__(self, app: App, qtbot: QtBot) -> None:
        assert app.workspace is not None
        self.app, self.qtbot, self.work = app, qtbot, app.workspace
        self.hands = Hands(self.work.canvas)

    def drop(self, kind: str, x: int, y: int) -> str:
        """Type the kind's name into the palette's search and drag the first row onto the canvas."""
        before = set(self.hands.graph.nodes)
        self.type(self.work.palette.search, kind)
        tree = self.work.palette.tree
        start = tree.visualRect(tree.model().index(0, 0)).center()
        canvas = self.work.canvas
        end = tree.viewport().mapFromGlobal(canvas.mapToGlobal(QPoint(x, y)))
        QTest.mousePress(tree.viewport(), LEFT, pos=start)
        for share in (0.05, 0.3, 0.7, 1.0):
            QTest.mouseMove(tree.viewport(), start + (end - start) * share)
        QTest.mouseRelease(tree.viewport(), LEFT, pos=end)
        (added,) = set(self.hands.graph.nodes) - before
        return added

    def type(self, field: QWidget, text: str, end: Qt.Key | None = None) -> None:
        edit = field if isinstance(field, QLineEdit) else field.findChild(QLineEdit)
        assert isinstance(edit, QLineEdit)
        edit.setFocus()
        QTest.keyClick(edit, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
        QTest.keyClicks(edit, text)
        if end is not None:
            QTest.keyClick(edit, end)

    def wire(self, source: str, output: str, target: str, port: str) -> None:
        self.hands.drag(self.hands.port(source, "output", output), self.hands.port(target, "input", port))

    def press(self, button: QPushButton) -> None:
        assert button.isEnabled(), button.text()
        QTest.mouseClick(button, LEFT)


def test_from_an_empty_canvas_to_a_trained_network_and_back(app: App, qtbot: QtBot, tmp_path: Path) -> None:
    app.window.resize(1600, 1000)
    QTest.keyClick(app.window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    mouse = Mouse(app, qtbot)
    nodes = [
        mouse.drop("digits", 40, 120),
        mouse.drop("Flatten", 250, 120),
        mouse.drop("Linear", 460, 120),
        mouse.drop("ReLU", 670, 120),
        mouse.drop("Linear", 250, 320),
        mouse.drop("CrossEntropy", 460, 320),
    ]
    graph = mouse.hands.graph
    assert [graph.nodes[node].kind for node in nodes] == [
        "Dataset",
        "Flatten",
        "Linear",
        "ReLU",
        "Linear",
        "CrossEntropy",
    ]
    data, flatten, first, relu, last, loss = nodes
    mouse.wire(data, "image", flatten, "input")
    for source, target in ((flatten, first), (first, relu), (relu, last)):
        mouse.wire(source, "output", target, "input")
    mouse.wire(last, "output", loss, "logits")
    mouse.wire(data, "label", loss, "label")
    assert len(mouse.hands.graph.edges) == 6

    mouse.hands.click(mouse.hands.card(last))
    mouse.type(field_of(mouse, "out_features"), "10", Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not mouse.work.editor.reading.errors, timeout=SOON)
    mouse.hands.key(Qt.Key.Key_Escape)
    mouse.type(field_of(mouse, "Epochs"), "2000", Qt.Key.Key_Return)  # a run that outlasts slow hands
    assert mouse.work.document.project.training.epochs == 2000
    before = picture(mouse, first)

    transport = app.window.transport
    mouse.press(transport.train)
    qtbot.waitUntil(lambda: steps(mouse) >= 60, timeout=LONG)
    mouse.press(transport.train)
    qtbot.waitUntil(lambda: mouse.work.run.state.phase == "paused", timeout=SOON)
    stood = steps(mouse)
    assert_the_monitors_show(mouse, stood)
    qtbot.waitUntil(lambda: picture(mouse, first) != before, timeout=SOON)

    mouse.type(transport.rate, "0.002", Qt.Key.Key_Return)
    phase = app.workspace.document.project.training.phases[0] if app.workspace else None
    assert phase is not None
    assert phase.optimizer.learning_rate == 0.002
    mouse.press(transport.train)
    qtbot.waitUntil(lambda: steps(mouse) > stood + 30, timeout=LONG)
    mouse.press(transport.stop)
    qtbot.waitUntil(lambda: not mouse.work.run.state.active, timeout=SOON)
    assert rate_at_the_end(mouse) == pytest.approx(0.002)

    path = tmp_path / "drawn.chain"
    app.filing.choose = lambda _what, _place: path
    QTest.keyClick(app.window, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    assert path.is_file()
    assert path.with_suffix(".safetensors").is_file()
    drawn = mouse.work.document.project
    assert load(path) == drawn
    app.filing.open(path)
    assert app.workspace is not None
    assert app.workspace.document.project == drawn
    assert not app.workspace.document.modified


def field_of(mouse: Mouse, name: str) -> QWidget:
    """The form's field of a parameter."""

    def shown() -> list[QLineEdit]:
        fields = mouse.work.inspector.page.findChildren(QLineEdit)
        return [edit for edit in fields if edit.accessibleName() == name and edit.isVisible()]

    mouse.qtbot.waitUntil(lambda: len(shown()) == 1, timeout=SOON)
    return shown()[0]


def steps(mouse: Mouse) -> int:
    feed = mouse.work.feed
    return 0 if feed is None or feed.record is None else feed.record.last_step


def rate_at_the_end(mouse: Mouse) -> float:
    assert mouse.work.feed is not None
    assert mouse.work.feed.record is not None
    return mouse.work.feed.record.column("learning_rate").latest()


def picture(mouse: Mouse, node: str) -> QImage:
    """The pixels of a node's card."""
    view = mouse.work.canvas.view
    item = mouse.work.canvas.scene.nodes[node]
    return view.viewport().grab(view.mapFromScene(item.sceneBoundingRect()).boundingRect()).toImage()


def assert_the_monitors_show(mouse: Mouse, at_least: int) -> None:
    """Loss points and heatmap cells stand on the screen, and they are the record's."""
    feed = mouse.work.feed
    assert feed is not None
    assert feed.record is not None
    losses = feed.record.column("loss").values()
    assert len(losses) >= at_least
    assert np.isfinite(losses).all()
    curves = mouse.work.monitors["loss"].curves  # type: ignore[attr-defined]  # it is the LossMonitor
    mouse.qtbot.waitUntil(lambda: len(curves.raw.x) > 0, timeout=SOON)
    cells = mouse.work.monitors["heatmap"].cells  # type: ignore[attr-defined]  # it is the HeatmapMonitor
    mouse.qtbot.waitUntil(lambda: cells.grid is not None and cells.grid.indices.size > 0, timeout=SOON)
    shades = {cells.grab().toImage().pixelColor(box.center().toPoint()).name() for box in cells.row_boxes()}
    assert shades
    assert not shades & {cells.theme.theme.color("panel").name(), cells.theme.theme.color("inset").name()}
