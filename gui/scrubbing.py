"""Numbers set by the mouse alone: drag a field's title to the right or left, and its value counts up or down."""

from __future__ import annotations

import math
from typing import Protocol

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent

from core.errors import ChainruleError
from core.graph import Value
from gui.fields import Asked
from gui.widgets import ElidedLabel

SLOW, SLOW_STEPS, FAST, FAST_STEPS = 6, 10, 2, 100
"""Pixels a step, and for how many steps; behind them a few pixels more, beyond which it goes by tens."""


class Scrubbed(Protocol):
    """A field whose number can be counted up and down."""

    asked: Asked

    def scrub(self, steps: int) -> bool:
        """Count so many steps on from where the drag began; whether it holds a number."""

    def end_scrub(self, is_kept: bool) -> None:
        """The drag has ended."""


def steps_of(pixels: float) -> int:
    """How many steps a drag of so many pixels is: slow for the first ten, then faster, by tens beyond a hundred."""
    way = abs(pixels)
    slow, fast = SLOW * SLOW_STEPS, FAST * (FAST_STEPS - SLOW_STEPS)
    if way <= slow:
        count = way // SLOW
    elif way <= slow + fast:
        count = SLOW_STEPS + (way - slow) // FAST
    else:
        count = FAST_STEPS + 10 * ((way - slow - fast) // FAST)
    return int(math.copysign(count, pixels))


def stepped(asked: Asked, value: Value, steps: int) -> Value:
    """The value so many steps on, as near as it is legal; None where it is no number that has steps."""
    if isinstance(value, bool) or not isinstance(value, int | float) or asked.type not in ("int", "size", "float"):
        return None
    unit = _unit(value) if asked.type == "float" else 1
    for fewer in range(abs(steps), -1, -1):
        wanted = value + math.copysign(fewer, steps) * unit
        try:
            return asked.check(round(wanted, 12) if asked.type == "float" else int(wanted))
        except ChainruleError:
            continue
    return value


def _unit(value: float) -> float:
    """A step of a number of floating point: one of its second digit, so that 0.05 goes by 0.005."""
    return 0.01 if value == 0 else float(10.0 ** (math.floor(math.log10(abs(value))) - 1))


class ScrubLabel(ElidedLabel):
    """The title of a field: a drag along it counts the number up and down, Esc gives it up."""

    def __init__(self, title: str, field: Scrubbed) -> None:
        super().__init__(title, "secondary")
        self._field = field
        self._press: float | None = None
        self._moved = False
        if field.asked.type in ("int", "size", "float"):
            self.setCursor(Qt.CursorShape.SizeHorCursor)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: D102  # Qt's name
        if event.button() == Qt.MouseButton.LeftButton:
            self._press, self._moved = event.globalPosition().x(), False
            self.setFocus(Qt.FocusReason.MouseFocusReason)
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: D102  # Qt's name
        if self._press is not None:
            steps = steps_of(event.globalPosition().x() - self._press)
            self._moved = self._moved or steps != 0
            if self._moved:
                self._field.scrub(steps)
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: D102  # Qt's name
        self._end(is_kept=True)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: D102  # Qt's name
        if event.key() == Qt.Key.Key_Escape and self._press is not None:
            self._end(is_kept=False)
        else:
            super().keyPressEvent(event)

    def _end(self, is_kept: bool) -> None:
        moved, self._press, self._moved = self._moved, None, False
        if moved:
            self._field.end_scrub(is_kept)
