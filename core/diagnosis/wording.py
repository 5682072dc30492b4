"""What is said of a finding whatever the network."""

from __future__ import annotations

from typing import NamedTuple

from core.diagnosis.finding import Family


class Words(NamedTuple):
    """The words of one finding; `why` says what happens, why it hurts, when it is harmless, and what helps."""

    title: str
    family: Family
    why: str
    source: str
