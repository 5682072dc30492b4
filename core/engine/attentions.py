"""Where a layer's positions look: the weights of attention for one sample."""

from __future__ import annotations

import msgspec

from core.engine.traces import Trace


class Attend(Trace, kw_only=True):
    """The weights with which a step's positions look at each other; answered by Attended.

    For one sample of the held-out part, or of training where nothing is held out: the one at `first`, counted round.
    """

    path: str


class AttentionMap(msgspec.Struct, frozen=True, kw_only=True):
    """The weights of one attention, every row adding up to 1."""

    heads: int
    queries: int
    keys: int
    weights: bytes
    """float32 (HEADS, QUERIES, KEYS)."""


class Attended(msgspec.Struct, frozen=True, kw_only=True):
    """The answer: a decoder layer attends twice, to itself and then to what was encoded."""

    step: int
    maps: list[AttentionMap]
    tokens: dict[str, list[str]]
    """By field the words of the sample, where its numbers stand for words."""
    number: int
    """That of the sample in its data set."""
    seconds: float
