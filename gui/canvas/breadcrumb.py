"""The way to the graph that is shown: the main graph, the blocks that were opened, and which repetition of each."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QWidget

from core.trail import Crumb, Entered, Trail
from gui.canvas.overlay import EDGE, Inside, Panel
from gui.theme import Themes
from gui.widgets import IconLabel, label

_WIDEST = 180
ROOT = "Main graph"


class Breadcrumb(Panel):
    """A press on a step of the way leads there; one on a repetition's number shows the next."""

    chosen = Signal(object)
    """The trail that the user chose."""

    def __init__(self, themes: Themes, parent: QWidget) -> None:
        super().__init__(themes, parent)
        self._shown: tuple[Crumb, ...] = ()
        self.steps: list[QToolButton] = []
        self.repetitions: dict[int, QToolButton] = {}
        """By the place of their step: the buttons that show the next repetition."""
        self._layout = QHBoxLayout(Inside(self))
        self._layout.setContentsMargins(10 - EDGE, 0, 10 - EDGE, 0)
        self._layout.setSpacing(6)
        self.setAccessibleName("Way to this graph")

    @property
    def text(self) -> str:
        """The whole way in words."""
        return " › ".join([ROOT, *(crumb.title for crumb in self._shown[1:])])

    def show_crumbs(self, crumbs: Sequence[Crumb]) -> None:
        """Show this way; its first step is the main graph."""
        if tuple(crumbs) == self._shown:
            return
        self._shown = tuple(crumbs)
        self._clear()
        self._add(IconLabel(self.themes, "block", "text2", 14))
        if len(crumbs) == 1:
            self._add_words(ROOT, "secondary")
            self._add_arrow()
            self._add_words(crumbs[0].title, "title")
        else:
            self._add_button(ROOT, crumbs[0].trail, "Back to the main graph")
            for place, crumb in enumerate(crumbs[1:], 1):
                self._add_step(place, crumb, place == len(crumbs) - 1)
        self.adjustSize()

    def sizeHint(self) -> QSize:  # noqa: D102  # Qt's name
        return QSize(super().sizeHint().width(), self.themes.current.px(26))

    def _add_step(self, place: int, crumb: Crumb, is_last: bool) -> None:
        self._add_arrow()
        if is_last:
            self._add_words(crumb.title, "title")
        else:
            self._add_button(crumb.title, crumb.trail, f"Back to {crumb.title}")
        if crumb.repeat > 1:
            self._add_repetition(place, crumb)

    def _add_repetition(self, place: int, crumb: Crumb) -> None:
        last = crumb.trail[-1]
        following = Entered(last.node, (last.repetition + 1) % crumb.repeat)
        button = self._button(f"{last.repetition + 1} of {crumb.repeat}", "crumb-count")
        button.setToolTip(f"Show repetition {following.repetition + 1} of {crumb.title}: each has weights of its own.")
        button.setAccessibleName(f"{crumb.title}, repetition {last.repetition + 1} of {crumb.repeat}")
        rest = self._shown[-1].trail[place:]
        button.clicked.connect(lambda: self.chosen.emit((*crumb.trail[:-1], following, *rest)))
        self.repetitions[place] = button

    def _add_button(self, title: str, trail: Trail, tip: str) -> None:
        button = self._button(title, "crumb")
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        button.clicked.connect(lambda: self.chosen.emit(trail))
        self.steps.append(button)

    def _button(self, title: str, role: str) -> QToolButton:
        button = QToolButton()
        button.setProperty("role", role)
        wide = self.themes.current.px(_WIDEST)
        button.setText(self.fontMetrics().elidedText(title, Qt.TextElideMode.ElideMiddle, wide))
        button.setCursor(Qt.CursorShape.ArrowCursor)
        self._add(button)
        return button

    def _add_words(self, text: str, role: str) -> None:
        words: QLabel = label("", role)
        wide = self.themes.current.px(_WIDEST)
        words.setText(words.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, wide))
        self._add(words)

    def _add_arrow(self) -> None:
        self._add(IconLabel(self.themes, "right", "text3", 12))

    def _add(self, widget: QWidget) -> None:
        self._layout.addWidget(widget)
        widget.show()

    def _clear(self) -> None:
        self.steps.clear()
        self.repetitions.clear()
        while (item := self._layout.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
