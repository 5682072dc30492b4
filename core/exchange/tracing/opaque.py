"""What has no counterpart as a node that runs it: its class as text, or a small class around one function of torch."""

from __future__ import annotations

from core.exchange.tracing.builder import Builder, Unmapped, Wire
from core.exchange.tracing.pairing import Op


def node(builder: Builder, op: Op) -> tuple[Wire, ...]:
    """A Python block for the call; raises Unmapped where its text cannot be found."""
    raise Unmapped("blocks of Python code are not there")
