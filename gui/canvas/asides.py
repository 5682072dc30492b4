"""Mirrors of graphs that a scene showed before, kept for when undo, redo or leaving a block leads back to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gui.canvas.mirror import Difference, Mirror, difference

if TYPE_CHECKING:
    from gui.canvas.scene import Scene

MANY = 100
"""Things that change in one mirror; where more would, the way back is kept, or another mirror taken."""
ANEW = 3
"""Things that change for each node of the graph; where more would, a mirror that is made anew is quicker."""
MOST = 8
"""Mirrors that are kept."""
MOST_NODES = 25_000
"""Nodes in all of them; the one that went last is kept whatever its size."""


class Found(NamedTuple):
    """A mirror, and what has to change in it."""

    mirror: Mirror
    wanted: Difference


class Asides:
    """The mirrors that one scene may go back to, the one that went last at the end."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._kept: list[Mirror] = []

    def turn(self) -> Difference:
        """Let the scene show the mirror that is nearest to its project and graph; what has to change in that."""
        scene = self._scene
        mirror, block = scene.mirror, scene.block
        wanted = difference(mirror, scene.project, scene.graph)
        if wanted.size <= MANY:
            return wanted
        found = self._take(wanted.size / 2)
        if found is None and mirror.block == block and wanted.size <= ANEW * len(scene.graph.nodes):
            self._keep(mirror.twin())
            return wanted
        self._keep(mirror)
        found = found or self._made()
        scene.exchange(found.mirror)
        return found.wanted

    def about_to_drag(self, count: int) -> None:
        """So many cards are about to leave their places: keep the way back while they stand where the project says."""
        if count > MANY and not self._scene.mirror.adrift:
            self._keep(self._scene.mirror.twin())

    def clear(self) -> None:
        """Keep none."""
        self._kept.clear()

    def _keep(self, mirror: Mirror) -> None:
        """Keep a mirror in place of one of the same graph of the same project, unless its cards are being dragged."""
        if mirror.adrift or not mirror.nodes:
            return
        mirror.facts = self._scene.facts
        mirror.calm()
        self._kept = [kept for kept in self._kept if kept.project is not mirror.project or kept.block != mirror.block]
        self._kept.append(mirror)
        while len(self._kept) > MOST or (len(self._kept) > 1 and self._count() > MOST_NODES):
            del self._kept[0]

    def _take(self, under: float) -> Found | None:
        """The one in which the least has to change, less than this, kept no longer; None where no one is as near."""
        scene = self._scene
        graph, kept = scene.graph, [kept for kept in self._kept if kept.block == scene.block]
        near = [one for one in kept if abs(len(one.nodes) - len(graph.nodes)) < under]
        found = (Found(one, difference(one, scene.project, graph)) for one in near)
        best = min(found, key=lambda one: one.wanted.size, default=None)
        if best is None or best.wanted.size >= under:
            return None
        self._kept.remove(best.mirror)
        return best

    def _made(self) -> Found:
        """One in which nothing is yet."""
        scene, made = self._scene, Mirror()
        made.facts, made.wiring.style = scene.facts, scene.wiring.style
        return Found(made, difference(made, scene.project, scene.graph))

    def _count(self) -> int:
        return sum(len(kept.nodes) for kept in self._kept)
