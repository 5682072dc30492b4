"""Cards in as many columns as fit, all of one size; the arrow keys go from one to the next."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from gui.template_card import TemplateCard
from gui.theme import Themes

WIDTH, HEIGHT, GAP = 196, 264, 10
"""The least width of a card, its height, and what is between two, in pixels of the design."""


class CardFlow(QWidget):
    """The cards that are shown, in their order."""

    reached = Signal(object)
    """The card that the arrow keys have gone to."""

    def __init__(self, themes: Themes) -> None:
        super().__init__()
        self._themes = themes
        self.cards: list[TemplateCard] = []
        """Those that are shown."""
        themes.changed.connect(self._lay)

    def show_cards(self, cards: Sequence[TemplateCard]) -> None:
        """Show these and no others."""
        for card in self.cards:
            if card not in cards:
                card.hide()
        self.cards = list(cards)
        self._lay()
        for card in self.cards:
            if card.parentWidget() is not self:
                card.setParent(self)
            card.show()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: D102  # Qt's name
        super().resizeEvent(event)
        self._lay()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: D102  # Qt's name
        across = self._across()
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: -across, Qt.Key.Key_Down: across}
        here = next((place for place, card in enumerate(self.cards) if card.hasFocus()), None)
        there = -1 if here is None else here + steps.get(Qt.Key(event.key()), len(self.cards))
        if not 0 <= there < len(self.cards):
            super().keyPressEvent(event)
            return
        self.cards[there].setFocus(Qt.FocusReason.OtherFocusReason)
        self.reached.emit(self.cards[there])

    def _across(self) -> int:
        theme = self._themes.current
        width, gap = theme.px(WIDTH), theme.px(GAP)
        return max((self.width() + gap) // (width + gap), 1)

    def _lay(self, *_args: object) -> None:
        theme, across = self._themes.current, self._across()
        height, gap = theme.px(HEIGHT), theme.px(GAP)
        wide = (self.width() - gap * (across - 1)) / across
        for index, card in enumerate(self.cards):
            line, place = divmod(index, across)
            left, right = round(place * (wide + gap)), round(place * (wide + gap) + wide)
            card.setGeometry(QRect(left, line * (height + gap), right - left, height))
        lines = -(-len(self.cards) // across)
        self.setMinimumHeight(lines * (height + gap))
