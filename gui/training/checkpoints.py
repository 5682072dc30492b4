"""What the window may know of a checkpoint without loading it."""

from __future__ import annotations

from pathlib import Path

from core.runs.checkpoints import facts


def checkpoint_step(file: Path) -> int | None:
    """The step at which a checkpoint was written; None where that cannot be read."""
    told = facts(file)
    return int(told["step"]) if told is not None else None
