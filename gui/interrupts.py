"""Ctrl+C in the terminal and a shutdown's request to end: the window goes without a question, and nothing is lost."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable
from types import FrameType

from PySide6.QtCore import QObject, QSocketNotifier

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interrupts(QObject):
    """Calls `end` with the exit code soon after such a signal.

    Python runs a handler only between two lines of Python, and Qt's loop may wait long for the next event: the signal
    writes a byte into a socket that the loop watches.
    """

    def __init__(self, end: Callable[[int], None], parent: QObject) -> None:
        super().__init__(parent)
        self._end = end
        self._number = 0
        self._read, self._write = socket.socketpair()
        for end_of_pair in (self._read, self._write):
            end_of_pair.setblocking(False)
        signal.set_wakeup_fd(self._write.fileno(), warn_on_full_buffer=False)
        for number in SIGNALS:
            signal.signal(number, self._came)
        self._notifier = QSocketNotifier(self._read.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._wake)

    def _came(self, number: int, _frame: FrameType | None) -> None:
        self._number = number

    def _wake(self) -> None:
        self._read.recv(64)
        if self._number:
            self._notifier.setEnabled(False)
            self._end(128 + self._number)
