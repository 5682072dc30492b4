"""Small files that are treated as if they were too large for the memory."""

from __future__ import annotations

import pytest

from core.data import ondisk, rows


def keep_on_disk(patch: pytest.MonkeyPatch) -> None:
    """Let no array of more than 64 bytes be held in memory."""
    for module in (rows, ondisk):
        patch.setattr(module, "IN_MEMORY", 64)
    patch.setattr(rows, "SMALL", 4_000)
    patch.setattr(rows, "TOGETHER", 1_000)
