"""What the window's commands for exporting do: the dialog, and the picture on the clipboard."""

from __future__ import annotations

from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from core.errors import ChainruleError
from core.files import trained_weights
from gui.engines import Line
from gui.exchange.dialog import ExportDialog
from gui.exchange.jobs import Export, Subject
from gui.exchange.picture import Picture, Style, is_measured
from gui.filing import Filing
from gui.preferences import Preferences
from gui.workspace import Workspace


def show_export(
    work: Workspace, filing: Filing, preferences: Preferences, bridge: Line, window: QWidget
) -> ExportDialog:
    """The dialog that exports the document as it is now."""
    export = Export(bridge, reader=work.editor.own.reader)
    dialog = ExportDialog(work.canvas.themes, preferences, subject(work, filing), export, window)
    export.setParent(dialog)
    export.done.connect(lambda sentence: work.said.emit(f"Exported {dialog.path}: {sentence}"))
    export.failed.connect(lambda error: work.said.emit(f"Not exported. {error}"))
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open()
    return dialog


def copy_picture(work: Workspace) -> None:
    """Put a picture of the graph that is shown on the clipboard, as pixels and as SVG, in the window's theme."""
    seen = work.canvas.scene if is_measured(work.canvas.scene) else None
    try:
        drawn = Picture(work.editor.reading, Style(work.canvas.themes.current.name), work.editor.trail, seen)
        data = QMimeData()
        data.setImageData(drawn.image())
        data.setData("image/svg+xml", drawn.svg())
    except ChainruleError as error:
        work.refuse(error)
        return
    QGuiApplication.clipboard().setMimeData(data)
    work.said.emit("A picture of the graph is on the clipboard.")


def subject(work: Workspace, filing: Filing) -> Subject:
    """The document as it is now, with the trained weights that belong to it."""
    project, path = work.document.project, work.document.path
    weights = filing.fresh_weights or trained_weights(project, path)
    state = work.run.state
    trains = state.active and state.phase != "starting"
    editor = work.editor
    unread = editor.own.missing(editor.project)
    return Subject(editor.reading, editor.trail, work.canvas.scene, weights, trains, unread)
