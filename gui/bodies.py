"""Joins what training says of cards to the canvas: activations, which of them are stale, and which layers changed."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QObject

from core.changes import changed_nodes, stale_nodes
from core.engine.activations import Activation
from core.project import Project
from gui.canvas.canvas import Canvas
from gui.canvas.card_body import ABSENT, UNTRAINED, WAITING, Unfolded
from gui.engines import Line
from gui.session import Editor
from gui.throttle import Throttle
from gui.training.control import RunControl
from gui.training.peeking import CALM, MILLISECONDS, Peeking
from gui.training.run import Phase, RunState

AGING = 100
"""Milliseconds after an edit until what it made stale is paler: no edit waits for it."""


class Bodies(QObject):
    """Follows one document's run and edits, and tells its canvas what cards have to show beside shapes and health."""

    def __init__(self, canvas: Canvas, bridge: Line, editor: Editor, run: RunControl) -> None:
        super().__init__(editor)
        self._canvas, self._editor, self._run = canvas, editor, run
        self.peeking = Peeking(bridge, editor)
        self.peeking.wanted = canvas.unfolding.wanted
        self._seen: dict[str, Activation | None] = {}
        """What the run gave, by node of the graph that is shown; None where it does not compute it."""
        self._begun = False
        """Whether a run was asked for that has not answered yet."""
        self._phase: Phase = "idle"
        self._aging = Throttle(lambda: self._show(self._seen), AGING, self)
        self.peeking.seen.connect(self._take)
        run.changed.connect(self._follow_run)
        editor.changed.connect(self._follow_edit)
        canvas.entered.connect(lambda _trail: self._begin())
        canvas.unfolding.wanted_changed.connect(self._want)

    @property
    def trained(self) -> Project | None:
        """The project of the run whose measurements are shown."""
        return self.peeking.trained

    def measured(self) -> None:
        """The run has gone on: what is shown can be shown anew."""
        if self.trained is not None:
            self.peeking.milliseconds = MILLISECONDS if self._canvas.view.animated else CALM
            self.peeking.grown()

    def _follow_run(self, state: RunState) -> None:
        self.peeking.is_training = state.phase == "training"
        if state.phase == "starting":
            self._begun = True
        elif self._begun and state.run:
            self._begun = False
            self.peeking.begin(self._run.trained)
            self._begin()
        elif state.phase != self._phase:
            self.peeking.soon()
        self._phase = state.phase

    def _begin(self) -> None:
        """Another run, or another graph: nothing of it was seen yet."""
        self._seen.clear()
        self._canvas.unfolding.forget()
        self._mark_changed()
        self._want()
        self.measured()

    def _want(self) -> None:
        """Say why there is nothing to see on cards that came into view, and ask for it."""
        wanted = self._canvas.unfolding.wanted()
        if not wanted:
            return
        missing = WAITING if self.trained is not None or self._begun else UNTRAINED
        self._canvas.unfolding.show({key: Unfolded(missing=missing) for key in wanted if key not in self._seen})
        self.peeking.soon()

    def _take(self, seen: Mapping[str, Activation | None]) -> None:
        self._seen.update(seen)
        self._show(seen)

    def _follow_edit(self, _old: Project, _new: Project) -> None:
        if self.trained is None:
            return
        self._mark_changed()
        if self._seen:
            self._aging.ask()

    def _mark_changed(self) -> None:
        if self.trained is not None:
            changed = changed_nodes(self.trained, self._editor.project, self._editor.trail)
            self._canvas.scene.bodies.show_changed(changed)

    def _show(self, seen: Mapping[str, Activation | None]) -> None:
        if self.trained is None:
            return
        stale = stale_nodes(self.trained, self._editor.project, self._editor.trail)
        shown = {
            key: Unfolded(missing=ABSENT) if one is None else Unfolded(one, key in stale) for key, one in seen.items()
        }
        self._canvas.unfolding.show(shown)
