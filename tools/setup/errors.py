"""What the set-up says when it cannot go on."""

from __future__ import annotations

from core.errors import ChainruleError


class SetupError(ChainruleError):
    """The machine lacks something that the set-up may not or cannot fetch by itself."""
