"""Keeps a monitor of one layer fresh: asks the engine for what is selected, so seldom that it costs next to nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import msgspec
from PySide6.QtCore import QElapsedTimer, QObject, QTimer

from core.compared import prediction
from core.engine.attentions import Attend, Attended
from core.engine.embeddings import Embed, Embedded
from core.engine.features import Feature, Featured
from core.engine.messages import Answer, AnyEvent, Problem
from core.engine.traces import Trace
from core.plan import Plan, Step, Value
from gui.engines import Line
from gui.monitors.activations import ActivationMonitor
from gui.monitors.attention import AttentionMonitor
from gui.monitors.embedding import EmbeddingMonitor
from gui.monitors.layer_monitor import FOREIGN, WAITING, LayerMonitor
from gui.session import Editor
from gui.training.control import RunControl
from gui.training.run import RunState

SHARE = 0.02
"""The part of the training's time that looking may take."""
PAUSE = 250
"""Milliseconds between two looks at the least."""
Hint = tuple[str, str]
UNATTENDING: Hint = ("This network has no attention.", "It is for layers of the kinds Attention and Transformer.")
Found = TypeVar("Found", Attended, Embedded, Featured)


def is_layer(step: Step) -> bool:
    """Whether the step is a layer, not a source or a loss."""
    return step.kind.role == "layer"


@dataclass(frozen=True)
class Subject(Generic[Found]):
    """What a monitor asks of a layer, and what takes the answer."""

    answer: type[Found]
    question: Callable[[Value], tuple[str, Trace]]
    """What is asked, and what that is called."""
    default: Callable[[Plan], Value | None]
    """What is shown where nothing fitting is selected."""
    take: Callable[[str, Found | None, Hint], object]
    """Shows the answer about the layer of this name, or says why there is none."""
    fits: Callable[[Step], bool] = is_layer
    """Whether this can be asked of the step."""
    absent: Hint = ("Nothing to look at.", "This network has no layer of that kind.")
    """What is said of a network in which it can be asked of none."""


class LayerLooks(QObject, Generic[Found]):
    """One question at a time, while the monitor is seen."""

    def __init__(
        self, line: Line, editor: Editor, run: RunControl, monitor: LayerMonitor, subject: Subject[Found]
    ) -> None:
        super().__init__(monitor)
        self._line, self._editor, self._run, self._monitor = line, editor, run, monitor
        self._subject: Subject[Found] = subject
        self.value: Callable[[str], Value | None] = lambda _node: None
        """What the run calls what a node of the graph that is shown gives."""
        self.has_run: Callable[[], bool] = lambda: True
        """Whether the engine's last run is this document's."""
        self._asked = 0
        """The id of the question that waits for its answer; 0: none."""
        self._about: Value | None = None
        self._cost = 0.0
        self._is_again = False
        """Whether something else was wanted while an answer was to come."""
        self._since = QElapsedTimer()
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._look)
        line.came.connect(self._take)
        line.died.connect(self.forget)
        monitor.looked_at.connect(self.soon)
        editor.selected.connect(lambda _nodes: self.soon())
        monitor.feed.started.connect(self._begin)
        self._phase = run.state.phase
        run.changed.connect(self._follow_run)

    def soon(self) -> None:
        """Look, as soon as that costs next to nothing."""
        if not self._monitor.is_shown:
            return
        if self._asked:
            self._is_again = True
            return
        is_live = self._run.state.phase == "training" and self._line.moment < 0
        pause = max(self._cost / SHARE * 1000, PAUSE) if is_live else 0
        left = pause - self._since.elapsed() if self._since.isValid() else 0
        if not self._timer.isActive() or self._timer.remainingTime() > left:
            self._timer.start(max(round(left), 0))

    def forget(self, *_news: object) -> None:
        """Wait for no answer any more."""
        self._asked = 0

    def _follow_run(self, state: RunState) -> None:
        """A run that stands still may be asked at once."""
        if state.phase != self._phase:
            self._phase = state.phase
            self.soon()

    def _begin(self, _record: object) -> None:
        self._cost = 0.0
        self._subject.take("", None, FOREIGN if self._editor.document.read_only else WAITING)

    def _look(self) -> None:
        if self._asked or not self._monitor.is_shown or not self._line.is_ready:
            return
        about = self._chosen() if self._run.state.run and self.has_run() else None
        if about is None:
            if self._run.state.run and self.has_run():
                self._subject.take("", None, self._subject.absent)
            return
        self._since.start()
        self._about, self._is_again = about, False
        kind, question = self._subject.question(about)
        self._asked = self._line.ask(kind, msgspec.json.encode(question).decode(), self._editor.trusted())

    def _chosen(self) -> Value | None:
        """What the selected layer gives, where it fits."""
        selected = self._editor.selection
        value = self.value(selected[0]) if len(selected) == 1 else None
        plan = self._editor.reading.plan
        step = plan.by_path.get(value.path) if value is not None else None
        return value if step is not None and self._subject.fits(step) else self._subject.default(plan)

    def _take(self, events: Sequence[AnyEvent]) -> None:
        for event in events:
            if not isinstance(event, Answer) or not self._asked or event.id != self._asked:
                continue
            self._asked = 0
            name = self._about.path if self._about is not None else ""
            if event.problem is not None:
                self._subject.take(name, None, _refused(name, event.problem))
            else:
                found = msgspec.json.decode(event.body, type=self._subject.answer)
                self._subject.take(name, found, WAITING)
                self._cost = found.seconds
            self._monitor.show_moment()
            if self._is_again:
                self.soon()


def of_embedding(monitor: EmbeddingMonitor) -> Subject[Embedded]:
    """What a layer gives for many samples."""

    def question(value: Value) -> tuple[str, Trace]:
        return "embed", Embed(project="", path=value.path, port=value.port)

    return Subject(Embedded, question, before_last, monitor.cloud.take)


def of_activations(monitor: ActivationMonitor) -> Subject[Featured]:
    """What a layer gives for one sample."""

    def question(value: Value) -> tuple[str, Trace]:
        return "feature", Feature(project="", path=value.path, port=value.port, first=monitor.maps.sample)

    return Subject(Featured, question, first_weighted, monitor.maps.take)


def of_attention(monitor: AttentionMonitor) -> Subject[Attended]:
    """Where the positions of a sample look."""

    def question(value: Value) -> tuple[str, Trace]:
        return "attend", Attend(project="", path=value.path, first=monitor.maps.sample)

    return Subject(Attended, question, first_attending, monitor.maps.take, attends, UNATTENDING)


def before_last(plan: Plan) -> Value | None:
    """What the layer reads whose output the first loss compares; its output where it reads no layer's."""
    loss = next(iter(plan.losses), None)
    given = prediction(loss) if loss is not None else None
    if given is None:
        return None
    before = next(iter(plan.by_path[given.path].values()), None)
    return before if before is not None and is_layer(plan.by_path[before.path]) else given


def first_weighted(plan: Plan) -> Value | None:
    """The first layer with weights, else the first of all."""
    layers = [step for step in plan.steps if is_layer(step) and step.outputs]
    return _output(next((step for step in layers if step.kind.weighted), next(iter(layers), None)))


def first_attending(plan: Plan) -> Value | None:
    """The first layer that attends."""
    return _output(next((step for step in plan.steps if attends(step)), None))


def attends(step: Step) -> bool:
    """Whether a layer's positions look at each other."""
    return is_layer(step) and any(word in step.kind.name for word in ("Attention", "Transformer"))


def _output(step: Step | None) -> Value | None:
    return Value(step.path, step.outputs[0]) if step is not None else None


def _refused(name: str, problem: Problem) -> Hint:
    came = problem.came or problem.wanted
    return f"{name} cannot be shown so.", f"{came[:1].upper()}{came[1:]}."
