"""Renaming a card in place."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from core.graph import is_valid_name
from gui.theme import Themes


class NameField(QLineEdit):
    """A field over a card's header; Enter and leaving it keep the name, Esc does not."""

    entered = Signal(str, str)
    """The node's id and its new name."""

    def __init__(self, themes: Themes, parent: QWidget) -> None:
        super().__init__(parent)
        self._themes = themes
        self._node = ""
        self._name = ""
        self.setAccessibleName("Name")
        self.textChanged.connect(self._mark)
        self.hide()

    def open_on(self, node_id: str, name: str, place: QRect) -> None:
        """Ask for the name of this node."""
        self._node, self._name = node_id, name
        self.setText(name)
        self.setGeometry(place)
        self.show()
        self.raise_()
        self.selectAll()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: D102  # Qt's name
        if event.key() == Qt.Key.Key_Escape:
            self._close()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._finish()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: D102  # Qt's name
        super().focusOutEvent(event)
        if self.isVisible():
            self._finish()

    def _finish(self) -> None:
        node, text, old = self._node, self.text().strip(), self._name
        self._close()
        if text and text != old:
            self.entered.emit(node, text)

    def _close(self) -> None:
        focused, parent = self.hasFocus(), self.parentWidget()
        self.hide()
        if focused and parent is not None:
            parent.setFocus(Qt.FocusReason.OtherFocusReason)

    def _mark(self, text: str) -> None:
        theme = self._themes.current
        edge = theme.hex("accent" if is_valid_name(text.strip()) else "error")
        self.setFont(theme.ui(12, 600))
        self.setStyleSheet(
            f"QLineEdit {{ background: {theme.hex('inset')}; color: {theme.hex('text')};"
            f" border: 2px solid {edge}; border-radius: 4px; padding: 0 4px; }}"
        )
