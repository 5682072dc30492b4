"""What an ONNX file may hold at most, so that a hostile one is refused before it costs time or memory."""

from __future__ import annotations

from core.errors import FileError

FILE_BYTES = 2**31 - 1
"""protobuf's own limit of one message; weights beyond it lie in files beside it."""
NODES = 50_000
FUNCTION_DEPTH = 16
"""Functions that call functions, and branches within branches."""
TENSOR_BYTES = 2**33
FOLDED_NUMBERS = 2**26
"""Numbers of a constant that is worked out while reading."""
FILLED_NUMBERS = 2**28
"""Numbers of all constants together that a file fills with one number each."""
CALLS = 10_000
"""Calls of functions."""
RANK = 16
WHERE = "ONNX"


def refusal(wanted: str, came: str, fix: str = "Export the model anew.", where: str = WHERE) -> FileError:
    """The error for a file that is refused."""
    return FileError(wanted, came, where, fix)
