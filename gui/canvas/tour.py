"""Which graph of the project a canvas shows: the way into blocks and back, and what is known of the graph there."""

from __future__ import annotations

from collections.abc import Iterable
from operator import is_

from PySide6.QtCore import QObject, QPointF, Signal

from core.document import Document
from core.plan import Plan
from core.problems import Problem
from core.project import Project
from core.shapes import Analysis
from core.trail import Crumb, Entered, Trail, block_of, crumbs, existing
from gui.canvas.known import Known, known
from gui.canvas.scene import Scene
from gui.canvas.view import View


class Tour(QObject):
    """Leads a scene through the graphs of a document."""

    leaving = Signal()
    """Another graph is about to be shown: what lies open over this one has to go."""
    entered = Signal(object)
    """The trail that leads to the graph that is shown now."""
    fresh = Signal()
    """The graph was not seen before: all of it should be shown."""

    def __init__(self, document: Document, scene: Scene, view: View) -> None:
        super().__init__(view)
        self.trail: Trail = ()
        self._document, self._scene, self._view = document, scene, view
        self._read: tuple[Plan, Analysis, tuple[Problem, ...]] | None = None
        self._left: dict[Trail, tuple[QPointF, float]] = {}
        """What was seen of the graphs around the one that is shown."""
        self._told: tuple[object, ...] = (None,) * 5
        self._given: Known | None = None
        self._said: tuple[object, ...] = ()
        """What was told to the scene last: what is known by being the same, and by being equal."""

    @property
    def crumbs(self) -> tuple[Crumb, ...]:
        """The way to the graph that is shown."""
        return crumbs(self._document.project, self.trail)

    def show_facts(self, plan: Plan, analysis: Analysis, problems: Iterable[Problem]) -> None:
        """Show what the analysis of the document's project says."""
        self._read = (plan, analysis, tuple(problems))
        self._tell_facts()

    def enter(self, node_id: str, repetition: int = 0) -> bool:
        """Show the inside of this block of the graph; says whether it is one."""
        node = self._scene.graph.nodes.get(node_id)
        if node is None or node.block not in self._document.project.blocks:
            return False
        self.go((*self.trail, Entered(node_id, repetition)))
        return True

    def leave(self) -> None:
        """Show the graph around the block that is shown."""
        self.go(self.trail[:-1])

    def go(self, trail: Trail) -> None:
        """Show the graph to which these blocks lead; coming back, as it was left and with the block selected."""
        wanted = existing(self._document.project, trail)
        if wanted == self.trail:
            return
        self.leaving.emit()
        before, seen = self.trail, self._left.get(wanted)
        self._left[before] = (self._view.middle(), self._view.zoom)
        self._show(self._document.project, wanted)
        if len(wanted) < len(before) and before[: len(wanted)] == wanted:
            self._scene.select((before[len(wanted)].node,))
            if seen is not None:
                self._view.show_at(*seen)
        elif [step.node for step in wanted] != [step.node for step in before]:
            self.fresh.emit()

    def follow(self, project: Project) -> None:
        """Show this project: the same graph of it, or the nearest around it that there still is."""
        trail = existing(project, self.trail)
        if trail == self.trail:
            self._scene.follow(project, block_of(project, trail))
        else:
            self._show(project, trail)
            self.fresh.emit()

    def _show(self, project: Project, trail: Trail) -> None:
        self.trail = trail
        self._scene.follow(project, block_of(project, trail))
        self._tell_facts()
        self._left = {known_: seen for known_, seen in self._left.items() if trail[: len(known_)] == known_}
        self.entered.emit(trail)

    def _tell_facts(self) -> None:
        """Tell what was read; where cards were only moved that is what is told already."""
        if self._read is None:
            return
        project = self._scene.project
        plan, analysis, problems = self._read
        told = (plan, analysis, project.graph, project.blocks, project.data)
        is_shown = self._scene.facts is self._given  # not so where it shows parts again that it showed before
        if not (is_shown and all(map(is_, told, self._told)) and (problems, self.trail) == self._said):
            self._told, self._said = told, (problems, self.trail)
            self._given = known(project, plan, analysis, problems, self.trail)
            self._scene.set_facts(self._given)
