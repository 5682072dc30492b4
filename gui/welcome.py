"""The start page: begin, open, go on with a recent file, or take a template."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Collection, Sequence
from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from core.gallery import CATEGORIES
from gui.card_flow import CardFlow
from gui.category_tabs import ALL, CategoryTabs
from gui.keymap import Keymap
from gui.palette import SearchField
from gui.start_side import StartSide
from gui.template_card import TemplateCard
from gui.template_preview import TemplatePreview
from gui.templates import Template, exercises, templates
from gui.theme import Themes
from gui.widgets import ElidedLabel, column, frame, label, prose, row

TURN = 0.012
"""Seconds that cards are filled for before the window may paint again."""
MEASURED = "Times measured on one core of a CPU, bundled data"


class Welcome(QWidget):
    """Two panels: what to begin with at the left, templates at the right."""

    asked = Signal(str)
    """The id of a command: new, open, settings."""
    file_chosen = Signal(object)
    template_chosen = Signal(object)
    step_chosen = Signal(object)
    """A FirstStep."""

    def __init__(
        self, themes: Themes, recent: Sequence[Path], keymap: Keymap, done: Collection[str] = frozenset()
    ) -> None:
        """`done` are the names of the first steps that are done."""
        super().__init__()
        self._themes = themes
        self.templates = (*templates(), *exercises())
        self.cards: list[TemplateCard] = []
        self._filling = QTimer(self)
        self._filling.timeout.connect(self._fill)
        self.side = StartSide(themes, recent, keymap, done)
        self.side.asked.connect(self.asked)
        self.side.file_chosen.connect(self.file_chosen)
        self.side.step_chosen.connect(self.step_chosen)
        self.setLayout(row(self.side, self._main(), spacing=4))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Start page")

    def _main(self) -> QFrame:
        self._cards = CardFlow(self._themes)
        self._cards.setProperty("role", "page")
        self._cards.reached.connect(self._bring_in)
        self.cards = [self._card(template) for template in self.templates]
        self._cards.show_cards(self.cards)
        self._nothing = prose("")
        self._nothing.hide()
        self._area = area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(self._cards)
        head, choice = self._head(), self._choice()
        return frame("panel", column(head, choice, self._nothing, area, spacing=8, margins=(22, 18, 22, 16)))

    def _card(self, template: Template) -> TemplateCard:
        card = TemplateCard(self._themes, template)
        card.chosen.connect(self.template_chosen)
        card.preview_asked.connect(self._preview)
        return card

    def _head(self) -> QWidget:
        title = QWidget()
        self.search = SearchField(self._themes, "Search templates")
        self.search.setFixedWidth(self._themes.current.px(240))
        self.search.textChanged.connect(self._filter)
        what = ElidedLabel("Each opens a working graph, its data and a short lesson, or one to repair", "secondary")
        layout = row(label("Templates", "display"), what, self.search, spacing=12)
        layout.setStretch(1, 1)
        title.setLayout(layout)
        return title

    def _choice(self) -> QWidget:
        self.tabs = CategoryTabs(CATEGORIES)
        self.tabs.show_counts(self._counts(self.cards))
        self.tabs.chosen.connect(self._filter)
        self.measured = ElidedLabel(MEASURED, "caption")
        self.measured.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if not any(template.time for template in self.templates):
            self.measured.hide()  # never shown from here: without a parent yet it would be a window of its own
        line = QWidget()
        layout = row(self.tabs, self.measured, margins=(0, 0, 0, 4))
        layout.setStretch(1, 1)
        line.setLayout(layout)
        return line

    def _preview(self, card: TemplateCard) -> None:
        preview = TemplatePreview(self._themes, card.template, self.window())
        preview.chosen.connect(self.template_chosen)
        preview.open()

    def _bring_in(self, card: QWidget) -> None:
        self._area.ensureWidgetVisible(card)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: D102  # Qt's name
        super().paintEvent(event)
        if not self._filling.isActive() and not self.is_complete:
            self._filling.start()

    @property
    def is_complete(self) -> bool:
        """Whether every card shows its template."""
        return all(card.is_filled for card in self.cards)

    def _fill(self) -> None:
        """Fill cards, those at the top first, as long as a frame can wait."""
        until = time.perf_counter() + TURN
        for card in self._cards.cards + self.cards:
            card.fill()
            if time.perf_counter() > until:
                return
        self._filling.stop()

    def _filter(self, _changed: str = "") -> None:
        text, category = self.search.text(), self.tabs.current
        words = text.lower().split()
        about = [card for card in self.cards if card.template.is_about(words)]
        found = [card for card in about if category in (ALL, card.template.entry.category)]
        self.tabs.show_counts(self._counts(about))
        self._cards.show_cards(found)
        self._nothing.setVisible(not found)
        where = "" if category == ALL else f" in {category}"
        what = f" about “{text.strip()}”" if words else ""
        self._nothing.setText(f"No template{what}{where}.")

    @staticmethod
    def _counts(cards: Sequence[TemplateCard]) -> dict[str, int]:
        return {ALL: len(cards), **Counter(card.template.entry.category for card in cards)}
