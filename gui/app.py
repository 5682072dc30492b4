"""The composition root: makes the window, the engine's bridge and the document's workspace, and joins them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QPoint, Qt, QTimer
from PySide6.QtWidgets import QApplication, QLabel, QMenu, QWidget

from core.document import Document
from core.engine.client import EngineDied
from core.engine.messages import AnyEvent, Ready, Said
from core.errors import ChainruleError
from core.instances import unused
from core.reading import Reading
from core.recovery import Kept
from gui.block_shapes import BlockShapes
from gui.canvas.wire_styles import STYLES, Style
from gui.commands import commands
from gui.engine_bridge import EngineBridge
from gui.filing import Filing
from gui.finding import Finding
from gui.front import first_window
from gui.help import show_about
from gui.keyboard import KeyboardDialog
from gui.keymap import Keymap
from gui.log import Log
from gui.main_window import MainWindow
from gui.memory import calm_collector
from gui.outcomes import Outcomes
from gui.preferences import Preferences
from gui.settings import SettingsDialog
from gui.training.run import RunState
from gui.viewing import Viewing
from gui.welcome import Welcome
from gui.workbench import MONITORS
from gui.workspace import Workspace

STARTING = "Starting PyTorch…"
MEMORY_MILLISECONDS = 2000


class App(QObject):
    """Everything that lives as long as the window."""

    def __init__(
        self,
        preferences: Preferences | None = None,
        bridge: EngineBridge | None = None,
        recovery: Path | None = None,
        runs: Path | None = None,
        window: MainWindow | None = None,
        questions: EngineBridge | None = None,
    ) -> None:
        """Without a `window` that was painted already, one is made; `questions` is who is asked about Python blocks."""
        super().__init__()
        self.preferences = preferences if preferences is not None else Preferences()
        self.window = window if window is not None else first_window(self.preferences)
        self.themes = self.window.themes
        self.window.actions_.use_keymap(Keymap(self.preferences, self.window))
        self.window.furnish()
        self.bridge = bridge if bridge is not None else EngineBridge(self.preferences.threads, parent=self)
        self.finding = Finding(self.window, self.preferences)
        # An engine apart, started by the first question: a block that hangs must not cost the one that trains.
        self.block_shapes = BlockShapes(questions if questions is not None else EngineBridge(parent=self), parent=self)
        self.filing = Filing(self.preferences, self.window, recovery)
        self.viewing = Viewing(recovery.with_name("views") if recovery is not None else None)
        self.log = Log(self.themes)
        self.workspace: Workspace | None = None
        self.device = "CPU"
        self._runs = runs
        self._painted = False
        self._commands: Mapping[str, Callable[[], object]] = commands(self)
        self._memory = QTimer(self, interval=MEMORY_MILLISECONDS)
        self._connect()

    def start(self, path: Path | None = None) -> None:
        """Show the window, with this file or with the start page."""
        self.window.workbench.docks["log"].set_panel(self.log, self.log.controls)
        self.window.workbench.restore(self.preferences.layout("docks"))
        if path is not None:
            self.filing.open(path)
        if self.workspace is None:
            self.show_start()
        self.window.status.show_starting(STARTING)
        if self.window.has_painted:
            self._after_paint()
        else:
            self.window.show()

    def show_start(self) -> None:
        """Show the start page."""
        page = Welcome(self.themes, self.preferences.recent, self.window.actions_.keymap)
        page.asked.connect(self.do)
        page.file_chosen.connect(self.filing.open)
        page.template_chosen.connect(self.filing.open_copy)
        self.window.show_start(page)
        page.setFocus()
        self.window.status.show_nothing()
        self._allow()

    def do(self, name: str) -> None:
        """Do what a command of the table says."""
        action = self._commands.get(name)
        if action is not None:
            action()

    def quit(self) -> None:
        """Give up the window and all that belongs to it; nothing is asked."""
        self.preferences.keep_layout("window", self.window.saveGeometry())
        self.preferences.keep_layout("docks", self.window.workbench.state())
        self.preferences.flush()
        self._memory.stop()
        self._keep_view()
        self.filing.let_go()
        if self.workspace is not None:
            self.workspace.close()
            self.workspace = None
        self.block_shapes.close()
        self.bridge.close()

    def leave(self, code: int) -> None:
        """End the program at once with this exit code; what is not saved is kept aside for the next start."""
        self.filing.keep()
        self._keep_view()
        self.block_shapes.close()
        self.bridge.close()
        QApplication.exit(code)

    def show_settings(self) -> None:
        """Open the settings."""
        dialog = SettingsDialog(self.themes, self.preferences, self.device, self.window)
        dialog.changed.connect(self._setting_changed)
        dialog.keyboard_asked.connect(self.show_shortcuts)
        dialog.forget_asked.connect(self.block_shapes.forget_trust)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def show_shortcuts(self) -> None:
        """Open the sheet of keys, in which they are changed too."""
        dialog = KeyboardDialog(self.themes, self.window.actions_.keymap, self.window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def show_about(self) -> None:
        """Open the card that says what this is."""
        show_about(self.themes, self.window)

    def say_error(self, title: str, error: ChainruleError) -> None:
        """Say what failed: over the canvas, or on the start page in the status line; and in the log."""
        self.log.add("error", f"{title} {error}")
        if self.workspace is not None and self.window.is_working:
            self.workspace.message.say_error(title, error)
        else:
            self.window.start_message(self.themes).say_error(title, error)

    def _connect(self) -> None:
        window = self.window
        window.actions_.triggered.connect(self.do)
        window.actions_.fill(window.top.menus, self._extend_menu)
        window.painted.connect(self._after_paint)
        window.file_dropped.connect(self.filing.open)
        window.may_close = self._may_close
        window.rail.opened.connect(self._open_flyout)
        window.transport.learning_rate.connect(self._set_rate)
        self.filing.opened.connect(self._take)
        self.filing.failed.connect(self.say_error)
        self.filing.stored.connect(self._stored)
        self.bridge.ready.connect(self._engine_ready)
        self.bridge.came.connect(self._listen)
        self.bridge.died.connect(self._engine_died)
        self.bridge.failed.connect(lambda error: self.say_error("PyTorch could not be started.", error))
        self.block_shapes.refused.connect(lambda error: self.say_error("Your trust could not be kept.", error))
        self.themes.changed.connect(self._theme_changed)
        self._memory.timeout.connect(window.status.show_memory)

    def _after_paint(self) -> None:
        """What takes long waits until the window is there."""
        self._painted = True
        self._memory.start()
        self.window.status.show_memory()
        QTimer.singleShot(0, self.bridge.start)
        if self.workspace is not None:
            QTimer.singleShot(0, self._attach_monitors)
        kept = self.filing.left_behind()
        if kept:
            self._offer_recovery(kept)

    def _take(self, document: Document) -> None:
        self._keep_view()
        made = Workspace(self.themes, document, self.bridge, self._runs, self.block_shapes)
        old, self.workspace = self.workspace, made
        self.workspace.looking.file = self.filing.weights_file
        self._show(self.workspace)
        if old is not None:
            old.close()
        if self._painted:
            QTimer.singleShot(0, self._attach_monitors)
        QTimer.singleShot(0, self.workspace, partial(self._show_view, self.workspace))

    def _show_view(self, workspace: Workspace) -> None:
        self.viewing.show(workspace.document.path, workspace.canvas, self.window.workbench)

    def _keep_view(self) -> None:
        if self.workspace is None:
            return
        document, bench = self.workspace.document, self.window.workbench
        error = self.viewing.keep(document.path, self.workspace.canvas, bench.state())
        if error is not None:
            self.log.add("error", f"What is shown of {document.project.name} could not be remembered. {error}")

    def _show(self, workspace: Workspace) -> None:
        bench = self.window.workbench
        bench.show_canvas(workspace.trusting.bar, workspace.message, workspace.canvas)
        bench.show_palette(workspace.palette)
        bench.docks["inspector"].set_panel(workspace.inspector)
        bench.docks["problems"].set_panel(workspace.problems, workspace.problems.filters)
        bench.docks["source"].set_panel(workspace.source, workspace.source.controls)
        for name in MONITORS:
            bench.docks[name].set_panel(_waiting())
        workspace.canvas.view.animated = not self.preferences.reduced_motion
        workspace.canvas.scene.set_wire_style(self.preferences.wires)
        self._check_wires()
        workspace.said.connect(self._say)
        workspace.canvas.template_requested.connect(self.show_start)
        workspace.canvas.files_dropped.connect(self._files_dropped)
        workspace.canvas.mode_changed.connect(self._mode_changed)
        workspace.canvas.entered.connect(lambda _trail: self._allow())
        workspace.editor.read.connect(self._show_reading)
        workspace.editor.selected.connect(self._show_selection)
        workspace.editor.stored.connect(self._show_name)
        workspace.run.changed.connect(self._show_run)
        Outcomes(workspace, self.filing, self.log)
        self.window.actions_.bind_canvas(workspace.canvas)
        self.window.show_work()
        self._show_reading(workspace.editor.reading)
        self._show_selection(workspace.editor.selection)
        self._mode_changed(workspace.canvas.mode)
        workspace.canvas.stage.snaps = self.window.actions_["snap"].isChecked()
        workspace.canvas.setFocus()

    def _attach_monitors(self) -> None:
        workspace = self.workspace
        if workspace is None or workspace.feed is not None:
            return
        workspace.attach_monitors()
        calm_collector()
        for name, monitor in workspace.monitors.items():
            self.window.workbench.docks[name].show_monitor(monitor, monitor.header)

    def _show_reading(self, reading: Reading) -> None:
        window = self.window
        window.status.show_reading(reading)
        window.transport.show_settings(reading.project.training)
        window.workbench.docks["problems"].set_count(str(len(reading.problems)) if reading.problems else "")
        if self.workspace is not None:
            window.transport.show_state(self.workspace.run.state, bool(reading.errors))
        self._show_name()
        self._allow()

    def _show_selection(self, nodes: tuple[str, ...]) -> None:
        if self.workspace is not None:
            found = (self.workspace.editor.node(node) for node in nodes)
            self.window.status.show_selection(tuple(node.name for node in found if node is not None))
        self._allow()

    def _show_name(self) -> None:
        document = self.filing.document
        if document is not None and self.window.is_working:
            name = document.path.stem if document.path is not None else document.project.name
            self.window.show_name(name, document.modified)

    def _show_run(self, state: RunState) -> None:
        if self.workspace is not None:
            self.window.transport.show_state(state, bool(self.workspace.editor.reading.errors))
        if state.phase == "starting" and not self.bridge.is_ready:
            self.window.status.show_starting(STARTING)
        self._allow()

    def _engine_ready(self, ready: Ready) -> None:
        self.device = f"{ready.device}, {ready.threads} thread{'s' if ready.threads != 1 else ''}"
        self.window.status.show_engine(ready)
        self.log.add(
            "info", f"PyTorch {ready.torch} is ready: Python {ready.python}, {self.device}, process {ready.pid}."
        )

    def _engine_died(self, death: EngineDied) -> None:
        self.log.add("error", str(death.error))
        if death.output.strip():
            self.log.add("info", death.output.strip())
        self.window.status.show_starting("Starting PyTorch again…" if self.bridge.running else "PyTorch has stopped")

    def _listen(self, events: Sequence[AnyEvent]) -> None:
        for event in events:
            if isinstance(event, Said):
                self.log.add(event.level, event.text)

    def _say(self, text: str) -> None:
        self.log.add("info", text)

    def _stored(self, path: Path) -> None:
        self.log.add("info", f"Saved {path}.")
        self._show_name()

    def use_wires(self, style: Style) -> None:
        """Draw wires in this style, here and at the next start."""
        self.preferences.wires = style
        if self.workspace is not None:
            self.workspace.canvas.scene.set_wire_style(style)
        self._check_wires()

    def _check_wires(self) -> None:
        for style in STYLES:
            self.window.actions_[f"wires_{style}"].setChecked(style == self.preferences.wires)

    def _mode_changed(self, mode: str) -> None:
        self.window.actions_["view_gradients"].setChecked(mode == "gradients")
        self.window.actions_["view_plain"].setChecked(mode == "plain")

    def _theme_changed(self, _theme: object) -> None:
        self.preferences.theme = self.themes.current.name
        self.window.actions_["theme"].setChecked(not self.themes.current.dark)
        if self.workspace is not None:
            self._show_run(self.workspace.run.state)

    def _setting_changed(self, name: str) -> None:
        if name == "reduced_motion" and self.workspace is not None:
            self.workspace.canvas.view.animated = not self.preferences.reduced_motion

    def _set_rate(self, rate: float) -> None:
        if self.workspace is not None:
            editor = self.workspace.editor
            optimizer = replace(editor.project.training.phases[0].optimizer, learning_rate=rate)
            editor.set_optimizer(optimizer, "Set learning rate")

    def _open_flyout(self, category: str, at: QPoint) -> None:
        if self.workspace is not None:
            self.workspace.open_flyout(category, at, self.window)

    def _files_dropped(self, paths: list[Path]) -> None:
        if paths:
            self.filing.open(paths[0])

    def _offer_recovery(self, kept: Sequence[Kept]) -> None:
        newest = kept[0]
        bar = self.window.start_message(self.themes)
        bar.say(
            "warning",
            f"{newest.project.name} was not saved.",
            "The window ended while it had changes that are in no file. They were kept aside.",
            ((f"Recover {newest.project.name}", lambda: self.filing.recover(newest)), ("Let it go", newest.forget)),
        )

    def _may_close(self) -> bool:
        if not self.filing.may_leave():
            return False
        self.quit()
        return True

    def _extend_menu(self, title: str, menu: QMenu) -> None:
        if title == "Window":
            panels = QMenu("Panels", menu)
            for dock in self.window.workbench.docks.values():
                panels.addAction(dock.toggleViewAction())
            menu.insertMenu(self.window.actions_["next_dock"], panels)

    def _allow(self) -> None:
        workspace = self.workspace if self.window.is_working else None
        if workspace is None:
            self.window.actions_.allow({})
            return
        document, reading, state = workspace.document, workspace.editor.reading, workspace.run.state
        trains = bool(reading.plan.losses) and not reading.errors
        selection = workspace.canvas.scene
        self.window.actions_.allow(
            {
                "document": True,
                "undo": bool(document.past),
                "redo": bool(document.future),
                "selection": selection.is_selecting,
                "nodes": bool(workspace.editor.graph.nodes),
                "block": workspace.block_selected,
                "inside": bool(workspace.editor.trail),
                "unused": bool(unused(document.project)),
                "problems": bool(reading.problems),
                "train": trains or state.active,
                "step": (trains and not state.active) or state.phase == "paused",
                "stop": state.active,
            }
        )


def _waiting() -> QWidget:
    words = QLabel("Starting the plots…")
    words.setProperty("role", "secondary")
    words.setAlignment(Qt.AlignmentFlag.AlignCenter)
    return words
