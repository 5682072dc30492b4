"""The search at the pointer in its place: asked for, or at the end of a wire that was let go."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, QPoint, QPointF, Qt

from core.graph import InputKey
from core.owndata import OWN_DATA
from gui.canvas.editing import Editing
from gui.canvas.offers import NOTE, Offer
from gui.canvas.quick_add import QuickAdd
from gui.canvas.routing import curve
from gui.canvas.stage import Stage
from gui.canvas.under import PortRef
from gui.canvas.view import View

RECENT = 6
"""Kinds that stand first in the search, as they were added last."""


class Asking(QObject):
    """Opens the popup and adds what was chosen, wired to the port it was asked from."""

    def __init__(self, stage: Stage, view: View, editing: Editing, popup: QuickAdd) -> None:
        super().__init__(view)
        self.blocks: tuple[Offer, ...] = ()
        """The blocks that are offered beside the layers."""
        self._stage, self._view, self._editing, self._popup = stage, view, editing, popup
        self._recent: tuple[str, ...] = ()
        self._wire_from: PortRef | None = None
        self._into: InputKey | None = None
        """The wire on which the dragged one was let go: what is chosen joins both."""
        stage.wire_dropped.connect(self._wire_dropped)
        view.quick_add.connect(self.ask)
        popup.chosen.connect(self._add_chosen)
        popup.closed.connect(self._closed)

    def ask(self, at: QPointF, port: PortRef | None = None) -> None:
        """Open the search at this place of the scene."""
        self._wire_from, self._into = port, self._editing.wire_to_join(port, at)
        place = self._view.mapFromScene(at) + (QPoint(12, -24) if port is not None else QPoint(0, 0))
        wanted = replace(self._editing.wanted(port, self._into), blocks=self.blocks, recent=self._recent)
        self._popup.open_at(place, at, wanted)

    def _wire_dropped(self, port: PortRef, at: QPointF) -> None:
        """Ask what the wire leads to, and keep it drawn meanwhile."""
        start = self._stage.scene.nodes[port.node].port_at(port.side, port.name)
        path = curve(start, at) if port.side == "output" else curve(at, start)
        self.ask(at, port)
        self._stage.trace.show_wire(path, at, False)

    def _add_chosen(self, offer: Offer, at: QPointF) -> None:
        port, into = self._wire_from, self._into
        self._closed()
        self._recent = tuple(dict.fromkeys((offer.kind, *self._recent)))[:RECENT]
        if port is not None and into is not None:
            self._editing.join(offer, at, port, into)
        elif offer.kind == NOTE:
            self._stage.note_wanted.emit(at)
        elif offer.kind == OWN_DATA:
            self._stage.data_wanted.emit()
        else:
            self._editing.add_offer(offer, at, port)

    def _closed(self, held: bool = True) -> None:
        """Give the graph the keyboard, unless it went elsewhere already."""
        self._wire_from = self._into = None
        self._stage.trace.clear()
        if held:
            self._view.setFocus(Qt.FocusReason.PopupFocusReason)
