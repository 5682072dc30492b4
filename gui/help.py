"""Two small windows: every key and what it does, and what this program is."""

from __future__ import annotations

import platform
from importlib.metadata import version

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QGridLayout, QScrollArea, QWidget

from gui.actions import ACTIONS, MENUS, keys_text
from gui.theme import Themes
from gui.widgets import IconLabel, column, label, prose, push, row

CANVAS_KEYS = (
    ("Space, Tab", "Add a layer at the pointer"),
    ("Space + drag", "Move the view"),
    ("Enter, double-click", "Open a block"),
    ("Esc", "Give up the gesture, then the selection, then leave the block"),
    ("Wheel", "Zoom at the pointer"),
)
"""What the canvas itself answers to."""


def show_shortcuts(themes: Themes, window: QWidget) -> QDialog:
    """The list of keys."""
    dialog = _dialog(themes, window, "Keyboard shortcuts")
    grid = QGridLayout()
    grid.setHorizontalSpacing(24)
    grid.setVerticalSpacing(5)
    lines = [("", "Canvas"), *CANVAS_KEYS]
    for menu in MENUS:
        found = [(", ".join(map(keys_text, one.keys)), one.title) for one in ACTIONS if one.menu == menu and one.keys]
        lines += [("", menu), *found] if found else []
    for index, (keys, words) in enumerate(lines):
        grid.addWidget(label(words, "secondary" if keys else "title"), index, 0)
        if keys:
            grid.addWidget(label(keys, "keycap"), index, 1, Qt.AlignmentFlag.AlignLeft)
    page = QWidget()
    page.setProperty("role", "page")
    page.setLayout(grid)
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setWidget(page)
    area.setMinimumSize(themes.current.px(420), themes.current.px(480))
    return _opened(dialog, area)


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
