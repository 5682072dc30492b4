"""When the Doctor looks: a little after an edit, and twice a second at a run, in slices that no frame waits for."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import replace
from typing import Literal

from PySide6.QtCore import QElapsedTimer, QObject, Signal

from core.diagnosis.doctor import Passed, diagnosing, examining
from core.diagnosis.facts import Facts
from core.diagnosis.scripts import diagnosing_script
from core.diagnosis.steady import Steady
from core.engine.messages import Failed, Finished
from core.plan import Plan
from core.project import Project
from core.reading import Reading
from core.shapes import Analysis
from core.telemetry.record import RunRecord
from gui.doctor.standing import FIRST, Check, Standing
from gui.session import Editor
from gui.slices import Slices
from gui.training.control import RunControl, meaning
from gui.training.feed import Feed
from gui.training.run import RunState

PAUSE = 500
"""Milliseconds between two looks at a run that goes on."""
AFTER_EDIT = 60
"""Milliseconds from an edit until the project is looked at."""
Look = Generator[None, None, Standing]


class Checkup(QObject):
    """Follows one document and its run; what it found is `standing`."""

    changed = Signal(object)
    """The new Standing."""

    def __init__(self, editor: Editor, run: RunControl, feed: Feed) -> None:
        super().__init__(editor)
        self._editor, self._run, self._feed = editor, run, feed
        self.standing = Standing()
        self.facts: Callable[[Project], Facts] = lambda _project: Facts()
        """What is known of a project's data by now."""
        self._watched: Literal["", "project", "script"] = ""
        """What the run is of, where another program writes it."""
        self._steady = Steady()
        self._muted: set[str] = set()
        self._read: tuple[Project, Plan, Analysis] | None = None
        """The project of the run with its plan and shapes, which an edit since does not change."""
        self._failed: Failed | None = None
        self._failure, self._ended = "", False
        self._slices: Slices[Standing] = Slices(self._look, self._take, self)
        self._since = QElapsedTimer()
        editor.read.connect(self._edited)
        feed.started.connect(self._begun)
        feed.changed.connect(self._grown)
        feed.finished.connect(self._finished)
        run.changed.connect(self._stopped)
        self.look_soon()

    def look_soon(self) -> None:
        """Look once more: what is known has changed."""
        self._slices.ask(AFTER_EDIT if self._feed.frame else 0)

    def look(self) -> Standing:
        """Look now, all at once."""
        self._slices.ask(0)
        self._slices.flush()
        return self.standing

    def watch(self, is_script: bool) -> None:
        """Judge a run that another program writes: of a script, by its rows alone."""
        self._watched = "script" if is_script else "project"

    def mute(self, code: str) -> None:
        """Say no more of this during the run."""
        self._muted.add(code)
        self._become(_sorted_out(self.standing, self._muted))

    def unmute(self) -> None:
        """Say all again."""
        self._muted.clear()
        self._become(_sorted_out(self.standing, self._muted))

    def close(self) -> None:
        """Look no more."""
        self._slices.cancel()

    def _edited(self, _reading: Reading) -> None:
        self.look_soon()

    def _stopped(self, state: RunState) -> None:
        """The run stands still: what came since the last look is looked at too."""
        if state.phase == "paused":
            self._slices.ask(0)

    def _begun(self, _record: RunRecord) -> None:
        self._steady.clear()
        self._muted.clear()
        self._failed, self._failure, self._ended = None, "", False
        self.look_soon()

    def _grown(self) -> None:
        """Rows have come: look where the last look is long enough ago and not under way."""
        if self._feed.record is None or self._slices.busy:
            return
        if not self._feed.frame or not self._since.isValid() or self._since.elapsed() >= PAUSE:
            self._slices.ask(0)

    def _finished(self, event: Finished | Failed) -> None:
        if isinstance(event, Failed):
            self._failed, problem = event, event.problem
            self._failure = " ".join(part for part in (f"{problem.wanted}, {problem.came}.", problem.fix) if part)
        self._ended = isinstance(event, Finished) and event.state == "finished"
        self._slices.ask(0)

    def _look(self) -> Look:
        """What there is to say now, one rule after the other."""
        self._since.start()
        reading, record = self._editor.reading, self._feed.record
        trained = self._run.trained
        is_empty = record is None or (record.last_step == record.first_step and self._failed is None)
        if record is None or trained is None or is_empty:
            return (yield from self._before(reading))
        return (yield from self._of_run(reading, record, trained))

    def _before(self, reading: Reading) -> Look:
        """Of the project alone."""
        if not reading.project.graph.nodes:
            return Standing()
        if self._editor.document.read_only:
            return Standing("waiting")
        if reading.errors or not reading.plan.losses:
            return Standing("wrong" if reading.errors else "empty", errors=len(reading.errors))
        project = reading.project
        look = yield from examining(project, self.facts(project), reading.plan, reading.analysis)
        starting = self._run.state.active and not look.findings
        return Standing("waiting" if starting else "before", look.findings, passed=_checks(look.passed))

    def _of_run(self, reading: Reading, record: RunRecord, trained: Project) -> Look:
        """Of the run as it stands, and of the project where it is another by now."""
        same = trained is reading.project or meaning(trained) == meaning(reading.project)
        if same:
            self._read = (trained, reading.plan, reading.analysis)
        known = self._read is not None and self._read[0] is trained
        plan, analysis = self._read[1:] if known and self._read is not None else (None, None)
        step, ends = record.last_step, self._ended or (not self._watched and self._run.state.phase != "training")
        if self._watched == "script":
            look = yield from diagnosing_script(trained, record)
        else:
            look = yield from diagnosing(trained, self.facts(trained), record, plan, analysis, self._failed)
        told = self._steady.take(look.findings, is_last=ends)
        young = step < FIRST and not ends and not told
        return Standing(
            "waiting" if young else "judged",
            told,
            withdrawn=self._steady.withdrawn,
            passed=_checks(look.passed),
            step=step,
            is_stale=not same and not self._run.state.active,
            failure=self._failure,
            ended=self._ended,
        )

    def _take(self, standing: Standing) -> None:
        self._become(_sorted_out(standing, self._muted))

    def _become(self, standing: Standing) -> None:
        if standing != self.standing:
            self.standing = standing
            self.changed.emit(standing)


def _checks(passed: tuple[Passed, ...]) -> tuple[Check, ...]:
    return tuple(Check(one.name, one.name.replace("_", " ").capitalize(), one.seen or one.looked_for) for one in passed)


def _sorted_out(standing: Standing, muted: set[str]) -> Standing:
    """The same, with what is muted apart."""
    every = (*standing.findings, *standing.muted)
    said = tuple(finding for finding in every if finding.code not in muted)
    return replace(standing, findings=said, muted=tuple(finding for finding in every if finding.code in muted))
