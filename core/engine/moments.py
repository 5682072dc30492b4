"""Which steps of a run can be shown as they were: what is asked, and what comes back."""

from __future__ import annotations

from typing import Literal

import msgspec

Source = Literal["recent", "checkpoint", "now"]


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """One step whose weights are there, to the last bit."""

    step: int
    source: Source
    """Kept in memory, as a file, or how the network stands."""
    whole: bool = False
    """Whether a run can go on from it exactly: the optimizers' memory is there too."""
    name: str = ""
    """Of a checkpoint: `last`, `best`, `epoch-5` or `step-1000`."""


class Recall(msgspec.Struct, kw_only=True):
    """Which moments there are; answered by Recalled."""

    hold: bool = False
    """Whether the steps that are kept in memory shall stay from now on, as somebody looks at them."""


class Recalled(msgspec.Struct, frozen=True, kw_only=True):
    """The answer, the oldest first."""

    moments: list[Moment]
    mebibytes: int
    """The memory that steps may be kept in."""
    room: int
    """How many fit into it."""


class Leave(msgspec.Struct, kw_only=True):
    """Write the run as it was after a step that is kept whole as a checkpoint; answered by Left."""

    step: int
    path: str


class Left(msgspec.Struct, frozen=True, kw_only=True):
    """The answer."""

    path: str
    step: int
