"""What the window's command for importing does: the dialog, and what comes of it as a new document."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from core.document import Document
from core.files import file_hash
from core.project import Weights
from gui.exchange.import_dialog import ImportDialog
from gui.exchange.import_job import Import, Imported
from gui.filing import Filing
from gui.preferences import Preferences
from gui.theme import Themes


def show_import(themes: Themes, filing: Filing, preferences: Preferences, window: QWidget) -> ImportDialog:
    """The dialog that brings a network in and opens it."""
    job = Import(window)  # its folder holds the weights until the document is saved
    dialog = ImportDialog(themes, preferences, job, window)
    job.done.connect(lambda found: take(filing, found))
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open()
    return dialog


def take(filing: Filing, found: Imported) -> None:
    """Open the imported network as a new document; it has no file yet."""
    weights: Path = found.weights
    document = Document(replace(found.project, weights=Weights(file_hash(weights))))
    document.recovered()  # no file holds it, so leaving it is asked about
    filing.take(document, weights)
