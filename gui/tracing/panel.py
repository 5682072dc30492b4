"""The panel that steps through one batch: forward value by value, then backward along the wires."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
from PySide6.QtCore import QEvent, QObject, QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QPaintEvent
from PySide6.QtWidgets import QScrollArea, QSlider, QSplitter, QStackedWidget, QWidget

from core.engine.messages import Answer, AnyEvent, Problem
from core.engine.reviews import Part
from core.engine.traces import Differ, Differed, Trace, Traced
from core.files import to_text
from core.walk import Moment, Walk
from gui.engines import Line
from gui.notice import Notice
from gui.session import Editor
from gui.theme import Themes
from gui.throttle import Throttle
from gui.tracing.page import Page
from gui.tracing.stages import Stages
from gui.training.control import RunControl
from gui.training.run import RunState
from gui.widgets import ElidedLabel, IconButton, column, label, prose, push, row

STARTING = ("Starting PyTorch…", "The batch is stepped through as soon as it is there.")
EMPTY = ("Nothing to step through yet.", "Wire a data set through layers to a loss.")
PROBLEMS = ("The graph has a problem.", "Solve it first; the list of problems says which.")
FORTH, BACK = "std of outputs", "RMS gradient"
"""What the bars of the steps are."""
PAUSE = 300
"""Milliseconds from an edit to the next trace."""
LEAST = 260
"""Pixels across, at the least."""


class TracingPanel(QWidget):
    """Follows one document; asks the engine only while somebody looks, and never while the network trains."""

    stood = Signal(str, str)
    """The user went to the step of this node, at this path."""

    def __init__(self, themes: Themes, editor: Editor, bridge: Line, run: RunControl) -> None:
        super().__init__()
        self._editor, self._bridge, self._run = editor, bridge, run
        self.weights_file: Callable[[], Path | None] = lambda: None
        """The weights that the document has without a run."""
        self.has_run: Callable[[], bool] = lambda: True
        """Whether the engine's last run is this document's."""
        self.walk: Walk | None = None
        self.place = 0
        """Where the walk stands, among its moments."""
        self._asked = self._checked = 0
        """The ids of the questions that wait for their answers; 0: none."""
        self._is_stale = True
        self._again = Throttle(self.refresh, PAUSE, self)
        self.notice = Notice()
        self.head, self.stale = label("", "caption2"), prose("", "caption2")
        self.told = ElidedLabel("", "caption")
        self.more = push("Again", "small")
        self.more.setToolTip("Go through the batch with the network as it is now.")
        self.whole = push("Whole batch", "small")
        self.whole.setToolTip("Go through a batch of the training part again.")
        self.sample: tuple[Part, int] | None = None
        """The part and the place in it of the one sample that is walked through; None: a batch."""
        self._is_alone = True
        """Whether it is walked through by itself; a batch norm wants others beside it."""
        self.stages, self.page = Stages(themes), Page(themes)
        self.list = QScrollArea()
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName("Place in the walk")
        self.buttons = self._made_buttons(themes)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.notice)
        self.pages.addWidget(self._laid_out())
        self.setLayout(column(self.pages, spacing=0))
        self.setAccessibleName("Step through")
        self.setMinimumWidth(LEAST)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._connect()
        self.refresh()

    @property
    def moment(self) -> Moment | None:
        """The stop at which the walk stands."""
        return self.walk.moments[self.place] if self.walk is not None else None

    def is_seen(self) -> bool:
        """Whether the panel is in view, not behind another tab."""
        return self.isVisible() and not self.visibleRegion().isEmpty()

    def go(self, place: int) -> None:
        """Stand at this stop, and tell so."""
        if self.walk is None:
            return
        self._stand(min(max(place, 0), len(self.walk.moments) - 1))
        moment = self.walk.moments[self.place]
        self.stood.emit(moment.stage.node, moment.stage.path)

    def refresh(self, *_news: object) -> None:
        """Go through the batch anew, if that can be done and somebody looks."""
        if not self.is_seen():
            self._is_stale = True
            return
        self._is_stale = False
        reading = self._editor.reading
        if reading.errors and not self._is_of_run:
            self._notify(*PROBLEMS)
        elif not reading.plan.losses and not self._is_of_run:
            self._notify(*EMPTY)
        elif not self._bridge.is_ready or self._run.state.phase == "starting":
            self._notify(*STARTING)
        elif not self._asked:
            body = msgspec.json.encode(self._about(Trace(project=""))).decode()
            self._asked = self._bridge.ask("trace", body, self._editor.trusted())

    def walk_sample(self, part: Part, place: int) -> None:
        """Walk through this sample of a part alone, where the network can."""
        self._walk_other((part, place), alone=True)

    def grown(self) -> None:
        """The network has learnt since: follow it where it stands still, else say so."""
        if self._is_live:
            self._mark_stale()
        else:
            self._again.ask()

    def moved(self) -> None:
        """Another engine is spoken to."""
        self._asked = self._checked = 0
        self._again.ask()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: D102  # Qt's name
        ends = {Qt.Key.Key_Home: 0, Qt.Key.Key_End: len(self.walk.moments) if self.walk else 0}
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        key = Qt.Key(event.key())
        if key in steps:
            self.go(self.place + steps[key])
        elif key in ends:
            self.go(ends[key])
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: D102  # Qt's name
        super().paintEvent(event)
        if self._is_stale:
            QTimer.singleShot(0, self, self.refresh)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: D102  # Qt's name
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and watched is self.slider:
            self.keyPressEvent(event)
            return True
        return super().eventFilter(watched, event)

    def _made_buttons(self, themes: Themes) -> dict[str, IconButton]:
        made = {
            "first": IconButton(themes, "reset", "To the data (Home)"),
            "back": IconButton(themes, "left", "One step back (Left)"),
            "on": IconButton(themes, "right", "One step on (Right)"),
            "turn": IconButton(themes, "loss", "To the loss, where the gradient starts"),
        }
        goes = {"first": lambda: 0, "back": lambda: self.place - 1, "on": lambda: self.place + 1, "turn": self._turn}
        for name, button in made.items():
            button.clicked.connect(lambda _checked=False, to=goes[name]: self.go(to()))
        return made

    def _turn(self) -> int:
        return self.walk.turn if self.walk is not None else 0

    def _laid_out(self) -> QWidget:
        self.told.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        head = row(*self.buttons.values(), 4, self.head, 8, self.told, spacing=2, margins=(8, 6, 12, 0))
        head.setStretch(head.count() - 1, 1)
        self.footer = row(self.stale, self.whole, self.more, spacing=6, margins=(12, 0, 8, 6))
        self.footer.setStretch(0, 1)
        top = QWidget()
        top.setProperty("role", "clear")
        top.setLayout(column(self.stages, None, spacing=0, margins=(0, 4, 0, 4)))
        split = QSplitter(Qt.Orientation.Vertical)
        for view, inner in ((self.list, top), (QScrollArea(), self.page)):
            view.setWidgetResizable(True)
            view.setWidget(inner)
            view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            split.addWidget(view)
        split.setChildrenCollapsible(False)
        split.setSizes([1000, 1000])
        whole = QWidget()
        layout = column(spacing=4)
        layout.addLayout(head)
        layout.addLayout(row(self.slider, margins=(12, 0, 12, 0)))
        layout.addWidget(split, 1)
        layout.addLayout(self.footer)
        whole.setLayout(layout)
        return whole

    def _connect(self) -> None:
        self.slider.valueChanged.connect(self.go)
        self.slider.installEventFilter(self)
        self.stages.picked.connect(self._pick)
        self.page.check_asked.connect(self._check)
        self.more.clicked.connect(self.refresh)
        self.whole.clicked.connect(lambda: self._walk_other(None, alone=True))
        self.whole.hide()
        self._run.changed.connect(self._follow_run)
        self._editor.read.connect(lambda _reading: self._again.ask())
        self._bridge.ready.connect(self.refresh)
        self._bridge.came.connect(self._take)
        self._bridge.died.connect(lambda _death: self.moved())
        self._phase = self._run.state.phase

    def _follow_run(self, state: RunState) -> None:
        if state.phase != self._phase:
            self._phase = state.phase
            self._again.ask()

    @property
    def _is_of_run(self) -> bool:
        """Whether the network of the engine's run is stepped through."""
        return self._run.trained is not None and bool(self._run.state.run) and self.has_run()

    @property
    def _is_live(self) -> bool:
        """Whether the network learns on, and no moment is looked at that stays as it is."""
        return self._run.state.phase == "training" and self._bridge.moment < 0

    def _about(self, question: Trace) -> Trace:
        """The question about the network of the run, else of the file of weights, else as its seed starts it."""
        if not self._is_of_run:
            file = self.weights_file()
            question.project = to_text(self._editor.project)
            question.weights, question.fresh = (str(file), False) if file is not None else ("", True)
        if self.sample is not None:
            question.part, question.first = self.sample
            question.samples = int(self._is_alone)
        return question

    def _walk_other(self, sample: tuple[Part, int] | None, *, alone: bool) -> None:
        """Walk through another sample, or a batch; what was asked before is not waited for."""
        self.sample, self._is_alone = sample, alone
        self.whole.setVisible(sample is not None)
        self._asked = 0
        self.refresh()

    def _pick(self, path: str) -> None:
        moment = self.moment
        if self.walk is not None and moment is not None:
            place = self.walk.place(path, moment.direction)
            if place is None:
                place = self.walk.place(path, "forward")
            if place is not None:
                self.go(place)

    def _check(self, module: str, parameter: str, place: list[int]) -> None:
        question = self._about(Differ(project="", module=module, parameter=parameter, place=place))
        self.page.say("Checking…", "warn")
        self._checked = self._bridge.ask("differ", msgspec.json.encode(question).decode(), self._editor.trusted())

    def _take(self, events: Sequence[AnyEvent]) -> None:
        for event in events:
            if not isinstance(event, Answer):
                continue
            if self._asked and event.id == self._asked:
                self._asked = 0
                self._show_trace(event)
            elif self._checked and event.id == self._checked:
                self._checked = 0
                self._show_check(event)

    def _show_trace(self, event: Answer) -> None:
        if event.problem is not None and self.sample is not None and self._is_alone:
            self._walk_other(self.sample, alone=False)
            return
        if event.problem is not None:
            self._notify("This network cannot be stepped through.", _said(event.problem))
            return
        moment = self.moment
        self.walk = Walk(msgspec.json.decode(event.body, type=Traced))
        place = self.walk.place(moment.stage.path, moment.direction) if moment is not None else 0
        with QSignalBlocker(self.slider):
            self.slider.setRange(0, len(self.walk.moments) - 1)
        self.pages.setCurrentIndex(1)
        self._stand(place or 0)
        if self._is_live:
            self._mark_stale()
        else:
            self._say_state()

    def _show_check(self, event: Answer) -> None:
        if event.problem is not None:
            self.page.say(_said(event.problem), "error")
        else:
            self.page.show_check(msgspec.json.decode(event.body, type=Differed))

    def _stand(self, place: int) -> None:
        assert self.walk is not None
        self.place = place
        moment = self.walk.moments[place]
        count, turn = len(self.walk.moments), self.walk.turn
        is_back = moment.direction == "backward"
        number, of = (place - turn + 1, count - turn) if is_back else (place + 1, turn)
        self.head.setText(f"{'Backward' if is_back else 'Forward'}  {number} of {of}")
        self.told.set_text(BACK if is_back else FORTH)
        with QSignalBlocker(self.slider):
            self.slider.setValue(place)
        self.buttons["first"].setEnabled(place > 0)
        self.buttons["back"].setEnabled(place > 0)
        self.buttons["on"].setEnabled(place < count - 1)
        self.stages.show_walk(self.walk, place)
        line = self.stages.row_rect(self.stages.current).toRect()
        self.list.ensureVisible(0, line.center().y(), 0, 2 * line.height())
        self.page.show_moment(self.walk, moment)

    def _say_state(self) -> None:
        assert self.walk is not None
        told = self.walk.traced
        of = f"after step {told.step:,}" if told.step else "before the first step"
        self.stale.setText(f"{self._walked(told.samples)}, loss {told.loss:.4g}, {of}.")
        self.more.hide()

    def _walked(self, count: int) -> str:
        """What is walked through, in words."""
        if self.sample is None:
            return f"{count} samples"
        part, place = self.sample
        one = f"sample {place + 1:,} of the {'training' if part == 'train' else 'held-out'} part"
        return one.capitalize() if count == 1 else f"{count} samples from {one} on, which alone cannot be"

    def _mark_stale(self) -> None:
        if self.walk is not None:
            self.stale.setText(f"As it was after step {self.walk.traced.step:,}; it has learnt since.")
            self.more.show()

    def _notify(self, title: str, hint: str) -> None:
        self.walk = None
        self.notice.say(title, hint)
        self.pages.setCurrentIndex(0)


def _said(problem: Problem) -> str:
    """A problem in one sentence."""
    text = f"{problem.wanted}, but {problem.came}." if problem.came else f"{problem.wanted}."
    return f"{text[0].upper()}{text[1:]} {problem.fix}".strip()
