"""The run of one document: what the buttons do, and what the engine's events make of its state."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from core.datatrust import not_allowed
from core.engine.client import EngineDied
from core.engine.messages import (
    AnyEvent,
    Failed,
    Finished,
    Pause,
    Request,
    Resume,
    SetLearningRate,
    Started,
    Stop,
    Train,
)
from core.errors import ChainruleError
from core.files import to_text
from core.project import Project
from core.runs.layout import CHECKPOINT, checkpoint, default_root, new_folder
from gui.engines import Line
from gui.session import Editor
from gui.throttle import Throttle
from gui.training.checkpoints import checkpoint_step
from gui.training.run import RunState

FIGURES = 100
"""Milliseconds between two showings of steps and speed."""
PATIENCE = 2000
"""Milliseconds that Stop may take before the engine is killed."""


class RunControl(QObject):
    """Train, pause, step and stop; one run at a time."""

    changed = Signal(object)
    """The new RunState."""
    events = Signal(object)
    """The events of this document's run, as a list, for the feed."""
    resuming = Signal(int)
    """The run is about to go on, in its own folder, from a checkpoint of this step."""
    ended = Signal(object)
    """Finished or Failed."""
    crowded = Signal(object)
    """A ChainruleError: the run was not begun, as others take what it needs."""
    lost = Signal(object)
    """The EngineDied that ended this document's run."""
    edited = Signal()
    """The run that stands still was to go on, but the project is another than it trains."""

    def __init__(self, bridge: Line, editor: Editor, root: Path | None = None) -> None:
        super().__init__(editor)
        self._bridge = bridge
        self._editor = editor
        self._root = root
        self.refusal: Callable[[], ChainruleError | None] = lambda: None
        """Why no run can begin now."""
        self._expecting = False
        self._folder: Path | None = None
        self.state = RunState()
        self.trained: Project | None = None
        """The project as it was when the run began."""
        self.origin: Project | None = None
        """The one whose seed the run's first weights came from: of runs that were rewound or edited, the first."""
        self._then: Callable[[], object] | None = None
        """What follows when the run has ended."""
        self._patience = QTimer(self, singleShot=True, interval=PATIENCE)
        self._patience.timeout.connect(bridge.kill)
        self._telling = Throttle(lambda: self.changed.emit(self.state), FIGURES, self)
        bridge.came.connect(self._take)
        bridge.died.connect(self._lose)
        editor.changed.connect(self._follow)

    @property
    def folder(self) -> Path | None:
        """Where the newest run is kept."""
        return self._folder

    @property
    def checkpoint(self) -> Path | None:
        """From where the newest run could go on."""
        return checkpoint(self._folder) if self._folder is not None else None

    def toggle(self) -> None:
        """Train, pause or go on, whichever comes next; asks where the project has changed since."""
        if self.state.phase == "paused" and self.has_changed:
            self.edited.emit()
        elif self.state.phase == "paused":
            self.go_on()
        elif self.state.active:
            self._send(Pause())
        else:
            self.train()

    @property
    def has_changed(self) -> bool:
        """Whether the project is another than the newest run began with, learning rates aside."""
        return self.trained is not None and meaning(self.trained) != meaning(self._editor.project)

    def go_on(self) -> None:
        """Go on with the project as the run has it."""
        self._send(Resume())

    def go_on_edited(self) -> None:
        """End the run and go on with the project as it is now, keeping every weight that still fits."""
        self._after_this(lambda: self.train(resume=self.checkpoint))

    def go_on_from(self, checkpoint: Path, paused: bool = False) -> None:
        """End the run that is under way, if there is one, and go on from this checkpoint, in a run of its own."""
        self._after_this(lambda: self.train(resume=checkpoint, paused=paused))

    def rewind(self) -> None:
        """Train again from the first weights of this run, whatever was changed since."""
        self._after_this(lambda: self.train(before=self.origin))

    def train_anew(self) -> None:
        """End the run that is under way, if there is one, and begin another with the project as it is now."""
        self._after_this(self.train)

    def train(
        self,
        resume: Path | None = None,
        paused: bool = False,
        before: Project | None = None,
        weights: Path | None = None,
    ) -> None:
        """Begin a run; does nothing while one is under way or the graph has errors.

        Afresh, from a checkpoint, or from weights. `before` is the project that these belong to, where that is another:
        the run's own for a checkpoint whose project was edited since, and with neither the one with the first weights.
        """
        if self.state.active or self._editor.reading.errors or self._editor.document.read_only:
            return
        missing = self._editor.own.missing(self._editor.project)
        refusal = not_allowed(missing) if missing else self.refusal()
        if refusal is not None:
            self.crowded.emit(refusal)
            return
        project = self._editor.project
        path = self._editor.document.path
        fresh = new_folder(self._root or default_root(), project.name, datetime.now())
        if resume is not None and before is None and self.has_changed:
            before = self.trained
        is_own = resume is not None and before is None and resume.name == CHECKPOINT
        self._folder = resume.parent if resume is not None and is_own else fresh
        if resume is not None and is_own:
            self.resuming.emit(checkpoint_step(resume) or 0)
        if before is None and resume is None:
            self.origin = project
        self._expecting = True
        self.trained = project
        self._become(RunState("starting"))
        base = str(path.parent) if path is not None else ""
        resumed = str(resume) if resume is not None else ""
        self._send(
            Train(
                project=to_text(project),
                folder=str(self._folder),
                base=base,
                resume=resumed,
                weights=str(weights) if weights is not None else "",
                before=to_text(before) if before is not None else "",
                paused=paused,
                trusted=self._editor.trusted(),
            )
        )

    def step(self) -> None:
        """Train one step and stand still."""
        self.train_steps(1)

    def train_steps(self, steps: int) -> None:
        """Train so many steps and stand still."""
        self._go_on(Resume(steps=steps))

    def epoch(self) -> None:
        """Train to the end of the epoch and stand still."""
        self._go_on(Resume(until_epoch=True))

    def stand_at(self, step: int) -> None:
        """Train the newest run, which is over, once more up to this step and stand still there: the same run again.

        From its last checkpoint where there is one before that, else from its first weights.
        """
        place = self.checkpoint
        done = checkpoint_step(place) if place is not None else None
        if place is None or done is None or done > step:
            done = 0
            self.train(before=self.origin, paused=True)
        else:
            self.train(resume=place, paused=True)
        if self.state.active and step > done:
            self._send(Resume(steps=step - done))

    def stop(self) -> None:
        """End the run; where the engine does not hear, it is killed."""
        if self.state.active:
            self._send(Stop())
            self._patience.start()

    def release(self) -> None:
        """End the run and follow the engine no more: the document is being closed."""
        if self.state.active:
            self._send(Stop())
        self._bridge.came.disconnect(self._take)
        self._bridge.died.disconnect(self._lose)
        self._patience.stop()
        self._telling.cancel()

    def _go_on(self, request: Resume) -> None:
        if not self.state.active:
            self.train(paused=True)
        if self.state.active:
            self._send(request)

    def _take(self, events: Sequence[AnyEvent]) -> None:
        mine = self._mine(events)
        if not mine:
            return
        self.events.emit(mine)
        self._become(self.state.after(mine))
        for event in mine:
            if isinstance(event, Finished | Failed):
                self._patience.stop()
                self.ended.emit(event)
        self._follow_up()

    def _after_this(self, then: Callable[[], object]) -> None:
        """Do this when the run has ended, and end it."""
        if not self.state.active:
            then()
            return
        self._then = then
        self.stop()

    def _follow_up(self) -> None:
        then = self._then
        if then is not None and not self.state.active:
            self._then = None
            then()

    def _mine(self, events: Sequence[AnyEvent]) -> list[AnyEvent]:
        """The events from this run's Started on; those of a document that was closed before are passed over."""
        if not self._expecting:
            return list(events) if self.state.active else []
        for index, event in enumerate(events):
            if isinstance(event, Started | Failed):
                self._expecting = False
                return list(events[index:])
        return []

    def _lose(self, death: EngineDied) -> None:
        self._patience.stop()
        self._then = None
        if self.state.active:
            self._expecting = False
            self._become(replace(self.state, phase="failed", seconds_left=0.0))
            self.lost.emit(death)

    def _follow(self, old: Project, new: Project) -> None:
        """A learning rate that was changed in the document is that of the run, from the next step on."""
        if not self.state.active:
            return
        before = [phase.optimizer.learning_rate for phase in old.training.phases]
        for index, phase in enumerate(new.training.phases):
            if index < len(before) and phase.optimizer.learning_rate != before[index]:
                self._send(SetLearningRate(value=phase.optimizer.learning_rate, phase=index))

    def watch(self, state: RunState) -> None:
        """Show how a run stands that another program trains."""
        self._become(state)

    def _send(self, request: Request) -> None:
        self._bridge.send(request)

    def _become(self, state: RunState) -> None:
        """Tell at once where the phase changed, else at the pace at which figures can be read."""
        before, self.state = self.state, state
        if before.phase != state.phase:
            self._telling.flush()
        else:
            self._telling.ask()


def meaning(project: Project) -> tuple[object, ...]:
    """All of a project that a run depends on, but its learning rates, which may change on the way."""
    phases = tuple(
        replace(phase, optimizer=replace(phase.optimizer, learning_rate=0.0)) for phase in project.training.phases
    )
    return project.graph, project.blocks, project.data, replace(project.training, phases=phases)
