"""What the pointer does with tabs: tears them off, asks for their menu's commands, and drags cards onto them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, QPointF
from PySide6.QtGui import QGuiApplication

from gui.carrying import Carry
from gui.opened import Opened

if TYPE_CHECKING:
    from gui.app import App


class TabHands(QObject):
    """Joins the row of tabs of one window to the windows there are."""

    def __init__(self, app: App) -> None:
        super().__init__(app)
        self._app = app
        self._carrying: Carry | None = None
        tabs = app.window.tabs.tabs
        tabs.torn.connect(self._tear)
        tabs.asked.connect(self._do_with_tab)
        tabs.goal = self._goal
        app.presenter.carried.connect(self._carry)

    def _goal(self, at: QPoint) -> str:
        if self._other_window(at) is not None:
            return "Move into that window"
        return "Move to a new window" if len(self._app.projects.all) > 1 and not self._is_over(at) else ""

    def _other_window(self, at: QPoint) -> App | None:
        """The window at this place of the screen, where this one does not cover it."""
        found = self._app.program.window_under(at, self._app)
        return found if found is not self._app else None

    def _is_over(self, at: QPoint) -> bool:
        row = self._app.window.tabs
        return row.rect().contains(row.mapFromGlobal(at))

    def _tear(self, index: int, at: QPoint) -> None:
        opened, other = self._app.projects.all[index], self._other_window(at)
        if other is not None:
            self._app.give(opened, other)
        elif len(self._app.projects.all) > 1:
            self._app.open_window(opened, at - QPoint(60, 12))

    def _do_with_tab(self, name: str, index: int) -> None:
        opened = self._app.projects.all[index]
        match name:
            case "close_tab":
                self._app.close_project(opened)
            case "close_other_tabs":
                self._app.close_others(opened)
            case "move_to_window":
                self._app.open_window(opened)
            case "copy_path":
                QGuiApplication.clipboard().setText(str(opened.held.document.path or ""))

    def _carry(self, opened: Opened, at: QPoint, start: QPointF) -> None:
        """Cards have left their canvas: over a tab, or in another window, they are on their way to another project."""
        elsewhere = self._other_window(at) is not None or self._app.tab_at(at) >= 0
        if self._carrying is None and elsewhere:
            self._carrying = Carry(self._app, opened, at, start)
            self._carrying.ended.connect(self._carried)

    def _carried(self) -> None:
        self._carrying = None
