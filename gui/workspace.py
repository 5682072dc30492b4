"""One document in the window: its canvas, panels, run and monitors, made together and given up together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget

from core import planning
from core.blocklib import Shelved, save_block, shelf
from core.document import Document
from core.errors import ChainruleError, FileError
from core.graph import Parameters
from core.grouping import delete_unused
from core.owndata import OWN_DATA
from core.problems import Fix, Problem
from core.project import Project
from core.reading import Reading
from core.trail import Trail, existing, leading_to
from gui.block_shapes import BlockShapes
from gui.bodies import Bodies
from gui.canvas.canvas import Canvas
from gui.data.joining import join_data
from gui.data.trusting import DataTrusting
from gui.engines import Line
from gui.inspector import Inspector
from gui.measured import Measured
from gui.message_bar import MessageBar
from gui.palette import Flyout, Palette
from gui.palette_entries import Entry, block_entries
from gui.previews import Previews
from gui.problems import Problems
from gui.session import Editor, whole
from gui.source_pane import SourcePane
from gui.theme import Theme, Themes
from gui.training.control import RunControl
from gui.training.going_on import GoingOn
from gui.training.looking import Looking
from gui.training.travelling import Travel
from gui.trusting import Trusting
from gui.variants import Variants

if TYPE_CHECKING:
    from gui.joined_doctor import Doctor
    from gui.monitors.panel import Monitor
    from gui.predict.panel import PredictPanel
    from gui.tracing.panel import TracingPanel
    from gui.training.feed import Feed


class Workspace(QObject):
    """Joins the rooms of one document; none of them knows another."""

    data_wanted = Signal(str)
    """A file of data is to be added, or how the data set of this id is read is to be changed."""
    wanted = Signal(str)
    """A command of the table, by its id."""
    diagnosed = Signal(object)
    """What the Doctor says now, a Standing."""
    said = Signal(str)
    """A sentence for the status line and the log."""

    def __init__(
        self,
        themes: Themes,
        document: Document,
        bridge: Line,
        root: Path | None = None,
        block_shapes: BlockShapes | None = None,
    ) -> None:
        super().__init__()
        self._themes = themes
        self.document, self.line = document, bridge
        # The canvas follows the document before the editor does: shapes are then shown on cards that are there.
        reading = whole(document.project, block_shapes)
        self.canvas = Canvas(document, themes, reading=reading)
        self.editor = Editor(document, self, block_shapes, reading)
        self.trusting = Trusting(themes, self.editor, block_shapes)
        self.data_trusting = DataTrusting(themes, self.editor)
        self.run = RunControl(bridge, self.editor, root)
        self.going_on = GoingOn(themes, self.editor, bridge, self.run, self.canvas)
        self.looking = Looking(bridge, self.editor)
        self.bodies = Bodies(self.canvas, bridge, self.editor, self.run)
        self.message = MessageBar(themes)
        self.palette = Palette(themes)
        self.inspector = Inspector(themes, self.editor)
        self.variants = Variants(bridge, self.inspector)
        self.problems = Problems(themes, self.editor)
        self.source = SourcePane(themes, self.editor)
        self.feed: Feed | None = None
        self.monitors: Mapping[str, Monitor] = {}
        self.predict: PredictPanel | None = None
        self.tracing: TracingPanel | None = None
        self.doctor: Doctor | None = None
        self._previews = Previews()
        self._early: list[object] = []
        self._previewed: dict[str, QImage | None] = {}
        """Events that came before the feed was there."""
        self.measured = Measured(self.editor, self.canvas, self.inspector)
        self.travel = Travel(themes, self.measured, bridge, self.run)
        self._connect()
        self._shelf: tuple[Shelved, ...] = ()
        self._warned: Project | None = None
        """The project that undo or redo would have left, when it was last held back."""
        self._show_reading(self.editor.reading)
        self.read_shelf()

    def attach_monitors(self) -> None:
        """Make the feed and the monitors, which load numpy; done once the window has been painted."""
        if self.feed is not None:
            return
        from gui.joined_doctor import Doctor
        from gui.joined_monitors import joined
        from gui.predict.joining import tried_out
        from gui.tracing.joining import stepped_through
        from gui.training.feed import Feed

        self.feed = Feed(self)
        self.feed.folder = lambda: self.run.folder
        self.run.resuming.connect(self.feed.hold)
        self.monitors = joined(self, self.feed, self._themes)
        self.predict = tried_out(self._themes, self, self.feed)
        self.tracing = stepped_through(self._themes, self, self.feed)
        self.measured.follow(self.feed)
        self.travel.follow(self.feed, self.monitors["heatmap"].plot.crosshair)
        self.doctor = Doctor(self._themes, self, self.feed)
        self.doctor.changed.connect(self.diagnosed)
        self.travel.recalling.has_run = self.bodies.peeking.has_run
        self.travel.recalling.failed.connect(self.refuse)
        self.travel.fresh.connect(self.looking.soon)
        self.travel.fresh.connect(self.bodies.measured)
        self._show_previews()
        self.feed.take(self._early)  # type: ignore[arg-type]  # they are the engine's events
        self._early.clear()

    def add_at(self, kind: str, at: QPoint, params: Parameters = ()) -> bool:
        """Drop a kind at a place of the screen; whether the canvas is there."""
        place = self.canvas.mapFromGlobal(at)
        if not self.canvas.rect().contains(place):
            return False
        if kind == OWN_DATA:
            self.data_wanted.emit("")
        else:
            self.canvas.drop_at_view(kind, place, params)
            self.canvas.setFocus()
        return True

    def add_wired(self, kind: str, params: Parameters = ()) -> None:
        """Add a kind behind the selection, wired where it fits."""
        if kind == OWN_DATA:
            self.data_wanted.emit("")
        else:
            self.canvas.add_wired(kind, params)

    def listen_to(self, palette: Palette) -> None:
        """Take what is dragged from this list of layers."""
        palette.dropped.connect(self.add_at)
        palette.dragged.connect(self._drag_over)
        palette.activated.connect(self.add_wired)

    def _drag_over(self, kind: str, at: QPoint) -> None:
        place = self.canvas.mapFromGlobal(at)
        inside = bool(kind) and kind != OWN_DATA and self.canvas.rect().contains(place)
        self.canvas.drag_over(place if inside else None, kind)

    def open_flyout(self, category: str, at: QPoint, window: QWidget) -> Flyout:
        """The list of a category over the canvas, beside the rail."""
        flyout = Flyout(self._themes, category, window)
        self.listen_to(flyout.palette_)
        flyout.palette_.show_blocks(self._blocks())
        flyout.open_at(at)
        return flyout

    def read_shelf(self) -> None:
        """List what is in the library of blocks; what cannot be read is told."""
        self._shelf, wrong = shelf()
        for error in wrong:
            self.said.emit(str(error))
        self._show_blocks()

    def save_block(self, block: str, overwrite: bool = False) -> None:
        """Put a block of the project into the user's library; where its name is taken, offer to replace that one."""
        try:
            path = save_block(self.document.project, block, overwrite=overwrite)
        except FileError as error:
            taken = () if overwrite else (("Replace it", lambda: self.save_block(block, overwrite=True)),)
            self.message.say_error("The block was not saved.", error, taken)
            return
        self.said.emit(f"Saved {self.document.project.blocks[block].name} to the library: {path}.")
        self.read_shelf()

    @property
    def block_selected(self) -> bool:
        """Whether a block is selected."""
        nodes = self.editor.graph.nodes
        return any(nodes[key].block in self.document.project.blocks for key in self.editor.selection if key in nodes)

    def save_selected_block(self) -> None:
        """The same with the selected block."""
        nodes = [self.editor.node(node) for node in self.editor.selection]
        block = next((node.block for node in nodes if node is not None and node.block), "")
        if block in self.document.project.blocks:
            self.save_block(block)

    def _do_with_block(self, what: str, node: str) -> None:
        match what:
            case "open":
                self.canvas.tour.enter(node)
            case "leave":
                self.canvas.tour.leave()
            case "save":
                found = self.editor.node(node)
                if found is not None:
                    self.save_block(found.block)
            case "ungroup":
                self.canvas.select((node,))
                self.canvas.editing.ungroup()
        self.canvas.setFocus()

    def delete_unused_blocks(self) -> None:
        """Take the blocks that nothing stands for out of the project."""
        self.editor.edit("Delete unused blocks", delete_unused(self.document.project))

    def _blocks(self) -> tuple[Entry, ...]:
        return block_entries(self.document.project, self.editor.scope, self._shelf)

    def _show_blocks(self) -> None:
        blocks = self._blocks()
        self.palette.show_blocks(blocks)
        self.canvas.set_blocks(blocks)

    def apply(self, fix: Fix) -> None:
        """Make a problem's fix, as one step of undo."""
        try:
            project = planning.apply_fix(self.document.project, fix)
        except ChainruleError as error:
            self.refuse(error)
            return
        self.editor.edit(fix.label, project)

    def go_to(self, problem: Problem) -> None:
        """Select the node of a problem and show it, in the block in which it lies."""
        if self.reveal(problem.node, problem.path):
            self.canvas.zoom_to((problem.node,))

    def reveal(self, node: str, path: str = "") -> bool:
        """Select this node, opening or leaving blocks to get there; says whether there is such a node."""
        if node not in self.editor.graph.nodes or (path and path != self.editor.path(node)):
            trail = leading_to(self.document.project, node, path)
            if trail is None:
                return False
            self.canvas.tour.go(trail)
        self.canvas.select((node,))
        return True

    def show_line(self, node: str, path: str, line: int) -> None:
        """Show this line of the source of a Python block."""
        if self.reveal(node, path):
            self.inspector.show_line(line)

    def _do_with_code(self, what: str, node: str) -> None:
        if what == "trust":
            self.trusting.ask()
        else:
            self.trusting.open_window(node)

    def undo(self) -> None:
        """Take back the last change; one that would take away the block that is shown has to be asked for twice."""
        self._go(self.document.undone(), self.document.undo, "Undo")

    def redo(self) -> None:
        """Make the change again, likewise."""
        self._go(self.document.redone(), self.document.redo, "Redo")

    def _go(self, then: Project | None, go: Callable[[], object], what: str) -> None:
        if then is None:
            return
        trail = self.editor.trail
        if len(existing(then, trail)) < len(trail) and self._warned is not self.document.project:
            self._warned = self.document.project
            name = self.editor.project.blocks[self.editor.scope].name
            text = f"{what} once more takes away {name}, whose inside you see. Press Esc to leave it first."
            self.message.say("warning", f"{what} would leave this block.", text)
            self.said.emit(text)
            return
        self._warned = None
        graph = self.editor.graph
        go()
        if self.editor.graph is graph and self.document.project.blocks:
            self.said.emit(f"{what}: the change is in another graph of the project.")

    def refuse(self, error: ChainruleError) -> None:
        """Say what could not be done; the document is as it was."""
        self.message.say_error("That could not be done.", error)
        self.said.emit(str(error))

    @property
    def widgets(self) -> tuple[QWidget, ...]:
        """All that is shown of the document, wherever in a window it stands."""
        heads = (self.problems.filters, self.source.controls, *(shown.header for shown in self.monitors.values()))
        panels = (self.canvas, self.message, self.palette, self.inspector, self.problems, self.source)
        late = (self.predict, self.tracing, *(self.doctor.widgets if self.doctor is not None else ()))
        return (*panels, *heads, *self.monitors.values(), *(panel for panel in late if panel is not None))

    def close(self) -> None:
        """Give everything up: the run ends, the widgets go."""
        self.measured.close()
        if self.doctor is not None:
            self.doctor.close()
        self.run.release()
        self.trusting.close()
        self.data_trusting.close()
        self.editor.close()
        for widget in self.widgets:
            widget.deleteLater()
        self.deleteLater()

    def _connect(self) -> None:
        self.listen_to(self.palette)
        self.canvas.selection_changed.connect(self.editor.select)
        self.canvas.message.connect(self.said)
        self.canvas.entered.connect(self._entered)
        self.editor.selected.connect(self._select_on_canvas)
        self.editor.read.connect(self._show_reading)
        self.editor.refused.connect(self.refuse)
        self.editor.changed.connect(self._project_changed)
        join_data(self, self._show_previews)
        self.inspector.fix_asked.connect(self.apply)
        self.inspector.block_asked.connect(self._do_with_block)
        self.inspector.code_asked.connect(self._do_with_code)
        self.inspector.channel_asked.connect(self.looking.choose_channel)
        self.looking.seen.connect(self.inspector.show_portrait)
        self.problems.fix_asked.connect(self.apply)
        self.problems.picked.connect(self.go_to)
        self.run.events.connect(self._take)
        self._themes.changed.connect(self._restyle)

    def _take(self, events: list[object]) -> None:
        if self.feed is None:
            self._early += events
        else:
            self.feed.take(events)  # type: ignore[arg-type]  # they are the engine's events

    def _select_on_canvas(self, nodes: tuple[str, ...]) -> None:
        if nodes != self.canvas.selection():
            self.canvas.select(nodes)

    def _entered(self, trail: Trail) -> None:
        """Another graph is shown; its cards take the readings of this very instance."""
        self.editor.enter(trail)
        self._show_blocks()
        self.measured.show_anew()

    def _show_reading(self, reading: Reading) -> None:
        self.canvas.set_analysis(reading.plan, reading.analysis, reading.problems)
        self._show_blocks()

    def _project_changed(self, old: Project, new: Project) -> None:
        if self.feed is not None and (old.data is not new.data or old.graph.nodes is not new.graph.nodes):
            self._show_previews()

    def _show_previews(self) -> None:
        theme, own = self._themes.current, self.editor.own
        before, self._previewed = self._previewed, self._previews.of(self.document.project, theme, own.preview)
        for node, image in self._previewed.items():
            if node not in before or before[node] is not image:
                self.canvas.set_preview(node, image)

    def _restyle(self, _theme: Theme) -> None:
        if self.feed is not None:
            self._show_previews()
