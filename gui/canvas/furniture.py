"""The bars and popups over the graph: made in one place, and put where they belong when the canvas changes its size."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QPointF, QRectF, QSizeF
from PySide6.QtWidgets import QWidget

from core.trail import Crumb
from gui.canvas.breadcrumb import Breadcrumb
from gui.canvas.callout import Callout, worth_telling
from gui.canvas.minimap import Minimap
from gui.canvas.overlay import Hint, Invitation, Legend, ZoomBar
from gui.canvas.quick_add import QuickAdd
from gui.canvas.rename import NameField
from gui.canvas.scene import Scene
from gui.canvas.shape_chain import chain
from gui.canvas.view import View
from gui.segments import Segments
from gui.theme import Themes

_EDGE = 12
_CLEAR = 8
"""Between a bar and a graph that fills the view."""
_FITTED = 1.02
"""How far one may be zoomed in and still see the whole graph."""
_LEGEND_GAP = 33
_CALLOUT_FROM = 0.5
_SPACIOUS = 4.4
"""Widths of the minimap that a canvas has where the map stands beside the cards, not on them."""


class Furniture:
    """Everything that lies over one canvas."""

    def __init__(self, canvas: QWidget, themes: Themes, scene: Scene, view: View) -> None:
        self._canvas, self._scene, self._view = canvas, scene, view
        self._themes = themes
        self.breadcrumb = Breadcrumb(themes, canvas)
        self.modes = Segments(themes, (("gradients", "Gradients"), ("plain", "Plain")))
        self.modes.setParent(canvas)
        self.zoom_bar = ZoomBar(themes, canvas)
        self.legend = Legend(themes, canvas)
        self.minimap = Minimap(themes, canvas, scene, view)
        self.invitation = Invitation(canvas)
        self.callout = Callout(themes, canvas)
        self.callout.explained.connect(self.place_callout)
        self.hint = Hint(themes, canvas)
        self.popup = QuickAdd(themes, canvas)
        self.name_field = NameField(themes, view)
        self.map_wanted: bool | None = None
        """As the user chose; until then it is there where it hides no cards."""
        self._fitted: tuple[float, bool] = (0.0, False)
        """The zoom that shows the whole graph, and whether the minimap would then lie on a card."""

    @property
    def tall(self) -> int:
        """What the bars take at the upper and at the lower edge, at most."""
        bars = (self.breadcrumb, self.modes, self.zoom_bar)
        return max(bar.height() for bar in bars) + _EDGE + _CLEAR

    @property
    def map_shown(self) -> bool:
        """Whether the minimap is to be seen."""
        if self.map_wanted is not None:
            return self.map_wanted
        zoom, covers = self._fitted
        whole = covers and self._view.zoom <= zoom * _FITTED
        return self._canvas.width() >= _SPACIOUS * self.minimap.width() and not whole

    def fit_map(self, middle: QPointF, zoom: float) -> None:
        """Take note of a view of the whole graph: the minimap, which then tells little, shall not lie on a card."""
        ratio = zoom * self._themes.current.scale
        corner = QPointF(self._canvas.width() / 2 - _EDGE, self._canvas.height() / 2 - _EDGE) / ratio
        size = QSizeF(self.minimap.size()) / ratio
        under = QRectF(middle + corner - QPointF(size.width(), size.height()), size)
        self._fitted = (zoom, any(item.rect.intersects(under) for item in self._scene.nodes.values()))

    def refresh(self, crumbs: Sequence[Crumb], measured: bool) -> None:
        """Show what belongs to this graph: the way to it, the legend of its colours, the invitation while empty."""
        self.breadcrumb.show_crumbs(crumbs)
        self.invitation.setVisible(not self._scene.nodes)
        self.legend.setVisible(measured and bool(self._scene.nodes))
        self.minimap.update()
        self.place(measured)

    def place(self, measured: bool) -> None:
        """Put everything at its edge; the legend goes where there is no room for it."""
        width, height = self._canvas.width(), self._canvas.height()
        self.breadcrumb.move(_EDGE, _EDGE)
        self.modes.adjustSize()
        self.modes.move(width - self.modes.width() - _EDGE, _EDGE)
        self.zoom_bar.move(_EDGE, height - self.zoom_bar.height() - _EDGE)
        self.minimap.setVisible(self.map_shown and bool(self._scene.nodes))
        self.zoom_bar.show_map(self.map_shown)
        self.minimap.move(width - self.minimap.width() - _EDGE, height - self.minimap.height() - _EDGE)
        left = self.zoom_bar.geometry().right() + _LEGEND_GAP
        self.legend.move(left, height - self.legend.height() - _EDGE)
        room = self.minimap.x() if not self.minimap.isHidden() else width
        fits = left + self.legend.width() + _EDGE < room
        self.legend.setVisible(measured and bool(self._scene.nodes) and fits)
        self.invitation.move((width - self.invitation.width()) // 2, (height - self.invitation.height()) // 2)
        self.place_callout()

    def tell_problem(self) -> None:
        """Tell what is wrong with the selected node, if it is one that has an error."""
        scene, nodes = self._scene, self._scene.selection
        facts = scene.facts
        problem = worth_telling(facts.problems.get(nodes[0], ()) if facts is not None and len(nodes) == 1 else ())
        name = scene.graph.nodes[nodes[0]].name if problem is not None else ""
        self.callout.tell(problem, name, lambda found: chain(scene.graph, scene.facts, found))
        self.place_callout()

    def place_callout(self) -> None:
        """Keep the callout at its card; too far away it would hide the graph."""
        problem = self.callout.problem
        if problem is None or problem.node not in self._scene.nodes or self._view.zoom < _CALLOUT_FROM:
            self.callout.hide()
            return
        card = QRectF(self._scene.nodes[problem.node].rect)
        self.callout.stand_under(self._view.mapFromScene(card).boundingRect())

    def show_hint(self, text: str, at: QPoint) -> None:
        """Show a few words below the pointer, within the canvas; none for an empty text."""
        self.hint.show_text(text)
        if text:
            x = min(at.x() + 16, self._canvas.width() - self.hint.width() - 4)
            self.hint.move(x, min(at.y() + 16, self._canvas.height() - self.hint.height() - 4))
