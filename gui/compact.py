"""Controls in a panel's head that take less room where there is little: a choice out of several becomes a drop-down."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Protocol, runtime_checkable

from PySide6.QtCore import QPoint, SignalInstance
from PySide6.QtWidgets import QAbstractButton, QMenu

ARROW = " ▾"
"""After the words of a button that opens a list."""


@runtime_checkable
class Compact(Protocol):
    """What can be shown whole or with less."""

    def width_when(self, compact: bool) -> int:
        """The pixels that it needs so."""

    def set_compact(self, compact: bool) -> None:
        """Show it with less, or whole again."""


@runtime_checkable
class Growing(Protocol):
    """What comes to need another width while it is shown."""

    @property
    def grown(self) -> SignalInstance:
        """The signal that tells so."""


def drop_down(under: QAbstractButton, choices: Mapping[str, str], choose: Callable[[str], object]) -> None:
    """Open a list of choices, words by key, below a button."""
    menu = QMenu(under)
    for key, words in choices.items():
        menu.addAction(words, partial(choose, key))
    menu.aboutToHide.connect(menu.deleteLater)
    menu.popup(under.mapToGlobal(QPoint(0, under.height())))
