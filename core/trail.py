"""The way into a block: which instances were opened, one in the other, from the main graph on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from core.graph import BLOCK, Node
from core.instances import scopes
from core.project import Project


class Entered(NamedTuple):
    """One step of the way: the instance that was opened, and which of its repetitions."""

    node: str
    repetition: int = 0


Trail = tuple[Entered, ...]
"""Empty for the main graph."""


class Crumb(NamedTuple):
    """One step of the way as it is shown."""

    title: str
    trail: Trail
    """Where it leads."""
    repeat: int = 1
    """How many repetitions of it there are."""


def block_of(project: Project, trail: Trail) -> str:
    """The block whose inside the way leads to; "" for the main graph."""
    nodes = tuple(nodes_of(project, trail))
    return nodes[-1].block if nodes else ""


def existing(project: Project, trail: Trail) -> Trail:
    """As much of the way as there still is."""
    return tuple(
        Entered(node.id, min(entered.repetition, node.repeat - 1))
        for node, entered in zip(nodes_of(project, trail), trail, strict=False)
    )


def nodes_of(project: Project, trail: Trail) -> Iterator[Node]:
    """The instances on the way, as far as they exist."""
    graph = project.graph
    for entered in trail:
        node = graph.nodes.get(entered.node)
        if node is None or node.kind != BLOCK or node.block not in project.blocks:
            return
        yield node
        graph = project.blocks[node.block].graph


def prefix(project: Project, trail: Trail) -> str:
    """What stands before a node's name in its path: encoder[2].attention."""
    return "".join(
        f"{crumb(node, entered.repetition)}." for node, entered in zip(nodes_of(project, trail), trail, strict=False)
    )


def crumbs(project: Project, trail: Trail) -> tuple[Crumb, ...]:
    """The whole way from the project's main graph to the one that is shown."""
    steps = [Crumb(node.name, trail[: index + 1], node.repeat) for index, node in enumerate(nodes_of(project, trail))]
    return (Crumb(project.name, ()), *steps)


def crumb(node: Node, repetition: int) -> str:
    """One step of the way in words: encoder, or encoder[2] where it is repeated."""
    return node.name if node.repeat == 1 else f"{node.name}[{repetition}]"


def leading_to(project: Project, node_id: str, path: str = "") -> Trail | None:
    """The way to the graph in which this node lies: along its path where that is known, else the first there is."""
    if path and (found := _along(project, node_id, path)) is not None:
        return found
    home = next((scope for scope, graph in scopes(project) if node_id in graph.nodes), None)
    return None if home is None else _first(project, home)


def _along(project: Project, node_id: str, path: str) -> Trail | None:
    trail: Trail = ()
    graph = project.graph
    for part in path.split(".")[:-1]:
        found = re.fullmatch(r"(\w+)(?:\[(\d+)\])?", part)
        node = graph.by_name(found[1]) if found else None
        if found is None or node is None or node.block not in project.blocks:
            return None
        trail = (*trail, Entered(node.id, int(found[2] or 0)))
        graph = project.blocks[node.block].graph
    return trail if node_id in graph.nodes else None


def _first(project: Project, home: str) -> Trail | None:
    """Breadth first, so that the shortest way is found; None for a block that is nowhere used."""
    waiting: list[tuple[str, Trail]] = [("", ())]
    seen = {""}
    for scope, trail in waiting:
        if scope == home:
            return trail
        for node in project.scope(scope).nodes.values():
            if node.kind == BLOCK and node.block in project.blocks and node.block not in seen:
                seen.add(node.block)
                waiting.append((node.block, (*trail, Entered(node.id))))
    return None
