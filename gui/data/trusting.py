"""Asks the user whether a project may read files that lie outside its own folder: a bar over the canvas."""

from __future__ import annotations

from PySide6.QtCore import QObject

from gui.message_bar import MessageBar
from gui.session import Editor
from gui.theme import Themes

MOST = 3
"""Paths that the bar names."""


class DataTrusting(QObject):
    """What stands between a project and the files of this computer."""

    def __init__(self, themes: Themes, editor: Editor) -> None:
        super().__init__(editor)
        self._editor = editor
        self._told: tuple[str, ...] = ()
        self.bar = MessageBar(themes)
        editor.read.connect(self._show)
        editor.stored.connect(self._show)
        editor.own.allowed.connect(self._show)
        self._show()

    def allow(self) -> None:
        """Let the project read all that it names."""
        self._editor.own.allow(self._editor.own.missing(self._editor.project))

    def close(self) -> None:
        """Close what is open."""
        self.bar.deleteLater()

    def _show(self, _news: object = None) -> None:
        missing = self._editor.own.missing(self._editor.project)
        if missing == self._told:
            return
        self._told = missing
        if not missing:
            self.bar.hide()
            return
        more = f" and {len(missing) - MOST} more" if len(missing) > MOST else ""
        text = f"{', '.join(missing[:MOST])}{more}. Nothing of them was read."
        title = "This project wants to read files outside its folder."
        self.bar.say("warning", title, text, [("Allow it", self.allow)])
