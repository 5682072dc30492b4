"""What is wrong with the selected layer, told under its card, with the fixes as buttons."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape

from PySide6.QtCore import QPoint, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from core.problems import Problem
from gui.canvas.card import UNFINISHED
from gui.canvas.overlay import Panel
from gui.canvas.shape_chain import Chain
from gui.theme import Theme, Themes
from gui.widgets import IconLabel, label, push

WIDTH = 400
"""At least: no button is cut."""
_GAP = 20


class Callout(Panel):
    """One problem in words; at most one is shown."""

    fixed = Signal(object)
    """The Fix that the user chose."""
    explained = Signal()
    """It says why now, or no more: it has another height."""

    def __init__(self, themes: Themes, parent: QWidget) -> None:
        super().__init__(themes, parent, "raised", "error")
        self._problem: Problem | None = None
        self._title = label("")
        self._code = label("", "mono-caption")
        self._text = label("", "secondary")
        self._text.setWordWrap(True)
        self._chain = label("", "mono")
        self._chain.setTextFormat(Qt.TextFormat.RichText)
        self._chain.setWordWrap(True)
        self._links = Chain()
        self._why = label("", "secondary")
        self._why.setWordWrap(True)
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(8)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(IconLabel(themes, "error", "error", 16))
        head.addWidget(self._title)
        head.addStretch(1)
        head.addWidget(self._code)
        layout = self._lines = QVBoxLayout(self)
        layout.setContentsMargins(14, 12, 14, 12)
        layout.setSpacing(8)
        layout.addLayout(head)
        layout.addWidget(self._text)
        layout.addWidget(self._chain)
        layout.addWidget(self._why)
        layout.addLayout(self._buttons)
        themes.changed.connect(self._restyle)
        self._restyle(themes.current)
        self.hide()

    @property
    def problem(self) -> Problem | None:
        """What it tells, while it is shown."""
        return self._problem if not self.isHidden() else None

    def tell(self, problem: Problem | None, name: str, links: Callable[[Problem], Chain] = lambda _: Chain()) -> None:
        """Tell this problem of the node of this name, and how it came about, or go away."""
        if problem != self._problem:
            self._problem = problem
            if problem is not None:
                self._links = links(problem)
                self._fill(problem, name)
        self.setVisible(problem is not None)

    def stand_under(self, card: QRect) -> None:
        """Stand below the card, or above it where there is no room."""
        parent = self.parentWidget()
        room = parent.rect() if parent is not None else self.rect()
        x = min(max(card.left() - 24, 8), room.width() - self.width() - 8)
        below = card.bottom() + _GAP
        fits = below + self.height() + 8 <= room.height()
        self.move(QPoint(x, below if fits else max(8, card.top() - _GAP - self.height())))

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: D102  # Qt's name
        theme = self.themes.current
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.color("error"), 2))
        painter.setBrush(theme.color("raised"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 8, 8)

    def _fill(self, problem: Problem, name: str) -> None:
        shapes = problem.code == "E103"
        self._title.setText(f"Shapes do not match at {name}" if shapes else f"{name} cannot run as it is")
        self._code.setText(problem.code)
        fix = f" {problem.error.fix}" if problem.error.fix and not problem.fixes else ""
        self._text.setText(f"{_sentence(problem)}{fix}")
        self._why.setText("")
        self._offer(problem)
        self._show_chain(self.themes.current)
        self._fit()

    def _fit(self) -> None:
        self._chain.setVisible(bool(self._chain.text()))
        self._why.setVisible(bool(self._why.text()))
        self._lines.invalidate()  # what was hidden counts from now on, not from the next turn of the loop
        margins = self._lines.contentsMargins()
        needed = self._buttons.sizeHint().width() + margins.left() + margins.right()
        self.setFixedWidth(max(self.themes.current.px(WIDTH), needed))
        self.setFixedHeight(self.heightForWidth(self.width()))

    def _show_chain(self, theme: Theme) -> None:
        """pool2 16×5×5 → flatten 16·5·5 = 400 → fc1 256, the last in the colour of errors."""
        said = []
        for link in self._links.links:
            ink = theme.hex("error" if link.is_wrong else "text")
            said.append(f"{escape(link.name)} <b style='color: {ink}; font-weight: 600'>{escape(link.text)}</b>")
        self._chain.setText(f" <span style='color: {theme.hex('text3')}'>→</span> ".join(said))
        self._chain.setAccessibleName(", then ".join(f"{link.name} {link.text}" for link in self._links.links))
        ground, ink = theme.hex("inset"), theme.hex("text2")
        self._chain.setStyleSheet(f"background: {ground}; color: {ink}; border-radius: 4px; padding: 7px 9px;")

    def _explain(self) -> None:
        """Say why, in the problem's own place, or stop saying it."""
        self._why.setText("" if self._why.text() else self._links.answer)
        self._fit()
        self.explained.emit()

    def _offer(self, problem: Problem) -> None:
        """A button for every fix, the first one accented."""
        for index in reversed(range(self._buttons.count())):
            item = self._buttons.takeAt(index)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for index, fix in enumerate(problem.fixes):
            icon = self.themes.current.icon("wand", "accentInk", 14) if index == 0 else None
            button = push(f" {fix.label}" if icon is not None else fix.label, "primary" if index == 0 else "", icon)
            button.setAccessibleName(fix.label)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.clicked.connect(lambda _checked=False, chosen=fix: self.fixed.emit(chosen))
            self._buttons.addWidget(button)
        if problem.fixes:
            self._buttons.addStretch(1)
        if self._links.question:
            why = push(self._links.question, "link")
            why.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            why.clicked.connect(self._explain)
            self._buttons.addWidget(why)

    def _restyle(self, theme: Theme) -> None:
        self._title.setStyleSheet(f"color: {theme.hex('error')};")
        self._title.setFont(theme.ui(13, 600))
        if self._problem is not None:
            self._offer(self._problem)
            self._show_chain(theme)


def _sentence(problem: Problem) -> str:
    """The problem's message; a parameter's name at its beginning stays as it is written in code."""
    first = problem.error.wanted.split(" ", 1)[0]
    return problem.error.wanted[:1] + problem.message[1:] if "_" in first else problem.message


def worth_telling(problems: Sequence[Problem]) -> Problem | None:
    """The first error that is more than a wire that is still to come, or code that the bar above asks to trust."""
    errors = (found for found in problems if found.severity == "error")
    return next((found for found in errors if found.code not in UNFINISHED), None)
