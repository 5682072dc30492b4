"""Frames on descriptors: a little-endian uint32 length and that many bytes."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

from core.engine.messages import LENGTH, MAX_FRAME
from core.errors import EngineError

PREAMBLE = b"\0chainrule pipe\n"
"""What the engine writes before its first frame; noise of a start-up script in front of it is skipped."""
CHUNK = 1 << 20


def frames(descriptor: int, preamble: bytes = b"") -> Iterator[bytes]:
    """The body of every frame until the pipe ends, whatever comes before the preamble left out.

    A frame that was cut off by the end is left out too. Raises EngineError for an impossible length.
    """
    buffer = bytearray()
    waiting = bool(preamble)
    while chunk := _read(descriptor):
        buffer += chunk
        if waiting:
            _noise, found, rest = buffer.partition(preamble)
            if not found:
                continue
            buffer, waiting = rest, False
        start = 0
        while end := _end(buffer, start):
            yield bytes(buffer[start + LENGTH.size : end])
            start = end
        del buffer[:start]


def write_all(descriptor: int, data: bytes) -> bool:
    """Write everything, however long the reader lets us wait; whether the reader was still there."""
    view = memoryview(data)
    try:
        while view:
            view = view[os.write(descriptor, view[:CHUNK]) :]
    except OSError:
        return False
    return True


def widen(descriptor: int) -> None:
    """Ask for a pipe of 1 MiB where the system can (Linux): a quarter of the switches between the two processes."""
    if sys.platform == "linux":
        import fcntl

        try:
            fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, CHUNK)
        except OSError:
            return  # not a pipe, or the user's share of pipe memory is used up: the usual 64 KiB serve too


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, CHUNK)
    except OSError:  # the other end broke off, or ours was closed: the end, either way
        return b""


def _end(buffer: bytearray, start: int) -> int:
    """Where the frame that begins here ends; 0 when it has not all come."""
    if len(buffer) < start + LENGTH.size:
        return 0
    length = LENGTH.unpack_from(buffer, start)[0]
    if length > MAX_FRAME:
        raise EngineError(
            "a frame below 2 GiB was wanted", f"{length} bytes came", "Engine pipe", "Restart the engine."
        )
    end = start + LENGTH.size + int(length)
    return end if len(buffer) >= end else 0
