"""The list of formats in the export dialog: an icon, a name and one line each."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from core.exchange.formats import Format
from gui.theme import Themes

Index = QModelIndex | QPersistentModelIndex
FORMAT = Qt.ItemDataRole.UserRole
ROW = 44


class FormatList(QListWidget):
    """One format is chosen at any time; arrow keys and letters go through them."""

    chosen = Signal(object)
    """The Format that the user went to."""

    def __init__(self, themes: Themes, formats: Sequence[Format], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Formats")
        self.setItemDelegate(_Rows(themes, self))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)
        for known in formats:
            item = QListWidgetItem(known.title)
            item.setData(FORMAT, known)
            item.setData(Qt.ItemDataRole.AccessibleDescriptionRole, known.summary)
            self.addItem(item)
        self._height = themes.current.px(ROW) * len(formats) + 2
        self.setMinimumHeight(themes.current.px(ROW) * 4)
        self.setMaximumHeight(self._height)
        self.setCurrentRow(0)
        self.currentItemChanged.connect(lambda item, _before: self.chosen.emit(item.data(FORMAT)))

    @property
    def current(self) -> Format:
        """The chosen format."""
        found: Format = self.currentItem().data(FORMAT)
        return found

    def sizeHint(self) -> QSize:  # noqa: D102  # Qt's name
        return QSize(super().sizeHint().width(), self._height)

    def choose(self, name: str) -> None:
        """Go to the format of this name, if it is in the list."""
        for row in range(self.count()):
            if self.item(row).data(FORMAT).name == name:
                self.setCurrentRow(row)


class _Rows(QStyledItemDelegate):
    """Paints a row; the chosen one on the accent's ground, with a ring while the list has the keyboard."""

    def __init__(self, themes: Themes, view: QListWidget) -> None:
        super().__init__(view)
        self._themes = themes
        self._view = view

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        return QSize(100, self._themes.current.px(ROW))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        theme, place, known = self._themes.current, QRect(option.rect), index.data(FORMAT)
        room = place.adjusted(0, theme.px(1), 0, -theme.px(1))
        is_chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        if is_chosen or option.state & QStyle.StateFlag.State_MouseOver:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(theme.color("accent") if is_chosen and self._view.hasFocus() else Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("accentBg" if is_chosen else "control"))
            painter.drawRoundedRect(room.adjusted(1, 0, -1, -1), theme.px(4), theme.px(4))
        size = theme.px(16)
        icon = theme.pixmap(known.icon, "text2", size, self._view.devicePixelRatioF())
        painter.drawPixmap(QPoint(room.left() + theme.px(10), room.center().y() - size // 2), icon)
        text = room.adjusted(theme.px(36), theme.px(4), -theme.px(8), -theme.px(4))
        self._line(painter, text, known.title, 600, "text", Qt.AlignmentFlag.AlignTop)
        self._line(painter, text, known.summary, 400, "text2", Qt.AlignmentFlag.AlignBottom)

    def _line(self, painter: QPainter, room: QRect, text: str, weight: int, ink: str, at: Qt.AlignmentFlag) -> None:
        theme = self._themes.current
        painter.setFont(theme.ui(12 if weight > 400 else 11, weight))
        painter.setPen(theme.color(ink))
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, at | Qt.AlignmentFlag.AlignLeft, shown)
