"""How the engine's process is started: isolated, in its own folder, with the allocator set for training."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

PROGRAM = Path(__file__).with_name("__main__.py")
ALLOCATOR = (
    ("MALLOC_TRIM_THRESHOLD_", 2**30),
    ("MALLOC_MMAP_THRESHOLD_", 2**30),
    ("MALLOC_TOP_PAD_", 64 * 2**20),
)
"""glibc gives memory back after every step and faults it in again; with these LeNet-5 takes 0.75 of the time."""
THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS")


def command(program: Path = PROGRAM) -> tuple[str, ...]:
    """The command line: `-I` keeps the user's folder and PYTHON variables out of the engine's imports."""
    return (sys.executable, "-I", str(program))


def environment(threads: int, base: Mapping[str, str]) -> dict[str, str]:
    """The engine's environment: the caller's, with the allocator and the number of threads set."""
    settings = {name: str(value) for name, value in ALLOCATOR}
    return {**base, **settings, **dict.fromkeys(THREADS, str(threads))}


def spawn(line: Sequence[str], folder: str, threads: int) -> subprocess.Popen[bytes]:
    """The process, in a group of its own, so that Ctrl-C in a terminal is the caller's alone; raises OSError."""
    return subprocess.Popen(
        line,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
        cwd=folder,
        env=environment(threads, os.environ),
        start_new_session=True,
        creationflags=_window_flags(),
    )


def _window_flags() -> int:
    if sys.platform == "win32":
        return subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW
    return 0
