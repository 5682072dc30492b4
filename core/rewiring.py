"""Many wires at once: all of an output's wires to another output, and chains that go into a wire."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from core.errors import GraphError
from core.graph import Edge, Graph, InputKey
from core.planning import connect, scope_of
from core.ports import input_ports, output_ports
from core.project import Project
from core.reroutes import parted, renamed


class Output(NamedTuple):
    """One output of one node."""

    node: str
    port: str


class Chain(NamedTuple):
    """Where a chain of nodes begins and ends: its one free input and its one free output."""

    entry: str
    input: str
    exit: str
    output: str


def wires_of(graph: Graph, start: Output) -> tuple[Edge, ...]:
    """The wires that begin at this output, in the file's order."""
    return tuple(edge for edge in graph.out_of(start.node) if edge.output == start.port)


def lifted(project: Project, start: Output) -> Project:
    """Without the wires of this output."""
    block = scope_of(project, start.node)
    graph = project.scope(block)
    return project.with_scope(graph.disconnect([edge.key for edge in wires_of(graph, start)]), block)


def move_wires(project: Project, start: Output, end: Output) -> Project:
    """With all wires of one output beginning at another, each in its place at its input.

    Raises GraphError where a wire would close a circle or is there already, ShapeError for a dtype that does not fit.
    """
    block = scope_of(project, start.node)
    graph = project.scope(block)
    loose = lifted(project, start)
    moved = {edge: edge._replace(source=end.node, output=end.port) for edge in wires_of(graph, start)}
    for edge in moved.values():
        connect(loose, edge)  # raises for the one that cannot be; all begin at one output, so none hinders another
    return renamed(project.with_scope(graph.connect_all(moved.values()), block), moved)


def chain(project: Project, node_ids: tuple[str, ...]) -> Chain:
    """How these nodes hang together as a chain; raises GraphError where they do not have one way in and one out."""
    graph = project.scope(scope_of(project, node_ids[0]))
    entries = list(_entries(project, graph, frozenset(node_ids)))
    exits = list(_exits(project, graph, frozenset(node_ids)))
    if len(entries) != 1 or len(exits) != 1:
        raise GraphError(
            "layers with one way in and one way out were wanted",
            f"these have {_count(len(entries), 'free input')} and {_count(len(exits), 'loose end')}",
            fix="Paste them beside the wire and wire them by hand.",
        )
    return Chain(*entries[0], *exits[0])


def splice_chain(project: Project, node_ids: tuple[str, ...], key: InputKey) -> Project:
    """With a chain of nodes put into the wire that ends at `key`.

    Raises GraphError where they are no chain, or GraphError or ShapeError where its ends do not take the wire.
    """
    block = scope_of(project, key.node)
    edge = project.scope(block).edges.get(key)
    if edge is None:
        raise GraphError("a wire of this graph was wanted", "there is none at this input")
    found = chain(project, node_ids)
    cut = project.with_scope(project.scope(block).disconnect([key]), block)
    joined = connect(cut, Edge(edge.source, edge.output, found.entry, found.input))
    leaving = edge._replace(source=found.exit, output=found.output)
    connect(joined, leaving)
    made = joined.with_scope(joined.scope(block).connect(leaving), block)
    return parted(made, edge, Edge(edge.source, edge.output, found.entry, found.input), leaving, found.entry)


def _entries(project: Project, graph: Graph, inside: frozenset[str]) -> Iterator[tuple[str, str]]:
    """The first input of every node that no wire reaches, where it has one."""
    for node_id in graph.nodes:
        ports = input_ports(project, graph.nodes[node_id]) if node_id in inside else ()
        if ports and not any(True for _edge in graph.into(node_id)):
            yield node_id, ports[0].name


def _exits(project: Project, graph: Graph, inside: frozenset[str]) -> Iterator[tuple[str, str]]:
    """The first output of every node from which no wire leads, where it has one."""
    for node_id in graph.nodes:
        ports = output_ports(project, graph.nodes[node_id]) if node_id in inside else ()
        if ports and not any(True for _edge in graph.out_of(node_id)):
            yield node_id, ports[0].name


def _count(number: int, what: str) -> str:
    return f"{number or 'no'} {what}{'' if number == 1 else 's'}"
