"""What a command is: the row of the table from which menus, toolbar, shortcuts and the command palette are made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

When = Literal[
    "always",
    "document",
    "undo",
    "redo",
    "selection",
    "train",
    "step",
    "stop",
    "rewind",
    "problems",
    "nodes",
    "modified",
    "block",
    "inside",
    "unused",
    "tabs",
    "finding",
]


@dataclass(frozen=True, slots=True)
class Command:
    """One thing the user can do: its words, keys and picture, where it stands and when it can be done."""

    id: str
    title: str
    menu: str
    keys: tuple[str, ...] = ()
    icon: str = ""
    help: str = ""
    when: When = "document"
    checkable: bool = False
    on_canvas: bool = False
    """Whether its keys work only while the canvas has the keyboard."""
    short: str = ""
    """What a button says, where the title is too long for it."""
    before: bool = False
    """Whether a line stands above it in the menu."""
