"""One person's hand on the window: real mouse and key events, each gesture counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier
NOTCH = 120
"""What Qt tells of one notch of a wheel."""


class Hand:
    """Clicks, drags, turns and types; what the keyboard does goes to the widget that has it."""

    def __init__(self, window: QWidget) -> None:
        self._window = window
        self.counts: Counter[str] = Counter()
        """Gestures by kind: clicks, drags, notches of the wheel, keys, words; and the letters within the words."""

    @property
    def gestures(self) -> int:
        """All that the hand did; a word is one for each of its letters."""
        return sum(count for kind, count in self.counts.items() if kind != "words")

    @property
    def told(self) -> Mapping[str, int]:
        """The counts, by kind."""
        return dict(self.counts)

    def click(self, widget: QWidget, at: QPoint, held: Qt.KeyboardModifier = NONE) -> None:
        """Press and release at a place of the widget."""
        self.counts["clicks"] += 1
        QTest.mouseClick(widget, LEFT, held, at)
        _settle()

    def double_click(self, widget: QWidget, at: QPoint) -> None:
        """Click twice; two clicks."""
        self.click(widget, at)
        self.counts["clicks"] += 1
        QTest.mouseDClick(widget, LEFT, NONE, at)
        QTest.mouseRelease(widget, LEFT, NONE, at)
        _settle()

    def drag(self, widget: QWidget, start: QPoint, end: QPoint, held: Qt.KeyboardModifier = NONE) -> None:
        """Press, move there in some steps, let go; `end` in the widget's own terms, even outside of it."""
        self.counts["drags"] += 1
        QTest.mousePress(widget, LEFT, held, start)
        for share in (0.1, 0.4, 0.7, 1.0):
            QTest.mouseMove(widget, start + (end - start) * share)
        QTest.mouseRelease(widget, LEFT, held, end)
        _settle()

    def wheel(self, widget: QWidget, at: QPoint, notches: int) -> None:
        """Turn the wheel over the widget: up for more than 0."""
        self.counts["wheel"] += abs(notches)
        for _notch in range(abs(notches)):
            way = QPoint(0, NOTCH if notches > 0 else -NOTCH)
            place = QPointF(widget.mapToGlobal(at))
            held, phase = Qt.MouseButton.NoButton, Qt.ScrollPhase.NoScrollPhase
            event = QWheelEvent(QPointF(at), place, QPoint(), way, held, NONE, phase, False)
            QApplication.sendEvent(widget, event)
        _settle()

    def key(self, key: Qt.Key, held: Qt.KeyboardModifier = NONE, times: int = 1) -> None:
        """Press a key, or keys held together, which count as one."""
        for _time in range(times):
            self.counts["keys"] += 1
            QTest.keyClick(self._focus, key, held)
            _settle()

    def word(self, text: str) -> None:
        """Type a text, letter by letter."""
        self.counts["words"] += 1
        self.counts["letters"] += len(text)
        QTest.keyClicks(self._focus, text)
        _settle()

    @property
    def _focus(self) -> QWidget:
        return QApplication.focusWidget() or self._window


def _settle() -> None:
    """Let the window do what it does by itself after an event."""
    QApplication.processEvents()
