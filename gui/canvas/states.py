"""What a card asks of the scene in which it stands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from gui.canvas.body_states import BodyStates
from gui.canvas.card import Card


class States(Protocol):
    """What the scene says of cards: of their ports while a wire is dragged, and of their bodies."""

    bodies: BodyStates
    fits: Callable[[str, str, str], bool | None] | None
    """What a dragged wire says of ports; None while none is dragged."""
    has_time: Callable[[], bool]
    """Whether one more card may be drawn anew in the frame that is being painted."""

    def port_fits(self, node: str, side: str, port: str) -> bool | None:
        """True to glow, False to fade, None for rest."""

    def card_of(self, node: str) -> Card:
        """The card of this node, made anew."""
