"""Which keys do which command: those of the table, or those the user gave it in their place."""

from __future__ import annotations

import json
from collections.abc import Mapping

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QKeySequence

from gui.actions import ACTIONS
from gui.command import Command
from gui.preferences import Preferences

KEPT, LETTERS = "keys", "letters"
"""What the preferences call the keys of one's own, and whether single letters are keys."""
FIXED: Mapping[str, str] = {
    "Space": "adding a layer, and moving the view",
    "Tab": "adding a layer, and going to the next field",
    "Return": "opening a block, and wiring",
    "Enter": "opening a block, and wiring",
    "Esc": "giving up",
    "Left": "walking along the wires",
    "Right": "walking along the wires",
    "Up": "walking among branches",
    "Down": "walking among branches",
}
"""Keys that cannot be given to a command, and what they are for."""


class Keymap(QObject):
    """The keys of every command, kept in the preferences."""

    changed = Signal()

    def __init__(self, preferences: Preferences | None = None, parent: QObject | None = None) -> None:
        """Without preferences: the table's keys, and nothing is kept."""
        super().__init__(parent)
        self._preferences = preferences
        self._own: dict[str, tuple[str, ...]] = _read(preferences.word(KEPT)) if preferences is not None else {}
        self._letters = preferences is None or preferences.word(LETTERS, "on") == "on"

    @property
    def letters(self) -> bool:
        """Whether single letters, digits and signs do commands on the canvas."""
        return self._letters

    def use_letters(self, on: bool) -> None:
        """Let single letters do commands, or not."""
        self._letters = on
        self._keep()

    def given(self, name: str) -> tuple[str, ...]:
        """The keys of a command, whether they work now or not."""
        return self._own.get(name, _command(name).keys)

    def keys(self, name: str) -> tuple[str, ...]:
        """The keys of a command that work now."""
        return tuple(keys for keys in self.given(name) if self._letters or not is_letter(keys))

    def is_own(self, name: str) -> bool:
        """Whether the user gave this command other keys than the table does."""
        return name in self._own

    def holder(self, keys: str, but: str = "") -> Command | None:
        """The command other than `but` that has these keys."""
        wanted = written(keys)
        others = (command for command in ACTIONS if command.id != but)
        return next((command for command in others if wanted in map(written, self.given(command.id))), None)

    def give(self, name: str, keys: tuple[str, ...]) -> None:
        """Give a command these keys; whichever other commands had them lose them."""
        wanted = tuple(dict.fromkeys(map(written, keys)))
        for command in ACTIONS:
            held = self.given(command.id)
            left = tuple(one for one in held if written(one) not in wanted)
            if command.id != name and left != held:
                self._set(command.id, left)
        self._set(name, wanted)
        self._keep()

    def reset(self, name: str) -> None:
        """Give a command the table's keys again; what other commands were given of them meanwhile goes back too."""
        self.give(name, _command(name).keys)

    def reset_all(self) -> None:
        """Give every command the table's keys, and let letters be keys."""
        self._own.clear()
        self._letters = True
        self._keep()

    def _set(self, name: str, keys: tuple[str, ...]) -> None:
        if tuple(map(written, keys)) == tuple(map(written, _command(name).keys)):
            self._own.pop(name, None)
        else:
            self._own[name] = keys

    def _keep(self) -> None:
        if self._preferences is not None:
            self._preferences.keep_word(KEPT, json.dumps({name: list(keys) for name, keys in self._own.items()}))
            self._preferences.keep_word(LETTERS, "on" if self._letters else "off")
        self.changed.emit()


def written(keys: str) -> str:
    """The one way to write these keys, so that Ctrl+= and ctrl+= are the same."""
    return QKeySequence(keys).toString(QKeySequence.SequenceFormat.PortableText)


def is_letter(keys: str) -> bool:
    """Whether it is one letter, digit or sign without Ctrl, Alt or Meta."""
    return len(keys.removeprefix("Shift+")) == 1


def _command(name: str) -> Command:
    return next(known for known in ACTIONS if known.id == name)


def _read(text: str) -> dict[str, tuple[str, ...]]:
    """What was kept; what cannot be read, or is of a command that is no more, is left out."""
    try:
        kept = json.loads(text or "{}")
    except ValueError:
        return {}
    known = {command.id for command in ACTIONS}
    if not isinstance(kept, dict):
        return {}
    return {
        name: tuple(one for one in keys if isinstance(one, str) and written(one))
        for name, keys in kept.items()
        if name in known and isinstance(keys, list)
    }
