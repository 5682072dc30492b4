"""The settings dialog: what the program looks like and how it keeps your work."""

from __future__ import annotations

import os

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QWidget

from core.graph import Value
from core.training.fields import Field as Setting
from core.training.fields import checked
from gui.fields import of_setting
from gui.forms import Field, Form
from gui.preferences import Preferences
from gui.theme import MAX_SCALE, MIN_SCALE, NAMES, Themes
from gui.widgets import column, label, prose, push, row

SCALES = ("90 %", "100 %", "110 %", "125 %", "150 %", "175 %", "200 %")
FIELDS = (
    Setting("theme", str, "Theme", "Dark or light.", choices=NAMES),
    Setting("scale", str, "Text size", "Of every text and control in the window.", choices=SCALES),
    Setting("reduced_motion", bool, "Reduced motion", "Nothing moves by itself; views jump instead of gliding."),
    Setting(
        "threads",
        int,
        "Threads",
        "What new graphs train with; each graph keeps its own number.",
        1,
        os.cpu_count() or 1,
    ),
    Setting("reopen", bool, "Reopen projects", "A start opens the files that were open last, each in its tab."),
    Setting("autosave", int, "Keep aside after", "Seconds after a change until a copy for crashes is written.", 1, 600),
)


class SettingsDialog(QDialog):
    """A form over the preferences; every change holds at once."""

    changed = Signal(str)
    """The name of the setting that was changed."""
    keyboard_asked = Signal()
    """The keys are to be shown and changed."""
    forget_asked = Signal()
    """No code of projects is to be trusted any more."""

    def __init__(self, themes: Themes, preferences: Preferences, device: str, window: QWidget | None = None) -> None:
        super().__init__(window)
        self._themes = themes
        self._preferences = preferences
        self.setWindowTitle("Settings")
        self.setMinimumWidth(themes.current.px(420))
        self.form = Form(themes)
        for field in FIELDS:
            line = self.form.add(of_setting(field, "Settings"))
            assert isinstance(line, Field)
            line.show_value(self._value(field.name))
            line.changed.connect(self._set)
        self.forget = push("Forget it all", "small")
        self.forget.setAccessibleName("Forget all trusted code")
        self.forget.clicked.connect(self._forget)
        self._trusted = prose("The code of projects that you trusted runs without asking.")
        self.keyboard = push("Keyboard shortcuts…", "small")
        self.keyboard.clicked.connect(self.keyboard_asked)
        close = push("Close settings", "primary")
        close.clicked.connect(self.accept)
        layout = column(
            label("Settings", "name"),
            self.form,
            4,
            prose(f"Training runs on: {device}."),
            4,
            label("Trusted code", "title"),
            spacing=10,
            margins=(20, 18, 20, 16),
        )
        trust = row(spacing=8)
        trust.addWidget(self._trusted, 1)
        trust.addWidget(self.forget)
        layout.addLayout(trust)
        layout.addLayout(row(self.keyboard, None, close))
        self.setLayout(layout)

    def _forget(self) -> None:
        self.forget_asked.emit()
        self.forget.setEnabled(False)
        self._trusted.setText("Forgotten: the code of every project is asked about anew.")

    def _value(self, name: str) -> Value:
        if name == "scale":
            return f"{round(self._preferences.scale * 100)} %"
        value: Value = getattr(self._preferences, name)
        return value

    def _set(self, name: str, value: Value) -> None:
        field = next(field for field in FIELDS if field.name == name)
        kept = checked(field, value, "Settings")
        if name == "scale":
            factor = int(str(kept).removesuffix(" %")) / 100
            self._preferences.scale = min(max(factor, MIN_SCALE), MAX_SCALE)
            self._themes.scale(self._preferences.scale)
        elif name == "theme":
            self._preferences.theme = str(kept)
            self._themes.use(self._preferences.theme)
        else:
            setattr(self._preferences, name, kept)
        line = self.form.field(name)
        line.show_value(self._value(name))
        self.changed.emit(name)
