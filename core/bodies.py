"""What of a card's body is shown, as a value: the network knows nothing of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

Mark = Literal["collapsed", "activation"]


@dataclass(frozen=True, slots=True)
class Body:
    """How one card is shown; most are shown as they come, and none of these stands for them."""

    collapsed: bool = False
    """Whether it is its title alone."""
    activation: bool = False
    """Whether the layer's last activation is folded out."""

    @property
    def marks(self) -> tuple[Mark, ...]:
        """What differs from a card as it comes."""
        folded: tuple[Mark, ...] = ("collapsed",) if self.collapsed else ()
        return (*folded, "activation") if self.activation else folded


PLAIN = Body()
"""A card as it comes."""
Bodies = Mapping[str, Body]
"""By node id, those that are not PLAIN."""


def body_of(marks: Iterable[Mark]) -> Body:
    """The body with these marks."""
    found = set(marks)
    return Body("collapsed" in found, "activation" in found)
