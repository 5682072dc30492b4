"""The palette's list: categories with their layers, from which one drags onto the canvas."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTreeView

from gui.ghost import Ghost
from gui.palette_entries import GLYPHS, Entry
from gui.theme import Theme, Themes

ENTRY = Qt.ItemDataRole.UserRole
CATEGORY = Qt.ItemDataRole.UserRole + 1
COUNT = Qt.ItemDataRole.UserRole + 2
GROUP = Qt.ItemDataRole.UserRole + 3
RECENT = "Recent"
"""The head above what was used last."""
OTHER = "Other"
"""The head of what belongs to no group, in a category that has groups."""
START = 4
"""Pixels that the pointer moves before a press becomes a drag."""
Index = QModelIndex | QPersistentModelIndex


class PaletteTree(QTreeView):
    """Rows one can drag onto the canvas, double-click, or add with Enter."""

    dropped = Signal(str, QPoint)
    """A kind, and the place on the screen where the mouse button was let go."""
    dragged = Signal(str, QPoint)
    """The same while the button is held; an empty kind where the drag was given up."""
    activated_kind = Signal(str)

    def __init__(self, themes: Themes) -> None:
        super().__init__()
        self._themes = themes
        self._pressed: tuple[QPoint, str] | None = None
        self._ghost: Ghost | None = None
        self._listed: list[tuple[str, tuple[Entry, ...]]] = []
        """The categories that are listed, with what is in them; none while there is a flat list."""
        self.setModel(QStandardItemModel(self))
        self.setHeaderHidden(True)
        self.setRootIsDecorated(False)
        self.setIndentation(0)
        self.setUniformRowHeights(True)
        self.setMouseTracking(True)
        self.setAccessibleName("Layers")
        self.setItemDelegate(_Rows(themes, self))
        self.setEditTriggers(QTreeView.EditTrigger.NoEditTriggers)
        self.setExpandsOnDoubleClick(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QTreeView.ScrollMode.ScrollPerPixel)
        themes.changed.connect(self._restyle)

    def show_entries(
        self, listed: Sequence[Entry], open_: frozenset[str], flat: bool = False, recent: Sequence[Entry] = ()
    ) -> None:
        """List these, by category with `open_` ones open and the recent ones before, or in one flat list."""
        model = self._items()
        if flat:
            self._listed = []
            model.clear()
            for entry in listed:
                model.appendRow(_leaf(entry))
            if model.rowCount():
                self.setCurrentIndex(model.index(0, 0))
            return
        wanted = [(RECENT, tuple(recent))] if recent else []
        for category in dict.fromkeys(entry.category for entry in listed):
            wanted.append((category, tuple(entry for entry in listed if entry.category == category)))
        self._list(wanted, open_)

    def _list(self, wanted: Sequence[tuple[str, tuple[Entry, ...]]], open_: frozenset[str]) -> None:
        """List these categories; those above the first that differs stand there already."""
        model = self._items()
        same = [one == other for one, other in zip(self._listed, wanted, strict=False)]
        kept = len(same) if all(same) else same.index(False)
        model.removeRows(kept, model.rowCount() - kept)
        for row, (category, _inside) in enumerate(wanted[:kept]):
            self.setExpanded(model.index(row, 0), category in open_)
        for category, inside in wanted[kept:]:
            self._append(category, inside, open_)
        self._listed = list(wanted)

    def _append(self, category: str, inside: Sequence[Entry], open_: frozenset[str]) -> None:
        head = _head(category, len(inside))
        group = ""
        for entry in inside:
            if entry.group != group and category != RECENT:
                group = entry.group
                head.appendRow(_group(group or OTHER))
            head.appendRow(_leaf(entry))
        self._items().appendRow(head)
        self.setExpanded(head.index(), category in open_)

    def open_categories(self) -> frozenset[str]:
        """The categories that show their layers."""
        model = self._items()
        heads = [model.index(row, 0) for row in range(model.rowCount())]
        return frozenset(str(head.data(CATEGORY)) for head in heads if self.isExpanded(head))

    def scroll_to(self, category: str) -> None:
        """Bring the end of this category into view, then its head."""
        model = self._items()
        for row in range(model.rowCount()):
            head = model.index(row, 0)
            if head.data(CATEGORY) == category:
                self.scrollTo(model.index(model.rowCount(head) - 1, 0, head))
                self.scrollTo(head)

    def activate_current(self) -> None:
        """Add what the current row stands for, or open and close its category."""
        self._activate(self.currentIndex())

    @property
    def dragging(self) -> bool:
        """Whether something is being dragged."""
        return self._ghost is not None

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: D102  # Qt's name
        super().mousePressEvent(event)
        index = self.indexAt(event.position().toPoint())
        if event.button() != Qt.MouseButton.LeftButton or not index.isValid() or index.data(GROUP):
            return
        entry = index.data(ENTRY)
        if entry is None:
            self._turn(index, keep=bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier))
        else:
            self._pressed = (event.position().toPoint(), entry.kind)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: D102  # Qt's name
        place = event.position().toPoint()
        if self._pressed is None:
            super().mouseMoveEvent(event)
        elif self._ghost is None and (place - self._pressed[0]).manhattanLength() > START:
            self._begin(event.globalPosition().toPoint())
        if self._ghost is not None and self._pressed is not None:
            self._ghost.follow(event.globalPosition().toPoint())
            self.dragged.emit(self._pressed[1], event.globalPosition().toPoint())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: D102  # Qt's name
        pressed, self._pressed = self._pressed, None
        if self._ghost is not None and pressed is not None:
            self._end()
            self.dropped.emit(pressed[1], event.globalPosition().toPoint())
        else:
            super().mouseReleaseEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: D102  # Qt's name
        self._pressed = None
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and index.data(ENTRY) is not None:
            self._activate(index)
        else:
            self.mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: D102  # Qt's name
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.activate_current()
        else:
            super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: D102  # Qt's name
        if self._ghost is not None and event.type() in (QEvent.Type.KeyPress, QEvent.Type.ShortcutOverride):
            assert isinstance(event, QKeyEvent)
            if event.key() == Qt.Key.Key_Escape:
                self.give_up()
                return True
        return super().eventFilter(watched, event)

    def give_up(self) -> None:
        """End the drag without a drop."""
        if self._ghost is not None:
            self._pressed = None
            self._end()
            self.dragged.emit("", QPoint())

    def _begin(self, at: QPoint) -> None:
        entry = self.currentIndex().data(ENTRY)
        self._ghost = Ghost(self._themes, entry, self.window())
        self._ghost.follow(at)
        self._ghost.show()
        self.window().installEventFilter(self)
        self.installEventFilter(self)
        self.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)

    def _end(self) -> None:
        self.viewport().unsetCursor()
        self.window().removeEventFilter(self)
        self.removeEventFilter(self)
        if self._ghost is not None:
            self._ghost.hide()
            self._ghost.deleteLater()
            self._ghost = None

    def _activate(self, index: QModelIndex) -> None:
        entry = index.data(ENTRY) if index.isValid() else None
        if entry is not None:
            self.activated_kind.emit(entry.kind)
        elif index.isValid() and not index.data(GROUP):
            self._turn(index)

    def _turn(self, head: Index, keep: bool = False) -> None:
        """Open a category, and close the others unless they are kept, so that all heads stay near; or close it.

        What was used last is a group by itself.
        """
        is_open = self.isExpanded(head)
        model = self._items()
        others = [model.index(row, 0) for row in range(model.rowCount())]
        for other in others if not keep and head.data(CATEGORY) != RECENT else ():
            self.setExpanded(other, other.data(CATEGORY) == RECENT and self.isExpanded(other))
        self.setExpanded(head, not is_open)
        self.scrollTo(head)

    def _items(self) -> QStandardItemModel:
        model = self.model()
        assert isinstance(model, QStandardItemModel)
        return model

    def _restyle(self, _theme: Theme) -> None:
        self.scheduleDelayedItemsLayout()
        self.viewport().update()


class _Rows(QStyledItemDelegate):
    """Paints a row: glyph, name, and a count or hint at the right."""

    def __init__(self, themes: Themes, tree: PaletteTree) -> None:
        super().__init__(tree)
        self._themes = themes
        self._tree = tree

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        return QSize(100, self._themes.current.px(27))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        theme = self._themes.current
        place: QRect = option.rect
        if index.data(GROUP):
            painter.setPen(theme.color("text3"))
            painter.setFont(theme.ui(11))
            self._text(painter, place.adjusted(theme.px(32), theme.px(4), 0, 0), str(index.data(GROUP)))
            return
        state = option.state
        if state & (QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_MouseOver):
            chosen = bool(state & QStyle.StateFlag.State_Selected) and index.data(ENTRY) is not None
            ground = theme.color("control" if chosen else "raised")
            painter.fillRect(place.adjusted(theme.px(4), 0, -theme.px(4), 0), ground)
        if index.data(ENTRY) is None:
            self._paint_category(painter, theme, place, index)
        else:
            self._paint_entry(painter, theme, place, index.data(ENTRY))

    def _paint_category(self, painter: QPainter, theme: Theme, place: QRect, index: Index) -> None:
        category = str(index.data(CATEGORY))
        is_open = self._tree.isExpanded(index)
        self._icon(painter, theme, place, 12, "down" if is_open else "right", "text3", 10)
        glyph, ink = (GLYPHS[category], category) if category in GLYPHS else ("clock", "text3")
        self._icon(painter, theme, place, 34, glyph, ink, 15)
        painter.setPen(theme.color("text"))
        painter.setFont(theme.ui(12, 600 if is_open else 400))
        self._text(painter, place.adjusted(theme.px(56), 0, 0, 0), category)
        painter.setPen(theme.color("text3"))
        painter.setFont(theme.ui(11))
        self._right(painter, theme, place, str(index.data(COUNT)))

    def _paint_entry(self, painter: QPainter, theme: Theme, place: QRect, entry: Entry) -> None:
        self._icon(painter, theme, place, 32, entry.icon, entry.category, 14)
        painter.setFont(theme.ui(11))
        hint = painter.fontMetrics().horizontalAdvance(entry.hint) + theme.px(8) if entry.hint else 0
        title = QFontMetrics(theme.ui(12)).horizontalAdvance(entry.title)
        if theme.px(54) + title + hint <= place.width() - theme.px(12):
            painter.setPen(theme.color("text3"))
            self._right(painter, theme, place, entry.hint)
        painter.setPen(theme.color("text"))
        painter.setFont(theme.ui(12))
        self._text(painter, place.adjusted(theme.px(54), 0, -theme.px(12), 0), entry.title)

    def _icon(self, painter: QPainter, theme: Theme, place: QRect, x: int, name: str, ink: str, size: int) -> None:
        color = theme.color(ink) if ink == "text3" else theme.category(ink)
        pixels = theme.px(size)
        picture = theme.pixmap(name, color, pixels, self._tree.devicePixelRatioF())
        painter.drawPixmap(place.x() + theme.px(x), place.y() + (place.height() - pixels) // 2, picture)

    @staticmethod
    def _text(painter: QPainter, place: QRect, text: str) -> None:
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, place.width())
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)

    @staticmethod
    def _right(painter: QPainter, theme: Theme, place: QRect, text: str) -> None:
        inner = place.adjusted(0, 0, -theme.px(12), 0)
        painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, text)


def _leaf(entry: Entry) -> QStandardItem:
    item = QStandardItem(entry.title)
    item.setData(entry, ENTRY)
    item.setData(entry.category, CATEGORY)
    item.setToolTip(entry.help)
    item.setAccessibleDescription(f"{entry.category}: {entry.help}")
    return item


def _group(name: str) -> QStandardItem:
    """A head within a category, at which neither the pointer nor the keyboard stops."""
    item = QStandardItem(name)
    item.setData(name, GROUP)
    item.setFlags(Qt.ItemFlag.NoItemFlags)
    return item


def _head(category: str, count: int) -> QStandardItem:
    item = QStandardItem(category)
    item.setData(category, CATEGORY)
    item.setData(count, COUNT)
    return item
