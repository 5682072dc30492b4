"""Joins the Doctor to the room of one document: what it looks at, what it shows where, and what its buttons do."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from core.diagnosis.finding import Finding
from core.diagnosis.remedy import Remedy
from core.errors import ChainruleError
from gui.canvas.verdicts import Verdict
from gui.doctor.checkup import Checkup
from gui.doctor.knowing import Knowing
from gui.doctor.offering import Offering
from gui.doctor.panel import DoctorPanel
from gui.doctor.standing import Standing
from gui.doctor.trying import Trying
from gui.monitors.heatmap import HeatmapMonitor
from gui.theme import Themes
from gui.training.feed import Feed

if TYPE_CHECKING:
    from gui.workspace import Workspace

Offers = list[tuple[str, Callable[[], object]]]
MARKS = {"VANISHING_GRADIENT": "vanishing", "EXPLODING_GRADIENT": "exploding"}
"""Findings of which cards carry a mark."""
TOKENS = {"critical": "error", "warning": "warn"}


class Doctor(QObject):
    """The Doctor of one document; it lives as long as the document's room."""

    changed = Signal(object)
    """The new Standing."""

    def __init__(self, themes: Themes, work: Workspace, feed: Feed) -> None:
        super().__init__(work)
        self._work, self._feed = work, feed
        self.checkup = Checkup(work.editor, work.run, feed)
        self.knowing = Knowing(work.editor, work.line, self)
        self.checkup.facts = self.knowing.of
        self.knowing.learnt.connect(self._learnt)
        self.knowing.failed.connect(lambda error: work.said.emit(f"The Doctor could not look at the data. {error}"))
        self.panel = DoctorPanel(themes)
        self.knowing.busy.connect(lambda on: self.panel.controls.show_doing("looking at the data…" if on else ""))
        self.panel.shades = self._shades
        self.offering = Offering(self)
        self.offering.reading = lambda: work.editor.reading
        self.offering.facts = self.knowing.of
        self.offering.changed.connect(self.panel.refresh_remedies)
        self.panel.remedies = self.offering.of
        self.trying = Trying(work.editor, work.line, self)
        self.trying.is_training = lambda: work.run.state.phase == "training"
        self.trying.changed.connect(self.panel.show_tried)
        self.panel.trial_asked.connect(self.trying.begin)
        self.panel.trial_given_up.connect(self.trying.cancel)
        self.panel.train_asked.connect(self._train)
        self.panel.problems_asked.connect(lambda: work.wanted.emit("next_problem"))
        self.panel.remedy_chosen.connect(self.apply)
        self.panel.shown_asked.connect(self.show_on_canvas)
        self.panel.muted.connect(lambda finding: self.checkup.mute(finding.code))
        self.panel.unmuted.connect(self.checkup.unmute)
        self.checkup.changed.connect(self._show)
        work.editor.scoped.connect(lambda _trail: self._mark())
        work.editor.read.connect(lambda _reading: self.offering.want(self.standing.findings))

    @property
    def standing(self) -> Standing:
        """What the Doctor says now."""
        return self.checkup.standing

    def apply(self, finding: Finding, remedy: Remedy) -> None:
        """Make the remedy's edit, as one step of undo, and offer to train again or to take it back."""
        work = self._work
        try:
            project = remedy.apply(work.document.project)
        except ChainruleError as error:
            work.refuse(error)
            return
        self.trying.cancel()
        if not work.editor.edit(remedy.label, project):
            work.message.say("info", remedy.label, "The project is like that already.")
            return
        offers: Offers = [("Train again", self._train), ("Undo", partial(self._take_back, work.document.project))]
        work.message.say("info", "Applied.", f"{remedy.label}. Ctrl Z takes it back.", offers)
        work.said.emit(f"Applied against {finding.title.lower()}: {remedy.label}.")

    def apply_first(self) -> None:
        """Apply the first remedy of the first finding that has one."""
        self.offering.now()
        for finding in self.standing.findings:
            for remedy in self.offering.of(finding)[:1]:
                self.apply(finding, remedy)
                return

    def show_first(self) -> None:
        """Show the layers of the first finding that names any."""
        found = next((finding for finding in self.standing.findings if finding.where), None)
        if found is not None:
            self.show_on_canvas(found)

    def show_on_canvas(self, finding: Finding) -> None:
        """Select the layers of a finding, in the block in which the first of them lies, and bring them into view."""
        work = self._work
        step = next((found for path in finding.where if (found := self._step(path)) is not None), None)
        if step is None or not work.reveal(*step):
            return
        nodes = self._nodes(finding)
        work.canvas.select(nodes)
        work.canvas.zoom_to(nodes)
        work.canvas.setFocus()

    @property
    def widgets(self) -> tuple[QWidget, ...]:
        """What stands in a dock: the panel, and the controls of its head."""
        return self.panel, self.panel.controls

    def close(self) -> None:
        """Look no more."""
        self.checkup.close()
        self.offering.close()
        self.trying.asking.cancel()
        self.knowing.close()

    def _learnt(self) -> None:
        """More is known of the data: look again, and offer what helps by it."""
        self.checkup.look_soon()
        self.offering.want(self.standing.findings)

    def _step(self, path: str) -> tuple[str, str] | None:
        """The node of a step, and its path."""
        step = self._work.editor.reading.plan.by_path.get(path)
        return (step.node, path) if step is not None else None

    def _nodes(self, finding: Finding) -> tuple[str, ...]:
        """The nodes of the shown graph that a finding is about."""
        found = (self._work.editor.shown_node(path) for path in finding.where)
        return tuple(dict.fromkeys(node for node in found if node))

    def _show(self, standing: Standing) -> None:
        self.offering.want(standing.findings)
        self.panel.show_standing(standing)
        self._mark()
        self.changed.emit(standing)

    def _mark(self) -> None:
        """Frames on the canvas, marks on cards, and the range in the heatmap."""
        work, shown = self._work, self.standing.shown
        frames = []
        for finding in shown:
            nodes = self._nodes(finding)
            several = len(finding.where) > 1 and finding.family != "data"
            count = f", {len(finding.where)} layers" if several else ""
            if nodes:
                frames.append(Verdict(nodes, f"{finding.title}{count}", TOKENS[finding.severity]))
        work.canvas.scene.verdicts.show(frames)
        marks = {path: mark for one in shown if (mark := MARKS.get(one.code)) is not None for path in one.where}
        work.measured.show_marks(marks)
        heatmap = work.monitors["heatmap"]
        assert isinstance(heatmap, HeatmapMonitor)
        heatmap.set_named(frozenset(path for one in shown for path in one.where))

    def _shades(self) -> Mapping[str, float]:
        """By path the logarithm of the newest gradient of a layer's output."""
        record = self._feed.record
        if record is None or not len(record.samples):
            return {}
        newest = record.block("output", len(record.samples) - 1, len(record.samples))[:, 0]
        pairs = zip(record.rows("output"), newest.tolist(), strict=True)
        return {row.path: math.log10(value) for row, value in pairs if value > 0 and math.isfinite(value)}

    def _train(self) -> None:
        """End the run that is under way, if there is one, and train the project as it is now."""
        self._work.run.train_anew()

    def _take_back(self, applied: object) -> None:
        """Undo the remedy, unless something else was done since."""
        if self._work.document.project is applied:
            self._work.undo()
