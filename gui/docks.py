"""Panels around the canvas: docks with a head of our own, which also carries the tabs of its group."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QDockWidget,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QMenu,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from gui.compact import ARROW, Compact, Growing, drop_down
from gui.theme import Theme, Themes
from gui.widgets import ElidedLabel, IconButton, label, restyled

HEADER = 32


class Tab(NamedTuple):
    """One tab of a group."""

    name: str
    title: str
    short: str
    """The title where there is little room."""
    number: str


class DockHeader(QFrame):
    """The 32 px line at a dock's top: its title, or the tabs of its group; the panel's controls; a menu."""

    picked = Signal(str)
    """The object name of the dock whose tab was pressed."""

    def __init__(self, themes: Themes, title: str, short: str = "") -> None:
        super().__init__()
        self._themes = themes
        self._full, self._short = title, short
        self._height = HEADER
        self._listed: tuple[Tab, ...] = ()
        self._shown: tuple[list[Tab], str] | None = None
        """The tabs without their numbers, and which is in front."""
        self._buttons: list[QToolButton] = []
        self._own: QWidget | None = None
        self._compact: Compact | None = None
        self._is_unfit = False
        """Whether what it says has changed while it was not seen."""
        self._folded = False
        self.title = ElidedLabel(title, "title")
        self._tabs = QHBoxLayout()
        self._controls = QHBoxLayout()
        for layout in (self._tabs, self._controls):
            layout.setContentsMargins(0, 0, 0, 0)
            layout.setSpacing(0)
        self.menu_button = IconButton(themes, "more", f"More about {title}")
        self.menu_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._line = QHBoxLayout(self)
        self._line.setSpacing(6)
        self._line.addWidget(self.title, 1)
        self._line.addLayout(self._tabs)
        self._line.addStretch(0)
        self._line.addLayout(self._controls)
        self._line.addWidget(self.menu_button)
        themes.changed.connect(self._restyle)
        self._restyle(themes.current)

    def set_controls(self, controls: QWidget | None) -> None:
        """Show the panel's own controls at the right; those of the panel before are hidden and kept."""
        # The layout is not asked for them: Python would keep the items it gives, which go stale with their widgets.
        if self._own is not None and self._own is not controls:
            self._own.hide()
        if controls is not None:
            if self._controls.indexOf(controls) < 0:
                self._controls.addWidget(controls)
                if isinstance(controls, Growing):
                    controls.grown.connect(self._fit_when_seen)
            controls.show()
        self._own = controls
        self._compact = controls if isinstance(controls, Compact) else None
        self._fit()

    def show_tabs(self, tabs: Sequence[Tab], current: str) -> None:
        """Show these in place of the title, or the title alone where there is but one."""
        listed = tuple(tabs) if len(tabs) > 1 else ()
        if self._shown == ([tab._replace(number="") for tab in listed], current):
            if listed != self._listed:
                self._listed = listed
                self._fit_when_seen()
            return
        self._shown = ([tab._replace(number="") for tab in listed], current)
        _empty(self._tabs)
        self._listed = listed
        self._buttons = [self._tab(tab, tab.name == current) for tab in self._listed]
        for button in self._buttons:
            self._tabs.addWidget(button)
        self.title.setVisible(not self._listed)
        self._line.setStretch(2, 1 if self._listed else 0)
        self._restyle(self._themes.current)

    def set_hidden(self, hidden: bool) -> None:
        """Take no room, or the design's 32 px again."""
        self._height = 0 if hidden else HEADER
        self._restyle(self._themes.current)

    def minimumSizeHint(self) -> QSize:  # noqa: D102  # Qt's name
        return QSize(60, self._themes.current.px(self._height))

    def sizeHint(self) -> QSize:  # noqa: D102  # Qt's name
        return QSize(super().sizeHint().width(), self._themes.current.px(self._height))

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: D102  # Qt's name
        theme = self._themes.current
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("panel"))
        radius = theme.px(6)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0, 0, 0, radius), radius, radius)
        painter.fillRect(QRectF(0, self.height() - 1, self.width(), 1), theme.color("line1"))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: D102  # Qt's name
        super().resizeEvent(event)
        self._fit()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: D102  # Qt's name
        super().showEvent(event)
        self.catch_up()

    def catch_up(self) -> None:
        """Show what has changed while the head lay behind others."""
        if self._is_unfit:
            self._fit()

    def _fit_when_seen(self) -> None:
        """Most heads lie behind others: fitting them would be paid for by every edit that changes a number."""
        self._is_unfit = True
        if not self.visibleRegion().isEmpty():  # Qt calls docks visible that it has moved away behind their tab
            self._fit()

    def _tab(self, tab: Tab, is_current: bool) -> QToolButton:
        button = QToolButton()
        button.setCheckable(True)
        button.setChecked(is_current)
        button.setProperty("role", "tab")
        button.setAccessibleName(tab.title)
        button.setToolTip(tab.title)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        button.clicked.connect(lambda: self._pick(button, tab.name))
        return button

    def _fit(self) -> None:
        """Show titles and controls whole as far as they fit: short titles first, then fewer controls, then one tab."""
        able, self._is_unfit = self._compact is not None, False
        for compact in (False, True) if able else (False,):
            for full in (True, False):
                if self._name(full) <= self._room(compact):
                    self._show(compact, folded=False)
                    return
        self._show(able, folded=bool(self._listed))

    def _room(self, compact: bool) -> int:
        """The pixels for titles beside the controls."""
        theme = self._themes.current
        wide = self._compact.width_when(compact) if self._compact is not None else self._controls.sizeHint().width()
        if self._listed:
            return self.width() - wide - theme.px(60)
        menu = 0 if self.menu_button.isHidden() else self.menu_button.width() + self._line.spacing()
        return self.width() - wide - menu - theme.px(26)

    def _name(self, full: bool) -> int:
        """Give title or tabs their whole or short names; the pixels that these take."""
        if not self._listed:
            title = self._full if full else self._short
            self.title.set_text(title)
            return QFontMetrics(self._themes.current.ui(12, 600)).horizontalAdvance(title)
        for tab, button in zip(self._listed, self._buttons, strict=True):
            title = tab.title if full else tab.short
            button.setText(f"{title}  {tab.number}" if tab.number else title)
        return sum(button.sizeHint().width() for button in self._buttons)

    def _show(self, compact: bool, folded: bool) -> None:
        if self._compact is not None:
            self._compact.set_compact(compact)
        self._folded = folded
        for button in self._buttons:
            button.setVisible(not folded or button.isChecked())
            button.setText(button.text() + (ARROW if folded else ""))

    def _pick(self, button: QToolButton, name: str) -> None:
        """A tab was pressed: go there, or where the others are folded behind it, list them all."""
        if self._folded:
            button.setChecked(True)
            drop_down(button, {tab.name: tab.title for tab in self._listed}, self.picked.emit)
        else:
            self.picked.emit(name)

    def _restyle(self, theme: Theme) -> None:
        self.setFixedHeight(theme.px(self._height))
        if self.parentWidget() is not None:  # else it would be a window of its own for a moment
            self.setVisible(self._height > 0)
        for button in self._buttons:
            button.setFixedHeight(theme.px(HEADER) - 1)
        left = theme.px(4) if self._listed else theme.px(12)
        self._line.setContentsMargins(left, 0, theme.px(8), 0)
        self._fit()


class Dock(QDockWidget):
    """A panel that can be moved, floated, closed and put behind others as a tab."""

    regrouped = Signal()
    """The dock was moved, shown, hidden or raised."""

    def __init__(self, themes: Themes, name: str, title: str, window: QMainWindow, short: str = "") -> None:
        super().__init__(title, window)
        self.short = short or title
        self.setObjectName(name)
        self.count = ""
        self.header = DockHeader(themes, title, self.short)
        self.header.menu_button.setMenu(self._menu())
        self.setTitleBarWidget(self.header)
        self._body = QFrame()
        self._body.setProperty("role", "body")
        self._body.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._layout = QVBoxLayout(self._body)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(0)
        self.setWidget(self._body)
        self.panel: QWidget | None = None
        self._nothing = label("Starting the plots…", "secondary", self._body)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._nothing.hide()
        self.visibilityChanged.connect(self.header.catch_up)
        for signal in (self.dockLocationChanged, self.topLevelChanged, self.visibilityChanged):
            signal.connect(self._tell)

    def set_panel(self, panel: QWidget, controls: QWidget | None = None) -> None:
        """Show this panel, with its own controls in the head; the one before is hidden, and its owner's to give up."""
        if self.panel is not None and self.panel is not panel:
            self.panel.hide()
        self.panel = panel
        if self._layout.indexOf(panel) < 0:
            self._layout.addWidget(panel)
        panel.show()
        self.header.set_controls(controls)

    def wait(self) -> None:
        """Show that there is nothing to show yet."""
        self.set_panel(self._nothing)

    def show_monitor(self, monitor: QWidget, header: QWidget) -> None:
        """Show a panel that has a head of its own: its controls and menu go into this dock's head."""
        header.setMinimumHeight(0)
        for own in header.findChildren(QLabel):
            if own.text() == self.windowTitle():
                own.hide()
        inner = header.layout()
        if inner is not None:
            inner.setContentsMargins(0, 0, 0, 0)
        self.set_panel(monitor, header)
        self.header.menu_button.hide()

    def set_headless(self, headless: bool) -> None:
        """Show the panel alone, without the line at its top."""
        self.header.set_hidden(headless)
        restyled(self._body, role="panel" if headless else "body")

    def set_count(self, count: str) -> None:
        """Show a number on the dock's tab."""
        if count != self.count:
            self.count = count
            self.regrouped.emit()

    def reveal(self) -> None:
        """Show the dock and bring it before the others of its group."""
        self.show()
        self.raise_()

    def take_focus(self) -> None:
        """Give the keyboard to the first thing in the panel that wants it."""
        self.reveal()
        panel: QWidget = self.panel if self.panel is not None else self
        taker = panel if panel.focusProxy() is not None else _first_taker(panel)
        taker.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _menu(self) -> QMenu:
        menu = QMenu(self)
        menu.addAction("Float", lambda: self.setFloating(not self.isFloating()))
        menu.addAction("Close", self.close)
        return menu

    def _tell(self) -> None:
        self.regrouped.emit()


class DockGroups(QObject):
    """Keeps the tabs in the docks' heads true to how the docks are grouped."""

    def __init__(self, window: QMainWindow, docks: Sequence[Dock]) -> None:
        super().__init__(window)
        self._window = window
        self._docks = tuple(docks)
        self._asked = False
        for dock in docks:
            dock.regrouped.connect(self._ask)
            dock.header.picked.connect(self._raise)
        window.tabifiedDockWidgetActivated.connect(self._ask)
        self._by_name = {dock.objectName(): dock for dock in docks}

    def refresh(self) -> None:
        """Show every dock's tabs anew."""
        self._asked = False
        for dock in self._docks:
            beside = {other.objectName() for other in (dock, *self._window.tabifiedDockWidgets(dock))}
            group = [other for other in self._docks if other.objectName() in beside]
            shown = [other for other in group if other.toggleViewAction().isChecked()]
            tabs = [Tab(other.objectName(), other.windowTitle(), other.short, other.count) for other in shown]
            dock.header.show_tabs(tabs, dock.objectName())

    def customEvent(self, _event: QEvent) -> None:  # noqa: D102  # Qt's name
        if self._asked:
            self.refresh()

    def _ask(self, *_args: object) -> None:
        if not self._asked:
            self._asked = True
            QCoreApplication.postEvent(self, QEvent(QEvent.Type.User))

    def _raise(self, name: str) -> None:
        self._by_name[name].reveal()


def _empty(layout: QHBoxLayout) -> None:
    while (item := layout.takeAt(0)) is not None:
        widget = item.widget()
        if widget is not None:
            widget.hide()  # until it is deleted it would be drawn over its successor
            widget.deleteLater()


def _first_taker(panel: QWidget) -> QWidget:
    """The first thing seen in the panel that takes the keyboard, or the panel itself; a stack of pages does not."""
    widget: QWidget | None = panel
    while widget is not None:
        inside = widget is panel or panel.isAncestorOf(widget)
        if inside and widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isVisible() and widget.isEnabled():
            return widget
        following = widget.nextInFocusChain()
        widget = following if following is not panel else None
    return panel
