"""What a project comes to: its plan, the shapes on it, and what is wrong; kept up with edits."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace
from functools import cached_property

from core.checks import Checked, checked, errors
from core.lowering import lower
from core.memory import Memory, training_memory, weighing
from core.plan import Plan
from core.problems import Problem
from core.project import Project
from core.python.questions import Oracle
from core.room import room_problem
from core.shapes import Analysis, analyse


@dataclass(frozen=True)
class Reading:
    """A project with all that is known of it before training."""

    project: Project
    plan: Plan
    analysis: Analysis
    checked: Checked
    crowded: Problem | None = None
    """That training does not fit into the free memory, where it does not."""

    @cached_property
    def problems(self) -> tuple[Problem, ...]:
        """What is wrong, errors first."""
        found = self.checked.problems
        if self.crowded is None:
            return found
        faults = len(errors(found))
        return (*found[:faults], self.crowded, *found[faults:])

    @cached_property
    def memory(self) -> Memory:
        """What training would take; worked out when it is first asked for."""
        return training_memory(self.project, self.plan, self.analysis)

    @property
    def is_weighed(self) -> bool:
        """Whether its memory was asked for already."""
        return "memory" in self.__dict__

    def weighing(self) -> Generator[None, None, Memory]:
        """Work out its memory step by step, so that a window may do something else in between."""
        if not self.is_weighed:
            self.__dict__["memory"] = yield from weighing(self.project, self.plan, self.analysis)
        return self.memory

    def moved(self, project: Project) -> Reading:
        """The same of a project that differs in nothing that a reading depends on."""
        made = replace(self, project=project)
        if self.is_weighed:
            made.__dict__["memory"] = self.memory
        return made

    @property
    def errors(self) -> tuple[Problem, ...]:
        """What keeps the graph from training."""
        return errors(self.problems)

    @property
    def can_train(self) -> bool:
        """Whether there is a network, and nothing in its way."""
        return bool(self.project.graph.nodes) and not self.errors

    def of(self, node: str) -> tuple[Problem, ...]:
        """The problems shown on this node."""
        return tuple(problem for problem in self.problems if problem.node == node)

    def path(self, node: str) -> str:
        """The instance path of the first step that the node stands for, or nothing."""
        return next((step.path for step in self.plan.steps if node in (step.node, step.shown)), "")


def unjudged(reading: Reading) -> Reading:
    """The same without problems: of a drawing, which need not be able to train."""
    return replace(reading, checked=replace(reading.checked, problems=()), crowded=None)


def read(
    project: Project, before: Reading | None = None, oracle: Oracle | None = None, free: int | None = None
) -> Reading:
    """The project's plan, shapes and problems, with so many bytes of memory free; never fails.

    With the reading of the project before an edit, costs what the edit changes; the outcome is the same. The oracle
    answers what has no shape formula; without one, that of the reading before does.
    """
    plan = lower(project, before.plan if before is not None else None)
    analysis = analyse(plan, before.analysis if before is not None else None, oracle)
    found = checked(project, plan, analysis, before.checked if before is not None else None)
    return Reading(project, plan, analysis, found, room_problem(project, plan, analysis, free))
