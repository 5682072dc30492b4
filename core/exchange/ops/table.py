"""Every operation of torch that has a counterpart, by what torch calls it."""

from __future__ import annotations

from types import MappingProxyType

from core.exchange.ops import activations, arithmetic, parting, recurrent, reducing, scaling, views, weighted
from core.exchange.ops.entry import Entry, Table

ATEN = "aten:"
"""Before a name whose arguments stand in another order in aten than in torch."""
_TABLES = (activations, arithmetic, views, parting, scaling, reducing, weighted, recurrent)
OPS: Table = MappingProxyType({name: known for table in _TABLES for name, known in table.OPS.items()})


def entry(name: str, aten: bool = False) -> Entry | None:
    """The counterpart of an operation; in-place ones are those without their underscore."""
    for known in (name, name[:-1] if name.endswith("_") and not name.endswith("__") else name):
        if aten and f"{ATEN}{known}" in OPS:
            return OPS[f"{ATEN}{known}"]
        if known in OPS:
            return OPS[known]
    return None
