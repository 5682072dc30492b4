"""Starts the window's programs: this process has neither Qt nor a reason to load it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
"""The folder that core and gui lie in."""


def call(module: str, arguments: Sequence[str], environment: Mapping[str, str] | None = None) -> int:
    """Run a module with this Python until it ends; its exit code, 128 and the number where a signal ended it."""
    with subprocess.Popen(line(module, arguments), env=surroundings({**os.environ, **(environment or {})})) as process:
        code = _waited(process)
    return 128 - code if code < 0 else code


def become(module: str, arguments: Sequence[str]) -> int:
    """Let a module take this process over, so that its signals and its end are the program's own; else run it."""
    if os.name == "posix":
        sys.stdout.flush()
        os.execve(sys.executable, line(module, arguments), surroundings(os.environ))
    return call(module, arguments)


def line(module: str, arguments: Sequence[str]) -> tuple[str, ...]:
    """The command line; with `-P` and the path of `surroundings`, no folder of the user's hides our packages."""
    return (sys.executable, "-P", "-m", module, *arguments)


def surroundings(base: Mapping[str, str]) -> dict[str, str]:
    """The environment, in which the packages beside this one are found."""
    return {**base, "PYTHONPATH": os.pathsep.join(filter(None, (str(ROOT), base.get("PYTHONPATH"))))}


def _waited(process: subprocess.Popen[bytes]) -> int:
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue  # the terminal has told the program too, and it ends by itself
