"""Cards that are let go on a wire: which wire that is, how it is lit before, and how they go into it."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from PySide6.QtCore import QPointF

from core import planning
from core.errors import ChainruleError, GraphError
from core.graph import InputKey
from core.project import Project
from core.rewiring import chain, splice_chain
from core.spacing import aside
from gui.canvas.geometry import PORT_HIT
from gui.canvas.scene import Scene
from gui.canvas.stage import Stage
from gui.canvas.under import PortRef


class Splice:
    """The way of some cards into a wire, while they are dragged: one loose card, or several that form one chain."""

    def __init__(self, stage: Stage, nodes: tuple[str, ...]) -> None:
        self._stage, self._nodes = stage, nodes
        self._own = stage.scene.wiring.at(nodes)
        self._able = _is_chain(stage, nodes, self._own)
        self._into: InputKey | None = None

    def seek(self, wanted: bool) -> None:
        """Light the wire over which the cards are now, if they may go into one."""
        self._mark(self._target() if wanted and self._able else None)

    def end(self) -> InputKey | None:
        """The wire into which the cards go; it is lit no longer."""
        into = self._into
        self._mark(None)
        return into

    def stood(self, all_cards: bool) -> dict[str, QPointF]:
        """Where every card stands, if any may move aside."""
        return {key: item.pos() for key, item in (self._stage.scene.nodes.items() if all_cards else ())}

    def made(self, project: Project, into: InputKey, at: QPointF) -> tuple[Project, str] | None:
        """With the cards in the wire and what is beside them moved aside, and a label; None, and a word, if refused."""
        nodes = self._nodes
        try:
            put = splice_chain(project, nodes, into) if len(nodes) > 1 else planning.splice(project, nodes[0], into)
        except ChainruleError as error:
            self._stage.refuse(error, at)
            return None
        named = self._stage.name(nodes[0]) if len(nodes) == 1 else f"{len(nodes)} layers"
        scene = self._stage.scene
        return aside(put, nodes, scene.block, sizes(scene)), f"Put {named} into a wire"

    def _target(self) -> InputKey | None:
        """The wire under the middle of all, or of one of them, that is none of their own."""
        scene = self._stage.scene
        rects = [scene.nodes[node].rect for node in self._nodes]
        places = [scene.cards.bounds(self._nodes).center(), *(rect.center() for rect in rects)]
        found = (scene.edge_at(place, rects[0].height() / 4, self._own) for place in places)
        return next((key for key in found if key is not None), None)

    def _mark(self, key: InputKey | None) -> None:
        mark_target(self._stage, self._into, key)
        self._into = key


def mark_target(stage: Stage, old: InputKey | None, new: InputKey | None) -> None:
    """Light the wire into which a card would go."""
    for key, lit in ((old, False), (new, True)):
        if old != new and key is not None and key in stage.scene.edges:
            stage.scene.edges[key].show_target(lit)


def wire_to_join(stage: Stage, port: PortRef, at: QPointF) -> InputKey | None:
    """The wire here that a wire from this output may be joined with: none of its own, and none that leads to it."""
    if port.side != "output" or stage.scene.node_at(at) is not None:
        return None
    key = stage.scene.edge_at(at, PORT_HIT / 2 / stage.scale)
    if key is None:
        return None
    edge = stage.scene.graph.edges[key]
    own = (edge.source, edge.output) == (port.node, port.name)
    return None if own or planning.leads_to(stage.scene.graph, edge.target, port.node) else key


def sizes(scene: Scene) -> Mapping[str, tuple[float, float]]:
    """How wide and tall every card of the scene is."""
    return {key: (rect.width(), rect.height()) for key, rect in scene.cards.rects.items()}


def _is_chain(stage: Stage, nodes: tuple[str, ...], own: Collection[InputKey]) -> bool:
    """Whether these are loose, all wires at them being among themselves, with one way in and one out."""
    edges, cards = stage.scene.edges, stage.scene.nodes
    if len(nodes) == 1:
        return not own and bool(cards[nodes[0]].card.inputs) and bool(cards[nodes[0]].card.outputs)
    if not nodes or any(edges[key].edge.source not in nodes or key.node not in nodes for key in own):
        return False
    try:
        chain(stage.project, nodes)
    except GraphError:
        return False
    return True
