"""Which network a panel asks, and what it says while there is none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from core.project import Project
from core.reading import Reading, read
from gui.session import Editor
from gui.subject import Subject
from gui.training.control import RunControl
from gui.training.run import RunState

STARTING = ("Starting PyTorch…", "The network answers as soon as it is there.")
UNTRAINED = ("This network has not learnt anything yet.", "Train it first; it answers from the first step on.")
EMPTY = ("Nothing to predict yet.", "Wire a data set to layers; what they give shows up here.")
FOREIGN = ("Another program trains this network.", "None of its code is run here, so nobody can be asked what it says.")
LOST = ("Nobody answers.", "The engine that had this run is gone. Train again, or save and open the file.")


class Reason(NamedTuple):
    """Why there is nothing to ask, how to go on, and whether training helps."""

    title: str
    hint: str
    trains: bool = False


class FollowedNetwork:
    """The network of a document's run, else that of the document with its file of weights."""

    def __init__(self, editor: Editor, run: RunControl) -> None:
        self._editor, self._run = editor, run
        self.weights_file: Callable[[], Path | None] = lambda: None
        """The weights that the document has without a run."""
        self.has_run: Callable[[], bool] = lambda: True
        """Whether the engine's last run is this document's."""
        self.is_lost = False
        """Whether the engine that had the run is gone."""
        self._followed: tuple[str, str] = ("idle", "")

    def has_moved_on(self, state: RunState) -> bool:
        """Whether this is another run or phase than the last time; steps and speed alone are none of its business."""
        if (state.phase, state.run) == self._followed:
            return False
        self._followed = (state.phase, state.run)
        if state.phase == "starting":
            self.is_lost = False
        return True

    def subject(self, known: Subject | None) -> Subject | None:
        """What is to be asked, the one that is known where it still holds; None where there is neither run nor file."""
        state, trained = self._run.state, self._run.trained
        project, weights = self._editor.project, ""
        if trained is not None and state.run:
            project = trained
            if self.is_lost or not self.has_run():
                weights = state.weights
                if not weights:
                    return None
        elif state.phase == "starting":
            return None
        else:
            file = self.weights_file()
            if file is None or self._editor.own.missing(project):
                return None
            weights = str(file)
        if known is not None and known.weights == weights and is_same(known.project, project):
            return known
        reading = self._reading(project)
        return Subject(project, reading.plan, reading.analysis, weights)

    def reason(self, subject: Subject | None) -> Reason:
        """Why nothing can be asked of this subject, or of none."""
        reading = self._editor.reading
        able = bool(reading.plan.losses) and not reading.errors
        if self._editor.document.read_only:
            return Reason(*FOREIGN)
        if self._run.state.phase == "starting":
            return Reason(*STARTING)
        if subject is not None or not reading.plan.predictions():
            return Reason(*EMPTY)
        if self.is_lost and self._run.trained is not None:
            return Reason(*LOST, able)
        return Reason(*UNTRAINED, able)

    def has_changed(self, subject: Subject) -> bool:
        """Whether the graph is another one by now than the one that answers."""
        return not is_same(subject.project, self._editor.project)

    def _reading(self, project: Project) -> Reading:
        reading = self._editor.reading
        return reading if is_same(reading.project, project) else read(project, reading)


def is_same(one: Project, other: Project) -> bool:
    """Whether two projects have the same network and data."""
    return (one.graph, one.blocks, one.data) == (other.graph, other.blocks, other.data)
