"""What training measures, on the cards and wires: at most four times a second, and a few cards a frame."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from PySide6.QtCore import QElapsedTimer, QObject, QPointF
from PySide6.QtGui import QPolygonF

from core.wiring import running_order
from gui.canvas.edge_item import EdgeItem
from gui.canvas.health import Health, course
from gui.canvas.scene import Scene
from gui.canvas.strip import CURVE, LOSS_CURVE
from gui.throttle import FRAME, Throttle

MILLISECONDS = 250
PART = 2
"""Milliseconds of a frame that handing over may take."""
FRAMES = 12
"""Into which a round is divided, so that few cards are painted in one frame."""
SHADES = 24
"""Steps of warmth: a card or wire is painted anew only where a look could tell them apart."""


class Readings(QObject):
    """Keeps the latest measurement of every node and hands it to the items."""

    def __init__(self, scene: Scene, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._scene = scene
        self._health: dict[str, Health] = {}
        self._losses: dict[str, tuple[float | None, Sequence[float]]] = {}
        self._measured = True
        self._stale: set[str] = set()
        self._fresh = True
        self._round: Iterator[None] | None = None
        self._mirror = scene.mirror
        """Whose cards and wires showed a measurement last."""
        self._clock = QElapsedTimer()
        self.throttle = Throttle(self._go_on, MILLISECONDS, self)
        self._frames = Throttle(self._go_on, FRAME, self)

    def set_health(self, health: Mapping[str, Health]) -> None:
        """Show these gradients; nodes that are left out keep theirs."""
        self._health.update(health)
        self._stale.update(health)
        self._ask()

    def set_loss(self, node_id: str, value: float | None, history: Sequence[float]) -> None:
        """Show this loss."""
        self._losses[node_id] = (value, history)
        self._stale.add(node_id)
        self._ask()

    def set_measured(self, measured: bool) -> None:
        """Show gradients, or a plain graph."""
        self._measured = measured
        self._stale.update(self._scene.nodes)
        self.refresh()

    def clear(self) -> None:
        """Forget everything."""
        self._stale.update(self._health, self._losses)
        self._health.clear()
        self._losses.clear()
        self._fresh = True
        self.refresh()

    def refresh(self) -> None:
        """Hand over what has come, now."""
        self._frames.cancel()
        for _card in self._handing_over():
            pass
        self._round = None

    def _go_on(self) -> None:
        """Hand over as much as one frame has time for, and the rest in the next ones."""
        if self._round is None:
            self._round = self._handing_over()
        self._clock.start()
        share = (len(self._scene.nodes) + len(self._scene.edges)) // FRAMES
        for count, _item in enumerate(self._round):
            if count >= share or self._clock.elapsed() >= PART:
                self._frames.ask()
                return
        self._round = None

    def _handing_over(self) -> Iterator[None]:
        """Card after card, then the wires."""
        scene = self._scene
        if scene.mirror is not self._mirror:
            self._mirror = scene.mirror
            if self._mirror.is_measured:  # it tells of what was measured when it was left
                self._stale.update(scene.nodes)
        if not (self._health or self._losses or self._stale):
            return
        tells = bool(self._health or self._losses)
        scene.mirror.is_measured |= tells
        warm = self._warmths()
        for node_id in tuple(scene.nodes):
            if node_id in scene.nodes:
                self._show(node_id, warm.get(node_id, 1.0))
                yield
        for key in tuple(scene.edges):
            if key in scene.edges:
                self._show_wire(scene.edges[key])
                yield
        self._stale.intersection_update(scene.nodes)
        if scene.mirror is self._mirror:
            self._mirror.is_measured = tells
        scene.touch()

    def _show_wire(self, item: EdgeItem) -> None:
        """As warm as what it comes from, or what it leads to where it comes from the data."""
        nodes = self._scene.nodes
        source = nodes[item.edge.source]
        end = nodes[item.edge.target] if source.brief.role == "source" else source
        item.show_warmth(end.warmth if self._measured and self._health else None)

    def _ask(self) -> None:
        if self._fresh:
            self._fresh = False
            self.refresh()
        else:
            self.throttle.ask()

    def _show(self, node_id: str, warmth: float) -> None:
        item = self._scene.nodes[node_id]
        health, (value, history) = self._health.get(node_id), self._losses.get(node_id, (None, ()))
        if node_id in self._stale or item.health is not health or item.loss[0] is not value:
            self._stale.discard(node_id)
            item.health = health
            item.curve = _polygon(health.history if health else (), CURVE.width(), CURVE.height())
            item.loss = (value, _polygon(history, LOSS_CURVE.width(), LOSS_CURVE.height()))
            item.update()
            self._scene.cards.mark(node_id)
        if (warmth, self._measured) != (item.warmth, item.measured):
            item.warmth, item.measured = warmth, self._measured
            self._scene.cards.mark(node_id)
            item.update()

    def _warmths(self) -> dict[str, float]:
        """A node's own, or that of what feeds it: an activation is as cold as its layer."""
        scene = self._scene
        if not self._measured or not self._health:
            return dict.fromkeys(scene.nodes, 1.0)
        warm: dict[str, float] = {}
        first = {edge.target: edge.source for edge in reversed(tuple(scene.graph.edges.values()))}
        order, cyclic = running_order(scene.graph)
        for node_id in (*order, *cyclic):
            role = scene.nodes[node_id].brief.role
            if node_id in self._health:
                warm[node_id] = round(self._health[node_id].warmth * SHADES) / SHADES
            else:
                warm[node_id] = warm.get(first.get(node_id, ""), 1.0) if role == "layer" else 1.0
        return warm


def _polygon(history: Sequence[float], width: float, height: float) -> QPolygonF:
    return QPolygonF([QPointF(x, y) for x, y in course(history, width, height)])
