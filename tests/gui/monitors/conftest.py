"""Monitors on a feed that tells at once."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget

from gui.app import App
from gui.monitors.cursor import Cursor
from gui.monitors.panel import Monitor
from gui.theme import Themes
from gui.training.feed import Feed


@pytest.fixture
def themes(qapp: QApplication) -> Themes:
    return Themes("dark")


@pytest.fixture
def feed(qapp: QApplication) -> Feed:
    return Feed(frame=0)


@pytest.fixture
def cursor(qapp: QApplication) -> Cursor:
    return Cursor()


@pytest.fixture
def shown(qtbot, feed: Feed, themes: Themes, cursor: Cursor) -> Callable[..., Monitor]:
    """Makes a monitor of a class and shows it."""

    def show(kind: type[Monitor], width: int = 420, height: int = 300) -> Monitor:
        monitor = kind(feed, themes, cursor)
        qtbot.addWidget(monitor)
        monitor.resize(width, height)
        monitor.show()
        QApplication.processEvents()
        return monitor

    return show


def float_dock(app: App, name: str, width: int, height: int) -> None:
    """Show a monitor's dock as a window of its own, of this size."""
    dock = app.window.workbench.docks[name]
    dock.setFloating(True)
    dock.resize(width, height)
    dock.show()


def picture(widget: QWidget) -> QImage:
    """The widget as it is drawn, after what waits to be drawn."""
    QApplication.processEvents()
    return widget.grab().toImage()


def colors_at(image: QImage, x: float, y: float) -> tuple[int, int, int]:
    color = QColor(image.pixel(int(x), int(y)))
    return color.red(), color.green(), color.blue()


def pixels(image: QImage) -> np.ndarray:
    """(height, width, 3) in red, green, blue."""
    image = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : image.width() * 3].reshape(image.height(), image.width(), 3).copy()


def turn_wheel(widget: QWidget, at: QPointF, notches: int, modifiers=Qt.KeyboardModifier.NoModifier) -> None:
    event = QWheelEvent(
        at, widget.mapToGlobal(at), QPoint(), QPoint(0, 120 * notches), Qt.MouseButton.NoButton, modifiers,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(widget, event)
    QApplication.processEvents()


def point_at(widget: QWidget, at: QPointF) -> None:
    """Move the pointer over a widget, whose window may lie anywhere."""
    none = Qt.MouseButton.NoButton
    where = widget.mapToGlobal(at)
    event = QMouseEvent(QEvent.Type.MouseMove, at, where, none, none, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(widget, event)
    QApplication.processEvents()
