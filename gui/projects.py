"""The projects that are open in one window, in the order of their tabs; at most one stands in front."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from gui.opened import Opened
from gui.tab_bar import TabRow


class Projects(QObject):
    """Keeps the row of tabs true to the projects, and the projects' order true to the tabs."""

    shown = Signal(object, object)
    """The Opened that was in front and the one that is now, each or None."""
    counted = Signal()
    """There is one more, or one less."""

    def __init__(self, row: TabRow) -> None:
        super().__init__(row)
        self._row = row
        self.all: list[Opened] = []
        self.front: Opened | None = None
        self._writers: dict[Opened, partial[None]] = {}
        row.tabs.tabMoved.connect(self._follow_move)

    def add(self, opened: Opened, at: int | None = None) -> None:
        """Take this project in, at the end or at this place, and show it."""
        index = len(self.all) if at is None else at
        self.all.insert(index, opened)
        self._row.tabs.add(index, opened.state)
        self._writers[opened] = partial(self._write, opened)
        opened.changed.connect(self._writers[opened])
        self.counted.emit()
        self.show(opened)

    def remove(self, opened: Opened) -> None:
        """Have this project no more; its neighbour is shown where it was in front."""
        index = self.all.index(opened)
        self.all.pop(index)
        opened.changed.disconnect(self._writers.pop(opened))
        self._row.tabs.remove(index)
        if self.front is opened:
            self.show(self.all[min(index, len(self.all) - 1)] if self.all else None)
        self.counted.emit()

    def show(self, opened: Opened | None) -> None:
        """Bring this project to the front."""
        before, self.front = self.front, opened
        if opened is not None:
            self._row.tabs.show_front(self.all.index(opened))
        if before is not opened:
            self.shown.emit(before, opened)

    def beside(self, by: int) -> Opened | None:
        """The project so many tabs further, around the end."""
        if self.front is None:
            return None
        return self.all[(self.all.index(self.front) + by) % len(self.all)]

    def shift(self, by: int) -> None:
        """Move the tab in front so many places, as far as there are any."""
        if self.front is not None:
            index = self.all.index(self.front)
            self._row.tabs.moveTab(index, min(max(index + by, 0), len(self.all) - 1))

    def of(self, path: Path) -> Opened | None:
        """The project of this file."""
        wanted = path.resolve()
        paths = ((opened, opened.held.document.path) for opened in self.all)
        return next((opened for opened, known in paths if known is not None and known.resolve() == wanted), None)

    def _follow_move(self, source: int, target: int) -> None:
        self.all.insert(target, self.all.pop(source))

    def _write(self, opened: Opened, *_news: object) -> None:
        self._row.tabs.show_state(self.all.index(opened), opened.state)
