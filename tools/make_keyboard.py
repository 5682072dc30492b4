"""Write the page of all keys: python tools/make_keyboard.py."""

from __future__ import annotations

from pathlib import Path

from gui.actions import ACTIONS, MENUS, keys_text
from gui.keyboard import CANVAS_KEYS

TARGET = Path(__file__).resolve().parents[1] / "docs" / "keyboard.md"
_HEAD = """# The keyboard

Every command, its keys and what it does. Ctrl+K finds each by its words, also those without keys; Alt and a letter
opens a menu. Ctrl+/ or ? opens the sheet in which any command can be given other keys: it says which command has
them, and takes them over. Single letters work only while the canvas has the keyboard, and can be turned off there.
This page is written by `python tools/make_keyboard.py`.
"""


def page() -> str:
    """The page, from the table of commands."""
    parts = [_HEAD, _section("On the canvas, fixed", [(words, keys, "") for keys, words in CANVAS_KEYS])]
    for menu in MENUS:
        found = [one for one in ACTIONS if one.menu == menu]
        lines = [(one.title.rstrip("…"), ", ".join(map(keys_text, one.keys)), one.help) for one in found]
        parts.append(_section(menu, lines))
    return "\n".join(parts)


def _section(title: str, lines: list[tuple[str, str, str]]) -> str:
    rows = [f"| {what} | {keys.replace('|', chr(92) + '|')} | {words} |" for what, keys, words in lines]
    return "\n".join([f"## {title}", "", "| command | keys | what it does |", "|---|---|---|", *rows, ""])


if __name__ == "__main__":
    TARGET.write_text(page(), encoding="utf-8")
