"""A calm line over the canvas: what happened, and what can be done about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import MappingProxyType

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QWidget

from core.errors import ChainruleError
from gui.theme import Themes
from gui.widgets import IconButton, IconLabel, label, prose, push, restyled

Offer = tuple[str, Callable[[], object]]
"""The words on a button, and what it does."""
LOOKS = MappingProxyType(
    {
        "error": ("error", "error", "error-box"),
        "warning": ("warn", "warn", "warn-box"),
        "info": ("info", "accent", "info-box"),
    }
)


class MessageBar(QFrame):
    """Hidden until there is something to say."""

    def __init__(self, themes: Themes) -> None:
        super().__init__()
        self._waits = False
        """Whether it is to be seen as soon as it has its place."""
        self._icon = IconLabel(themes, "info", "accent", 16)
        self._title = label("", "title")
        self._text = prose("", "")
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(6)
        self._close = IconButton(themes, "close", "Close the message", 14)
        self._close.clicked.connect(self.hide)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 8, 8, 8)
        layout.setSpacing(10)
        layout.addWidget(self._icon)
        layout.addWidget(self._title)
        layout.addWidget(self._text, 1)
        layout.addLayout(self._buttons)
        layout.addWidget(self._close)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.hide()

    def setVisible(self, visible: bool) -> None:  # noqa: D102  # Qt's name
        self._waits = visible and self.parentWidget() is None  # it would be a window of its own
        super().setVisible(visible and not self._waits)

    def event(self, event: QEvent) -> bool:  # noqa: D102  # Qt's name
        if event.type() == QEvent.Type.ParentChange and self._waits:
            self.show()
        return super().event(event)

    def say(self, look: str, title: str, text: str, offers: Sequence[Offer] = ()) -> None:
        """Show this in place of what was shown before; look is error, warning or info."""
        icon, color, role = LOOKS[look]
        self._icon.show_icon(icon, color)
        restyled(self, role=role)
        self._title.setText(title)
        self._text.setText(text)
        while (item := self._buttons.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        for index, (words, call) in enumerate(offers):
            self._buttons.addWidget(self._button(words, call, index == 0))
        self.show()
        self.setAccessibleName(f"{title}. {text}")

    def say_error(self, title: str, error: ChainruleError, offers: Sequence[Offer] = ()) -> None:
        """Show an error with all of its parts."""
        self.say("error", title, told(error), offers)

    @property
    def words(self) -> str:
        """What is shown, as one text."""
        return f"{self._title.text()}. {self._text.text()}"

    def _button(self, words: str, call: Callable[[], object], first: bool) -> QWidget:
        button = push(words, "small-primary" if first else "small")

        def run() -> None:
            self.hide()
            call()

        button.clicked.connect(run)
        return button


def told(error: ChainruleError) -> str:
    """An error as sentences: what was wanted, what came, where, and what to do."""
    text = str(error)
    return text[:1].upper() + text[1:] if text[:1].islower() and not error.where else text
