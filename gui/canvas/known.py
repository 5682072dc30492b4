"""What the analysis says of one graph of a project, found by node: what cards are made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from operator import attrgetter

from core.fitting import Types, types_of
from core.graph import BLOCK, Edge, Graph
from core.instances import PORTS, needed
from core.plan import Plan
from core.problems import Problem
from core.project import Project
from core.reading import Reading
from core.shapes import Analysis
from core.trail import Trail, block_of
from core.wiring import running_order

_TARGET = attrgetter("target")


@dataclass(frozen=True, slots=True)
class Known:
    """What the analysis says of one graph of a project, found by node."""

    types: Types
    analysis: Analysis
    problems: Mapping[str, tuple[Problem, ...]]
    inside: Mapping[str, int]
    """By block: how many errors there are in it."""
    parameters: Mapping[str, int]
    """By node of the graph; a block's are those of all inside."""
    waiting: Mapping[str, str]
    """By node whose shapes are unknown: the name of the node whose error keeps them so."""


def known(project: Project, plan: Plan, analysis: Analysis, problems: Iterable[Problem], trail: Trail = ()) -> Known:
    """The analysis of this project, ready to be asked node by node of the graph to which the trail leads."""
    types = types_of(project, analysis, trail)
    graph = project.scope(block_of(project, trail))
    told = [problem for problem in problems if not problem.path or problem.path.startswith(types.before)]
    by_node: dict[str, tuple[Problem, ...]] = {}
    for problem in told:
        by_node[problem.node] = (*by_node.get(problem.node, ()), problem)
    inside = _inside(project, graph, told, types.before) if project.blocks else {}
    counts = {**dict.fromkeys(_passing(graph, plan, analysis), 0), **_counts(graph, plan, analysis, types.before)}
    wrong = {key for key, found in by_node.items() if any(problem.severity == "error" for problem in found)}
    return Known(types, analysis, by_node, inside, counts, _waiting(graph, wrong | inside.keys(), counts))


def of_reading(reading: Reading | None) -> Known | None:
    """What a reading says of its project's main graph; nothing where there is none yet."""
    return known(reading.project, reading.plan, reading.analysis, reading.problems) if reading is not None else None


def _counts(graph: Graph, plan: Plan, analysis: Analysis, before: str) -> dict[str, int]:
    """Parameters by node; what is shared within a block counts once. A block's ports have none."""
    known_, nodes = analysis.parameters, graph.nodes
    steps = [step for step in plan.steps if step.path in known_]
    if before:
        steps = [step for step in steps if step.path.startswith(before)]
    counts = {node.id: 0 for node in nodes.values() if node.kind in PORTS}
    counts.update([(step.node, known_[step.path]) for step in steps if step.node in nodes])
    blocks = {node.name: node.id for node in nodes.values() if node.block}
    seen: set[tuple[str, str]] = set()
    for step in steps if blocks else ():
        block = blocks.get(_head(step.path, before)) if step.node not in nodes else None
        if block is not None and (block, step.module) not in seen:
            seen.add((block, step.module))
            counts[block] = counts.get(block, 0) + known_[step.path]
    return counts


def _passing(graph: Graph, plan: Plan, analysis: Analysis) -> list[str]:
    """The bypassed nodes of the graph that have something to hand on: they have no parameters now."""
    able = [item.node for item in plan.bypassed if item.passed and item.passed[0] in analysis.types]
    return [node_id for node_id in able if node_id in graph.nodes]


def _head(path: str, before: str) -> str:
    """The name of the node in this graph under which a path lies."""
    return path[len(before) :].partition(".")[0].partition("[")[0]


def _inside(project: Project, graph: Graph, problems: Iterable[Problem], before: str) -> dict[str, int]:
    """How many errors lie in each block of the graph."""
    found: dict[str, int] = {}
    wrong = [problem for problem in problems if problem.severity == "error" and problem.node not in graph.nodes]
    for node in graph.nodes.values() if wrong else ():
        if node.kind != BLOCK:
            continue
        held = {key for block in needed(project, node.block) for key in project.blocks[block].graph.nodes}
        mine = [problem for problem in wrong if problem.node in held]
        count = sum(not problem.path or _head(problem.path, before) == node.name for problem in mine)
        if count:
            found[node.id] = count
    return found


def incoming(graph: Graph) -> Mapping[str, tuple[Edge, ...]]:
    """The wires into every node that has any, in the file's order."""
    edges = graph.edges.values()
    into: dict[str, tuple[Edge, ...]] = dict(zip(map(_TARGET, edges), zip(edges, strict=True), strict=True))
    if len(into) == len(edges):
        return into
    earlier: dict[str, list[Edge]] = {}
    for edge in edges:
        if into[edge.target][0] is not edge:  # where there are several, it is the last one so far
            earlier.setdefault(edge.target, []).append(edge)
    return {**into, **{node_id: (*found, *into[node_id]) for node_id, found in earlier.items()}}


def _waiting(graph: Graph, wrong: Set[str], counts: Mapping[str, int]) -> dict[str, str]:
    """Who waits for whom, from the sources on."""
    if not wrong:
        return {}
    into = incoming(graph)
    waiting: dict[str, str] = {}
    for node_id in running_order(graph)[0]:
        if node_id in counts:
            continue
        for edge in into.get(node_id, ()):
            blocker = graph.nodes[edge.source].name if edge.source in wrong else waiting.get(edge.source)
            if blocker is not None:
                waiting[node_id] = blocker
                break
    return waiting
