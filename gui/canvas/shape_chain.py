"""How the shape came about that a layer cannot take: who gives what, and why that decides what it has to be told."""

from __future__ import annotations

from typing import NamedTuple

from core.graph import Edge, Graph, Node
from core.problems import Problem, SetParam
from gui.canvas import captions
from gui.canvas.known import Known
from gui.canvas.wire_words import concerns

LONGEST = 2
"""Layers that are told of before the one that is wrong."""


class Link(NamedTuple):
    """A layer and what it gives; of the last one what it has been told to take."""

    name: str
    text: str
    is_wrong: bool = False


class Chain(NamedTuple):
    """The links, in the order of the wires, and what the last of them has to be told."""

    links: tuple[Link, ...] = ()
    param: str = ""
    wanted: str = ""

    @property
    def question(self) -> str:
        """Why 400?; empty where nothing could be said."""
        return f"Why {self.wanted}?" if self.links and self.wanted else ""

    @property
    def answer(self) -> str:
        """In sentences, with the names and shapes of this very graph."""
        *before, last = self.links
        said = [f"{link.name} gives {link.text}." for link in before]
        instead = f", not {last.text}" if last.text else ""
        return " ".join([*said, f"So {self.param} of {last.name} has to be {self.wanted}{instead}."])


def chain(graph: Graph, facts: Known | None, problem: Problem) -> Chain:
    """How a wrong value of a layer follows from the wires; empty for any other problem."""
    node = graph.nodes.get(problem.node)
    edge = next((edge for edge in graph.into(problem.node) if concerns(problem, edge)), None)
    if facts is None or node is None or edge is None or not problem.param:
        return Chain()
    value = node.param(problem.param)
    links = [Link(node.name, captions.number(value) if value is not None else "", is_wrong=True)]
    while edge is not None and len(links) <= LONGEST:
        source, into = graph.nodes[edge.source], next(graph.into(edge.source), None)
        text = _given(facts, source, edge, into)
        if not text:
            break
        links.insert(0, Link(source.name, text))
        edge = into
    wanted = next((fix.value for fix in problem.fixes if isinstance(fix, SetParam) and fix.name == problem.param), None)
    return Chain(tuple(links), problem.param, captions.number(wanted) if wanted is not None else "")


def _given(facts: Known, source: Node, edge: Edge, into: Edge | None) -> str:
    """The shape that the wire carries; of a flattened one what its size is the product of: 16·5·5 = 400."""
    tensor = facts.types.of(edge.source, edge.output)
    if tensor is None:
        return ""
    before = facts.types.of(into.source, into.output) if into is not None and source.kind == "Flatten" else None
    flat = before is not None and len(before.features) > 1 and tensor.features == (before.numel,)
    return f"{'·'.join(map(str, before.features))} = {tensor}" if before is not None and flat else str(tensor)
