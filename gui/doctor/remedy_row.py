"""One remedy as a button: what it does at the left, what it brings or costs at the right."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy

from core.diagnosis.remedy import Remedy
from gui.theme import Theme, Themes

TALL = 32
"""Of a button whose words stand in one line."""
INSET, ICON, LINE = 12, 14, 24
"""Left and right of the words, of the wand, and of the first line where more follow."""
_WRAPPED = Qt.TextFlag.TextWordWrap.value | Qt.AlignmentFlag.AlignLeft.value | Qt.AlignmentFlag.AlignTop.value


class RemedyRow(QPushButton):
    """Applies its remedy with a click; the first one of a finding stands out."""

    def __init__(self, themes: Themes, remedy: Remedy, first: bool) -> None:
        super().__init__()
        self._themes, self.remedy, self._first = themes, remedy, first
        self.note = " ".join(part for part in (remedy.effect if first else "", remedy.detail) if part) or remedy.effect
        """What it is expected to do, and what it costs."""
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        told = [part for part in (remedy.label, remedy.effect, remedy.detail) if part]
        self.setAccessibleName(", ".join(told))
        self.setToolTip("\n".join([*told, "One step: Ctrl Z takes it back."]))
        themes.changed.connect(self._restyle)
        self._restyle(themes.current)

    @property
    def is_tall(self) -> bool:
        """Whether the note stands below the label, as one line is too short for both."""
        theme = self._themes.current
        wide = QFontMetrics(theme.ui(12, 600)).horizontalAdvance(self.remedy.label)
        wide += QFontMetrics(theme.ui(11)).horizontalAdvance(self.note) + theme.px(12)
        return bool(self.note) and wide > self._room().width()

    def sizeHint(self) -> QSize:  # noqa: D102  # Qt's name
        theme = self._themes.current
        return QSize(theme.px(220), self._tall() if self.is_tall else theme.px(TALL))

    def minimumSizeHint(self) -> QSize:  # noqa: D102  # Qt's name
        return QSize(self._themes.current.px(120), self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: D102  # Qt's name
        super().resizeEvent(event)
        self.updateGeometry()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: D102  # Qt's name
        super().paintEvent(event)  # the button's ground and its ring of focus
        theme, painter, room, tall = self._themes.current, QPainter(self), self._room(), self.is_tall
        ink = theme.color(("accentInk" if self._first else "text") if self.isEnabled() else "disabled")
        soft = ink if self._first or not self.isEnabled() else theme.color("text2")
        icon = theme.px(ICON)
        line = QRect(room.left(), theme.px(4) if tall else 0, room.width(), theme.px(LINE) if tall else self.height())
        wand = theme.pixmap("wand", ink, icon, self.devicePixelRatioF())
        painter.drawPixmap(theme.px(INSET), line.center().y() - icon // 2 + 1, wand)
        painter.setPen(ink)
        painter.setFont(theme.ui(12, 600))
        label = painter.fontMetrics().elidedText(self.remedy.label, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, label)
        painter.setPen(soft)
        painter.setFont(theme.ui(11))
        if tall:
            painter.drawText(room.adjusted(0, line.bottom() + 1, 0, 0), _WRAPPED, self.note)
        else:
            painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, self.note)

    def _room(self) -> QRect:
        """For words, right of the wand."""
        px = self._themes.current.px
        left = px(INSET + ICON + 8)
        return QRect(left, 0, max(self.width() - left - px(INSET), 40), self.height())

    def _tall(self) -> int:
        """With the note in as many lines as it takes."""
        theme = self._themes.current
        room = QRect(0, 0, self._room().width(), 10_000)
        note = QFontMetrics(theme.ui(11)).boundingRect(room, _WRAPPED, self.note)
        return theme.px(4 + LINE + 8) + note.height()

    def _restyle(self, theme: Theme) -> None:
        self.setProperty("role", "remedy-first" if self._first else "remedy")
        self.style().unpolish(self)
        self.style().polish(self)
        self.setMinimumHeight(theme.px(TALL))
        self.updateGeometry()
        self.update()
