"""A small window: what this program is."""

from __future__ import annotations

import platform
from importlib.metadata import version

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QWidget

from gui.theme import Themes
from gui.widgets import IconLabel, column, label, prose, push, row


def show_about(themes: Themes, window: QWidget) -> QDialog:
    """Version, what it stands on, and the licences."""
    dialog = _dialog(themes, window, "About Chainrule")
    head = QWidget()
    names = QWidget()
    names.setLayout(
        column(label("Chainrule", "display"), label(f"Version {version('chainrule')}", "secondary"), spacing=0)
    )
    head.setLayout(row(IconLabel(themes, "logo", "accent", 40), names, None, spacing=12))
    text = (
        "Draw a neural network, train it, and watch every gradient while it learns. Apache License 2.0. "
        "Fonts: Inter and JetBrains Mono, SIL Open Font License 1.1."
    )
    versions = f"Python {platform.python_version()}, Qt for Python {version('PySide6-Essentials')}"
    body = QWidget()
    body.setLayout(column(head, prose(text), label(versions, "mono-secondary"), spacing=12))
    body.setMinimumWidth(themes.current.px(400))
    return _opened(dialog, body)


def _dialog(themes: Themes, window: QWidget, title: str) -> QDialog:
    dialog = QDialog(window)
    dialog.setWindowTitle(title)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setMinimumWidth(themes.current.px(360))
    return dialog


def _opened(dialog: QDialog, body: QWidget) -> QDialog:
    close = push("Close", "primary")
    close.clicked.connect(dialog.accept)
    layout = column(label(dialog.windowTitle(), "name"), body, spacing=12, margins=(20, 18, 20, 16))
    layout.addLayout(row(None, close))
    dialog.setLayout(layout)
    dialog.open()
    return dialog
