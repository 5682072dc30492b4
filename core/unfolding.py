"""What the blocks of a project come to when they are unfolded, known without unfolding them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from core.graph import BLOCK, Block, Graph, Node
from core.project import Project

MAX_DEPTH = 32
"""Blocks within blocks."""
MAX_REPEAT = 10_000
"""How often a block can be stacked."""
MAX_STEPS = 25_000
"""Nodes of the main graph and of every instance of a block in it, each repetition counted."""


class Unfolding(NamedTuple):
    """What unfolding the main graph comes to."""

    steps: int
    """Nodes of the whole; numbers above MAX_STEPS only say that it is more."""
    depth: Mapping[str, int]
    """By block, how deep blocks lie in it; one that holds itself has none."""

    @property
    def fits(self) -> bool:
        """Whether the whole can be unfolded."""
        return self.steps <= MAX_STEPS

    @property
    def blocks(self) -> frozenset[str]:
        """The blocks that can be unfolded."""
        return frozenset(key for key, depth in self.depth.items() if depth <= MAX_DEPTH) if self.fits else frozenset()


def unfolding(project: Project) -> Unfolding:
    """How large and how deep the project's blocks are."""
    steps: dict[str, int] = {}
    depths: dict[str, int] = {}
    if not project.blocks:
        return Unfolding(_count(project.graph, (), steps), depths)
    for key in _innermost_first(project.blocks):
        inside = tuple(_instances(project.blocks[key].graph))
        steps[key] = _count(project.blocks[key].graph, inside, steps)
        depths[key] = 1 + max((depths.get(node.block, 0) for node in inside), default=0)
    return Unfolding(_count(project.graph, _instances(project.graph), steps), depths)


def holding(project: Project, blocks: Iterable[str]) -> set[str]:
    """These blocks, and all that hold one of them at any depth."""
    holders = _holders(project.blocks)
    found = set(blocks)
    waiting = list(found)
    while waiting:
        fresh = holders.get(waiting.pop(), set()) - found
        found |= fresh
        waiting += fresh
    return found


def _innermost_first(blocks: Mapping[str, Block]) -> Iterator[str]:
    """The blocks so that what is in a block comes before it; those that hold themselves, or hold such, are left out."""
    holders = _holders(blocks)
    waiting = {
        key: len({node.block for node in _instances(block.graph)} & blocks.keys()) for key, block in blocks.items()
    }
    ready = [key for key, count in waiting.items() if not count]
    while ready:
        key = ready.pop()
        yield key
        for holder in holders.get(key, ()):
            waiting[holder] -= 1
            if not waiting[holder]:
                ready.append(holder)


def _holders(blocks: Mapping[str, Block]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for key, block in blocks.items():
        for node in _instances(block.graph):
            found.setdefault(node.block, set()).add(key)
    return found


def _instances(graph: Graph) -> Iterator[Node]:
    return (node for node in graph.nodes.values() if node.kind == BLOCK)


def _count(graph: Graph, instances: Iterable[Node], steps: Mapping[str, int]) -> int:
    count = len(graph.nodes) + sum(node.repeat * steps.get(node.block, 0) for node in instances)
    return min(count, MAX_STEPS + 1)
