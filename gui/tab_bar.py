"""The row of tabs under the window's top line: one for each open project."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, QRectF, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QSizePolicy, QTabBar, QWidget

from gui.action_set import ActionSet
from gui.tab_state import TabState, mark_icon
from gui.theme import Theme, Themes
from gui.widgets import IconButton, label, restyled

HEIGHT = 32
AWAY = 28
"""How far above or below the row a tab has to be dragged to leave it."""
ON_TABS = ("close_tab", "close_other_tabs", "move_to_window", "copy_path")
"""The commands in a tab's menu."""


class Tabs(QTabBar):
    """Tabs that are reordered, closed and torn off with the mouse; a press on any of them asks for its project."""

    chosen = Signal(int)
    """The user wants to see this tab's project."""
    closing = Signal(int)
    """The user wants this tab closed."""
    torn = Signal(int, QPoint)
    """This tab was let go outside of the row, at this place of the screen."""
    asked = Signal(str, int)
    """A command of the tab's menu."""

    def __init__(self, themes: Themes, actions: ActionSet) -> None:
        super().__init__()
        self._themes, self._actions = themes, actions
        self._states: list[TabState] = []
        self._quiet = False
        self._held: int | None = None
        """The tab under the button that is down."""
        self._away = False
        self.goal: Callable[[QPoint], str] = lambda _at: ""
        """What letting a tab go at this place of the screen would do; "" for nothing."""
        self.hint: QLabel = label("", "hint")
        self.hint.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hint.hide()
        self.setObjectName("Projects")
        self.setAccessibleName("Open projects")
        self.setDrawBase(False)
        self.setMovable(True)
        self.setExpanding(False)
        self.setElideMode(Qt.TextElideMode.ElideMiddle)
        self.setUsesScrollButtons(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.currentChanged.connect(self._choose)
        self.tabMoved.connect(self._follow_move)
        themes.changed.connect(self._restyle)

    def add(self, index: int, state: TabState) -> None:
        """Put a tab here."""
        self._states.insert(index, state)
        self._quietly(lambda: self.insertTab(index, ""))
        button = IconButton(self._themes, "close", "Close this project", 12, "text3", 20)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.clicked.connect(lambda: self.closing.emit(self._index_of(button)))
        self.setTabButton(index, QTabBar.ButtonPosition.RightSide, button)
        self._write(index, anew=True)

    def remove(self, index: int) -> None:
        """Take this tab away."""
        self._states.pop(index)
        self._quietly(lambda: self.removeTab(index))

    def show_front(self, index: int) -> None:
        """Mark this tab as the one in front; with -1 none is."""
        if index >= 0:
            self._quietly(lambda: self.setCurrentIndex(index))
        restyled(self, away="true" if index < 0 else "false")

    def show_state(self, index: int, state: TabState) -> None:
        """Let this tab say this."""
        before, self._states[index] = self._states[index], state
        if before != state:
            self._write(index, before.mark != state.mark)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: D102  # Qt's name
        held = self._held is not None and bool(event.buttons() & Qt.MouseButton.LeftButton)
        at, reach = event.globalPosition().toPoint(), self._themes.current.px(AWAY)
        out = held and not -reach <= event.position().y() <= self.height() + reach
        words = self.goal(at) if out else ""
        self._away = bool(words)
        self._say(words, at)
        if not self._away:  # a tab that leaves the row changes places with none in it
            super().mouseMoveEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: D102  # Qt's name
        index = self.tabAt(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and index >= 0:
            self._held = index
            if index == self.currentIndex():
                self.chosen.emit(index)
        super().mousePressEvent(event)
        if index >= 0:
            self._held = self.currentIndex() if self._held is not None else None

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: D102  # Qt's name
        index = self.tabAt(event.position().toPoint())
        torn = self.currentIndex() if self._held is not None and self._away else -1
        self._let_go()
        super().mouseReleaseEvent(event)
        if event.button() == Qt.MouseButton.MiddleButton and index >= 0:
            self.closing.emit(index)
        elif torn >= 0:
            self.torn.emit(torn, event.globalPosition().toPoint())

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: D102  # Qt's name
        if event.key() == Qt.Key.Key_Escape and self._held is not None:
            self._let_go()
            return
        super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: D102  # Qt's name
        event.ignore()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: D102  # Qt's name
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        index = self.currentIndex() if by_key else self.tabAt(event.pos())
        if index < 0:
            return
        place = self.mapToGlobal(self.tabRect(index).bottomLeft()) if by_key else event.globalPos()
        self.menu(index).popup(place)

    def menu(self, index: int) -> QMenu:
        """What can be done with this tab."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        enabled = {"close_other_tabs": self.count() > 1, "move_to_window": self.count() > 1}
        enabled["copy_path"] = bool(self._states[index].path)
        for name in ON_TABS:
            action = menu.addAction(self._actions[name].text())
            action.setEnabled(enabled.get(name, True))
            action.triggered.connect(lambda _on=False, name=name: self.asked.emit(name, index))
        return menu

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: D102  # Qt's name
        super().paintEvent(event)
        if not self.hasFocus() or self.currentIndex() < 0:
            return
        theme = self._themes.current
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.color("accent"), 2))
        ring = QRectF(self.tabRect(self.currentIndex())).adjusted(1, 1, -3, -1)
        painter.drawRoundedRect(ring, theme.px(6), theme.px(6))

    def _say(self, words: str, at: QPoint) -> None:
        """Say this at the pointer, or at the edge of the window that is nearest to it."""
        if not words:
            self.hint.hide()
            return
        window = self.window()
        self.hint.setParent(window)
        self.hint.setText(words)
        self.hint.adjustSize()
        place, size = window.mapFromGlobal(at) + QPoint(14, 16), self.hint.size()
        x = min(max(place.x(), 4), window.width() - size.width() - 4)
        self.hint.move(x, min(max(place.y(), 4), window.height() - size.height() - 4))
        self.hint.show()
        self.hint.raise_()

    def _let_go(self) -> None:
        self._held, self._away = None, False
        self.hint.hide()

    def _choose(self, index: int) -> None:
        if not self._quiet and index >= 0:
            self.chosen.emit(index)

    def _follow_move(self, source: int, target: int) -> None:
        self._states.insert(target, self._states.pop(source))

    def _quietly(self, change: Callable[[], object]) -> None:
        self._quiet = True
        change()
        self._quiet = False

    def _index_of(self, button: QWidget) -> int:
        side = QTabBar.ButtonPosition.RightSide
        return next(index for index in range(self.count()) if self.tabButton(index, side) is button)

    def _write(self, index: int, anew: bool) -> None:
        state = self._states[index]
        self.setTabText(index, state.name.replace("&", "&&"))
        self.setTabToolTip(index, state.tooltip)
        self.setAccessibleTabName(index, state.words)
        button = self.tabButton(index, QTabBar.ButtonPosition.RightSide)
        if button is not None:
            button.setToolTip(f"Close {state.name}")
            button.setAccessibleName(f"Close {state.name}")
        if anew:
            self.setTabIcon(index, mark_icon(self._themes.current, state))

    def _restyle(self, _theme: Theme) -> None:
        for index in range(self.count()):
            self._write(index, anew=True)


class TabRow(QWidget):
    """The tabs with a button for a new project; hidden while there is nothing to choose."""

    new_asked = Signal()

    def __init__(self, themes: Themes, actions: ActionSet) -> None:
        super().__init__()
        self._themes = themes
        self.tabs = Tabs(themes, actions)
        self.plus = IconButton(themes, "plus", "New graph", 14)
        self.plus.clicked.connect(self.new_asked)
        self._layout = QHBoxLayout(self)
        self._layout.setSpacing(4)
        self._layout.addWidget(self.tabs)
        self._layout.addWidget(self.plus)
        self._layout.addStretch(1)
        themes.changed.connect(self._restyle)
        self._restyle(themes.current)
        self.hide()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: D102  # Qt's name
        if event.button() == Qt.MouseButton.LeftButton:
            self.new_asked.emit()

    def _restyle(self, theme: Theme) -> None:
        self.setFixedHeight(theme.px(HEIGHT))
        self._layout.setContentsMargins(theme.px(4), 0, theme.px(8), theme.px(4))
