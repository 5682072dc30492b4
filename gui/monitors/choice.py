"""A choice out of a list, as a button that says which one holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy

from gui.compact import ARROW, drop_down
from gui.theme import Themes

WIDEST = 160
"""Pixels of its words, which lose their middle where they are longer; the tooltip has them whole."""


class Choice(QAbstractButton):
    """The words of what holds; a press lists the others."""

    chosen = Signal(str)
    """The key of what was picked from the list."""

    def __init__(self, name: str, listed: Callable[[], Mapping[str, str]], themes: Themes) -> None:
        """`listed` gives the words by key, asked for at every press."""
        super().__init__()
        self._name, self._listed, self._themes = name, listed, themes
        self.key = ""
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._words = self._short = ""
        self._compact = False
        self.clicked.connect(self._open)
        themes.changed.connect(self._restyle)

    def hold(self, key: str, words: str, short: str = "") -> None:
        """Say that this is chosen; in fewer words where there is little room, in none where these are not given."""
        self.key, self._words, self._short = key, words, short
        self.setToolTip(f"{self._name}: {words}")
        self._restyle()

    def pick(self, key: str) -> None:
        """Choose, as a click in the list does."""
        if key in self._listed():
            self.chosen.emit(key)

    def width_when(self, compact: bool) -> int:
        """The pixels that it takes; with less, there are fewer words beside the arrow, or none."""
        return self._wide(self._short if compact else self._words)

    def set_compact(self, compact: bool) -> None:
        """Show fewer words or the arrow alone, or all words."""
        self._compact = compact
        self._restyle()

    def sizeHint(self) -> QSize:
        """The words and the arrow."""
        return QSize(self.width_when(self._compact), self._themes.current.px(24))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The words on the ground of controls, with a ring where it has the focus."""
        theme = self._themes.current
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.color("accent"), 2) if self.hasFocus() else Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("hover" if self.underMouse() else "control"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 4, 4)
        painter.setPen(theme.color("text"))
        painter.setFont(theme.ui(12))
        room = self.rect().adjusted(theme.px(8), 0, -theme.px(6), 0)
        metrics, words = painter.fontMetrics(), self.text()
        if metrics.horizontalAdvance(self._told(words)) > room.width():
            left = room.width() - metrics.horizontalAdvance(ARROW)
            words = metrics.elidedText(words, Qt.TextElideMode.ElideMiddle, left)
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self._told(words))

    def _told(self, words: str) -> str:
        return words + ARROW if words else ARROW.strip()

    def _wide(self, words: str) -> int:
        theme = self._themes.current
        self.setFont(theme.ui(12))
        return min(self.fontMetrics().horizontalAdvance(self._told(words)), theme.px(WIDEST)) + theme.px(18)

    def _open(self) -> None:
        drop_down(self, self._listed(), self.pick)

    def _restyle(self) -> None:
        self.setText(self._short if self._compact else self._words)
        self.updateGeometry()
        self.update()
