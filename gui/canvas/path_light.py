"""The path through what the pointer rests on: its wires are lit, all beside it is dimmed."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer

from core.graph import InputKey
from core.paths import Path, path_of_node, path_of_wire
from gui.canvas.scene import Scene

REST_MILLISECONDS = 450
"""The pointer has to rest this long; a hand that passes over the graph lights nothing."""


class PathLight(QObject):
    """Lights one path of a scene: worked out once when the pointer rests, not while it moves nor while one paints.

    It comes and goes at once, so there is no motion to reduce.
    """

    def __init__(self, scene: Scene, parent: QObject) -> None:
        super().__init__(parent)
        self._scene = scene
        self._at: str | InputKey | None = None
        self._shown = False
        self._timer = QTimer(self, singleShot=True, interval=REST_MILLISECONDS)
        self._timer.timeout.connect(self._light)

    def rest(self, at: str | InputKey | None) -> None:
        """The pointer is on this card or wire now, or on none: another path may be lit soon."""
        self._at = at
        if self._shown:
            self._show(None)
        if at is None:
            self._timer.stop()
        else:
            self._timer.start()

    def _light(self) -> None:
        graph, at = self._scene.graph, self._at
        if isinstance(at, str) and at in graph.nodes:
            self._show(path_of_node(graph, at))
        elif isinstance(at, InputKey) and at in graph.edges:
            self._show(path_of_wire(graph, at))

    def _show(self, path: Path | None) -> None:
        """Mark every card and wire; one repaint shows it."""
        self._shown = path is not None
        for node_id, card in self._scene.nodes.items():
            card.is_dim = path is not None and node_id not in path.nodes
        for key, wire in self._scene.edges.items():
            wire.is_on_path = path is not None and key in path.wires
            wire.is_dim = path is not None and not wire.is_on_path
        self._scene.update()
