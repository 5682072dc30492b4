"""Writing a frame's title or a note's text where it stands."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from core.annotations import Annotation
from core.filelimits import MAX_NOTE
from gui.theme import Themes

_LEAST = (160, 30)
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class AnnotationField(QPlainTextEdit):
    """A field over a title or a note; leaving it keeps the text, and so does Enter (Ctrl+Enter in a note); Esc not."""

    written = Signal(str, str)
    """The id of the frame or note and its new text."""

    def __init__(self, themes: Themes, parent: QWidget) -> None:
        super().__init__(parent)
        self._themes = themes
        self._key, self._text, self._multiline = "", "", False
        self.setTabChangesFocus(True)
        self.hide()

    def open_on(self, item: Annotation, place: QRect) -> None:
        """Ask for the text of this frame or note here."""
        self._key, self._text, self._multiline = item.id, item.text, item.role == "note"
        self.setAccessibleName("Note in Markdown" if self._multiline else "Title of the frame")
        self.setPlaceholderText("Markdown: **bold**, # title, - list" if self._multiline else "Title")
        never, needed = Qt.ScrollBarPolicy.ScrollBarAlwaysOff, Qt.ScrollBarPolicy.ScrollBarAsNeeded
        self.setVerticalScrollBarPolicy(needed if self._multiline else never)
        self.setHorizontalScrollBarPolicy(never)
        self.setPlainText(item.text)
        self._dress()
        self.setGeometry(place.x(), place.y(), max(place.width(), _LEAST[0]), max(place.height(), _LEAST[1]))
        self.show()
        self.raise_()
        self.selectAll()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def event(self, event: QEvent) -> bool:  # Qt's name
        """Take Ctrl+Enter before the window's commands do: it ends the note, it does not train."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.key() in _ENTER:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: D102  # Qt's name
        held = event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if event.key() == Qt.Key.Key_Escape:
            self._close()
        elif event.key() in _ENTER and (held or not self._multiline):
            self.finish()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: D102  # Qt's name
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.finish()

    def finish(self) -> None:
        """Keep the text and close, if it is open."""
        if self.isHidden():
            return
        key, text, old = self._key, self.toPlainText().strip()[:MAX_NOTE], self._text
        self._close()
        if text != old:
            self.written.emit(key, text if self._multiline else " ".join(text.split()))

    def _close(self) -> None:
        focused, parent = self.hasFocus(), self.parentWidget()
        self.hide()
        if focused and parent is not None:
            parent.setFocus(Qt.FocusReason.OtherFocusReason)

    def _dress(self) -> None:
        theme = self._themes.current
        self.setFont(theme.ui(12, 400 if self._multiline else 600))
        self.setStyleSheet(
            f"QPlainTextEdit {{ background: {theme.hex('inset')}; color: {theme.hex('text')};"
            f" border: 2px solid {theme.hex('accent')}; border-radius: 4px; padding: 0 4px; }}"
        )
