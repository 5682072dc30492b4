"""Keeps a monitor of one layer fresh: asks the engine for what is selected, so seldom that it costs next to nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence

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
from gui.monitors.layer_monitor import WAITING, LayerMonitor
from gui.session import Editor
from gui.training.control import RunControl
from gui.training.run import RunState

SHARE = 0.02
"""The part of the training's time that looking may take."""
PAUSE = 250
"""Milliseconds between two looks at the least."""
Hint = tuple[str, str]


class LayerLooks(QObject):
    """One question at a time, while the monitor is seen."""

    def __init__(self, line: Line, editor: Editor, run: RunControl, monitor: LayerMonitor) -> None:
        super().__init__(monitor)
        self._line, self._editor, self._run, self._monitor = line, editor, run, monitor
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
        monitor.feed.changed.connect(self.soon)
        self._phase = run.state.phase
        run.changed.connect(self._follow_run)

    def question(self, value: Value) -> tuple[str, Trace]:
        """What is asked of the layer, and what that is called."""
        raise NotImplementedError

    def fits(self, step: Step) -> bool:
        """Whether this can be asked of the step."""
        return step.kind.role == "layer"

    def default(self, plan: Plan) -> Value | None:
        """What is shown where nothing fitting is selected."""
        raise NotImplementedError

    def show(self, name: str, body: str) -> float:
        """Show the answer; the seconds that it took."""
        raise NotImplementedError

    def show_hint(self, name: str, hint: Hint) -> None:
        """Say why there is nothing to show."""
        raise NotImplementedError

    def soon(self) -> None:
        """Look, as soon as that costs next to nothing."""
        if not self._monitor.is_shown:
            return
        if self._asked:
            self._is_again = True
            return
        pause = max(self._cost / SHARE * 1000, PAUSE) if self._run.state.phase == "training" else 0
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
        self.show_hint("", WAITING)

    def _look(self) -> None:
        if self._asked or not self._monitor.is_shown or not self._line.is_ready:
            return
        about = self._chosen() if self._run.state.run and self.has_run() else None
        if about is None:
            return
        self._since.start()
        self._about, self._is_again = about, False
        kind, question = self.question(about)
        self._asked = self._line.ask(kind, msgspec.json.encode(question).decode(), self._editor.trusted())

    def _chosen(self) -> Value | None:
        """What the selected layer gives, where it fits."""
        selected = self._editor.selection
        value = self.value(selected[0]) if len(selected) == 1 else None
        plan = self._editor.reading.plan
        step = plan.by_path.get(value.path) if value is not None else None
        return value if step is not None and self.fits(step) else self.default(plan)

    def _take(self, events: Sequence[AnyEvent]) -> None:
        for event in events:
            if not isinstance(event, Answer) or not self._asked or event.id != self._asked:
                continue
            self._asked = 0
            name = self._about.path if self._about is not None else ""
            if event.problem is not None:
                self.show_hint(name, _refused(name, event.problem))
            else:
                self._cost = self.show(name, event.body)
            if self._is_again:
                self.soon()


class EmbeddingLooks(LayerLooks):
    """For the embedding."""

    def __init__(self, line: Line, editor: Editor, run: RunControl, monitor: EmbeddingMonitor) -> None:
        super().__init__(line, editor, run, monitor)
        self._cloud = monitor.cloud

    def question(self, value: Value) -> tuple[str, Trace]:  # noqa: D102  # as the base says
        return "embed", Embed(project="", path=value.path, port=value.port)

    def default(self, plan: Plan) -> Value | None:
        """What the layer reads whose output the first loss compares; its output where it reads no layer's."""
        loss = next(iter(plan.losses), None)
        given = prediction(loss) if loss is not None else None
        if given is None:
            return None
        before = next(iter(plan.by_path[given.path].values()), None)
        return before if before is not None and self.fits(plan.by_path[before.path]) else given

    def show(self, name: str, body: str) -> float:  # noqa: D102  # as the base says
        found = msgspec.json.decode(body, type=Embedded)
        self._cloud.take(name, found)
        return found.seconds

    def show_hint(self, name: str, hint: Hint) -> None:  # noqa: D102  # as the base says
        self._cloud.take(name, None, hint)


class ActivationLooks(LayerLooks):
    """For what a layer gives for one sample."""

    def __init__(self, line: Line, editor: Editor, run: RunControl, monitor: ActivationMonitor) -> None:
        super().__init__(line, editor, run, monitor)
        self._maps = monitor.maps

    def question(self, value: Value) -> tuple[str, Trace]:  # noqa: D102  # as the base says
        return "feature", Feature(project="", path=value.path, port=value.port, first=self._maps.sample)

    def default(self, plan: Plan) -> Value | None:
        """The first layer with weights, else the first of all."""
        layers = [step for step in plan.steps if self.fits(step) and step.outputs]
        found = next((step for step in layers if step.kind.weighted), next(iter(layers), None))
        return Value(found.path, found.outputs[0]) if found is not None else None

    def show(self, name: str, body: str) -> float:  # noqa: D102  # as the base says
        found = msgspec.json.decode(body, type=Featured)
        self._maps.take(name, found)
        return found.seconds

    def show_hint(self, name: str, hint: Hint) -> None:  # noqa: D102  # as the base says
        self._maps.take(name, None, hint)


class AttentionLooks(LayerLooks):
    """For the weights of attention."""

    def __init__(self, line: Line, editor: Editor, run: RunControl, monitor: AttentionMonitor) -> None:
        super().__init__(line, editor, run, monitor)
        self._maps = monitor.maps

    def question(self, value: Value) -> tuple[str, Trace]:  # noqa: D102  # as the base says
        return "attend", Attend(project="", path=value.path, first=self._maps.sample)

    def fits(self, step: Step) -> bool:  # noqa: D102  # as the base says
        return step.kind.role == "layer" and any(word in step.kind.name for word in ("Attention", "Transformer"))

    def default(self, plan: Plan) -> Value | None:
        """The first layer that attends."""
        found = next((step for step in plan.steps if self.fits(step)), None)
        return Value(found.path, found.outputs[0]) if found is not None else None

    def show(self, name: str, body: str) -> float:  # noqa: D102  # as the base says
        found = msgspec.json.decode(body, type=Attended)
        self._maps.take(name, found)
        return found.seconds

    def show_hint(self, name: str, hint: Hint) -> None:  # noqa: D102  # as the base says
        self._maps.take(name, None, hint)


def _refused(name: str, problem: Problem) -> Hint:
    came = problem.came or problem.wanted
    return f"{name} cannot be shown so.", f"{came[:1].upper()}{came[1:]}."
