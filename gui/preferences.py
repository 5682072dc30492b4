"""What the user has chosen for the program itself, kept between starts."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings

from gui.canvas.wire_styles import STYLES, Style

RECENT = 14
"""Files that are remembered."""


class Preferences:
    """Typed reading and writing of the program's settings file."""

    def __init__(self, store: QSettings | None = None) -> None:
        self._store = store if store is not None else user_store()

    @property
    def theme(self) -> str:
        """The look: dark or light."""
        return self._text("theme", "dark")

    @theme.setter
    def theme(self, name: str) -> None:
        self._store.setValue("theme", name)

    @property
    def scale(self) -> float:
        """The text scale, 0.9 to 2.0."""
        return self._number("scale", 1.0)

    @scale.setter
    def scale(self, factor: float) -> None:
        self._store.setValue("scale", factor)

    @property
    def threads(self) -> int:
        """What a new project's runs may use of the processor."""
        return int(self._number("threads", 1))

    @threads.setter
    def threads(self, count: int) -> None:
        self._store.setValue("threads", count)

    @property
    def autosave(self) -> int:
        """Seconds after a change until the document is kept aside."""
        return int(self._number("autosave", 2))

    @autosave.setter
    def autosave(self, seconds: int) -> None:
        self._store.setValue("autosave", seconds)

    @property
    def reduced_motion(self) -> bool:
        """Whether nothing moves by itself."""
        return self._text("reduced_motion", "false") == "true"

    @reduced_motion.setter
    def reduced_motion(self, on: bool) -> None:
        self._store.setValue("reduced_motion", "true" if on else "false")

    @property
    def reopen(self) -> bool:
        """Whether a start opens the files that were open last."""
        return self._text("reopen", "false") == "true"

    @reopen.setter
    def reopen(self, on: bool) -> None:
        self._store.setValue("reopen", "true" if on else "false")

    @property
    def session(self) -> tuple[Path, ...]:
        """The files that were open last, in the order of their tabs."""
        return tuple(Path(line) for line in self._text("session", "").splitlines() if line)

    @session.setter
    def session(self, paths: tuple[Path, ...]) -> None:
        self._store.setValue("session", "\n".join(str(path.resolve()) for path in paths))

    @property
    def wires(self) -> Style:
        """How wires run on every canvas."""
        kept = self.word("wires")
        return next((style for style in STYLES if style == kept), "spline")

    @wires.setter
    def wires(self, style: Style) -> None:
        self.keep_word("wires", style)

    @property
    def recent(self) -> tuple[Path, ...]:
        """The files opened or saved last, newest first."""
        return tuple(Path(line) for line in self._text("recent", "").splitlines() if line)

    def remember(self, path: Path) -> None:
        """Put this file at the head of the recent ones."""
        kept = [path.resolve(), *(known for known in self.recent if known != path.resolve())]
        self._store.setValue("recent", "\n".join(str(known) for known in kept[:RECENT]))

    def forget(self, path: Path) -> None:
        """Remember this file no more."""
        self._store.setValue("recent", "\n".join(str(known) for known in self.recent if known != path))

    def layout(self, name: str) -> QByteArray:
        """The kept state of a window or its docks; empty where there is none."""
        value = self._store.value(f"layout/{name}")
        return value if isinstance(value, QByteArray) else QByteArray()

    def keep_layout(self, name: str, state: QByteArray) -> None:
        """Keep the state of a window or its docks."""
        self._store.setValue(f"layout/{name}", state)

    def word(self, name: str, default: str = "") -> str:
        """A small thing a room of the window keeps under this name."""
        return self._text(f"word/{name}", default)

    def keep_word(self, name: str, word: str) -> None:
        """Keep a small thing under this name."""
        self._store.setValue(f"word/{name}", word)

    def flush(self) -> None:
        """Write everything to disk."""
        self._store.sync()

    def _text(self, key: str, default: str) -> str:
        value = self._store.value(key, default)
        return value if isinstance(value, str) else default

    def _number(self, key: str, default: float) -> float:
        try:
            return float(str(self._store.value(key, default)))
        except ValueError:
            return default


def user_store() -> QSettings:
    """The settings file of the user."""
    return QSettings(QSettings.Format.IniFormat, QSettings.Scope.UserScope, "chainrule", "chainrule")
