"""Cards and wires that have gone from a scene, kept for when an undo, or coming back to a block, brings them again."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Generic, TypeVar

from gui.canvas.part import Part

MOST = 2_000
"""Of each; of more, the first that went are forgotten."""
PartT = TypeVar("PartT", bound=Part)


class Kept(Generic[PartT]):
    """Parts by key, each with the value that it was made of."""

    def __init__(self) -> None:
        self._parts: dict[Hashable, tuple[object, PartT]] = {}

    def __contains__(self, key: object) -> bool:
        return key in self._parts

    def put(self, key: Hashable, made_of: object, part: PartT) -> None:
        """Keep a part that has gone."""
        self._parts.pop(key, None)
        self._parts[key] = made_of, part
        if len(self._parts) > MOST:
            del self._parts[next(iter(self._parts))]

    def take(self, key: Hashable, made_of: object) -> PartT | None:
        """The part that was made of an equal value, kept no longer; None where there is none."""
        found = self._parts.pop(key, None)
        return found[1] if found is not None and found[0] == made_of else None

    def clear(self) -> None:
        """Forget all of them."""
        self._parts.clear()
