"""Exceptions as the message that carries them: in four parts, with the node where there is one."""

from __future__ import annotations

import traceback

from core.engine.messages import Problem
from core.errors import ChainruleError, CodeError


def problem(error: BaseException) -> Problem:
    """What the window shows: our own errors in their words, any other with its stack trace for the fold."""
    node = str(getattr(error, "node", ""))  # said by those errors that know their node
    if isinstance(error, ChainruleError):
        line = error.line if isinstance(error, CodeError) else 0
        return Problem(error.wanted, error.came, error.where, error.fix, node, type(error).__name__, line=line)
    return Problem(
        "the engine could not finish what it was asked",
        f"{type(error).__name__} came: {error}" if str(error) else f"{type(error).__name__} came",
        "Engine",
        "Please report this with the details below; your project is unharmed.",
        node,
        type(error).__name__,
        "".join(traceback.format_exception(error)),
    )
