"""What the window may know of a checkpoint without loading it."""

from __future__ import annotations

import json
from pathlib import Path

LENGTH_BYTES = 8
LARGEST_HEAD = 16 * 2**20


def checkpoint_step(file: Path) -> int | None:
    """The step at which a checkpoint was written; None where that cannot be read.

    Source: the safetensors format, a little-endian length, then a JSON head whose `__metadata__` holds texts.
    """
    try:
        with file.open("rb") as stream:
            length = int.from_bytes(stream.read(LENGTH_BYTES), "little")
            head = json.loads(stream.read(min(length, LARGEST_HEAD)))
        facts = [json.loads(text) for text in head["__metadata__"].values()]
        return next(int(fact["step"]) for fact in facts if isinstance(fact, dict) and "step" in fact)
    except (OSError, ValueError, KeyError, TypeError, StopIteration, AttributeError):
        return None
