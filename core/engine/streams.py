"""Takes the pipe before anybody else can write to it; imported first, so it stands on `os` and `sys` alone."""

from __future__ import annotations

import os
import sys


def take_pipe() -> tuple[int, int]:
    """Private copies of standard input and output: the descriptors to read requests from and write events to.

    From now on standard input is the null device and standard output is standard error, so that no print, no C library
    and no `input()` can break a frame.
    """
    sys.stdout.flush()
    requests, events = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.close(null)
    os.dup2(2, 1)
    _as_bytes(requests, events)
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # it is a TextIOWrapper at start
    return requests, events


def _as_bytes(*descriptors: int) -> None:
    # Windows would turn every byte 10 of a frame into two.
    if sys.platform == "win32":
        import msvcrt

        for descriptor in descriptors:
            msvcrt.setmode(descriptor, os.O_BINARY)
