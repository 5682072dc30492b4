"""A search over a list, on top of the window: type a few letters, Enter takes what is marked, Esc closes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import QLineEdit, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from core.catalog.searching import Spoken, ranked
from gui.canvas.overlay import Panel
from gui.theme import Theme, Themes
from gui.widgets import column, label

WIDTH, ROW, SHOWN = 520, 30, 12
Index = QModelIndex | QPersistentModelIndex


class Found(NamedTuple):
    """One row: what is taken, and what it says."""

    key: str
    title: str
    note: str = ""
    """Behind the title, smaller."""
    keys: str = ""
    """At the right: the keys that do the same."""
    icon: str = ""
    category: str = ""
    """Of the icon's colour; none: that of text."""
    words: tuple[str, ...] = ()
    """Further words by which it is found."""
    able: bool = True
    """Whether it can be taken now."""


class Finder(Panel):
    """The popup; it lives on the window, not in one of its own, so that it works on every platform."""

    taken = Signal(str)
    """The key of the row that was taken."""
    closed = Signal(bool)
    """Whether the keyboard was still in it."""

    def __init__(self, themes: Themes, parent: QWidget, prompt: str, nothing: str) -> None:
        """With what the empty field says, and what is said of a text that matches nothing."""
        super().__init__(themes, parent, "raised", "line2")
        self._all: tuple[Found, ...] = ()
        self._nothing_text = nothing
        self.field = QLineEdit()
        self.field.setPlaceholderText(prompt)
        self.field.setAccessibleName(prompt)
        self.field.setProperty("role", "finder")
        self.field.textChanged.connect(self._search)
        self.field.installEventFilter(self)
        self.rows = _Rows(self)
        self.list = QListView()
        self.list.setModel(self.rows)
        self.list.setItemDelegate(_Painter(themes, self.list))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setUniformItemSizes(True)
        self.list.setMouseTracking(True)
        self.list.entered.connect(self.list.setCurrentIndex)
        self.list.clicked.connect(lambda index: self._take(index.row()))
        self.list.setAccessibleName(prompt)
        self._nothing = label("", "caption2")
        self.setLayout(column(self.field, self._nothing, self.list, spacing=6, margins=(8, 8, 8, 8)))
        self.hide()

    def open_with(self, rows: Sequence[Found]) -> None:
        """Ask for one of these, the first ones marked as long as nothing is typed."""
        self._all = tuple(rows)
        self.field.clear()
        self._search("")
        self.show()
        self.raise_()
        self._fit()
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)

    def close_finder(self) -> None:
        """Close without taking anything."""
        if not self.isHidden():
            held = self.field.hasFocus()
            self.hide()
            self.closed.emit(held)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: D102  # Qt's name
        if watched is self.field and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._key(event)
        if watched is self.field and isinstance(event, QFocusEvent) and event.type() == QEvent.Type.FocusOut:
            self.close_finder()
        return super().eventFilter(watched, event)

    def _search(self, text: str) -> None:
        found = ranked(text, self._all, lambda row: Spoken(row.title, row.words))
        self.rows.show_rows(tuple(sorted(found, key=lambda row: not row.able)) if text.strip() else found)
        self._nothing.setText(self._nothing_text.format(text.strip()))
        self._nothing.setVisible(not found)
        self.list.setVisible(bool(found))
        self.list.setCurrentIndex(self.rows.index(0))
        self._fit()

    def _fit(self) -> None:
        px, parent = self.themes.current.px, self.parentWidget()
        shown = min(len(self.rows.found), SHOWN)
        self.list.setFixedHeight(shown * px(ROW))
        room = parent.width() if parent is not None else px(WIDTH)
        self.setFixedWidth(min(px(WIDTH), room - 16))
        self.adjustSize()
        self.move((room - self.width()) // 2, px(64))

    def _key(self, event: QKeyEvent) -> bool:
        match event.key():
            case Qt.Key.Key_Escape:
                self.close_finder()
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self._take(self.list.currentIndex().row())
            case Qt.Key.Key_Down | Qt.Key.Key_Tab:
                self._step(1)
            case Qt.Key.Key_Up | Qt.Key.Key_Backtab:
                self._step(-1)
            case Qt.Key.Key_PageDown:
                self._step(SHOWN, wrap=False)
            case Qt.Key.Key_PageUp:
                self._step(-SHOWN, wrap=False)
            case _:
                return False
        return True

    def _step(self, by: int, wrap: bool = True) -> None:
        """Mark another of the rows that can be taken."""
        able = [place for place, row in enumerate(self.rows.found) if row.able]
        if not able:
            return
        current = self.list.currentIndex().row()
        place = able.index(current) + by if current in able else 0
        place = place % len(able) if wrap else min(max(place, 0), len(able) - 1)
        self.list.setCurrentIndex(self.rows.index(able[place]))

    def _take(self, row: int) -> None:
        if 0 <= row < len(self.rows.found) and self.rows.found[row].able:
            key = self.rows.found[row].key
            self.close_finder()
            self.taken.emit(key)


class _Rows(QAbstractListModel):
    """What is listed now."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.found: tuple[Found, ...] = ()

    def show_rows(self, found: tuple[Found, ...]) -> None:
        """List these."""
        self.beginResetModel()
        self.found = found
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's own default
        return 0 if parent.isValid() else len(self.found)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row = self.found[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return row.title
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return ", ".join(part for part in (row.title, row.note, row.keys) if part)
        return row if role == Qt.ItemDataRole.UserRole else None

    def flags(self, index: Index) -> Qt.ItemFlag:
        able = self.found[index.row()].able
        return Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEnabled if able else Qt.ItemFlag.ItemIsSelectable


class _Painter(QStyledItemDelegate):
    """Draws a row: icon, title, note, and the keys at the right."""

    def __init__(self, themes: Themes, parent: QObject) -> None:
        super().__init__(parent)
        self._themes = themes

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        return QSize(10, self._themes.current.px(ROW))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        theme, row = self._themes.current, index.data(Qt.ItemDataRole.UserRole)
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        current = bool(state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if current:
            painter.setPen(QPen(theme.color("accent"), 1))
            painter.setBrush(theme.color("accentBg"))
            painter.drawRoundedRect(rect.adjusted(0, 1, -1, -1), 3, 3)
        if row.icon:
            self._paint_icon(painter, row, rect)
        self._paint_texts(painter, theme, row, rect, current)
        painter.restore()

    def _paint_icon(self, painter: QPainter, row: Found, rect: QRect) -> None:
        theme = self._themes.current
        ink = theme.category(row.category) if row.category else theme.color("text2" if row.able else "disabled")
        size = theme.px(14)
        ratio = painter.device().devicePixelRatioF()
        painter.drawPixmap(rect.left() + 8, rect.center().y() - size // 2, theme.pixmap(row.icon, ink, size, ratio))

    def _paint_texts(self, painter: QPainter, theme: Theme, row: Found, rect: QRect, current: bool) -> None:
        middle = Qt.AlignmentFlag.AlignVCenter
        inner = rect.adjusted(theme.px(32), 0, -10, 0)
        painter.setFont(theme.mono(11))
        painter.setPen(theme.color("text2" if row.able else "disabled"))
        painter.drawText(inner, middle | Qt.AlignmentFlag.AlignRight, row.keys)
        inner.setRight(inner.right() - painter.fontMetrics().horizontalAdvance(row.keys) - (12 if row.keys else 0))
        painter.setFont(theme.ui(12, 600 if current else 400))
        painter.setPen(theme.color("text" if row.able else "disabled"))
        title = painter.fontMetrics().elidedText(row.title, Qt.TextElideMode.ElideRight, inner.width())
        painter.drawText(inner, middle, title)
        inner.setLeft(inner.left() + painter.fontMetrics().horizontalAdvance(title) + 10)
        painter.setFont(theme.ui(11))
        painter.setPen(theme.color("text2" if current else "text3") if row.able else theme.color("disabled"))
        painter.drawText(
            inner, middle, painter.fontMetrics().elidedText(row.note, Qt.TextElideMode.ElideRight, inner.width())
        )
