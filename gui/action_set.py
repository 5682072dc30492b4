"""The commands of the table as Qt actions: for menus, toolbar and shortcuts."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QWidget

from gui.actions import ACTIONS, MENUS, keys_text
from gui.command import Command
from gui.keymap import Keymap
from gui.theme import Theme, Themes


class ActionSet(QObject):
    """The commands as Qt actions: they ask `run` to be done, and are enabled by `allow`."""

    triggered = Signal(str)
    """With the id of the command that the user asked for."""

    def __init__(self, themes: Themes, window: QWidget) -> None:
        super().__init__(window)
        self._themes = themes
        self._window = window
        self.keymap = Keymap(parent=self)
        self.by_id: Mapping[str, QAction] = {command.id: self._action(command) for command in ACTIONS}
        themes.changed.connect(self._restyle)
        self._restyle(themes.current)
        self.use_keymap(self.keymap)

    def use_keymap(self, keymap: Keymap) -> None:
        """Let the keys be these from now on, and follow their changes."""
        self.keymap = keymap
        keymap.changed.connect(self._rekey)
        self._rekey()

    def __getitem__(self, name: str) -> QAction:
        """The action of the command of this id."""
        return self.by_id[name]

    def allow(self, conditions: Mapping[str, bool]) -> None:
        """Enable every command whose `when` holds."""
        for command in ACTIONS:
            self.by_id[command.id].setEnabled(command.when == "always" or conditions.get(command.when, False))

    def name_steps(self, past: str, future: str) -> None:
        """Say in the menu what would be undone and redone; nothing for an empty text."""
        for name, step in (("undo", past), ("redo", future)):
            self.by_id[name].setText(f"{name.capitalize()} {step}".rstrip().replace("&", "&&"))

    def bind_canvas(self, canvas: QWidget) -> None:
        """Let the keys of the canvas's commands work in this canvas."""
        for command in ACTIONS:
            if command.on_canvas:
                canvas.addAction(self.by_id[command.id])

    def fill(self, bar: QMenuBar, extend: Callable[[str, QMenu], None] | None = None) -> None:
        """Put the menus on a menu bar; `extend` may add to each."""
        for title in MENUS:
            menu = bar.addMenu(f"&{title}")
            for command in ACTIONS:
                if command.menu == title:
                    if command.before:
                        menu.addSeparator()
                    menu.addAction(self.by_id[command.id])
            if extend is not None:
                extend(title, menu)

    def _action(self, command: Command) -> QAction:
        action = QAction(command.title, self)
        action.setObjectName(command.id)
        action.setIconText(command.short or command.title)
        action.setCheckable(command.checkable)
        action.setStatusTip(command.help)
        action.triggered.connect(lambda _checked=False, name=command.id: self.triggered.emit(name))
        if command.on_canvas:
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        else:
            self._window.addAction(action)
        return action

    def _rekey(self) -> None:
        for command in ACTIONS:
            keys, action = self.keymap.keys(command.id), self.by_id[command.id]
            action.setShortcuts([QKeySequence(one) for given in keys for one in _as_pressed(given)])
            action.setToolTip(tooltip(command, keys))

    def _restyle(self, theme: Theme) -> None:
        for command in ACTIONS:
            if command.icon:
                self.by_id[command.id].setIcon(theme.icon(command.icon, "text2", 16))


def tooltip(command: Command, keys: tuple[str, ...]) -> str:
    """What is said when the pointer rests on a button: the title, its keys and one sentence."""
    said = f" ({keys_text(keys[0])})" if keys else ""
    return f"{command.title.rstrip('…')}{said}\n{command.help}" if command.help else f"{command.title}{said}"


def _as_pressed(keys: str) -> tuple[str, ...]:
    """A sign alone also with the Shift that makes it on most keyboards, as not every platform leaves that out."""
    return (keys, f"Shift+{keys}") if len(keys) == 1 and not keys.isalnum() else (keys,)
