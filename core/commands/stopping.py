"""Ctrl+C as a wish to stop: the run ends after its step and keeps its weights; a second one ends at once."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def stopped_by_signals(stop: Callable[[], None]) -> Iterator[Callable[[], bool]]:
    """Call `stop` at the first signal; gives a function that tells whether one came."""
    came = threading.Event()
    before = {int(one): signal.getsignal(one) for one in SIGNALS}

    def handle(number: int, _frame: FrameType | None) -> None:
        came.set()
        signal.signal(number, before[number])
        stop()

    for number in before:
        signal.signal(number, handle)
    try:
        yield came.is_set
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
