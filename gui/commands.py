"""What each command of the table does, in terms of the application."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from core.arranging import WAYS, Way
from core.graph import Node
from core.project import Project
from gui.canvas.along import join, select_before, select_behind
from gui.canvas.rerouting import add_to
from gui.canvas.wire_styles import STYLES, Style

if TYPE_CHECKING:
    from gui.app import App
    from gui.workbench import Preset
    from gui.workspace import Workspace

ZOOM = 1.25


def commands(app: App) -> Mapping[str, Callable[[], object]]:
    """By a command's id, what it does; those of a document do nothing while there is none."""
    return {**_files(app), **_window(app), **_of_document(app)}


def _files(app: App) -> dict[str, Callable[[], object]]:
    filing = app.filing
    return {
        "new": filing.new,
        "open": filing.open,
        "welcome": app.show_start,
        "save": filing.save,
        "save_as": filing.save_as,
        "import": lambda: _import(app),
        "add_data": lambda: ask_for_data(app),
        "settings": app.show_settings,
        "close_tab": lambda: app.close_project(app.projects.front),
        "close_window": app.window.close,
        "new_window": app.open_window,
        "quit": app.program.quit,
        "commands": app.finding.search_commands,
        "help": lambda: _help(app),
        "shortcuts": app.show_shortcuts,
        "about": app.show_about,
    }


def _window(app: App) -> dict[str, Callable[[], object]]:
    return {
        "source": lambda: app.window.workbench.reveal("source"),
        "preset_build": lambda: _preset(app, "build"),
        "preset_train": lambda: _preset(app, "train"),
        "preset_diagnose": lambda: _preset(app, "diagnose"),
        "next_tab": lambda: app.beside(1),
        "previous_tab": lambda: app.beside(-1),
        "tab_left": lambda: app.projects.shift(-1),
        "tab_right": lambda: app.projects.shift(1),
        "close_other_tabs": lambda: app.close_others(app.projects.front),
        "move_to_window": lambda: _move_to_window(app),
        "copy_path": lambda: _copy_path(app),
        "next_dock": lambda: _go_to_dock(app, 1),
        "previous_dock": lambda: _go_to_dock(app, -1),
        "theme": lambda: app.themes.use("light" if app.themes.current.dark else "dark"),
    }


def _of_document(app: App) -> dict[str, Callable[[], object]]:
    table: dict[str, Callable[[Workspace], object]] = {
        "export": lambda work: _export(app, work),
        "copy_picture": _copy_picture,
        "undo": lambda work: work.undo(),
        "redo": lambda work: work.redo(),
        "history": lambda work: _show_history(app, work),
        "cut": lambda work: work.canvas.cut(),
        "copy": lambda work: work.canvas.copy(),
        "paste": lambda work: work.canvas.paste(),
        "paste_wired": lambda work: work.canvas.paste_wired(),
        "duplicate": lambda work: work.canvas.duplicate(),
        "delete": lambda work: work.canvas.delete_selection(),
        "dissolve": lambda work: work.canvas.dissolve_selection(),
        "group": lambda work: work.canvas.editing.group(),
        "ungroup": lambda work: work.canvas.editing.ungroup(),
        "frame": lambda work: work.canvas.annotating.frame_selection(),
        "note": lambda work: work.canvas.annotating.add_note(work.canvas.view.pointer()),
        "annotation_color": lambda work: work.canvas.annotating.recolor(),
        "enter_block": lambda work: work.canvas.enter_selected(),
        "leave_block": lambda work: work.canvas.tour.leave(),
        "save_block": lambda work: work.save_selected_block(),
        "delete_unused_blocks": lambda work: work.delete_unused_blocks(),
        "find": app.finding.search_nodes,
        "find_next": app.finding.next_node,
        "find_previous": lambda work: app.finding.next_node(work, -1),
        "select_all": lambda work: work.canvas.select_all(),
        "select_before": lambda work: select_before(work.canvas.stage),
        "select_behind": lambda work: select_behind(work.canvas.stage),
        "select_alike": lambda work: work.canvas.editing.select_alike(),
        "view_gradients": lambda work: work.canvas.set_mode("gradients"),
        "view_plain": lambda work: work.canvas.set_mode("plain"),
        **{f"wires_{style}": partial(_use_wires, app, style) for style in STYLES},
        "zoom_in": lambda work: work.canvas.zoom_by(ZOOM),
        "zoom_out": lambda work: work.canvas.zoom_by(1 / ZOOM),
        "zoom_reset": lambda work: work.canvas.zoom_reset(),
        "fit": lambda work: work.canvas.fit(),
        "fit_selection": lambda work: work.canvas.zoom_to_selection(),
        **{f"arrange_{way}": _arranging(way) for way in WAYS},
        "bypass": lambda work: work.canvas.editing.bypass(),
        "collapse": lambda work: work.canvas.unfolding.collapse(),
        "activation": lambda work: work.canvas.unfolding.toggle(),
        "activations": lambda work: work.canvas.unfolding.toggle_all(),
        "freeze": lambda work: work.canvas.editing.freeze(),
        "snap": lambda work: work.canvas.stage.toggle_snap(),
        "minimap": lambda work: work.canvas.set_minimap(work.canvas.minimap.isHidden()),
        "quick_add": lambda work: work.canvas.quick_add(),
        "join": lambda work: join(work.canvas.stage),
        "wire": lambda work: work.canvas.keys.wire(),
        "reroute": lambda work: add_to(work.canvas.stage),
        "rename": lambda work: work.canvas.rename_selected(),
        "layout": lambda work: work.canvas.auto_layout(),
        "layout_before": lambda work: work.canvas.layouting.arrange_before(),
        "layout_behind": lambda work: work.canvas.layouting.arrange_behind(),
        "next_problem": lambda work: _go_to_problem(app, work, 1),
        "previous_problem": lambda work: _go_to_problem(app, work, -1),
        "fix_problem": lambda work: work.problems.apply_first(),
        "train": lambda work: work.run.toggle(),
        "step": lambda work: work.run.step(),
        "epoch": lambda work: work.run.epoch(),
        "stop": lambda work: work.run.stop(),
        "predict": lambda _work: app.window.workbench.docks["predict"].take_focus(),
        "tracing": lambda _work: app.window.workbench.docks["tracing"].take_focus(),
        "predictions": lambda _work: app.window.workbench.docks["predictions"].take_focus(),
        "boundary": lambda _work: app.window.workbench.docks["boundary"].take_focus(),
        "travel": lambda work: work.travel.toggle(),
        "doctor": lambda _work: app.window.workbench.open_doctor(),
        "apply_remedy": lambda work: work.doctor.apply_first() if work.doctor is not None else None,
        "show_finding": lambda work: work.doctor.show_first() if work.doctor is not None else None,
        "rewind": lambda work: work.run.rewind(),
        "checkpoints": partial(_checkpoints, app),
        "find_rate": partial(_find_rate, app),
        "landscape": partial(_show_landscape, app),
    }
    return {name: _with_document(app, call) for name, call in table.items()}


def _arranging(way: Way) -> Callable[[Workspace], object]:
    return lambda work: work.canvas.editing.arrange(way)


def _with_document(app: App, call: Callable[[Workspace], object]) -> Callable[[], object]:
    def run() -> object:
        if app.workspace is None or not app.window.is_working:
            return None
        return call(app.workspace)

    return run


def _use_wires(app: App, style: Style, _work: Workspace) -> None:
    app.use_wires(style)


def _preset(app: App, preset: Preset) -> None:
    app.window.workbench.use_preset(preset)


def _go_to_problem(app: App, work: Workspace, by: int) -> None:
    app.window.workbench.reveal("problems")
    work.problems.go(by)


def _go_to_dock(app: App, by: int) -> None:
    """Give the keyboard to the next panel, the canvas being one of them."""
    work = app.workspace
    if work is None:
        return
    order = app.window.workbench.focus_order()
    focus = QApplication.focusWidget()
    current = next(
        (
            index
            for index, dock in enumerate(order)
            if dock is not None and focus is not None and dock.isAncestorOf(focus)
        ),
        order.index(None),
    )
    target = order[(current + by) % len(order)]
    if target is None:
        work.canvas.setFocus()
    else:
        target.take_focus()


def _move_to_window(app: App) -> None:
    if app.projects.front is not None and len(app.projects.all) > 1:
        app.open_window(app.projects.front)


def _copy_path(app: App) -> None:
    document = app.filing.document
    if document is not None and document.path is not None:
        QApplication.clipboard().setText(str(document.path))


def _import(app: App) -> None:
    from gui.exchange.importing import show_import

    show_import(app.themes, app.filing, app.preferences, app.window)


def ask_for_data(app: App, path: Path | None = None, dataset: str = "") -> None:
    """Open the dialog in which a file of data is added, with this one, or the reading of a data set is changed."""
    from gui.data.adding import show_adding, show_changing

    if app.workspace is None or not app.window.is_working:
        app.filing.new()
    assert app.workspace is not None  # a project was just made, if there was none
    if dataset:
        show_changing(app.themes, app.preferences, app.workspace, app.window, dataset)
    else:
        show_adding(app.themes, app.preferences, app.workspace, app.window, path)


def _export(app: App, work: Workspace) -> None:
    from gui.exchange.exporting import show_export

    show_export(work, app.filing, app.preferences, work.line, app.window)


def _checkpoints(app: App, work: Workspace) -> None:
    from gui.training.kept_dialog import KeptDialog

    held = next(one.held for one in app.projects.all if one.workspace is work)
    dialog = KeptDialog(app.themes, work, held)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.show()


def _find_rate(app: App, work: Workspace) -> None:
    from gui.training.rate_dialog import RateDialog

    trained, project = work.run.trained, work.document.project
    same = trained is not None and (trained.graph, trained.blocks) == (project.graph, project.blocks)
    last = work.looking.has_run() and same
    dialog = RateDialog(app.themes, work.editor, work.line, work.looking.file(), last, app.window)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open()


def _show_landscape(app: App, work: Workspace) -> None:
    from gui.landscape.dialog import LandscapeDialog

    last = work.looking.has_run() and work.run.trained is not None
    dialog = LandscapeDialog(app.themes, work.editor, work.line, work.looking.file(), last, app.window)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open()


def _show_history(app: App, work: Workspace) -> None:
    from gui.history import History

    History(app.themes, work.document, work.canvas).show()


def _copy_picture(work: Workspace) -> None:
    from gui.exchange.exporting import copy_picture

    copy_picture(work)


def _help(app: App) -> None:
    """Of the row the keyboard is on in the palette, else of the selected node, else of the window."""
    from gui.kind_help import HelpDialog, help_page

    work = app.workspace if app.window.is_working else None
    node, project = None, Project()
    if work is not None:
        project, selection = work.document.project, work.editor.selection
        kind = work.palette.focused_kind
        node = Node("", kind, kind) if kind else work.editor.node(selection[-1]) if selection else None
    dialog = HelpDialog(app.themes, *help_page(project, node, app.window.actions_.keymap), app.window)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open()
