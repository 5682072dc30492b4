"""What a project comes to: its plan, the shapes on it, and what is wrong; kept up with edits."""

from __future__ import annotations

from dataclasses import dataclass

from core.checks import Checked, checked, errors
from core.plan import Plan, lower
from core.problems import Problem
from core.project import Project
from core.python.questions import Oracle
from core.shapes import Analysis, analyse


@dataclass(frozen=True, slots=True)
class Reading:
    """A project with all that is known of it before training."""

    project: Project
    plan: Plan
    analysis: Analysis
    checked: Checked

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is wrong, errors first."""
        return self.checked.problems

    @property
    def errors(self) -> tuple[Problem, ...]:
        """What keeps the graph from training."""
        return errors(self.problems)

    def of(self, node: str) -> tuple[Problem, ...]:
        """The problems shown on this node."""
        return tuple(problem for problem in self.problems if problem.node == node)

    def path(self, node: str) -> str:
        """The instance path of the first step that the node stands for, or nothing."""
        return next((step.path for step in self.plan.steps if node in (step.node, step.shown)), "")


def read(project: Project, before: Reading | None = None, oracle: Oracle | None = None) -> Reading:
    """The project's plan, shapes and problems; never fails.

    With the reading of the project before an edit, costs what the edit changes; the outcome is the same. The oracle
    answers what has no shape formula; without one, that of the reading before does.
    """
    plan = lower(project, before.plan if before is not None else None)
    analysis = analyse(plan, before.analysis if before is not None else None, oracle)
    return Reading(project, plan, analysis, checked(project, plan, analysis, before.checked if before else None))
