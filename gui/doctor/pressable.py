"""A line that a click, Enter or Space presses, as the head of something that opens."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QLayout, QWidget

from gui.theme import Themes
from gui.widgets import IconLabel


class Pressable(QWidget):
    """Takes the keyboard, and shows by an arrow whether what it heads is open."""

    pressed = Signal()

    def __init__(self, themes: Themes, tall: int = 24) -> None:
        super().__init__()
        self.arrow = IconLabel(themes, "right", "text3", 10)
        self.setProperty("role", "press")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setMinimumHeight(tall)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def lay(self, line: QLayout) -> None:
        """Stand in this line, the arrow last."""
        line.addWidget(self.arrow)
        self.setLayout(line)

    def show_open(self, is_open: bool) -> None:
        """Point the arrow down where it is open."""
        self.arrow.show_icon("down" if is_open else "right", "text3")

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: D102  # Qt's name
        if event.button() == Qt.MouseButton.LeftButton:
            self.pressed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: D102  # Qt's name
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.pressed.emit()
        else:
            super().keyPressEvent(event)
