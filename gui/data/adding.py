"""What the window's command for data does: the dialog, and what comes of it as one step of undo."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QWidget

from core.adding import free_place
from core.data.settings import DatasetSettings
from core.errors import ChainruleError
from core.owndata import add_own
from gui.data.dialog import DataDialog
from gui.preferences import Preferences
from gui.theme import Themes

if TYPE_CHECKING:
    from gui.workspace import Workspace

HALF = QPointF(73, 46)
"""From a card's corner to its middle."""


def show_adding(
    themes: Themes, preferences: Preferences, work: Workspace, window: QWidget, path: Path | None = None
) -> DataDialog:
    """The dialog that adds a file or folder of data to a project, with this file where there is one."""
    dialog = DataDialog(themes, preferences, window)
    dialog.taken.connect(partial(take, work))
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open()
    if path is not None:
        dialog.open_path(path)
    return dialog


def show_changing(
    themes: Themes, preferences: Preferences, work: Workspace, window: QWidget, dataset: str
) -> DataDialog:
    """The dialog that changes how a data set of the project is read, or which file it is."""
    dialog = DataDialog(themes, preferences, window)
    dialog.taken.connect(partial(change, work, dataset))
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open()
    dialog.open_settings(work.editor.project.data[dataset])
    return dialog


def take(work: Workspace, settings: DatasetSettings) -> None:
    """Add the data set with a node that offers it, in the middle of what is seen, where there is room."""
    editor = work.editor
    editor.own.remember([settings.path])
    corner = work.canvas.view.middle() - HALF
    at = free_place(editor.project, (corner.x(), corner.y()), editor.scope)
    try:
        project, node = add_own(editor.project, settings, at, editor.scope)
    except ChainruleError as error:
        editor.refuse(error)
        return
    editor.edit(f"Add {Path(settings.path).name}", project)
    work.canvas.select((node,))
    work.canvas.keys.show_current()
    work.canvas.setFocus()


def change(work: Workspace, dataset: str, settings: DatasetSettings) -> None:
    """Let the data set be read like this, or from this file."""
    if dataset in work.editor.project.data:
        work.editor.own.remember([settings.path])
        work.editor.own.forget(settings.path)
        work.editor.set_data(dataset, settings, f"Change {dataset}")
