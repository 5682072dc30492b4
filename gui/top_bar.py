"""The 36 px line at the window's top: logo, menus, the document's name in the middle, and four buttons."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenuBar, QToolButton, QWidget

from gui.action_set import ActionSet
from gui.theme import Theme, Themes
from gui.widgets import label

HEIGHT = 36


class TopBar(QWidget):
    """The menu bar's place in the main window."""

    def __init__(self, themes: Themes, actions: ActionSet) -> None:
        super().__init__()
        self._themes = themes
        self.menus = QMenuBar()
        self.menus.setNativeMenuBar(False)
        self.name = label("", "title", self)
        self.state = label("", "secondary", self)
        for text in (self.name, self.state):
            text.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.buttons = {name: self._button(actions, name) for name in ("undo", "redo", "source", "settings")}
        self.buttons["source"].setText("  PyTorch")
        self.buttons["source"].setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.buttons["source"].setProperty("role", "text")
        self._layout = QHBoxLayout(self)
        self._layout.setSpacing(4)
        self._layout.addSpacing(0)
        self._layout.addWidget(self.menus, 0, Qt.AlignmentFlag.AlignVCenter)
        self._layout.addStretch(1)
        for name in ("undo", "redo", "source", "settings"):
            self._layout.addWidget(self.buttons[name])
        themes.changed.connect(self._restyle)
        self._restyle(themes.current)

    def show_document(self, name: str, state: str, page: bool = False) -> None:
        """Show a document's name and whether it was edited; on the start page the buttons of the document go."""
        self.name.setText(name)
        self.state.setText(state)
        for button in ("undo", "redo", "source"):
            self.buttons[button].setVisible(not page)
        self._place()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: D102  # Qt's name
        super().resizeEvent(event)
        self._place()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: D102  # Qt's name
        theme = self._themes.current
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.color("window"))
        size = theme.px(18)
        logo = theme.pixmap("logo", "accent", size, self.devicePixelRatioF())
        painter.drawPixmap(theme.px(12), (self.height() - size) // 2, logo)

    def _button(self, actions: ActionSet, name: str) -> QToolButton:
        button = QToolButton()
        button.setDefaultAction(actions[name])
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setAccessibleName(actions[name].text())
        return button

    def _place(self) -> None:
        """Centre the name in the whole bar, but never over the menus."""
        gap = self._themes.current.px(6) if self.state.text() else 0
        name, state = self.name.sizeHint().width(), self.state.sizeHint().width()
        left = max((self.width() - name - gap - state) // 2, self.menus.geometry().right() + gap)
        self.name.setGeometry(left, 0, name, self.height())
        self.state.setGeometry(left + name + gap, 0, state, self.height())

    def _restyle(self, theme: Theme) -> None:
        self.setFixedHeight(theme.px(HEIGHT))
        self.menus.setFixedHeight(theme.px(26))
        self._layout.setContentsMargins(theme.px(34), 0, theme.px(12), 0)
        for name, button in self.buttons.items():
            button.setIconSize(QSize(theme.px(16), theme.px(16)))
            button.setFixedHeight(theme.px(28))
            if name != "source":
                button.setFixedWidth(theme.px(28))
        self._place()
        self.update()
