"""The left side of the start page: what to begin with, recent files, and the first steps."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from core.first_steps import FIRST_STEPS
from gui.actions import keys_text
from gui.keymap import Keymap
from gui.recent_row import RecentRow
from gui.step_row import StepRow
from gui.theme import Theme, Themes
from gui.widgets import IconLabel, column, label, line, push, row

SIDE = 296
SHOWN = 6
"""Recent files on the page."""
WIDE = (
    ("new", "New graph", "plus", "wide-primary", "accentInk"),
    ("open", "Open", "folder", "wide", "text"),
    ("import", "Import PyTorch or ONNX", "code", "wide", "text"),
)
"""By button the command, its words, icon, role and the icon's ink."""


class StartSide(QFrame):
    """Commands as wide buttons, and below them the lists, which scroll where the window is low."""

    asked = Signal(str)
    """The id of a command."""
    file_chosen = Signal(object)
    step_chosen = Signal(object)
    """A FirstStep."""

    def __init__(self, themes: Themes, recent: Sequence[Path], keymap: Keymap, done: Collection[str]) -> None:
        super().__init__()
        self._themes = themes
        self._keymap = keymap
        self.setProperty("role", "panel")
        self._buttons = tuple(self._wide(*asked) for asked in WIDE)
        layout = column(self._head(), 16, *self._buttons, 10, spacing=6, margins=(16, 20, 16, 12))
        layout.addWidget(self._lists(recent, done), 1)
        layout.addWidget(line())
        layout.addWidget(
            _held(row(self._small("shortcuts", "Shortcuts", "info"), None, self._small("settings", "Settings", "gear")))
        )
        self.setLayout(layout)
        themes.changed.connect(self._restyle)
        self._restyle(themes.current)

    def _head(self) -> QWidget:
        words = column(label("Chainrule", "display"), label("Draw a network, watch it learn", "secondary"), spacing=0)
        return _held(row(IconLabel(self._themes, "logo", "accent", 40), _held(words), None, spacing=12))

    def _lists(self, recent: Sequence[Path], done: Collection[str]) -> QScrollArea:
        layout = column(spacing=2)
        self._add_recent(layout, [path for path in recent if path.is_file()])
        self.steps = [StepRow(self._themes, step, at, step.name in done) for at, step in enumerate(FIRST_STEPS, 1)]
        count = sum(step.is_done for step in self.steps)
        layout.addWidget(_title("First steps", f"{count} of {len(self.steps)} done"))
        for step in self.steps:
            step.chosen.connect(self.step_chosen)
            layout.addWidget(step)
        layout.addStretch(1)
        page = _held(layout)
        page.setProperty("role", "page")
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(page)
        return area

    def _add_recent(self, layout: QVBoxLayout, known: Sequence[Path]) -> None:
        if not known:
            return
        layout.addWidget(_title("Recent", f"{min(len(known), SHOWN)} of {len(known)}"))
        for path in known[:SHOWN]:
            item = RecentRow(self._themes, path)
            item.chosen.connect(self.file_chosen)
            layout.addWidget(item)
        layout.addSpacing(10)
        layout.addWidget(line())
        layout.addSpacing(10)

    def _wide(self, name: str, words: str, icon: str, role: str, ink: str) -> QPushButton:
        button = push(words, role, self._themes.current.icon(icon, ink, 16))
        first = next(iter(self._keymap.keys(name)), "")
        keys = label(keys_text(first), "" if role == "wide-primary" else "keycap")
        if role == "wide-primary":
            keys.setStyleSheet(f"color: {self._themes.current.hex('accentInk')}; font-weight: 600")
        inner = row(None, margins=(0, 0, 12, 0))
        inner.addWidget(keys, 0, Qt.AlignmentFlag.AlignVCenter)
        button.setLayout(inner)
        button.clicked.connect(lambda: self.asked.emit(name))
        return button

    def _small(self, name: str, words: str, icon: str) -> QPushButton:
        button = push(words, "quiet", self._themes.current.icon(icon, "text2", 14))
        button.clicked.connect(lambda: self.asked.emit(name))
        return button

    def _restyle(self, theme: Theme) -> None:
        self.setFixedWidth(theme.px(SIDE))
        for button in self._buttons:
            button.setIconSize(QSize(theme.px(16), theme.px(16)))


def _title(words: str, count: str) -> QWidget:
    return _held(row(label(words, "title"), None, label(count, "caption"), margins=(4, 2, 4, 6)))


def _held(layout: QLayout) -> QWidget:
    made = QWidget()
    made.setLayout(layout)
    return made
