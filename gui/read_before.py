"""Readings of projects as they were a few edits ago, to which an undo or redo comes back."""

from __future__ import annotations

from collections import deque
from dataclasses import replace

from core.project import Project
from core.reading import Reading
from core.room import room_problem

MOST = 8
"""Readings that are kept; they share what the edits between them left alone."""


class ReadBefore:
    """The last readings, found by all that a reading depends on."""

    def __init__(self) -> None:
        self._kept: deque[Reading] = deque(maxlen=MOST)

    def keep(self, reading: Reading) -> None:
        """Keep it, and what its project is made of with it."""
        self._kept.append(reading)

    def of(self, project: Project, free: int | None) -> Reading | None:
        """What a reading of this project would find with so many bytes of memory free, or None where it is not kept.

        It is kept no longer, as the next change brings it again.
        """
        found = next((one for one in reversed(self._kept) if _reads_alike(one.project, project)), None)
        if found is None:
            return None
        self._kept = deque((one for one in self._kept if one is not found), MOST)
        return replace(found, project=project, crowded=room_problem(project, found.plan, found.analysis, free))

    def clear(self) -> None:
        """Forget all: more is known of Python blocks than these say, or less."""
        self._kept.clear()


def _reads_alike(one: Project, other: Project) -> bool:
    """Whether what is known of the one holds for the other: the same nodes, wires and settings, in the same order."""
    mine, yours = one.graph, other.graph
    return (
        len(mine.nodes) == len(yours.nodes)
        and len(mine.edges) == len(yours.edges)
        and tuple(mine.nodes.values()) == tuple(yours.nodes.values())
        and tuple(mine.edges.values()) == tuple(yours.edges.values())
        and [*one.blocks] == [*other.blocks]
        and all(block is other.blocks[key] for key, block in one.blocks.items())
        and one.training == other.training
        and [*one.data.items()] == [*other.data.items()]
    )
