"""The fonts that come with the program, so that it looks the same everywhere."""

from __future__ import annotations

from PySide6.QtGui import QFontDatabase

from gui.theme import FOLDER


def load_fonts() -> tuple[str, ...]:
    """The families now known to Qt; a file that Qt refuses leaves the system's font in its place."""
    families: list[str] = []
    for file in sorted(FOLDER.joinpath("fonts").iterdir(), key=lambda entry: entry.name):
        if file.name.endswith((".otf", ".ttf")):
            identifier = QFontDatabase.addApplicationFontFromData(file.read_bytes())
            families += QFontDatabase.applicationFontFamilies(identifier) if identifier >= 0 else []
    return tuple(dict.fromkeys(families))
