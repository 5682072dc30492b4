"""The palette: search over every layer and data set, and the narrow rail it turns into."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QLineEdit, QToolButton, QVBoxLayout, QWidget

from core.catalog import CATEGORIES, KINDS
from core.graph import Parameters
from core.phrases import told
from gui.palette_entries import BLOCKS, GLYPHS, Entry, closest, entries, understood
from gui.palette_tree import ENTRY, PaletteTree
from gui.palette_tree import RECENT as RECENT_HEAD
from gui.theme import Theme, Themes
from gui.throttle import Afterwards
from gui.widgets import IconButton, IconLabel, column, label, line, prose, push

WIDTH, RAIL = 220, 44
OPEN = frozenset({"Convolution"})
"""The categories that are open at first."""
KEPT = 6
"""Layers that are listed as used last."""
HINT = "Drag onto the canvas, or press Enter"


class SearchField(QLineEdit):
    """A field with a magnifier, and the key that leads to it at its right end."""

    def __init__(self, themes: Themes, hint: str, key: str = "") -> None:
        super().__init__()
        self._themes = themes
        self.setProperty("role", "search")
        self.setPlaceholderText(hint)
        self.setAccessibleName(hint)
        self.setClearButtonEnabled(False)
        self._glass = IconLabel(themes, "search", "text3", 14)
        self._glass.setParent(self)
        self._key: QLabel | None = label(key, "keycap", self) if key else None
        themes.changed.connect(self._restyle)
        self._restyle(themes.current)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: D102  # Qt's name
        super().resizeEvent(event)
        theme = self._themes.current
        self._glass.move(theme.px(9), (self.height() - self._glass.height()) // 2)
        if self._key is not None:
            self._key.adjustSize()
            self._key.move(self.width() - self._key.width() - theme.px(6), (self.height() - self._key.height()) // 2)

    def _restyle(self, theme: Theme) -> None:
        self.setTextMargins(theme.px(22), 0, theme.px(44) if self._key is not None else 0, 0)


class Palette(QWidget):
    """A search field over the list of everything one can drop."""

    dropped = Signal(str, QPoint, object)
    """A kind, the place on the screen where it was let go, and the Parameters that were typed for it."""
    dragged = Signal(str, QPoint)
    activated = Signal(str, object)
    """A kind to be added behind the selection, by double-click or Enter, and the Parameters that were typed for it."""

    def __init__(self, themes: Themes, only: str = "") -> None:
        super().__init__()
        self._only = only
        self._kinds = tuple(entry for entry in entries() if not only or entry.category == only)
        self._blocks: tuple[Entry, ...] = ()
        self._open = frozenset({only}) if only else OPEN
        self._used: tuple[str, ...] = ()
        self._listed: tuple[str, ...] = ()
        """What was used last, and as much of it as is listed."""
        self.search = SearchField(themes, "Search layers", "" if only else "Space")
        self.search.textChanged.connect(self._show)
        self.search.installEventFilter(self)
        self.tree = PaletteTree(themes)
        self.tree.dropped.connect(self._drop)
        self.tree.dragged.connect(self.dragged)
        self.tree.activated_kind.connect(self._activate)
        self.nothing = prose("", "secondary")
        self.suggestion = push("", "link")
        self.suggestion.setAccessibleName("Search for what was meant")
        self.suggestion.clicked.connect(self._take_suggestion)
        self._empty = QWidget()
        self._empty.setLayout(column(self.nothing, self.suggestion, None, spacing=2, margins=(12, 8, 12, 0)))
        self._hint = prose(HINT, "caption")
        head = QWidget()
        head.setLayout(column(self.search, margins=(8, 8, 8, 6)))
        foot = QWidget()
        foot.setLayout(column(self._hint, margins=(12, 7, 8, 9)))
        self.setLayout(column(head, self.tree, self._empty, line(), foot, spacing=0))
        self.setFocusProxy(self.search)
        self._listing = Afterwards(self._list_blocks, parent=self)
        self._show("")

    def show_blocks(self, blocks: tuple[Entry, ...]) -> None:
        """List these blocks below the layers."""
        wanted = blocks if self._only in ("", BLOCKS) else ()
        if wanted != self._blocks:
            self._blocks = wanted
            if self.isVisible():
                self._listing.ask()  # an undo that brings a block back is painted without waiting for this
            else:
                self._listing.flush()

    def _list_blocks(self) -> None:
        self._open = self.tree.open_categories() if not self.search.text().strip() else self._open
        self._show(self.search.text())

    def show_only(self, category: str) -> None:
        """Open this category and close the others."""
        self._open = frozenset({category})
        self.search.clear()
        self._show("")
        self.tree.scroll_to(category)

    @property
    def _all(self) -> tuple[Entry, ...]:
        return (*self._kinds, *self._blocks)

    @property
    def focused_kind(self) -> str:
        """The kind of the row at which the keyboard stands; empty while it is elsewhere."""
        if not (self.tree.hasFocus() or self.search.hasFocus()):
            return ""
        entry = self.tree.currentIndex().data(ENTRY)
        return entry.kind if entry is not None else ""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: D102  # Qt's name
        if watched is self.search and event.type() == QEvent.Type.KeyPress:
            assert isinstance(event, QKeyEvent)
            return self._search_key(event)
        return super().eventFilter(watched, event)

    def _search_key(self, event: QKeyEvent) -> bool:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.tree.activate_current()
            self.search.selectAll()  # so that the next layer is typed in its place
        elif event.key() == Qt.Key.Key_Down:
            self.tree.setFocus()
            if not self.tree.currentIndex().isValid():
                self.tree.setCurrentIndex(self.tree.model().index(0, 0))
        elif event.key() == Qt.Key.Key_Escape and self.search.text():
            self.search.clear()
        else:
            return False
        return True

    def _show(self, text: str) -> None:
        self._meaning = understood(text, self._all)
        found = self._meaning.items
        self._hint.setText(self._told())
        searching = bool(text.strip())
        by_kind = {entry.kind: entry for entry in self._all}
        recent = [by_kind[kind] for kind in self._listed if kind in by_kind]
        self.tree.show_entries(found, self._open, searching, recent)
        self.tree.setVisible(bool(found))
        self._empty.setVisible(not found)
        if not found:
            likely = closest(text, self._all)
            self.nothing.setText(f"No layer called “{text.strip()}”.")
            self.suggestion.setText(f"Did you mean {likely}?" if likely else "Show all layers")
            self.suggestion.setAccessibleName(self.suggestion.text())

    def _told(self) -> str:
        """What the foot says: how to go on, or the values that were typed, or why they are none."""
        found, said, error = self._meaning
        if error is not None:
            return str(error)
        return told(self._params(found[0].kind)) if found and said.says_more else HINT

    def _params(self, kind: str) -> Parameters:
        return self._meaning.params(KINDS.get(kind))

    def _activate(self, kind: str) -> None:
        if self._meaning.error is None:
            self._use(kind)
            self.activated.emit(kind, self._params(kind))

    def _drop(self, kind: str, at: QPoint) -> None:
        self._use(kind)
        self.dropped.emit(kind, at, self._params(kind))

    def _use(self, kind: str) -> None:
        if not self._only:
            self._used = tuple(dict.fromkeys((kind, *self._used)))[:KEPT]

    def leaveEvent(self, event: QEvent) -> None:  # noqa: D102  # Qt's name
        super().leaveEvent(event)
        if self._used != self._listed:  # not before, so that the rows stay where they are under the pointer
            if not self.search.text().strip():
                self._open = self.tree.open_categories()
            self._open |= {RECENT_HEAD} if not self._listed else frozenset()
            self._listed = self._used
            place = self.tree.verticalScrollBar().value()
            self._show(self.search.text())
            self.tree.verticalScrollBar().setValue(place)

    def _take_suggestion(self) -> None:
        words = self.suggestion.text().removeprefix("Did you mean ").removesuffix("?")
        self.search.setText("" if words == self.suggestion.text() else words)
        self.search.setFocus()


class Rail(QWidget):
    """The categories as a column of glyphs; each opens its layers beside the rail."""

    opened = Signal(str, QPoint)
    """A category, or nothing for the search over all; and where on the screen its list should stand."""

    def __init__(self, themes: Themes) -> None:
        super().__init__()
        self._themes = themes
        self._listed: tuple[Entry, ...] = entries()
        self.search = IconButton(themes, "search", "Search layers", 18, hit=32)
        self.search.clicked.connect(lambda: self._tell("", self.search))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 8)
        layout.setSpacing(4)
        layout.addWidget(self.search, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addWidget(line())
        self.buttons: dict[str, QToolButton] = {}
        for category in CATEGORIES:
            if category == BLOCKS or any(entry.category == category for entry in self._listed):
                layout.addWidget(self._button(category), 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(1)
        themes.changed.connect(self._restyle)
        self._restyle(themes.current)

    def _button(self, category: str) -> QToolButton:
        button = QToolButton()
        button.setToolTip(category)
        button.setAccessibleName(category)
        button.clicked.connect(lambda: self._tell(category, button))
        self.buttons[category] = button
        return button

    def _tell(self, category: str, button: QWidget) -> None:
        self.opened.emit(category, button.mapToGlobal(QPoint(button.width() + 8, 0)))

    def _restyle(self, theme: Theme) -> None:
        self.setFixedWidth(theme.px(RAIL))
        for category, button in self.buttons.items():
            button.setIcon(theme.icon(GLYPHS[category], theme.category(category), 18))
            button.setIconSize(QSize(theme.px(18), theme.px(18)))
            button.setFixedSize(theme.px(32), theme.px(32))


class Flyout(QFrame):
    """A category's layers over the canvas, beside the rail; gone with Esc or a press elsewhere."""

    def __init__(self, themes: Themes, category: str, window: QWidget) -> None:
        super().__init__(window)
        self.setProperty("role", "card")
        self.palette_ = Palette(themes, category)
        self.setLayout(column(self.palette_, margins=(1, 1, 1, 1)))
        theme = themes.current
        self.setFixedWidth(theme.px(WIDTH + 20))
        self._window = window
        self.palette_.activated.connect(self.close)
        self.palette_.dropped.connect(self.close)

    def open_at(self, at: QPoint) -> None:
        """Show it with its upper left corner at this place of the screen, whole within the window."""
        place = self._window.mapFromGlobal(at)
        tall = min(self._window.height() - 80, 480)
        top = min(place.y(), self._window.height() - tall - 40)
        self.setGeometry(place.x(), top, self.width(), tall)
        self.show()
        self.raise_()
        self.palette_.search.setFocus()
        _application().installEventFilter(self)

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: D102  # Qt's name
        _application().removeEventFilter(self)
        super().hideEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: D102  # Qt's name
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: D102  # Qt's name
        if event.type() == QEvent.Type.MouseButtonPress and isinstance(event, QMouseEvent):
            place = self.mapFromGlobal(event.globalPosition().toPoint())
            if not self.rect().contains(place):
                self.close()
        return super().eventFilter(watched, event)


def _application() -> QCoreApplication:
    application = QCoreApplication.instance()
    assert application is not None
    return application
