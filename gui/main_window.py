"""The window: the line at the top, start page or workbench, the line at the bottom."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QPaintEvent
from PySide6.QtWidgets import QApplication, QStackedWidget, QVBoxLayout, QWidget

from gui.action_set import ActionSet
from gui.status import StatusBar
from gui.stylesheet import stylesheet
from gui.theme import Theme, Themes
from gui.top_bar import TopBar
from gui.widgets import column, frame

if TYPE_CHECKING:
    from gui.message_bar import MessageBar
    from gui.palette import Rail
    from gui.tab_bar import TabRow
    from gui.training.transport import Transport
    from gui.workbench import Workbench

"""Of what can be opened, as core.files and core.exchange have them, which are not loaded before the first paint."""
SIZE = (1440, 900)
SMALLEST = (900, 600)


class MainWindow(QWidget):
    """Frame of everything; it knows no document, only what it is told to show.

    At first it is only a frame, which is painted at once; `furnish` brings what takes longer.
    """

    transport: Transport
    rail: Rail
    workbench: Workbench
    tabs: TabRow

    painted = Signal()
    """Once, after the first paint."""
    file_dropped = Signal(object)
    """The Path of a project file, or of a picture of one, that was dropped on the window."""

    def __init__(self, themes: Themes) -> None:
        super().__init__()
        dress(themes.current)
        self.setObjectName("Page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setWindowTitle("Chainrule")
        self.themes = self._themes = themes
        self.has_painted = False
        self._is_furnished = False
        self.may_close: Callable[[], bool] = _yes
        self.actions_ = ActionSet(themes, self)
        self.top = TopBar(themes, self.actions_)
        self.status = StatusBar(themes)
        self._work = QWidget()
        self._pages = QStackedWidget()
        self._pages.addWidget(frame("panel"))
        self._pages.addWidget(self._work)
        self._start: QWidget | None = None
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(0)
        self._layout.addWidget(self.top)
        middle = QWidget()
        self._message: MessageBar | None = None
        self._middle = column(self._pages, spacing=4, margins=(4, 0, 4, 0))
        middle.setLayout(self._middle)
        self._layout.addWidget(middle, 1)
        self._layout.addWidget(self.status)
        self.setAcceptDrops(True)
        self.setMinimumSize(*SMALLEST)
        self.resize(*SIZE)
        themes.changed.connect(self._restyle)
        self._restyle(themes.current)

    def furnish(self) -> None:
        """Make the transport, the docks and all that stands in them; once."""
        if self._is_furnished:
            return
        self._is_furnished = True
        from gui.palette import Rail
        from gui.tab_bar import TabRow
        from gui.training.transport import Transport
        from gui.workbench import Workbench

        self.transport = Transport(self._themes, self.actions_)
        self.rail = Rail(self._themes)
        self.workbench = Workbench(self._themes, self.rail)
        self.tabs = TabRow(self._themes, self.actions_)
        self._layout.insertWidget(1, self.tabs)
        self._work.setLayout(column(self.transport, self.workbench, spacing=4))

    def show_start(self, page: QWidget) -> None:
        """Show the start page in place of the document."""
        if self._start is not None and self._start is not page:
            self._pages.removeWidget(self._start)
            self._start.deleteLater()
        self._start = page
        if self._pages.indexOf(page) < 0:
            self._pages.addWidget(page)
        self._pages.setCurrentWidget(page)
        self.top.show_document("Welcome", "", page=True)

    def start_message(self, themes: Themes) -> MessageBar:
        """The line over the pages that says what happened; it is made when first asked for."""
        from gui.message_bar import MessageBar

        if self._message is None:
            self._message = MessageBar(themes)
            self._middle.insertWidget(0, self._message)
            self._middle.setStretch(1, 1)
        return self._message

    def show_work(self) -> None:
        """Show the document."""
        self._pages.setCurrentWidget(self._work)

    @property
    def is_working(self) -> bool:
        """Whether a document is shown, not the start page."""
        return self._pages.currentWidget() is self._work

    def show_name(self, name: str, is_modified: bool) -> None:
        """Show the document's name, and whether it differs from its file."""
        self.top.show_document(name, "edited" if is_modified else "")
        self.setWindowTitle(f"{name}{' (edited)' if is_modified else ''} – Chainrule")

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: D102  # Qt's name
        if self.may_close():
            event.accept()
        else:
            event.ignore()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: D102  # Qt's name
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: D102  # Qt's name
        for url in event.mimeData().urls():
            if url.isLocalFile():
                event.acceptProposedAction()
                self.file_dropped.emit(Path(url.toLocalFile()))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: D102  # Qt's name
        super().paintEvent(event)
        if not self.has_painted:
            self.has_painted = True
            QTimer.singleShot(0, self.painted.emit)

    def _restyle(self, theme: Theme) -> None:
        dress(theme)
        self.update()


def dress(theme: Theme) -> None:
    """Give the whole application the theme's palette, font and style."""
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    application.setPalette(theme.palette)
    application.setFont(theme.ui(12))
    application.setStyleSheet(stylesheet(theme))


def _yes() -> bool:
    return True
