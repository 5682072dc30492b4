"""The line below the findings: how many checks found nothing; it opens the list of them with what each saw."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from gui.doctor.pressable import Pressable
from gui.doctor.prose import Told
from gui.doctor.standing import Check
from gui.theme import Themes
from gui.widgets import ElidedLabel, IconLabel, column, label, row


class Passed(QWidget):
    """The line, and the list behind it."""

    def __init__(self, themes: Themes) -> None:
        super().__init__()
        self.setProperty("role", "clear")
        self._themes = themes
        self.checks: tuple[Check, ...] = ()
        self.is_open = False
        self.head = _Line(themes)
        self.head.pressed.connect(self._toggle)
        self.list = QWidget()
        self.list.setProperty("role", "clear")
        self._rows = QVBoxLayout(self.list)
        self._rows.setContentsMargins(24, 0, 0, 4)
        self._rows.setSpacing(4)
        self.setLayout(column(self.head, self.list, spacing=4))
        self.list.hide()

    def show_checks(self, checks: Sequence[Check]) -> None:
        """Count these, and list them if that is asked for."""
        self.setVisible(bool(checks))
        if tuple(checks) != self.checks:
            self.checks = tuple(checks)
            count = len(self.checks)
            names = ", ".join(one.title.lower() for one in checks)
            self.head.say(f"{count} check{'s' if count != 1 else ''} passed", names)
            if self.is_open:
                self._fill()

    def _toggle(self) -> None:
        self.is_open = not self.is_open
        self.head.show_open(self.is_open)
        self.list.setVisible(self.is_open)
        if self.is_open:
            self._fill()

    def _fill(self) -> None:
        """Lines are made when they are looked at; those that are there take the new words."""
        rows = [self._rows.itemAt(place) for place in range(self._rows.count())]
        old = [item.widget() for item in rows if item is not None]
        for place, check in enumerate(self.checks):
            words = f"{check.title}: {check.seen}" if check.seen else check.title
            known = old[place] if place < len(old) else None
            if isinstance(known, Told):
                known.tell(words)
            else:
                self._rows.addWidget(Told(self._themes, words, "text2"))
        for extra in old[len(self.checks) :]:
            if isinstance(extra, Told):
                extra.tell("")


class _Line(Pressable):
    """A tick, the count, what was looked for, and the arrow."""

    def __init__(self, themes: Themes) -> None:
        super().__init__(themes)
        self.count = label("", "secondary")
        self.what = ElidedLabel("", "caption")
        self.what.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        line = row(IconLabel(themes, "check", "ok", 14), self.count, self.what, spacing=8)
        line.setStretch(2, 1)
        self.lay(line)
        self.setAccessibleName("Checks passed")

    def say(self, count: str, what: str) -> None:
        """Show how many there are, and which."""
        self.count.setText(count)
        self.what.set_text(what)
        self.setAccessibleName(f"{count}: {what}")
