"""The panel in which a network is tried out: an input given by hand or taken from the data, and what comes of it."""

from __future__ import annotations

from typing import Any, Literal

from numpy.typing import NDArray
from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QScrollArea, QSizePolicy, QStackedWidget, QWidget

from core.engine.messages import Problem
from core.engine.predictions import Draw, Drawn, Guessed, Likely, Survey, Surveyed, Trained, Written, unpacked
from gui.engines import Line
from gui.network_asking import Asking
from gui.network_followed import STARTING, FollowedNetwork
from gui.notice import Notice
from gui.numbers import plain
from gui.predict.page import Page
from gui.session import Editor
from gui.subject import Subject
from gui.theme import Themes
from gui.training.control import RunControl
from gui.training.run import RunState
from gui.widgets import column, label, prose

LEAST = 240
"""Pixels across, at the least."""


class PredictPanel(QWidget):
    """Follows one document's run; asks the engine only while somebody looks."""

    train_asked = Signal()

    def __init__(self, themes: Themes, editor: Editor, bridge: Line, run: RunControl) -> None:
        super().__init__()
        self._themes, self._editor, self._bridge, self._run = themes, editor, bridge, run
        self.network = FollowedNetwork(editor, run)
        self.asking = Asking(bridge, self)
        self.asking.is_seen = self.is_seen
        self.asking.trusted = editor.trusted
        self.page: Page | None = None
        self._is_stale = True
        self._sample: tuple[Literal["train", "validation"], int] | None = None
        """A sample that is to be shown as soon as there is a page."""
        """Phase and name of the run that was seen last."""
        self._truths: dict[str, NDArray[Any]] = {}
        self.notice = Notice()
        self.stale = prose("", "caption2")
        self.footer = label("", "caption")
        self._column = column(self.stale, self.footer, spacing=8, margins=(12, 10, 12, 10))
        self._column.insertStretch(1, 1)
        inner = QWidget()
        inner.setProperty("role", "clear")
        inner.setLayout(self._column)
        self.view = QScrollArea()
        self.view.setWidgetResizable(True)
        self.view.setWidget(inner)
        self.view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.notice)
        self.pages.addWidget(self.view)
        self.setLayout(column(self.pages, spacing=0))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Predict")
        self.setMinimumWidth(LEAST)
        self._connect()
        self.refresh()

    def is_seen(self) -> bool:
        """Whether the panel is in view, not behind another tab."""
        return self.isVisible() and not self.visibleRegion().isEmpty()

    def refresh(self, *_news: object) -> None:
        """Follow what is known of the network: its weights, its shape, who answers."""
        if not self.is_seen():
            self._is_stale = True
            return
        self._is_stale = False
        subject = self.network.subject(self.asking.subject)
        self._mark_stale(subject)
        if subject is None or not subject.outputs or not subject.inputs:
            self._notify(*self.network.reason(subject))
        elif subject is not self.asking.subject:
            self._take_subject(subject)
        elif self.page is not None:
            self.learn()
        self.asking.wake()

    def grown(self) -> None:
        """The network has learnt since: what is shown can be shown anew."""
        if self.page is not None and self.is_seen():
            self.learn()
        else:
            self._is_stale = True

    def show_sample(self, part: Literal["train", "validation"], place: int) -> None:
        """Show this sample of a part, as soon as it can be."""
        self._sample = (part, place)
        if self.page is not None:
            self._take_sample(self.page)

    def moved(self) -> None:
        """Another engine is spoken to."""
        self.asking.forget()
        self.refresh()

    def learn(self) -> None:
        """Ask again all that depends on the weights."""
        self.guess()
        for question in self.page.questions if self.page is not None else ():
            self.asking.ask(question)

    def guess(self) -> None:
        """Ask what the network says of what is given."""
        question = self.page.guess() if self.page is not None else None
        if question is not None:
            self.asking.ask(question)
        elif self.page is not None and self.page.writer is not None and self.page.is_given:
            self.page.writer.refresh()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: D102  # Qt's name
        super().resizeEvent(event)
        if self.page is not None:
            self.page.arrange(self.size())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: D102  # Qt's name
        super().paintEvent(event)
        if self._is_stale:
            QTimer.singleShot(0, self, self.refresh)

    def _connect(self) -> None:
        self.notice.train_asked.connect(self.train_asked)
        self.asking.answered.connect(self._take)
        self.asking.refused.connect(self._refused)
        self._run.changed.connect(self._follow_run)
        self._editor.read.connect(self.refresh)
        self._editor.own.allowed.connect(self.refresh)
        self._bridge.ready.connect(self.refresh)
        self._bridge.died.connect(self._lose)

    def _follow_run(self, state: RunState) -> None:
        self.asking.is_training = state.phase == "training"
        if self.network.has_moved_on(state):
            if state.phase == "starting":
                self.asking.about(None)
            self.refresh()

    def _lose(self, _death: object) -> None:
        self.network.is_lost = True
        self.refresh()

    def _mark_stale(self, subject: Subject | None) -> None:
        """Say that the graph is another one by now than the one that answers."""
        changed = subject is not None and self.network.has_changed(subject)
        self.stale.setVisible(changed)
        if changed:
            self.stale.setText("The graph has changed since. What answers here is the network that was trained.")

    def _notify(self, title: str, hint: str, trains: bool = False) -> None:
        self.notice.say(title, hint, trains)
        self.pages.setCurrentWidget(self.notice)

    def _take_subject(self, subject: Subject) -> None:
        """Ask about another network; what was drawn stays where it reads and says the same."""
        self.asking.about(subject)
        if self.page is not None and self.page.fits(subject):
            self.page.subject = subject
            self.page.stop()
            self.pages.setCurrentWidget(self.view)
            self.learn()
            return
        if self.page is not None:
            self.page.hide()
            self.page.deleteLater()
            self.page = None
        self._notify(*(STARTING if not self._bridge.is_ready else ("Asking the network…", "")))
        self.asking.ask(Survey(project=""))

    def _take(self, question: Trained, told: object) -> None:
        if isinstance(told, Surveyed):
            self._build(told)
        elif isinstance(question, Draw) and isinstance(told, Drawn) and self.page is not None:
            self._truths = {name: unpacked(numbers) for name, numbers in told.truths.items()}
            self.page.show_sample(question.place, {name: unpacked(one) for name, one in told.inputs.items()})
            if self.page.writer is not None:
                self.page.writer.changed()
            self.page.show_truths(self._truths)
            self.guess()
        elif isinstance(told, Guessed) and self.page is not None:
            self._show(told)
        elif self.page is not None:
            self.page.take(question, told)
            self._tell_cost(told)

    def _build(self, surveyed: Surveyed) -> None:
        subject = self.asking.subject
        assert subject is not None  # it was asked about
        page = self.page = Page(self._themes, subject, surveyed)
        page.changed.connect(self._given)
        page.sample_asked.connect(self._ask_sample)
        page.noised.connect(self.guess)
        page.asked.connect(self.asking.ask)
        page.failed.connect(self._say_failed)
        self._column.insertWidget(1, page)
        self._column.setStretchFactor(page, 0)
        page.arrange(self.size())
        self.footer.setText("")
        self.pages.setCurrentWidget(self.view)
        if not self._take_sample(page):
            page.begin()
        self.learn()

    def _take_sample(self, page: Page) -> bool:
        """Ask for the sample that is to be shown; whether there is one."""
        if self._sample is None:
            return False
        part, place = self._sample
        self._sample = None
        page.samples.choose(part)
        self._ask_sample(part, place)
        return True

    def _ask_sample(self, part: Literal["train", "validation"], place: int) -> None:
        self.asking.ask(Draw(project="", part=part, place=place))

    def _given(self) -> None:
        """The user gave something else: nobody knows what is right for it."""
        self._truths = {}
        if self.page is not None and self.page.writer is not None:
            self.page.writer.changed()
            self.page.show_truths({})
        else:
            self.guess()

    def _show(self, told: Guessed) -> None:
        assert self.page is not None  # asked by `_take`
        answers = {name: unpacked(numbers) for name, numbers in told.outputs.items()}
        self.page.show_answers(answers, self._truths)
        self._tell_cost(told)
        self.pages.setCurrentWidget(self.view)

    def _tell_cost(self, told: object) -> None:
        if isinstance(told, Guessed | Likely | Written):
            where = f"step {told.step:,}" if told.step else "weights of the file"
            self.footer.setText(f"{where} · answered in {plain(1000 * told.seconds, 2)} ms")

    def _refused(self, _question: Trained, problem: Problem) -> None:
        if self.page is not None:
            self.page.stop()
        self._say_failed(" ".join(part for part in (f"{problem.wanted}: {problem.came}.", problem.fix) if part))

    def _say_failed(self, words: str) -> None:
        """Say it below what is shown, or alone where nothing is."""
        if self.page is not None:
            self.footer.setText(words)
        else:
            self._notify("The network could not answer.", words)
