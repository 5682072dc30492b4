"""The composition root: makes a window with its projects, and joins them to what all windows share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from PySide6.QtCore import QObject, QPoint, Qt, QTimer
from PySide6.QtWidgets import QApplication, QMenu

from core.errors import ChainruleError
from gui.canvas.wire_styles import Style
from gui.commands import ask_for_data, commands
from gui.engine_bridge import EngineBridge
from gui.engine_news import EngineNews
from gui.filing import Filing, is_project
from gui.finding import Finding
from gui.first_steps import FirstSteps
from gui.front import first_window
from gui.held import Held
from gui.help import show_about
from gui.keyboard import KeyboardDialog
from gui.log import Log
from gui.main_window import MainWindow
from gui.memory import uncollected
from gui.opened import Opened
from gui.preferences import Preferences
from gui.presenting import STARTING, Presenter
from gui.program import Program
from gui.projects import Projects
from gui.recovering import offer_recovery
from gui.settings import SettingsDialog
from gui.tab_hands import TabHands
from gui.welcome import Welcome
from gui.workspace import Workspace

MEMORY_MILLISECONDS = 2000
CASCADE = QPoint(36, 36)
"""Where a new window stands, from the one it was opened in."""


class App(QObject):
    """Everything that lives as long as one window."""

    def __init__(
        self,
        preferences: Preferences | None = None,
        bridge: EngineBridge | None = None,
        recovery: Path | None = None,
        runs: Path | None = None,
        window: MainWindow | None = None,
        questions: EngineBridge | None = None,
        program: Program | None = None,
    ) -> None:
        """Without a `window` that was painted already, one is made; `questions` is who is asked about Python blocks.

        A further window is given the `program` of the first.
        """
        super().__init__()
        self.preferences = program.preferences if program is not None else preferences or Preferences()
        self.window = window or first_window(self.preferences, program.themes if program is not None else None)
        self.themes = self.window.themes
        self.program = program or Program(self.preferences, self.themes, bridge, questions, recovery, runs)
        self.program.windows.append(self)
        self.window.actions_.use_keymap(self.program.keymap)
        self.window.furnish()
        self.bridge = self.program.engines.home
        self.block_shapes = self.program.block_shapes
        self.finding = Finding(self.window, self.preferences)
        self.filing = Filing(self.preferences, self.window, self.program.recovery)
        self.first_steps = FirstSteps(self.preferences, self.filing.open_copy, self)
        self.log = Log(self.themes)
        self.projects = Projects(self.window.tabs)
        self.presenter = Presenter(self.window, self.preferences, self.program.viewing, self.log)
        self._news = EngineNews(self.program, self.window.status, self.log, self)
        self._hands = TabHands(self)
        self._painted = False
        self._commands: Mapping[str, Callable[[], object]] = commands(self)
        self._memory = QTimer(self, interval=MEMORY_MILLISECONDS)
        self._connect()

    @property
    def workspace(self) -> Workspace | None:
        """The room of the project in front."""
        return self.projects.front.workspace if self.projects.front is not None else None

    def start(self, path: Path | None = None) -> None:
        """Show the window: with this file, else with those of the last session or the start page."""
        self.window.workbench.docks["log"].set_panel(self.log, self.log.controls)
        self.window.workbench.restore(self.preferences.layout("docks"))
        if path is not None:
            self.filing.open(path)
        elif self.preferences.reopen and len(self.program.windows) == 1:
            self._reopen()
        if self.workspace is None:
            self.show_start()
        if self.program.ready is None:
            self.window.status.show_starting(STARTING)
        if self.window.has_painted:
            self._after_paint()
        else:
            self.window.show()

    def beside(self, by: int) -> None:
        """Show the project so many tabs further; from the start page, the one in front."""
        opened = self.projects.beside(by if self.window.is_working else 0)
        if opened is not None:
            self.show_project(opened)

    def show_project(self, opened: Opened) -> None:
        """Bring this project to the front, also before the start page."""
        if opened is self.projects.front and not self.window.is_working:
            self.presenter.show(opened)
        self.projects.show(opened)

    def tab_at(self, at: QPoint) -> int:
        """Which tab lies at this place of the screen; -1 for none."""
        tabs = self.window.tabs.tabs
        return tabs.tabAt(tabs.mapFromGlobal(at)) if tabs.isVisible() else -1

    def show_start(self) -> None:
        """Show the start page."""
        keymap, steps = self.window.actions_.keymap, self.first_steps
        page = Welcome(self.themes, self.preferences.recent, keymap, steps.done)
        page.step_chosen.connect(steps.begin)
        page.asked.connect(self.do)
        page.file_chosen.connect(self.filing.open)
        page.template_chosen.connect(self.filing.open_copy)
        self.window.show_start(page)
        self.window.tabs.tabs.show_front(-1)
        page.setFocus()
        self.window.status.show_nothing()
        self.count_tabs()

    def do(self, name: str) -> None:
        """Do what a command of the table says."""
        action = self._commands.get(name)
        if action is not None:
            action()

    def close_project(self, opened: Opened | None) -> bool:
        """Close this tab, once its document may go and its run may end; whether it was closed."""
        if opened is None:
            return False
        if opened.held.document.modified or opened.workspace.run.state.active:
            self.projects.show(opened)
        if not self.filing.may_stop(opened.held, opened.workspace.run.state.active):
            return False
        if not self.filing.may_leave(opened.held):
            return False
        self.presenter.keep_view(opened)
        self.release(opened)
        opened.close()
        self.program.forgotten()
        self.program.remember_session()
        return True

    def close_others(self, kept: Opened | None) -> None:
        """Close every tab but this one; the first that stays ends this."""
        for opened in [one for one in self.projects.all if one is not kept]:
            if not self.close_project(opened):
                return

    def take_in(self, opened: Opened, at: int | None = None) -> None:
        """Have this project in this window from now on, in front."""
        blank = self.projects.front
        self.presenter.follow(opened)
        self.filing.adopt(opened.held)
        self.projects.add(opened, at)
        if blank is not None and blank.held.is_untouched and not opened.held.is_untouched:
            self.close_project(blank)
        self.program.remember_session()

    def release(self, opened: Opened) -> None:
        """Have this project no more; it goes on elsewhere, or is closed."""
        self.presenter.leave(opened)
        self.filing.release(opened.held)
        opened.workspace.trusting.close_windows()
        self.projects.remove(opened)

    def open_window(self, opened: Opened | None = None, at: QPoint | None = None) -> App:
        """A further window, on the start page, or with this project of this window's in it."""
        other = App(program=self.program)
        other.setParent(other.window)  # it lives as long as the window
        other.window.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        other.window.resize(self.window.size())
        other.window.move(at if at is not None else self.window.pos() + CASCADE)
        other.start()
        if opened is not None:
            self.give(opened, other)
        self.program.count_tabs()
        return other

    def give(self, opened: Opened, other: App) -> None:
        """Let this project go on in another window, with its docks as they stand here."""
        docks = self.window.workbench.state()
        self.release(opened)
        opened.docks = opened.docks if opened.docks else docks
        other.take_in(opened)
        other.come_forward()
        self._close_if_empty()

    def come_forward(self) -> None:
        """Bring the window before the others."""
        self.window.setWindowState(self.window.windowState() & ~Qt.WindowState.WindowMinimized)
        self.window.activateWindow()

    def quit(self) -> None:
        """Give up the window and all that belongs to it; nothing is asked."""
        self.preferences.keep_layout("window", self.window.saveGeometry())
        self.preferences.keep_layout("docks", self.window.workbench.state())
        self._memory.stop()
        for opened in tuple(self.projects.all):
            self.presenter.keep_view(opened)
            self.release(opened)
            opened.close()
        self.preferences.flush()
        self.program.forgotten()
        self.program.closed(self)

    def leave(self, code: int) -> None:
        """End the program at once with this exit code; what is not saved is kept aside for the next start."""
        self.program.remember_session()
        self.program.keep_all()
        self.preferences.flush()
        self.program.close()
        QApplication.exit(code)

    def show_settings(self) -> None:
        """Open the settings."""
        dialog = SettingsDialog(self.themes, self.preferences, self.program.device, self.window)
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

    def use_wires(self, style: Style) -> None:
        """Draw wires in this style, in every window and at the next start."""
        self.preferences.wires = style
        for one in self.program.windows:
            one.presenter.use_wires(style)

    def say_error(self, title: str, error: ChainruleError) -> None:
        """Say what failed: over the canvas, or on the start page in the status line; and in the log."""
        self.log.add("error", f"{title} {error}")
        if self.workspace is not None and self.window.is_working:
            self.workspace.message.say_error(title, error)
        else:
            self.window.start_message(self.themes).say_error(title, error)

    def _connect(self) -> None:
        window, tabs = self.window, self.window.tabs.tabs
        window.actions_.triggered.connect(self.do)
        window.actions_.fill(window.top.menus, self._extend_menu)
        window.painted.connect(self._after_paint)
        window.file_dropped.connect(lambda path: self._files_dropped([path]))
        window.may_close = self._may_close
        window.tabs.new_asked.connect(self.filing.new)
        tabs.chosen.connect(self._choose)
        tabs.closing.connect(lambda index: self.close_project(self.projects.all[index]))
        self.projects.shown.connect(self._shown)
        self.projects.counted.connect(self.count_tabs)
        self.presenter.start_asked.connect(self.show_start)
        self.presenter.wanted.connect(self.do)
        self.presenter.files_dropped.connect(self._files_dropped)
        self.presenter.data_wanted.connect(lambda dataset: ask_for_data(self, dataset=dataset))
        self.filing.front = lambda: self.projects.front.held if self.projects.front is not None else None
        self.first_steps.front = lambda: self.workspace
        self.filing.find = self.program.find
        self.filing.found.connect(self.program.show)
        self.filing.opened.connect(self._open)
        self.filing.failed.connect(self.say_error)
        self.filing.stored.connect(self._stored)
        self.bridge.failed.connect(self._engine_failed)
        self.block_shapes.refused.connect(self._trust_failed)
        self.themes.changed.connect(self._theme_changed)
        self._memory.timeout.connect(window.status.show_memory)

    def _engine_failed(self, error: ChainruleError) -> None:
        self.say_error("PyTorch could not be started.", error)

    def _trust_failed(self, error: ChainruleError) -> None:
        self.say_error("Your trust could not be kept.", error)

    def _after_paint(self) -> None:
        """What takes long waits until the window is there."""
        self._painted = self.presenter.may_plot = True
        self._memory.start()
        self.window.status.show_memory()
        QTimer.singleShot(0, self.bridge.start)
        QTimer.singleShot(0, self.presenter.plot)
        kept = self.filing.left_behind() if len(self.program.windows) == 1 else ()
        if kept:
            offer_recovery(self.window.start_message(self.themes), kept, self.filing.recover)

    def _open(self, held: Held) -> None:
        program = self.program
        with uncollected():
            made = Opened(self.themes, held, program.engines, program.runs, self.block_shapes)
        self.take_in(made)
        self.first_steps.follow(made)

    def _reopen(self) -> None:
        for path in self.preferences.session:
            if path.exists():
                self.filing.open(path)

    def _shown(self, _before: Opened | None, now: Opened | None) -> None:
        self.presenter.show(now)
        self.finding.follow(now.workspace if now is not None else None)
        if now is None:
            self.show_start()
        self.count_tabs()

    def _choose(self, index: int) -> None:
        self.show_project(self.projects.all[index])

    def count_tabs(self) -> None:
        """Show the tabs while there is something to choose: two projects, two windows, or the start page before one."""
        count, windows = len(self.projects.all), len(self.program.windows)
        self.presenter.chooses = count > 1 or (count == 1 and not self.window.is_working)
        self.window.tabs.setVisible(self.presenter.chooses or (count == 1 and windows > 1))
        self.presenter.allow()

    def _close_if_empty(self) -> None:
        """A window whose last project has gone to another one goes too."""
        if not self.projects.all:
            self.window.close()

    def _stored(self, path: Path) -> None:
        self.log.add("info", f"Saved {path}.")
        self.presenter.show_name()
        self.program.remember_session()

    def _theme_changed(self, _theme: object) -> None:
        self.preferences.theme = self.themes.current.name
        self.window.actions_["theme"].setChecked(not self.themes.current.dark)
        self.presenter.refresh()

    def _setting_changed(self, name: str) -> None:
        if name == "reduced_motion":
            for one in self.program.windows:
                one.presenter.use_motion()

    def _files_dropped(self, paths: list[Path]) -> None:
        for path in paths:
            if is_project(path):
                self.filing.open(path)
            else:
                ask_for_data(self, path)

    def _may_close(self) -> bool:
        for opened in self.projects.all:
            if opened.held.document.modified:
                self.projects.show(opened)
                if not self.filing.may_leave(opened.held):
                    return False
        is_last = len(self.program.windows) == 1
        if is_last:
            self.program.remember_session()
        self.quit()
        if not is_last:
            self.program.remember_session()
        return True

    def _extend_menu(self, title: str, menu: QMenu) -> None:
        if title == "Window":
            panels = QMenu("Panels", menu)
            for dock in self.window.workbench.docks.values():
                panels.addAction(dock.toggleViewAction())
            menu.insertMenu(self.window.actions_["next_dock"], panels)
