"""A field in which several of a few choices may hold: a button that says which, and a menu to tick them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QMenu, QSizePolicy

from gui.theme import Themes


class TickMenu(QMenu):
    """A menu that stays open while its entries are ticked."""

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: D102  # Qt's name
        if not self._tick():
            super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: D102  # Qt's name
        ticking = Qt.Key(event.key()) in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if not (ticking and self._tick()):
            super().keyPressEvent(event)

    def _tick(self) -> bool:
        action = self.activeAction()
        if action is None or not action.isCheckable():
            return False
        action.trigger()
        return True


class Several(QAbstractButton):
    """Shows the titles of what holds; a press opens the menu."""

    chosen = Signal(str)
    """The names that hold, with commas between."""

    def __init__(self, themes: Themes, names: Sequence[str], titles: Sequence[str], empty: str) -> None:
        super().__init__()
        self._themes, self._empty = themes, empty
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.menu = TickMenu(self)
        self.usual = self._entry(empty.capitalize())
        self.usual.triggered.connect(lambda _on: self._choose(()))
        self.menu.addSeparator()
        self.entries = {name: self._entry(title) for name, title in zip(names, titles, strict=True)}
        for entry in self.entries.values():
            entry.triggered.connect(lambda _on: self._choose(self._held()))
        self.clicked.connect(self.open)
        self.show_names("")

    def show_names(self, names: str) -> None:
        """Let these hold."""
        held = [name.strip() for name in names.split(",") if name.strip()]
        for name, entry in self.entries.items():
            entry.setChecked(name in held)
        self.usual.setChecked(not held)
        titles = [entry.text() for name, entry in self.entries.items() if name in held]
        self.setText(", ".join(titles) or self._empty)
        self.update()

    def open(self) -> None:
        """Open the menu below."""
        self.menu.popup(self.mapToGlobal(QPoint(0, self.height())))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: D102  # Qt's name
        if Qt.Key(event.key()) in (Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.open()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: D102  # Qt's name
        theme = self._themes.current
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = self.rect().toRectF().adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(theme.color("accent" if self.hasFocus() else "line3"))
        painter.setBrush(theme.color("inset"))
        painter.drawRoundedRect(box, 4, 4)
        size, gap = theme.px(10), theme.px(6)
        room = box.adjusted(gap, 0, -size - 2 * gap, 0)
        painter.setFont(theme.ui(12))
        painter.setPen(theme.color("text" if self._held() else "text3"))
        words = painter.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, int(room.width()))
        painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, words)
        arrow = theme.pixmap("down", "text3", size, self.devicePixelRatioF())
        painter.drawPixmap(QPoint(self.width() - size - gap, (self.height() - size) // 2), arrow)

    def _entry(self, title: str) -> QAction:
        entry = QAction(title, self.menu, checkable=True)
        self.menu.addAction(entry)
        return entry

    def _held(self) -> tuple[str, ...]:
        return tuple(name for name, entry in self.entries.items() if entry.isChecked())

    def _choose(self, names: Sequence[str]) -> None:
        told = ", ".join(names)
        self.show_names(told)
        self.chosen.emit(told)
