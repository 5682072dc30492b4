"""What a loss may be held against: the fields of the data beside it that are targets, as fixes for a loose input."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from core.catalog import KINDS
from core.catalog.sources import DATASET
from core.errors import ChainruleError
from core.graph import Edge, InputKey
from core.planning import connect, scope_of
from core.ports import dataset_fields
from core.problems import Problem, Rewire
from core.project import Project

LOOSE = "E102"


def with_targets(project: Project, problem: Problem) -> Problem:
    """The problem; where it is a loss without its target, with a fix for each field that can be wired to it."""
    if problem.code != LOOSE or problem.fixes:
        return problem
    block = scope_of(project, problem.node)
    kind = KINDS.get(project.scope(block).nodes[problem.node].kind)
    port = kind.target_port if kind is not None and kind.role == "loss" else None
    if port is None or port.name != problem.port:
        return problem
    return replace(problem, fixes=tuple(_fixes(project, InputKey(problem.node, port.name), block)))


def target_edges(project: Project, block: str, node_id: str, port: str) -> list[Edge]:
    """A wire from each field of the data in this graph that is a target."""
    return [
        Edge(node.id, field.name, node_id, port)
        for node in project.scope(block).nodes.values()
        if node.kind == DATASET
        for field in dataset_fields(project, node)
        if field.role == "target"
    ]


def _fixes(project: Project, key: InputKey, block: str) -> Iterator[Rewire]:
    nodes = project.scope(block).nodes
    for edge in target_edges(project, block, key.node, key.port):
        try:
            connect(project, edge)
        except ChainruleError:
            continue  # its numbers are of another kind than the loss takes
        yield Rewire(f"Wire {edge.output} of {nodes[edge.source].name}", edge.source, edge.output, key)
