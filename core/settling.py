"""Sizes that follow from what is wired: the last layer before a loss gets one number for each class or target value.

Only what nobody has set by hand is changed, and in the same edit as the wire.
"""

from __future__ import annotations

from typing import NamedTuple

from core import planning
from core.catalog import KINDS
from core.errors import ChainruleError, ShapeError
from core.fitting import Types
from core.fitting import refusal as plain_refusal
from core.graph import Edge
from core.mending import WIDTHS
from core.planning import scope_of
from core.problems import Problem, SetParam
from core.project import Project
from core.reading import read
from core.vocabularies import known_tokens


class Settled(NamedTuple):
    """A project whose sizes follow from its wires, and what was changed for that, in words."""

    project: Project
    words: str = ""


def settled(project: Project, node_id: str) -> Settled:
    """With the layers before the losses at this node, or right behind it, as wide as their targets want.

    What looks tokens up there knows as many as the field that is wired to it.
    """
    losses = _losses(project, node_id)
    said: list[str] = []
    for loss in losses:
        fix = next((fix for problem in _problems(project, loss) if (fix := _free(project, problem)) is not None), None)
        if fix is not None:
            project = planning.apply_fix(project, fix)
            said.append(f"{project.all_nodes()[fix.node].name} gives {fix.value} now, as its target wants.")
    for table in _near(project, node_id):
        node = project.all_nodes()[table]
        tokens = known_tokens(project, node, scope_of(project, table))
        if tokens is not None:
            project = planning.apply_fix(project, tokens)
            said.append(f"{node.name} knows {tokens.value} tokens now, as its data has.")
    return Settled(project, " ".join(said))


def refusal(project: Project, types: Types, edge: Edge) -> ChainruleError | None:
    """Why this wire cannot be, or None where it can, or where a size follows that makes it fit."""
    error = plain_refusal(project, types, edge)
    if not isinstance(error, ShapeError) or not _losses(project, edge.target):
        return error
    try:
        connected = planning.connect(project, edge)
    except ChainruleError:
        return error
    made = settled(connected, edge.target)
    return error if not made.words or any(_problems(made.project, edge.target)) else None


def _losses(project: Project, node_id: str) -> tuple[str, ...]:
    """The node and those that read it, as far as they are losses."""
    nodes = project.scope(scope_of(project, node_id)).nodes
    near = _near(project, node_id)
    return tuple(key for key in near if (kind := KINDS.get(nodes[key].kind)) is not None and kind.role == "loss")


def _near(project: Project, node_id: str) -> tuple[str, ...]:
    """The node and those that read it."""
    graph = project.scope(scope_of(project, node_id))
    return tuple(dict.fromkeys((node_id, *(edge.target for edge in graph.out_of(node_id)))))


def _problems(project: Project, node_id: str) -> list[Problem]:
    """What does not fit at the node: shapes, or the number of scores."""
    return [problem for problem in read(project).of(node_id) if problem.code in ("E103", "E109", "W302")]


def _free(project: Project, problem: Problem) -> SetParam | None:
    """The fix that sets a width which nobody has set."""
    nodes = project.all_nodes()
    return next(
        (
            fix
            for fix in problem.fixes
            if isinstance(fix, SetParam) and fix.name in WIDTHS and nodes[fix.node].param(fix.name) is None
        ),
        None,
    )
