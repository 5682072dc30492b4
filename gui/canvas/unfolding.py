"""Collapsing cards to their titles, and folding out what their layers last gave: each is one step of undo."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from PySide6.QtCore import QEvent, QObject, QPointF, Signal

from core import annotating, collapsing, planning
from core.bodies import PLAIN
from core.project import Project
from gui.canvas.annotations import plain
from gui.canvas.card_body import Unfolded
from gui.canvas.geometry import ACTIVATION, FULL
from gui.canvas.gestures import held_nodes
from gui.canvas.glide import Glide
from gui.canvas.stage import Stage
from gui.canvas.view import View
from gui.throttle import FRAME, Throttle

AT_ONCE = 6
"""Cards that take a new picture in one frame: so many are painted in about two milliseconds."""


class Unfolding(QObject):
    """The commands for the bodies of one canvas's cards, and the way of new pictures to them."""

    wanted_changed = Signal()
    """Other cards than before may be seen that show an activation."""

    def __init__(self, stage: Stage, view: View, glide: Glide) -> None:
        super().__init__(view)
        self._stage, self._scene, self._view, self._glide = stage, stage.scene, view, glide
        self._waiting: dict[str, Unfolded] = {}
        self._frames = Throttle(self._hand_over, FRAME, self)
        view.installEventFilter(self)
        stage.disclosed.connect(self.disclose)
        view.moved.connect(self.wanted_changed)
        stage.document.changed.connect(self._follow)

    @property
    def all_shown(self) -> bool:
        """Whether every layer of the graph that is shown has its activation folded out."""
        bodies = self._stage.project.bodies
        able = self._able() if bodies else ()
        return bool(able) and all(bodies.get(key, PLAIN).activation for key in able)

    def wanted(self) -> tuple[str, ...]:
        """The nodes whose activation can be seen now."""
        if self._stage.scale < FULL or not (self._stage.project.bodies and self._view.isVisible()):
            return ()
        shown = self._scene.cards.touching(self._view.visible())
        return tuple(key for key in shown if self._scene.nodes[key].frame.activation is not None)

    def collapse(self) -> None:
        """Collapse the selected cards to their titles, or show them whole where all of them are collapsed."""
        nodes, bodies = self._scene.selection, self._stage.project.bodies
        wanted = not all(bodies.get(key, PLAIN).collapsed for key in nodes)
        self._edit("Collapse" if wanted else "Expand", nodes, collapsing.collapse(self._stage.project, nodes, wanted))

    def toggle(self) -> None:
        """Fold the activations of the selected layers out, or in where all of them are out."""
        nodes = tuple(key for key in self._scene.selection if self._scene.nodes[key].card.unfolds)
        if not nodes and self._scene.selection:
            self._stage.message.emit("Data and losses have no activation to show; select a layer.")
        bodies = self._stage.project.bodies
        self._show(nodes, not all(bodies.get(key, PLAIN).activation for key in nodes))

    def toggle_all(self) -> None:
        """The same for every layer of the graph."""
        self._show(self._able(), not self.all_shown)

    def disclose(self, node_id: str) -> None:
        """What a click on a card's sign does: a title becomes a card, a card folds its activation out or in."""
        body = self._stage.project.bodies.get(node_id, PLAIN)
        if body.collapsed:
            self._edit("Expand", (node_id,), collapsing.collapse(self._stage.project, (node_id,), False))
        else:
            self._show((node_id,), not body.activation)

    def show(self, unfolded: Mapping[str, Unfolded]) -> None:
        """Show these activations, a few cards a frame."""
        self._waiting.update(unfolded)
        if self._waiting:
            self._hand_over()

    def forget(self) -> None:
        """Show no activations any more."""
        self._waiting.clear()
        self._scene.bodies.forget()

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: D102  # Qt's name
        if event.type() == QEvent.Type.Show:
            self.wanted_changed.emit()
        return False

    def _hand_over(self) -> None:
        turn = tuple(self._waiting)[:AT_ONCE]
        self._scene.bodies.show({key: self._waiting.pop(key) for key in turn})
        if self._waiting:
            self._frames.ask()

    def _able(self) -> tuple[str, ...]:
        return tuple(key for key, item in self._scene.nodes.items() if item.card.unfolds)

    def _show(self, nodes: tuple[str, ...], shown: bool) -> None:
        """Fold them out or in; the rows below make room, or come back."""
        self._glide.finish()
        project = collapsing.show_activations(self._stage.project, nodes, shown)
        growth = {key: self._growth(key, shown) for key in nodes}
        rects = {key: plain(item.rect) for key, item in self._scene.nodes.items()}
        moved = collapsing.with_room(rects, growth) if any(growth.values()) else {}
        frames = {
            key: collapsing.held_with_room(
                item.annotation.rect, {node: rects[node] for node in held_nodes(self._scene, (key,))}, moved, growth
            )
            for key, item in self._scene.annotations.items.items()
            if item.annotation.role == "frame" and moved
        }
        verb = "Show activation of" if shown else "Hide activation of"
        self._edit(verb, nodes, annotating.reshaped(planning.move(project, moved), frames))
        self._glide.begin({key: QPointF(*rects[key][:2]) for key in moved})

    def _growth(self, key: str, shown: bool) -> float:
        frame = self._scene.nodes[key].frame
        if frame.collapsed or (frame.activation is not None) == shown:
            return 0.0
        return ACTIVATION if shown else -ACTIVATION

    def _edit(self, verb: str, nodes: Iterable[str], project: Project) -> None:
        named = tuple(nodes)
        if named:
            what = self._stage.name(named[0]) if len(named) == 1 else f"{len(named)} layers"
            self._stage.edit(f"{verb} {what}", project)

    def _follow(self, old: Project, new: Project) -> None:
        if old.bodies is not new.bodies or old.graph is not new.graph:
            self.wanted_changed.emit()
