"""The canvas as the window knows it: the view on the graph with all that lies over it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from PySide6.QtCore import QPoint, QPointF, QRectF, QSizeF, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication, QImage, QPixmap, QResizeEvent
from PySide6.QtWidgets import QWidget

from core.document import Document
from core.graph import InputKey, Parameters
from core.plan import Plan
from core.problems import Problem
from core.project import Project
from core.reading import Reading
from core.shapes import Analysis
from core.trail import Trail
from gui.canvas.annotating import Annotating
from gui.canvas.asking import Asking
from gui.canvas.card_menu import CardMenu
from gui.canvas.editing import Editing
from gui.canvas.furniture import Furniture
from gui.canvas.geometry import HEADER
from gui.canvas.gestures import ALONE
from gui.canvas.glide import Glide
from gui.canvas.health import Health
from gui.canvas.keys import Keys
from gui.canvas.known import of_reading
from gui.canvas.layouting import Layouting
from gui.canvas.look import Look
from gui.canvas.offers import Offer
from gui.canvas.readings import Readings
from gui.canvas.scene import Scene
from gui.canvas.splicing import mark_target
from gui.canvas.spoken import NodeList, spoken
from gui.canvas.stage import Stage
from gui.canvas.tour import Tour
from gui.canvas.unfolding import Unfolding
from gui.canvas.view import View
from gui.palette_entries import Entry
from gui.theme import Theme, Themes

Mode = Literal["gradients", "plain"]
_ROOM = 48.0
"""Left and right of a graph that fills the view, together."""


class ViewState(NamedTuple):
    """What of the graph is shown."""

    x: float
    y: float
    zoom: float
    mode: Mode
    minimap: bool | None


class Canvas(QWidget):
    """Shows and edits the graph of one document."""

    selection_changed = Signal(tuple)
    message = Signal(str)
    template_requested = Signal()
    files_dropped = Signal(list)
    mode_changed = Signal(str)

    def __init__(
        self, document: Document, themes: Themes, parent: QWidget | None = None, reading: Reading | None = None
    ) -> None:
        """With the document's reading the cards say at once what it tells."""
        super().__init__(parent)
        self.document = document
        self.themes = themes
        self.scene = Scene(Look(themes.current), document.project, facts=of_reading(reading))
        self._fitted = (QPointF(0, 0), -1.0)
        self.stage = Stage(document, self.scene, self)
        self.view = View(self.stage, themes.current.scale)
        self.view.setParent(self)
        self.tour = Tour(document, self.scene, self.view)
        self.entered = self.tour.entered
        self.editing = Editing(self.stage)
        self.readings = Readings(self.scene, self)
        self.annotating = Annotating(self.stage, self.view, themes)
        self.glide = Glide(self.view)
        self.layouting = Layouting(self.stage, self.annotating, self.glide, self.fit)
        self.unfolding = Unfolding(self.stage, self.view, self.glide)
        self.furniture = Furniture(self, themes, self.scene, self.view)
        self.keys = Keys(self, themes)
        self.card_menu = CardMenu(self)
        self.listed = NodeList(self.scene, self)
        self.minimap = self.furniture.minimap
        self.popup = self.furniture.popup
        self.asking = Asking(self.stage, self.view, self.editing, self.popup)
        self.mode: Mode = "gradients"
        self._over: InputKey | None = None
        self.setAcceptDrops(True)
        self.view.setAcceptDrops(False)
        self.setFocusProxy(self.view)
        self._connect()
        self._show_state()

    def drop(self, kind: str, at: QPointF, params: Parameters = ()) -> str:
        """Add a node of this kind (or data:NAME) here in the scene, into the wire there; "" where it cannot be."""
        return self.editing.drop(kind, at, params)

    def drop_at_view(self, kind: str, at: QPoint, params: Parameters = ()) -> str:
        """The same at a place of this widget, beside the wire with Alt; what the palette calls when its drag ends."""
        self.drag_over(None, kind)
        return self.editing.drop(kind, self._scene_at(at), params, beside=_keeps_beside())

    def drag_over(self, at: QPoint | None, kind: str) -> None:
        """While the palette drags a kind over this place of the widget: light the wire it would go into."""
        goes_in = at is not None and not _keeps_beside()
        over = self.editing.wire_under(kind, self._scene_at(at)) if at is not None and goes_in else None
        mark_target(self.stage, self._over, over)
        self._over = over

    def add_wired(self, kind: str, params: Parameters = ()) -> str:
        """Add a node right of the selected one, or behind each of several, and wire it; its id."""
        made = self.editing.add_wired(kind, self.view.middle(), params)
        if made:
            self.keys.show_current()
        return made

    def set_analysis(self, plan: Plan, analysis: Analysis, problems: Iterable[Problem]) -> None:
        """Show shapes, counts and problems of the document's project."""
        self.tour.show_facts(plan, analysis, problems)
        self._describe(self.scene.selection)
        self.furniture.tell_problem()

    @property
    def trail(self) -> Trail:
        """The blocks that lead to the graph that is shown."""
        return self.tour.trail

    def enter_selected(self) -> None:
        """Show the inside of the selected block."""
        if self.scene.selection:
            self.tour.enter(self.scene.selection[-1])

    def set_preview(self, node_id: str, image: QImage | None) -> None:
        """Show a picture of its data on a node, or none."""
        self.scene.set_preview(node_id, QPixmap.fromImage(image) if image is not None else None)

    def set_blocks(self, blocks: Iterable[Entry]) -> None:
        """Offer these blocks where a layer is searched for."""
        self.asking.blocks = tuple(Offer(*entry[:5]) for entry in blocks)

    def set_health(self, health: Mapping[str, Health]) -> None:
        """Show these gradients by node id; nodes that are left out keep theirs."""
        self.readings.set_health(health)

    def set_loss(self, node_id: str, value: float | None, history: Sequence[float] = ()) -> None:
        """Show the value and course of a loss."""
        self.readings.set_loss(node_id, value, history)

    def clear_health(self) -> None:
        """Forget every measurement: nothing is trained."""
        self.readings.clear()

    def select(self, node_ids: Iterable[str]) -> None:
        """Select these nodes and nothing else."""
        self.scene.select(node_ids)

    def selection(self) -> tuple[str, ...]:
        """The ids of the selected nodes."""
        return self.scene.selection

    def select_all(self) -> None:
        """Select every node of the graph."""
        self.scene.select(self.scene.nodes)

    def delete_selection(self) -> None:
        """Remove the selected nodes and wires."""
        self.editing.delete()

    def dissolve_selection(self) -> None:
        """Remove the selected nodes and heal the wires they stood in."""
        self.editing.dissolve()

    def copy(self) -> None:
        """Copy the selected nodes."""
        self.editing.copy()

    def cut(self) -> None:
        """Copy the selected nodes and remove them."""
        self.editing.cut()

    def paste(self) -> None:
        """Put the copied nodes at the pointer, a chain of them into the wire there."""
        self.editing.paste(self.view.pointer(), self.view.is_pointed)

    def paste_wired(self) -> None:
        """Put the copied nodes at the pointer, fed as their originals are."""
        self.editing.paste_wired(self.view.pointer())

    def duplicate(self) -> None:
        """Copy the selected nodes beside themselves."""
        self.editing.duplicate()

    def rename_selected(self) -> None:
        """Ask for the selected node's name, on its card."""
        if not self.annotating.edit_selected() and self.scene.selection:
            self._ask_name(self.scene.selection[-1])

    def quick_add(self) -> None:
        """Ask for a layer at the pointer."""
        self.asking.ask(self.view.pointer())

    def auto_layout(self) -> None:
        """Put every card in its place, or the selected ones where there are several, as one edit."""
        self.layouting.arrange(self.width() / max(self.height(), 1))

    def fit(self) -> None:
        """Show the whole graph."""
        self.view.fly_to(*self._whole())

    def zoom_to(self, node_ids: Iterable[str]) -> None:
        """Show these nodes."""
        self.view.fly_to(*self._place_of(self.scene.bounds(node_ids)))

    def zoom_to_selection(self) -> None:
        """Show the selected nodes, or the whole graph where there are none."""
        self.view.fly_to(*self._place_of(self.scene.bounds(self.scene.selection or None)))

    def zoom_reset(self) -> None:
        """Show 100 %."""
        self.view.zoom_by(1 / self.view.zoom)

    def zoom_by(self, factor: float) -> None:
        """Zoom about the middle."""
        self.view.zoom_by(factor)

    def set_mode(self, mode: Mode) -> None:
        """Colour by gradients, or not."""
        if mode != self.mode:
            self.mode = mode
            self.furniture.modes.choose(mode)
            self.readings.set_measured(mode == "gradients")
            self._show_state()
            self.mode_changed.emit(mode)

    def set_minimap(self, shown: bool | None) -> None:
        """Show the minimap, or hide it; None: where it hides no cards."""
        self.furniture.map_wanted = shown
        self._show_state()

    def view_state(self) -> ViewState:
        """What is shown, to be restored later."""
        middle = self.view.middle()
        return ViewState(middle.x(), middle.y(), self.view.zoom, self.mode, self.furniture.map_wanted)

    def restore_view_state(self, state: ViewState) -> None:
        """Show that again."""
        self.set_mode(state.mode)
        self.set_minimap(state.minimap)
        self.view.show_at(QPointF(state.x, state.y), state.zoom)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: D102  # Qt's name
        super().resizeEvent(event)
        whole = self.view.stands_at(*self._fitted)
        self.view.setGeometry(self.rect())
        self.furniture.place(self.mode == "gradients")
        if whole:  # docks find their sizes after a file was opened
            self.view.show_at(*self._whole())

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: D102  # Qt's name
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: D102  # Qt's name
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            self.files_dropped.emit(paths)
            event.acceptProposedAction()

    def _connect(self) -> None:
        self.document.changed.connect(self._follow)
        self.themes.changed.connect(self._restyle)
        self.scene.selection_changed.connect(self._selected)
        self.stage.message.connect(self.message.emit)
        self.stage.made_room.connect(self.glide.begin)
        self.stage.hinted.connect(self._show_hint)
        self.view.moved.connect(self._view_moved)
        self.view.opened.connect(self._open_node)
        self.furniture.callout.fixed.connect(self.editing.apply)
        self.furniture.name_field.entered.connect(self.editing.rename)
        self.tour.leaving.connect(self._about_to_leave)
        self.tour.entered.connect(self._after_entering)
        self.tour.fresh.connect(self.fit)
        self.furniture.breadcrumb.chosen.connect(self.tour.go)
        self.furniture.modes.chosen.connect(self.set_mode)
        self.furniture.zoom_bar.asked.connect(self._zoom_asked)
        self.furniture.invitation.template_requested.connect(self.template_requested.emit)

    def _follow(self, _old: Project, new: Project) -> None:
        self.glide.finish()
        self.view.cancel_gesture()
        self.popup.close_popup()
        self.tour.follow(new)
        self.readings.refresh()
        self._show_state()

    def _about_to_leave(self) -> None:
        self.glide.finish()
        self.view.cancel_gesture()
        self.popup.close_popup()
        self.furniture.name_field.hide()

    def _after_entering(self, _trail: Trail) -> None:
        """Another graph is shown: its readings, its problem and its name."""
        self.furniture.tell_problem()
        self.readings.refresh()
        self._show_state()

    def _restyle(self, theme: Theme) -> None:
        look = Look(theme)
        self.stage.trace.look = look
        self.scene.set_look(look)
        self.view.set_text_scale(theme.scale)
        self.view.paint_anew()
        self._show_state()

    def _show_state(self) -> None:
        """Bring what lies over the graph up to date."""
        self.furniture.refresh(self.tour.crumbs, self.mode == "gradients")
        self.listed.refresh()

    def _selected(self, nodes: tuple[str, ...]) -> None:
        self.furniture.tell_problem()
        self._describe(nodes)
        self.listed.follow(nodes)
        self.selection_changed.emit(nodes)

    def _describe(self, nodes: tuple[str, ...]) -> None:
        """Say what is selected, as it is now."""
        self.view.setAccessibleDescription(
            spoken(self.scene, nodes[0]) if len(nodes) == 1 else f"{len(nodes)} selected"
        )

    def _scene_at(self, at: QPoint) -> QPointF:
        return self.view.mapToScene(self.view.mapFrom(self, at))

    def _open_node(self, node_id: str) -> None:
        """A double click: into a block, else to the name."""
        if not self.tour.enter(node_id):
            self._ask_name(node_id)

    def _ask_name(self, node_id: str) -> None:
        item = self.scene.nodes[node_id]
        header = QRectF(item.pos(), QSizeF(item.rect.width(), HEADER))
        place = self.view.mapFromScene(header).boundingRect()
        self.furniture.name_field.open_on(node_id, item.card.name, place.adjusted(0, -2, 0, 2))

    def _view_moved(self) -> None:
        self.furniture.zoom_bar.show_zoom(self.view.zoom)
        self.furniture.name_field.hide()
        self.furniture.minimap.update()
        if self.furniture.minimap.isHidden() == (self.furniture.map_shown and bool(self.scene.nodes)):
            self.furniture.place(self.mode == "gradients")
        self.furniture.tell_problem()

    def _zoom_asked(self, what: str) -> None:
        asked: dict[str, Callable[[], None]] = {
            "in": lambda: self.zoom_by(1.25),
            "out": lambda: self.zoom_by(0.8),
            "fit": self.fit,
            "layout": self.auto_layout,
            "minimap": lambda: self.set_minimap(not self.furniture.map_shown),
        }
        asked[what]()

    def _whole(self) -> tuple[QPointF, float]:
        self._fitted = self._place_of(self.scene.bounds())
        self.furniture.fit_map(*self._fitted)
        return self._fitted

    def _place_of(self, rect: QRectF) -> tuple[QPointF, float]:
        """The middle and the zoom that show this part of the scene clear of the bars, at most at 100 %."""
        if rect.isEmpty():
            return QPointF(0, 0), 1.0
        scale = self.themes.current.scale
        width, height = max(self.width() - _ROOM, 1), max(self.height() - 2 * self.furniture.tall, 1)
        return rect.center(), min(width / rect.width() / scale, height / rect.height() / scale, 1.0)

    def _show_hint(self, text: str, at: QPointF) -> None:
        if text:
            self.furniture.callout.hide()
        self.furniture.show_hint(text, self.view.mapFromScene(at))


def _keeps_beside() -> bool:
    """Whether Alt is held: what is dropped on a wire stays beside it."""
    return bool(QGuiApplication.keyboardModifiers() & ALONE)
