"""What has to be known of a card that nobody sees: its measures, and how its block looks from far away."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from core.catalog import KINDS
from core.catalog.kind import Category
from core.catalog.python_block import PYTHON
from core.catalog.sources import DATASET
from core.graph import Node
from gui.canvas.card import Card
from gui.canvas.geometry import Frame, frame
from gui.canvas.known import Known

_OWN_PORTS = frozenset({DATASET, PYTHON})
"""Kinds whose nodes have ports that the kind does not know."""


class Brief(NamedTuple):
    """A card without its texts."""

    frame: Frame
    category: Category
    icon: str
    role: str
    bypassed: bool = False
    errors: int = 0
    integers: tuple[str, ...] = ()
    """The outputs that give whole numbers."""


def brief_of(card: Card) -> Brief:
    """The same of a card that was made."""
    integers = tuple(port.name for port in card.outputs if port.shape == "diamond")
    return Brief(card.frame, card.category, card.icon, card.role, card.bypassed, card.errors, integers)


def brief(node: Node, facts: Known | None) -> Brief | None:
    """That of a node's card at its usual size; None where only the card itself can tell.

    That is so for blocks, data and what has several ports, whose measures follow from texts, and for what is wrong.
    """
    is_told_of = facts is not None and (node.id in facts.problems or node.id in facts.inside)
    return None if is_told_of else _usual(node.kind, node.bypassed)


@lru_cache(1024)
def _usual(name: str, bypassed: bool) -> Brief | None:
    kind = KINDS.get(name)
    if kind is None or name in _OWN_PORTS or any(port.needs for port in kind.outputs):
        return None
    if max(len(kind.inputs), len(kind.outputs)) > 1:
        return None
    entries = [port.name for port in kind.inputs]
    leaving = [port.name for port in kind.outputs] if kind.role != "loss" else []
    integers = tuple(port.name for port in kind.outputs if port.dtype == "int" and leaving)
    return Brief(frame(entries, leaving), kind.category, kind.icon, kind.role, bypassed, 0, integers)
