"""Remembers what of each project was shown, and shows it again when the project is opened."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray

from core.errors import FileError
from core.views import View, keep_view, load_view
from gui.canvas.canvas import Canvas, ViewState
from gui.workbench import Workbench

if TYPE_CHECKING:
    from gui.monitors.panel import Monitor


class Viewing:
    """Place, zoom, opened block and docks by the project's file; a project without a file opens fitted."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder

    def keep(
        self, path: Path | None, canvas: Canvas, docks: QByteArray, monitors: Mapping[str, Monitor]
    ) -> FileError | None:
        """Remember what is shown of the project in this file; the error where there is no room for it."""
        if path is None:
            return None
        state = canvas.view_state()
        text = base64.b64encode(docks.data()).decode()
        chosen = {name: monitor.state() for name, monitor in monitors.items()} or self._chosen(path)
        try:
            keep_view(View(str(path.resolve()), *state, canvas.trail, text, chosen), self._folder)
        except FileError as error:
            return error
        return None

    def show(self, path: Path | None, canvas: Canvas, bench: Workbench) -> None:
        """Show of the project what was shown last, else all of it."""
        known = load_view(path, self._folder) if path is not None else None
        if known is None:
            canvas.fit()
            return
        docks = docks_of(known)
        if not docks.isEmpty() and docks != bench.state():
            bench.restore(docks)
        jump_to(canvas, known)

    def show_monitors(self, path: Path | None, monitors: Mapping[str, Monitor]) -> None:
        """Let the monitors of the project show what they did last."""
        chosen = self._chosen(path)
        for name, monitor in monitors.items():
            if name in chosen:
                monitor.restore(chosen[name])

    def _chosen(self, path: Path | None) -> dict[str, dict[str, str]]:
        known = load_view(path, self._folder) if path is not None else None
        return known.monitors if known is not None else {}


def jump_to(canvas: Canvas, known: View) -> None:
    """Show this place at once, with the graphs around it fitted for the way back out of its block."""
    view = canvas.view
    animated, view.animated = view.animated, False
    canvas.fit()
    for depth in range(1, len(known.trail) + 1):
        canvas.tour.go(known.trail[:depth])
    whole = len(canvas.trail) == len(known.trail)
    if whole:
        canvas.restore_view_state(ViewState(known.x, known.y, known.zoom, known.mode, known.minimap))
    view.animated = animated


def docks_of(known: View) -> QByteArray:
    """The kept state of the docks; empty where there is none."""
    return QByteArray.fromBase64(known.docks.encode())
