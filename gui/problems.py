"""The list of what is wrong with the graph, each with the edit that mends it."""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QEvent, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from core.problems import Problem
from core.reading import Reading
from gui.segments import Segments
from gui.session import Editor
from gui.theme import Theme, Themes
from gui.widgets import column, label, line, row

Index = QModelIndex | QPersistentModelIndex
COLUMNS = ("Problem", "Where", "Code", "Quick fix")
ICONS = MappingProxyType({"error": ("error", "error"), "warning": ("warn", "warn"), "hint": ("info", "accent")})
FILTERS = (("all", "All"), ("error", "Errors"), ("warning", "Warnings"), ("hint", "Hints"))
ROW = 34


class Problems(QWidget):
    """The table, its filters, and going from one problem to the next."""

    picked = Signal(object)
    """The Problem that the user went to."""
    fix_asked = Signal(object)
    """A problems.Fix whose button was pressed."""

    def __init__(self, themes: Themes, editor: Editor) -> None:
        super().__init__()
        self._themes = themes
        self._editor = editor
        self.filters = Segments(themes, FILTERS)
        self.filters.chosen.connect(self._filter)
        self.model = _Rows(editor)
        self.table = _Table(themes, self.model)
        self.table.clicked.connect(self._clicked)
        self.table.activated.connect(self._activated)
        self._empty = label("No problems. The graph can train.", "secondary")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._keys = QWidget()
        self._keys.setLayout(_key_line())
        self._keys.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        layout = column(self.table, self._empty, line(), self._keys, spacing=0)
        layout.setStretch(0, 1)
        layout.setStretch(1, 1)
        self.setLayout(layout)
        self.setFocusProxy(self.table)
        editor.read.connect(self._show)
        self._show(editor.reading)

    @property
    def shown(self) -> tuple[Problem, ...]:
        """The problems that the filter lets through."""
        return self.model.problems

    def go(self, by: int) -> None:
        """Go to the next problem, or the one before for −1, and round at the end."""
        count = len(self.shown)
        if not count:
            return
        current = self.table.currentIndex()
        at = current.row() + by if current.isValid() else (0 if by > 0 else count - 1)
        self.table.selectRow(at % count)
        self.picked.emit(self.shown[at % count])

    def apply_first(self) -> None:
        """Apply the first fix of the current problem, or of the first one that has any."""
        current = self.table.currentIndex()
        chosen = [self.shown[current.row()]] if current.isValid() else list(self.shown)
        for problem in chosen:
            if problem.fixes:
                self.fix_asked.emit(problem.fixes[0])
                return

    def _show(self, reading: Reading) -> None:
        for key, title in FILTERS:
            count = sum(key in ("all", problem.severity) for problem in reading.problems)
            self.filters.rename(key, f"{title} {count}")
        self._filter(self.filters.current)

    def _filter(self, key: str) -> None:
        found = [problem for problem in self._editor.reading.problems if key in ("all", problem.severity)]
        self.model.show_problems(found)
        self.table.setVisible(bool(found))
        self._empty.setVisible(not found)
        clean = not self._editor.reading.problems
        empty = not self._editor.project.graph.nodes
        words = "Nothing to check yet. Drop a layer on the canvas." if empty else "No problems. The graph can train."
        self._empty.setText(words if clean or empty else "No problems of this sort.")

    def _clicked(self, index: Index) -> None:
        problem = self.shown[index.row()]
        if index.column() == len(COLUMNS) - 1 and problem.fixes:
            self.fix_asked.emit(problem.fixes[0])
        else:
            self.picked.emit(problem)

    def _activated(self, index: Index) -> None:
        self.picked.emit(self.shown[index.row()])


class _Rows(QAbstractTableModel):
    """The problems as a table."""

    def __init__(self, editor: Editor) -> None:
        super().__init__()
        self._editor = editor
        self.problems: tuple[Problem, ...] = ()

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """Hold these."""
        if tuple(problems) != self.problems:
            self.beginResetModel()
            self.problems = tuple(problems)
            self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's own default
        return 0 if parent.isValid() else len(self.problems)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's own default
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return COLUMNS[section]
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        problem = self.problems[index.row()]
        if role == Qt.ItemDataRole.UserRole:
            return problem
        if role == Qt.ItemDataRole.DisplayRole:
            return self._texts(problem)[index.column()]
        if role == Qt.ItemDataRole.ToolTipRole:
            return str(problem.error)
        return None

    def _texts(self, problem: Problem) -> tuple[str, str, str, str]:
        fix = problem.fixes[0].label if problem.fixes else ""
        return problem.message, where_text(self._editor, problem), problem.code, fix


class _Table(QTableView):
    def __init__(self, themes: Themes, model: _Rows) -> None:
        super().__init__()
        self._themes = themes
        self.setModel(model)
        self.setItemDelegate(_Cells(themes, self))
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setMouseTracking(True)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Problems")
        self.verticalHeader().hide()
        head = self.horizontalHeader()
        head.setHighlightSections(False)
        head.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        head.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        themes.changed.connect(self._restyle)
        self._restyle(themes.current)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.activated.emit(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        index = self.indexAt(event.position().toPoint())
        on_fix = index.isValid() and index.column() == len(COLUMNS) - 1 and bool(index.data())
        self.setCursor(Qt.CursorShape.PointingHandCursor if on_fix else Qt.CursorShape.ArrowCursor)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.unsetCursor()

    def _restyle(self, theme: Theme) -> None:
        self.verticalHeader().setDefaultSectionSize(theme.px(ROW))
        self.verticalHeader().setMinimumSectionSize(theme.px(ROW))
        head = self.horizontalHeader()
        head.setFixedHeight(theme.px(28))
        for section, width in ((1, 130), (2, 64), (3, 210)):
            head.resizeSection(section, theme.px(width))
        self.viewport().update()


class _Cells(QStyledItemDelegate):
    """Paints the severity's picture, the text, the place and the fix as a button."""

    def __init__(self, themes: Themes, table: _Table) -> None:
        super().__init__(table)
        self._themes = themes
        self._table = table

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        return QSize(60, self._themes.current.px(ROW))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        theme = self._themes.current
        place: QRect = option.rect
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        if chosen:
            painter.fillRect(place, theme.color("control"))
        painter.fillRect(QRect(place.x(), place.bottom(), place.width(), 1), theme.color("line1"))
        text = str(index.data())
        problem: Problem = index.data(Qt.ItemDataRole.UserRole)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if index.column() == 0:
            self._icon(painter, theme, place, 12, *ICONS[problem.severity], 14)
            self._text(painter, theme, place.adjusted(theme.px(36), 0, -8, 0), text, "text")
        elif index.column() == 1:
            self._icon(painter, theme, place, 8, "link", "text3", 12)
            self._text(painter, theme, place.adjusted(theme.px(26), 0, -8, 0), text, "text2")
        elif index.column() == 2:
            painter.setFont(theme.mono(11))
            painter.setPen(theme.color("text2" if chosen else "text3"))
            painter.drawText(place.adjusted(theme.px(8), 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, text)
        elif text:
            self._button(painter, theme, place, text, index.row() == self._first_fix())

    def _first_fix(self) -> int:
        """The row whose fix stands out: the current one, else the first that has one."""
        current = self._table.currentIndex()
        return current.row() if current.isValid() else 0

    def _button(self, painter: QPainter, theme: Theme, place: QRect, text: str, first: bool) -> None:
        painter.setFont(theme.ui(11, 600))
        width = painter.fontMetrics().horizontalAdvance(text) + theme.px(36)
        tall = theme.px(24)
        box = QRect(place.x() + theme.px(8), place.center().y() - tall // 2, min(width, place.width() - 12), tall)
        painter.setPen(Qt.PenStyle.NoPen if first else theme.color("line2"))
        painter.setBrush(theme.color("accent" if first else "control"))
        painter.drawRoundedRect(box, 4, 4)
        ink = "accentInk" if first else "text"
        self._icon(painter, theme, box, 8, "wand", ink, 12)
        painter.setPen(theme.color(ink))
        inner = box.adjusted(theme.px(26), 0, -theme.px(6), 0)
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, inner.width())
        painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter, shown)

    def _icon(self, painter: QPainter, theme: Theme, place: QRect, x: int, name: str, ink: str, size: int) -> None:
        pixels = theme.px(size)
        picture = theme.pixmap(name, ink, pixels, self._table.devicePixelRatioF())
        painter.drawPixmap(place.x() + theme.px(x), place.y() + (place.height() - pixels) // 2, picture)

    @staticmethod
    def _text(painter: QPainter, theme: Theme, place: QRect, text: str, ink: str) -> None:
        painter.setFont(theme.ui(12))
        painter.setPen(theme.color(ink))
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, place.width())
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, shown)


def where_text(editor: Editor, problem: Problem) -> str:
    """Where a problem lies: the node's name, and the port."""
    node = editor.node(problem.node)
    name = problem.path or (node.name if node is not None else "graph")
    return f"{name} {problem.port}".strip()


def _key_line() -> Any:
    items: list[QWidget | int | None] = []
    for key, words in (
        ("F8", "next problem"),
        ("Alt Enter", "apply quick fix"),
        ("Ctrl Z", "every fix is one undo step"),
    ):
        items += [label(key, "keycap"), label(words, "caption"), 10]
    return row(*items, None, spacing=6, margins=(12, 6, 12, 8))
