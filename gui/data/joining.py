"""Joins what the rooms of one document say and ask of files of the user's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gui.workspace import Workspace


def join_data(work: Workspace, show_previews: Callable[[], None]) -> None:
    """Hand on who wants a file, and what has become known of one."""
    own = work.editor.own
    work.canvas.stage.data_wanted.connect(lambda: work.data_wanted.emit(""))
    work.inspector.data_asked.connect(work.data_wanted)
    own.came.connect(lambda _settings: show_previews())
    own.allowed.connect(show_previews)
    own.refused.connect(work.refuse)
