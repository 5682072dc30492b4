"""Every data set that comes with Chainrule, by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from core.data.builtin import pictures, planes, series, tables, texts
from core.data.sources import SourceKind

SOURCES: Mapping[str, SourceKind] = MappingProxyType(
    {kind.name: kind for kind in (*pictures.PICTURES, *tables.TABLES, *series.SERIES, *texts.TEXTS, *planes.PLANES)}
)
