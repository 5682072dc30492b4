"""A card's place, measures and state; its texts are made when somebody looks at them."""

from __future__ import annotations

from types import MappingProxyType

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPixmap, QPolygonF

from gui.canvas.brief import Brief, brief_of
from gui.canvas.card import Card
from gui.canvas.geometry import Frame
from gui.canvas.health import Health
from gui.canvas.look import Look
from gui.canvas.part import Part
from gui.canvas.states import States

MARGIN = 12.0


class CardPart(Part):
    """One node as the scene knows it, drawn or not."""

    is_selected: bool
    is_hovered: bool
    is_dim: bool
    _CALM = MappingProxyType(
        {"_is_visible": True, "_height": 1, "is_selected": False, "is_hovered": False, "is_dim": False}
    )

    def __init__(self, node: str, made: Card | Brief, look: Look, states: States) -> None:
        """Of a card, or of as much as has to be known of it: `states` then makes it when it is asked for."""
        super().__init__(height=1)
        self.node = node
        self.look = look
        self._states = states
        self._rect: QRectF | None = None
        self._take(made)
        self.reset()

    def _take(self, made: Card | Brief) -> None:
        self._card = made if isinstance(made, Card) else None
        self.brief = brief_of(made) if isinstance(made, Card) else made
        self._rect = self._bounds = None

    def _measured(self) -> QRectF:
        return self.brief.frame.rect.adjusted(-MARGIN, -MARGIN, MARGIN, MARGIN)

    def reset(self) -> None:
        """Be as new but for the card: neither selected nor measured."""
        self.health: Health | None = None
        self.loss: tuple[float | None, QPolygonF] = (None, QPolygonF())
        self.curve = QPolygonF()
        self.warmth = 1.0
        self.measured = False
        """Whether the canvas shows gradients."""
        self.preview: QPixmap | None = None
        self.calm()

    @property
    def card(self) -> Card:
        """Everything on it but its health."""
        if self._card is None:
            self._card = self._states.card_of(self.node)
        return self._card

    @property
    def is_made(self) -> bool:
        """Whether its texts were ever asked for."""
        return self._card is not None

    @property
    def frame(self) -> Frame:
        """Its measures."""
        return self.brief.frame

    @property
    def rect(self) -> QRectF:
        """The card in scene coordinates."""
        if self._rect is None:
            self._rect = self.brief.frame.rect.translated(self._at)
        return self._rect

    def setPos(self, at: QPointF) -> None:  # noqa: D102  # Qt's name
        super().setPos(at)
        self._rect = None

    @property
    def far_ink(self) -> QColor:
        """The colour of its block from far away: of its gradient where one is shown, else of its category, or faint."""
        value = self.health.value if self.measured and self.health is not None else None
        if self.brief.bypassed:
            return self.look.color("line3")
        return self.look.gradient(value) if value is not None else self.look.category(self.brief.category)

    def port_at(self, side: str, name: str) -> QPointF:
        """The middle of a port in scene coordinates."""
        frame = self.brief.frame
        return self._at + (frame.input_at(name) if side == "input" else frame.output_at(name))

    def show_card(self, made: Card | Brief) -> None:
        """Draw these texts and ports from now on, or those that are made when they are asked for."""
        if made.frame != self.brief.frame:
            self.update()
        self._take(made)
        self.update()
