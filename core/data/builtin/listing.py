"""Every data set that comes with Chainrule, by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from core.data.builtin import emoji, photos, pictures, planes, series, tables, texts
from core.data.sources import SourceKind

_KINDS = (
    *(*pictures.PICTURES, emoji.EMOJI, photos.PIECES, photos.SCENES),
    *tables.TABLES,
    *series.SERIES,
    *(*texts.TEXTS, emoji.NAMES),
    *planes.PLANES,
)
SOURCES: Mapping[str, SourceKind] = MappingProxyType({kind.name: kind for kind in _KINDS})
