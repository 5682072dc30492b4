"""Times of one frame after another: by the clock, and of this thread's own work, which other programs disturb less."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from statistics import median
from typing import NamedTuple

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QWidget


class Time(NamedTuple):
    """Milliseconds by the clock, and of this thread."""

    wall: float
    cpu: float


def timed(call: Callable[[], object]) -> Time:
    """What the call takes."""
    wall, cpu = time.perf_counter(), time.thread_time()
    call()
    return Time((time.perf_counter() - wall) * 1e3, (time.thread_time() - cpu) * 1e3)


@dataclass
class Times:
    """Many of the same thing."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    @classmethod
    def of(cls, times: Iterable[Time]) -> Times:
        """These."""
        made = cls()
        for one in times:
            made.wall.append(one.wall)
            made.cpu.append(one.cpu)
        return made

    @property
    def middle(self) -> float:
        """The median of this thread's milliseconds."""
        return median(self.cpu)

    def share(self, part: float, wall: bool = False) -> float:
        """The time under which this part of them stays."""
        ordered = sorted(self.wall if wall else self.cpu)
        return ordered[min(int(len(ordered) * part), len(ordered) - 1)]

    def columns(self) -> str:
        """Median, p95 and p99 of this thread, and the median by the clock, each in nine letters."""
        found = (self.middle, self.share(0.95), self.share(0.99), median(self.wall))
        return "".join(f"{value:9.2f}" for value in found)


class Painted(QObject):
    """Counts how often a widget was painted: a frame that paints nothing is none."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.count = 0
        widget.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: D102  # Qt's name
        self.count += event.type() == QEvent.Type.Paint
        return False


def framed(do: Callable[[], object]) -> Time:
    """What it takes to do this and all that comes of it at once, painting included."""

    def frame() -> None:
        do()
        QApplication.processEvents()
        QApplication.sendPostedEvents(None, QEvent.Type.UpdateRequest.value)  # what turned out to be painted anew

    return timed(frame)


def settle(seconds: float) -> list[Time]:
    """Let the window live for so long, doing what it had put off; what each turn of its loop took."""
    turns, end = [], time.perf_counter() + seconds
    while time.perf_counter() < end:
        turns.append(timed(QApplication.processEvents))
        time.sleep(0.0005)
    return turns
