"""What stands in the head of the Doctor's dock: up to which step the run was looked at."""

from __future__ import annotations

from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QWidget

from gui.doctor.standing import Standing
from gui.theme import Themes
from gui.widgets import label, row


class Controls(QWidget):
    """A caption that goes where there is no room for it."""

    def __init__(self, themes: Themes) -> None:
        super().__init__()
        self._themes = themes
        self.setProperty("role", "clear")
        self.checked = label("", "caption")
        self._standing, self._doing = Standing(), ""
        self.setLayout(row(self.checked))

    def show_standing(self, standing: Standing) -> None:
        """Say when it was last looked."""
        self._standing = standing
        self.checked.setText(self._doing or checked_words(standing))

    def show_doing(self, words: str) -> None:
        """Say what is being looked at just now; nothing for an empty text."""
        self._doing = words
        self.show_standing(self._standing)

    def width_when(self, compact: bool) -> int:
        """The pixels that it needs, or nothing."""
        if compact or not self.checked.text():
            return 0
        return QFontMetrics(self._themes.current.ui(11)).horizontalAdvance(self.checked.text()) + 2

    def set_compact(self, compact: bool) -> None:
        """Show it, or not."""
        self.checked.setVisible(not compact)


def checked_words(standing: Standing) -> str:
    """When it was last looked: checked at step 900."""
    if standing.step:
        return f"checked at step {standing.step:,}"
    return "checked before training" if standing.phase == "before" else ""
