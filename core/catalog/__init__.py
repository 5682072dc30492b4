"""The layer kinds one can drop on the canvas, one family a file."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from types import MappingProxyType
from typing import get_args

from core.catalog import (
    activation,
    arithmetic,
    attention,
    convolution,
    dense,
    distance,
    dropout,
    elementwise,
    folding,
    indexing,
    joining,
    kept,
    logic,
    losses_binary,
    losses_classes,
    losses_pairs,
    losses_structured,
    losses_values,
    losses_weighted,
    masks,
    normalization,
    padding,
    pooling,
    positions,
    python_block,
    recurrent,
    reductions,
    residual,
    shaping,
    sources,
    stretching,
    transformer,
    upsampling,
    vision,
)
from core.catalog.kind import Category, LayerKind
from core.catalog.searching import Spoken, ranked
from core.errors import KindError
from core.graph import Node

CATEGORIES: tuple[Category, ...] = get_args(Category)
"""In the order of the palette."""
_FAMILIES = (
    sources,
    kept,
    convolution,
    padding,
    folding,
    dense,
    distance,
    activation,
    normalization,
    dropout,
    residual,
    pooling,
    python_block,
    recurrent,
    attention,
    transformer,
    masks,
    positions,
    vision,
    upsampling,
    shaping,
    stretching,
    indexing,
    joining,
    arithmetic,
    elementwise,
    reductions,
    logic,
    losses_classes,
    losses_binary,
    losses_values,
    losses_pairs,
    losses_structured,
    losses_weighted,
    python_block,
)
KINDS: Mapping[str, LayerKind] = MappingProxyType({kind.name: kind for family in _FAMILIES for kind in family.KINDS})
"""Every kind by name, in the order of the palette."""


def find(name: str) -> LayerKind:
    """The kind of this name; raises KindError."""
    kind = KINDS.get(name)
    if kind is not None:
        return kind
    close = difflib.get_close_matches(name, KINDS, 1)
    hint = f"Did you mean {close[0]}?" if close else "See `chainrule layers` for the list."
    raise KindError("a known layer kind was wanted", f"“{name}” came", fix=hint)


def kind_of(node: Node) -> LayerKind:
    """The node's kind, with the ports that its own source gives it; raises KindError."""
    return python_block.fitted(node.params) if node.kind == python_block.PYTHON else find(node.kind)


def search(text: str) -> tuple[LayerKind, ...]:
    """The kinds that match, best first; all in palette order for an empty text."""
    return ranked(text, KINDS.values(), spoken)


def spoken(kind: LayerKind) -> Spoken:
    """What a kind is found by."""
    return Spoken(kind.name, (kind.category.lower(), *kind.words))
