"""The engine's main loop: one thing after the other, whatever happens inside it told as a message."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Generic

from core.engine.failure import problem
from core.engine.inbox import Inbox, Run, Steering
from core.engine.messages import Answer, Ask, Doing, Event, Failed, Ready, SaveWeights, Shutdown, Train
from core.engine.outbox import Outbox
from core.engine.pipe import PREAMBLE, widen
from core.errors import EngineError

GRACE = 1.5
"""Seconds that work under way has to end by itself; the window kills after 2."""
WATCH = 0.5
"""Seconds between two looks at whether the parent still lives."""
Tell = Callable[[str, float], None]
"""Told what is being done and the share that is behind; raises EngineError where the answer is not wanted any more."""


@dataclass(frozen=True, slots=True)
class Trade(Generic[Steering]):
    """What an engine can do; every function but `control` is called on the main thread.

    `train` yields some times a second, paused or not: then questions are answered. `keep` gets a run's events, a
    failure included, and passes them on.
    """

    warm: Callable[[], Ready]
    control: Callable[[Train], Steering]
    train: Callable[[Train, Steering], Iterable[Event]]
    keep: Callable[[Train, Iterable[Event]], Iterable[Event]]
    answer: Callable[[Ask | SaveWeights, Tell], Event]


class Service(Generic[Steering]):
    """An engine at work on two descriptors."""

    def __init__(self, requests: int, events: int, trade: Trade[Steering]) -> None:
        widen(events)
        self._trade = trade
        self._busy = False
        self._outbox = Outbox(events)
        self._outbox.send_bytes(PREAMBLE)
        self._inbox = Inbox(requests, self._outbox.send, trade.control, self._end_soon)

    def run(self) -> None:
        """Warm up and serve until asked to end, the input closes or the parent changes; does not return."""
        self._inbox.start()
        threading.Thread(target=self._watch_parent, args=(os.getppid(),), name="engine parent", daemon=True).start()
        self._outbox.send(self._trade.warm())
        while not isinstance(item := self._inbox.next(), Shutdown):
            self._busy = True
            if isinstance(item, Run):
                self._train(item)
            else:
                self._answer(item)
            self._busy = False
        self._leave()

    def _train(self, run: Run[Steering]) -> None:
        for event in self._trade.keep(run.request, self._told(run)):
            self._outbox.send(event)
            while (question := self._inbox.question()) is not None:
                self._answer(question)

    def _told(self, run: Run[Steering]) -> Iterator[Event]:
        try:
            yield from self._trade.train(run.request, run.control)
        except Exception as error:  # whatever a layer, torch or memory throws ends the run, never the engine
            yield Failed(problem=problem(error))

    def _answer(self, item: Ask | SaveWeights) -> None:
        try:
            self._outbox.send(self._trade.answer(item, partial(self._tell, item)))
        except Exception as error:  # as above: a question must never cost the engine, nor stay without an answer
            self._outbox.send(_refusal(item, error))

    def _tell(self, item: Ask | SaveWeights, text: str, share: float) -> None:
        if not isinstance(item, Ask):
            return
        if self._inbox.is_cancelled(item.id):
            raise EngineError("an answer was wanted", "it was cancelled", "Engine")
        self._outbox.send(Doing(id=item.id, text=text, share=share))

    def _end_soon(self) -> None:
        """Called by another thread: work under way gets its grace, waiting or warming up gets none."""
        if not self._busy:
            self._leave()
        threading.Thread(target=self._end_late, name="engine end", daemon=True).start()

    def _end_late(self) -> None:
        time.sleep(GRACE)
        os._exit(1)

    def _leave(self) -> None:
        # Not sys.exit: torch takes its time to fall apart, and sometimes crashes doing so.
        self._outbox.close(GRACE)
        os._exit(0)

    def _watch_parent(self, parent: int) -> None:
        while os.getppid() == parent:
            time.sleep(WATCH)
        self._inbox.end()


def _refusal(item: Ask | SaveWeights, error: Exception) -> Event:
    if isinstance(item, Ask):
        return Answer(id=item.id, problem=problem(error))
    return Failed(problem=problem(error))
