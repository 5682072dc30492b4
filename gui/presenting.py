"""What a window shows of the project in front: panels, name, figures, and which commands can be done."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QMetaObject, QObject, QPoint, QPointF, QTimer, Signal

from core.instances import unused
from core.reading import Reading
from gui.canvas.wire_styles import STYLES, Style
from gui.doctor.standing import Standing, headline
from gui.log import Log
from gui.main_window import MainWindow
from gui.memory import calm_collector, keep_freed
from gui.opened import Opened
from gui.preferences import Preferences
from gui.training.run import RunState
from gui.viewing import Viewing
from gui.workbench import BESIDE_LOSS, MONITORS, ON_REQUEST
from gui.workspace import Workspace

STARTING = "Starting PyTorch…"


class Presenter(QObject):
    """Follows the projects of one window, and shows the one in front."""

    start_asked = Signal()
    """The start page, from an empty canvas."""
    carried = Signal(object, QPoint, QPointF)
    """Cards of this Opened are dragged out of its canvas: the place of the screen, and where they were taken."""
    data_wanted = Signal(str)
    """A file of data is to be added to the project in front, or the reading of its data set of this id changed."""
    files_dropped = Signal(list)
    """Paths that were dropped on a canvas."""
    wanted = Signal(str)
    """A command of the table, by its id."""

    def __init__(self, window: MainWindow, preferences: Preferences, viewing: Viewing, log: Log) -> None:
        super().__init__(window)
        self._window, self._preferences, self._viewing, self._log = window, preferences, viewing, log
        self.front: Opened | None = None
        self.may_plot = False
        """Whether the window has been painted, so that monitors may be loaded."""
        self.chooses = False
        """Whether there is another project to go to."""
        self._links: dict[Opened, list[QMetaObject.Connection]] = {}
        window.transport.learning_rate.connect(self._set_rate)
        window.rail.opened.connect(self._open_flyout)

    @property
    def workspace(self) -> Workspace | None:
        """The room of the project in front."""
        return self.front.workspace if self.front is not None else None

    def follow(self, opened: Opened) -> None:
        """Hear of this project from now on."""
        work, actions = opened.workspace, self._window.actions_
        work.canvas.view.animated = not self._preferences.reduced_motion
        work.canvas.scene.set_wire_style(self._preferences.wires)
        actions.bind_canvas(work.canvas)

        def if_front(call: object) -> object:
            return lambda *news: call(*news) if self.front is opened else None  # type: ignore[operator]

        self._links[opened] = [
            work.said.connect(lambda text: self._log.add("info", text)),
            opened.outcomes.logged.connect(self._log.add),
            work.canvas.template_requested.connect(self.start_asked),
            work.canvas.files_dropped.connect(self.files_dropped),
            work.wanted.connect(if_front(self.wanted.emit)),
            work.diagnosed.connect(if_front(self._show_standing)),
            work.data_wanted.connect(if_front(self.data_wanted.emit)),
            work.canvas.view.carried.connect(lambda at, start: self.carried.emit(opened, at, start)),
            work.canvas.mode_changed.connect(if_front(self._mode_changed)),
            work.canvas.entered.connect(if_front(lambda _trail: self.allow())),
            work.canvas.selection_changed.connect(if_front(lambda _nodes: self.allow())),
            work.editor.read.connect(if_front(self._show_reading)),
            work.editor.weighed.connect(if_front(self._show_memory)),
            work.editor.selected.connect(if_front(self._show_selection)),
            work.editor.stored.connect(if_front(self.show_name)),
            work.run.changed.connect(if_front(self._show_run)),
        ]

    def leave(self, opened: Opened) -> None:
        """Hear of this project no more: it is closed, or goes to another window."""
        for link in self._links.pop(opened):
            QObject.disconnect(link)
        for action in opened.workspace.canvas.actions():
            opened.workspace.canvas.removeAction(action)

    def show(self, opened: Opened | None) -> None:
        """Let this be the project that the window shows."""
        bench, before = self._window.workbench, self.front
        if before is not None:
            before.docks = bench.state()
            before.workspace.canvas.view.cancel_gesture()
        self.front = opened
        if opened is None:
            bench.show_nothing()
            return
        work = opened.workspace
        bench.show_canvas(opened.page)
        bench.show_palette(work.palette)
        bench.docks["inspector"].set_panel(work.inspector)
        bench.docks["problems"].set_panel(work.problems, work.problems.filters)
        bench.docks["source"].set_panel(work.source, work.source.controls)
        self._show_monitors(work)
        if not opened.docks.isEmpty() and opened.docks != bench.state():
            bench.restore(opened.docks)
        self._window.show_work()
        self._show_reading(work.editor.reading)
        self._mode_changed(work.canvas.mode)
        work.canvas.stage.snaps = self._window.actions_["snap"].isChecked()
        self._window.actions_["minimap"].setChecked(not work.canvas.minimap.isHidden())
        self._show_run(work.run.state)
        self.check_wires()
        work.canvas.setFocus()
        QTimer.singleShot(0, opened, lambda: self._place(opened))

    def plot(self) -> None:
        """Give the project in front its monitors, which load numpy; done once the window has been painted."""
        work = self.workspace
        if work is not None and self.may_plot and work.feed is None:
            keep_freed()
            work.attach_monitors()
            if self.front is not None:
                self._viewing.show_monitors(self.front.held.document.path, work.monitors)
            calm_collector()
            self._show_monitors(work)

    def keep_view(self, opened: Opened) -> None:
        """Remember what is shown of this project, for the next time that its file is opened."""
        if not opened.is_placed:
            return
        docks = self._window.workbench.state() if opened is self.front or opened.docks.isEmpty() else opened.docks
        work = opened.workspace
        error = self._viewing.keep(opened.held.document.path, work.canvas, docks, work.monitors)
        if error is not None:
            self._log.add("error", f"What is shown of {opened.held.name} could not be remembered. {error}")

    def use_wires(self, style: Style) -> None:
        """Draw the wires of every project in this style."""
        for opened in self._links:
            opened.workspace.canvas.scene.set_wire_style(style)
        self.check_wires()

    def check_wires(self) -> None:
        """Tick the style of wires in the menu."""
        for style in STYLES:
            self._window.actions_[f"wires_{style}"].setChecked(style == self._preferences.wires)

    def use_motion(self) -> None:
        """Let views glide or jump, as is preferred."""
        for opened in self._links:
            opened.workspace.canvas.view.animated = not self._preferences.reduced_motion

    def show_name(self) -> None:
        """Show what the document is called, and whether it differs from its file."""
        if self.front is not None and self._window.is_working:
            self._window.show_name(self.front.held.name, self.front.held.document.modified)

    def refresh(self) -> None:
        """Show the state of the run anew, as in another theme."""
        if self.front is not None:
            self._show_run(self.front.workspace.run.state)

    def allow(self) -> None:
        """Let those commands be done that make sense now."""
        work = self.workspace if self._window.is_working else None
        possible = _possible(work) if work is not None else {}
        self._window.actions_["activations"].setChecked(work is not None and work.canvas.unfolding.all_shown)
        past, future = (work.document.past[-1:], work.document.future[:1]) if work is not None else ((), ())
        self._window.actions_.name_steps("".join(past), "".join(future))
        self._window.actions_.allow({"tabs": self.chooses, **possible})

    def _place(self, opened: Opened) -> None:
        """Show of a project that is new here what was seen of it last; then its monitors."""
        if opened is self.front and not opened.is_placed:  # its canvas has its size only now
            opened.is_placed = True
            self._viewing.show(opened.held.document.path, opened.workspace.canvas, self._window.workbench)
        self.plot()

    def _show_monitors(self, work: Workspace) -> None:
        docks = self._window.workbench.docks
        for name in (*MONITORS, *BESIDE_LOSS, *ON_REQUEST):
            monitor = work.monitors.get(name)
            if monitor is not None:
                docks[name].show_monitor(monitor, monitor.header)
            else:
                docks[name].wait()
        for name, panel in (("predict", work.predict), ("tracing", work.tracing)):
            if panel is not None:
                docks[name].set_panel(panel)
            else:
                docks[name].wait()
        if work.doctor is not None:
            docks["doctor"].set_panel(work.doctor.panel, work.doctor.panel.controls)
            self._show_standing(work.doctor.standing)
        else:
            docks["doctor"].wait()

    def _show_standing(self, standing: Standing) -> None:
        """Say in transport, status line and on the dock's tab what the Doctor found."""
        count, window = len(standing.shown), self._window
        window.transport.show_doctor(standing.words, standing.tone)
        window.status.show_finding(headline(standing.shown[0]) if count else "", standing.tone)
        window.workbench.docks["doctor"].set_count(str(count) if count else "")
        self.allow()

    def _show_memory(self, reading: Reading) -> None:
        if self.workspace is not None and not self.workspace.document.read_only:
            self._window.status.show_needed(reading)

    def _show_reading(self, reading: Reading) -> None:
        window = self._window
        if self.workspace is not None and self.workspace.document.read_only:
            window.status.show_nothing()
        else:
            window.status.show_reading(reading)
        if self.workspace is not None:
            window.transport.show_state(self.workspace.run.state, bool(reading.errors))
            self._show_watching(self.workspace)
        window.transport.show_settings(reading.project.training)
        window.workbench.docks["problems"].set_count(str(len(reading.problems)) if reading.problems else "")
        self.show_name()
        self._show_selection(self.workspace.editor.selection if self.workspace is not None else ())

    def _show_selection(self, nodes: tuple[str, ...]) -> None:
        if self.workspace is not None:
            found = (self.workspace.editor.node(node) for node in nodes)
            self._window.status.show_selection(tuple(node.name for node in found if node is not None))
        self.allow()

    def _show_run(self, state: RunState) -> None:
        assert self.front is not None  # a run belongs to a project
        self._window.transport.show_state(state, bool(self.front.workspace.editor.reading.errors))
        self._show_watching(self.front.workspace)
        if state.phase == "starting" and not self.front.line.is_ready:
            self._window.status.show_starting(STARTING)
        self.allow()

    def _show_watching(self, work: Workspace) -> None:
        """Say what watching the run has cost, beside the cap that it was begun with."""
        trained = work.run.trained if work.run.trained is not None else work.document.project
        settings, state = trained.training, work.run.state
        cap = None if settings.watch_all else settings.watch_cost
        self._window.status.show_watching(state.watching, state.watching_seconds, cap)

    def _mode_changed(self, mode: str) -> None:
        self._window.actions_["view_gradients"].setChecked(mode == "gradients")
        self._window.actions_["view_plain"].setChecked(mode == "plain")

    def _set_rate(self, rate: float) -> None:
        if self.workspace is not None:
            editor = self.workspace.editor
            optimizer = replace(editor.project.training.phases[0].optimizer, learning_rate=rate)
            editor.set_optimizer(optimizer, "Set learning rate")

    def _open_flyout(self, category: str, at: QPoint) -> None:
        if self.workspace is not None:
            self.workspace.open_flyout(category, at, self._window)


def _possible(work: Workspace) -> dict[str, bool]:
    """Which conditions of commands hold in this room."""
    document, reading, state = work.document, work.editor.reading, work.run.state
    trains = bool(reading.plan.losses) and not reading.errors and not document.read_only
    return {
        "document": True,
        "undo": bool(document.past),
        "redo": bool(document.future),
        "selection": work.canvas.scene.is_selecting,
        "nodes": bool(work.editor.graph.nodes),
        "block": work.block_selected,
        "inside": bool(work.editor.trail),
        "unused": bool(unused(document.project)),
        "problems": bool(reading.problems),
        "finding": work.doctor is not None and bool(work.doctor.standing.findings),
        "train": trains or state.active,
        "step": (trains and not state.active) or state.phase == "paused",
        "stop": state.active,
        "rewind": trains and work.run.origin is not None and state.phase != "starting",
    }
