"""A panel's line to the engine: the newest question of each kind, and so seldom that training stays what it is.

Nothing is asked while nobody looks.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import msgspec
from PySide6.QtCore import QElapsedTimer, QObject, QTimer, Signal

from core.engine.messages import Answer, AnyEvent
from core.engine.predictions import (
    Coefficients,
    Draw,
    Drawn,
    Guess,
    Guessed,
    Likely,
    Next,
    Survey,
    Surveyed,
    Sweep,
    Swept,
    Trained,
    Weighed,
    Write,
    Written,
)
from core.engine.reviews import Enlarge, Review, Reviewed, Show
from gui.engines import Line
from gui.subject import Subject

PAUSE = 100
"""Milliseconds between two questions at the least, while the network trains."""
SHARE = 0.05
"""The part of the training's time that answers may take, where nobody says otherwise."""
FRAME = 16
"""Milliseconds between two questions while nothing trains."""
QUESTIONS: Mapping[type[Trained], tuple[str, type[Any]]] = MappingProxyType(
    {
        Survey: ("survey", Surveyed),
        Draw: ("draw", Drawn),
        Guess: ("guess", Guessed),
        Sweep: ("sweep", Swept),
        Enlarge: ("review", Reviewed),
        Show: ("review", Reviewed),
        Review: ("review", Reviewed),
        Coefficients: ("coefficients", Weighed),
        Next: ("next", Likely),
        Write: ("write", Written),
    }
)
"""What each question is called, and what answers it; those that come first here are asked first."""


class Asking(QObject):
    """Questions about one subject; those about another one are forgotten with it."""

    answered = Signal(object, object)
    """A question and its answer."""
    refused = Signal(object, object)
    """A question, and the Problem that kept it from being answered."""

    def __init__(self, bridge: Line, parent: QObject, share: float = SHARE) -> None:
        """`share` is the part of the training's time that answers may take."""
        super().__init__(parent)
        self._bridge, self._share = bridge, share
        self.subject: Subject | None = None
        self.is_seen: Callable[[], bool] = lambda: True
        """Whether anybody looks."""
        self.trusted: Callable[[], Sequence[str]] = tuple
        """The fingerprints of code that may run for an answer."""
        self._is_training = False
        self._waiting: dict[type[Trained], Trained] = {}
        self._small: set[type[Trained]] = set()
        """The kinds of those that are small, as they were asked last."""
        self._is_whole = True
        """Whether all that waited was sent, not what is small alone."""
        self._asked: dict[int, Trained] = {}
        """The questions that were sent and wait for their answers, by id."""
        self._cost = 0.0
        """Seconds that answering these took so far."""
        self._costs: deque[float] = deque(maxlen=4)
        """The same of the last times."""
        self._since = QElapsedTimer()
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._send)
        bridge.came.connect(self._take)
        bridge.died.connect(self.forget)

    @property
    def is_training(self) -> bool:
        """Whether the network learns while it is asked."""
        return self._is_training

    @is_training.setter
    def is_training(self, on: bool) -> None:
        if on != self._is_training:
            self._is_training = on
            self._costs.clear()  # what is asked of a network that stands still may cost more
            self._soon()

    @property
    def pause(self) -> float:
        """Milliseconds from one question to the next."""
        if not self.is_training or self._bridge.moment >= 0:
            return FRAME
        return max(min(self._costs, default=0.0) / self._share * 1000, PAUSE)

    @property
    def _left(self) -> float:
        """Milliseconds until all that waits may be asked."""
        return self.pause - self._since.elapsed() if self._since.isValid() else 0.0

    @property
    def is_waiting(self) -> bool:
        """Whether an answer is still to come."""
        return bool(self._asked or self._waiting)

    def about(self, subject: Subject | None) -> None:
        """Ask about this network from now on."""
        self.subject = subject
        self._timer.stop()
        self._waiting.clear()
        self._costs.clear()
        self._asked.clear()

    def ask(self, question: Trained, is_small: bool = False) -> None:
        """Ask this soon, in place of an older question of its kind that was not sent yet.

        A small one, which somebody waits for and that costs next to nothing, does not wait for its share of the time.
        """
        self._waiting[type(question)] = question
        self._small -= {type(question)}
        self._small |= {type(question)} if is_small else set()
        self._soon()

    def wake(self) -> None:
        """Somebody looks again, or the engine is there."""
        self._soon()

    def forget(self, *_news: object) -> None:
        """Wait for no answer any more: the engine that was asked is gone, or another one is spoken to."""
        self._asked.clear()
        self._soon()

    def _soon(self) -> None:
        if self._asked or not self._waiting:
            return
        left = 0.0 if self._small & self._waiting.keys() else self._left
        if not self._timer.isActive() or self._timer.remainingTime() > left:  # less long than while it trained
            self._timer.start(max(round(left), 0))

    def _send(self) -> None:
        subject = self.subject
        if subject is None or self._asked or not (self._bridge.is_ready and self.is_seen()):
            return
        self._is_whole = self._left <= 0
        if self._is_whole:
            self._since.start()
            self._cost = 0.0
        # all at once: an engine that trains, or stands still, answers all that waits in one go
        wanted = self._waiting.keys() if self._is_whole else self._small & self._waiting.keys()
        for kind in [kind for kind in QUESTIONS if kind in wanted]:
            question = self._waiting.pop(kind)
            # The engine knows the network of its own run; a text is read for the weights of a file alone.
            question.project = subject.text if subject.weights else ""
            question.weights = subject.weights
            body = msgspec.json.encode(question).decode()
            self._asked[self._bridge.ask(QUESTIONS[kind][0], body, self.trusted())] = question

    def _take(self, events: Sequence[AnyEvent]) -> None:
        for event in events:
            if isinstance(event, Answer) and event.id in self._asked:
                self._tell(self._asked.pop(event.id), event)
                if not self._asked:
                    if self._is_whole:
                        self._costs.append(self._cost)
                    self._soon()

    def _tell(self, question: Trained, event: Answer) -> None:
        if event.problem is not None:
            self.refused.emit(question, event.problem)
            return
        told = msgspec.json.decode(event.body, type=QUESTIONS[type(question)][1])
        if isinstance(told, Guessed | Swept | Likely | Written | Reviewed):
            self._cost += told.seconds
        self.answered.emit(question, told)
