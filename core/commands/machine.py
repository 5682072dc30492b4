"""Gets this process ready for training, before torch is imported: the number of threads, and memory that stays."""

from __future__ import annotations

import ctypes
import os
import sys

TRIM_THRESHOLD, TOP_PAD, MMAP_THRESHOLD = -1, -2, -3
"""Options of glibc's mallopt."""
ALLOCATOR = ((MMAP_THRESHOLD, 32 * 2**20), (TRIM_THRESHOLD, 2**30), (TOP_PAD, 64 * 2**20))
"""glibc gives memory back after every step and faults it in again; so it keeps what it has."""


def ready(threads: int) -> None:
    """Let torch use so many threads, and let glibc keep its memory; nothing where there is no glibc."""
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = str(threads)
    library = ctypes.CDLL(None) if sys.platform.startswith("linux") else None
    if library is not None and hasattr(library, "mallopt"):
        for option, value in ALLOCATOR:
            library.mallopt(option, value)
