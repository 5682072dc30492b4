"""Asks the engine for what a network says of samples, while the monitor is seen."""

from __future__ import annotations

from typing import Any, TypeVar, cast

from core.engine.predictions import Trained
from core.engine.reviews import Enlarge, Order, Review, Reviewed, Show
from gui.engines import Line
from gui.monitors.predictions import PredictionMonitor
from gui.session import Editor
from gui.subject import Subject
from gui.training.control import RunControl
from gui.training.network_looks import NetworkLooks

LIVE, LIVE_SECONDS = 500, 0.1
"""Samples that are judged while the network trains, at the most, and for how long."""
MOST, SECONDS = 20_000, 0.25
"""The most of all while it stands still, and for how long a piece of them is judged."""
ROWS = 40
"""Samples that are told whole with the columns of all."""
LARGE = 320
"""Pixels of a picture that is shown large, at the most."""
Question = TypeVar("Question", bound=Review)


class ReviewLooks(NetworkLooks):
    """A review whenever the network has learnt; what is scrolled to and what is opened besides."""

    def __init__(self, monitor: PredictionMonitor, line: Line, editor: Editor, run: RunControl) -> None:
        self._view = monitor
        super().__init__(monitor, line, editor, run)
        monitor.asked_again.connect(self._again)
        monitor.list.rows_wanted.connect(self._ask_rows)
        monitor.sample_wanted.connect(self._ask_sample)

    def begin(self, subject: Subject) -> None:  # noqa: D102  # as NetworkLooks has it
        self._view.list.is_of_file = bool(subject.weights)
        self._view.begin(subject.inputs, subject.outputs[0].meaning.field)
        self._again()

    def learn(self) -> None:  # noqa: D102  # as NetworkLooks has it
        self._again()
        if self._view.list.shown is not None:
            self._ask_sample(self._view.list.shown, is_small=False)

    def take(self, question: Trained, told: object) -> None:  # noqa: D102  # as NetworkLooks has it
        if not isinstance(told, Reviewed) or not isinstance(question, Review):
            return
        if isinstance(question, Show):
            if told.part == self._view.part:
                self._view.list.take_rows(told)
        elif isinstance(question, Enlarge):
            if told.part == self._view.part:
                self._view.list.take_large(told)
        elif question.part == self._view.part:
            self._take_review(question, told)
            self.marked()

    def _take_review(self, question: Review, told: Reviewed) -> None:
        """Show samples, or those that follow, and ask for what is left of the part while nothing trains."""
        known = self._view.list.judgement
        if not question.first:
            self._view.take(told)
        elif known is None or question.first != len(known) or told.step != known.told.step:
            self._again()  # the network is another one by now
            return
        else:
            self._view.list.take_more(told)
        known = self._view.list.judgement
        if known is not None and not self._is_training and len(known) < min(known.told.size, MOST):
            self.asking.ask(self._question(Review, first=len(known), samples=MOST - len(known), limit=SECONDS))

    def say(self, title: str, hint: str) -> None:  # noqa: D102  # as NetworkLooks has it
        self._view.list.say(title, hint)

    def marked(self) -> None:  # noqa: D102  # as NetworkLooks has it
        told = self._view.list.judgement
        fewer = told is not None and len(told) < told.told.size and self._is_training
        rest = "All of them are judged when training stands still." if fewer else ""
        self._view.list.mark(" ".join(part for part in (rest, self.remark) if part))

    @property
    def _is_training(self) -> bool:
        return self._run.state.phase == "training"

    def _again(self) -> None:
        if self.asking.subject is None:
            return
        shown, live = self._view.list, self._is_training
        question = self._question(Review, samples=LIVE if live else MOST, limit=LIVE_SECONDS if live else SECONDS)
        question.order, question.only_wrong = cast("Order", shown.order), shown.only_wrong
        question.of_class, question.as_class, question.rows = shown.of_class, shown.as_class, ROWS
        self.asking.ask(question)

    def _ask_rows(self, places: tuple[int, ...]) -> None:
        if self.asking.subject is not None:
            self.asking.ask(self._question(Show, places=places), is_small=True)

    def _ask_sample(self, place: int, is_small: bool = True) -> None:
        if self.asking.subject is not None:
            self.asking.ask(self._question(Enlarge, places=(place,), side=LARGE), is_small)

    def _question(self, kind: type[Question], **wishes: Any) -> Question:
        return kind(project="", part=self._view.part, **wishes)
