"""What all windows of the program share: preferences, look, engines, and the knowledge of what is open where."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint

from core.engine.messages import Ready
from gui.block_shapes import BlockShapes
from gui.engine_bridge import EngineBridge
from gui.engines import Engines
from gui.held import Held
from gui.keymap import Keymap
from gui.memory import give_back
from gui.opened import Opened
from gui.preferences import Preferences
from gui.theme import Themes
from gui.throttle import Throttle
from gui.viewing import Viewing

if TYPE_CHECKING:
    from gui.app import App

TIDYING = 1000
"""Milliseconds after a project was closed until its memory is given back."""


class Program(QObject):
    """Lives as long as there is a window."""

    def __init__(
        self,
        preferences: Preferences,
        themes: Themes,
        bridge: EngineBridge | None = None,
        questions: EngineBridge | None = None,
        recovery: Path | None = None,
        runs: Path | None = None,
    ) -> None:
        super().__init__()
        self.preferences, self.themes = preferences, themes
        self.recovery, self.runs = recovery, runs
        self.keymap = Keymap(preferences, self)
        home = bridge if bridge is not None else EngineBridge(preferences.threads, parent=self)
        self.engines = Engines(home, preferences.threads, self)
        # An engine apart, started by the first question: a block that hangs must not cost the one that trains.
        self.block_shapes = BlockShapes(questions if questions is not None else EngineBridge(parent=self), parent=self)
        self.viewing = Viewing(recovery.with_name("views") if recovery is not None else None)
        self.ready: Ready | None = None
        """What the engine that became ready last said of itself."""
        self.windows: list[App] = []
        """Those that are open, in the order in which they were opened."""
        self._is_leaving = False
        self._tidying = Throttle(give_back, TIDYING, self)

    @property
    def device(self) -> str:
        """On what runs train."""
        ready = self.ready
        if ready is None:
            return "CPU"
        return f"{ready.device}, {ready.threads} thread{'s' if ready.threads != 1 else ''}"

    def projects(self) -> Iterator[tuple[App, Opened]]:
        """Every open project, with its window."""
        for window in self.windows:
            yield from ((window, opened) for opened in window.projects.all)

    def find(self, path: Path) -> Held | None:
        """The document of this file, if it is open in any window."""
        found = (window.projects.of(path) for window in self.windows)
        return next((opened.held for opened in found if opened is not None), None)

    def show(self, held: Held) -> None:
        """Bring the window and the tab of this document to the front."""
        for window, opened in self.projects():
            if opened.held is held:
                window.projects.show(opened)
                window.come_forward()
                return

    def window_under(self, at: QPoint, first: App) -> App | None:
        """The window at this place of the screen: this one, if it covers it, else another."""
        ordered = (first, *(one for one in reversed(self.windows) if one is not first))
        return next((one for one in ordered if one.window.frameGeometry().contains(at)), None)

    def remember_session(self) -> None:
        """Keep in mind which files are open, for the next start; what is closed one by one on the way out counts."""
        if self._is_leaving:
            return
        paths = (opened.held.document.path for _window, opened in self.projects())
        self.preferences.session = tuple(path for path in paths if path is not None)

    def quit(self) -> None:
        """Close every window, each asking about what is not saved; the first that stays ends this."""
        self.remember_session()
        self._is_leaving = True
        for window in tuple(self.windows):
            if not window.window.close():
                break
        self._is_leaving = False

    def closed(self, window: App) -> None:
        """This window is gone; with the last one all ends."""
        if window in self.windows:
            self.windows.remove(window)
        self.count_tabs()
        if not self.windows:
            self.close()

    def forgotten(self) -> None:
        """A project was closed: give its memory back, once its widgets are gone."""
        self._tidying.ask()

    def count_tabs(self) -> None:
        """Let every window show its tabs or not, as there are more windows now or less."""
        for window in self.windows:
            window.count_tabs()

    def keep_all(self) -> None:
        """Keep aside every document that is not saved, and remember what was shown of each."""
        for window, opened in self.projects():
            opened.held.keep()
            window.presenter.keep_view(opened)

    def close(self) -> None:
        """End every engine."""
        self._tidying.cancel()
        self.block_shapes.close()
        self.engines.close()
