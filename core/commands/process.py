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
    line = (sys.executable, "-P", "-m", module, *arguments)
    with subprocess.Popen(line, env=_environment({**os.environ, **(environment or {})})) as process:
        code = _waited(process)
    return 128 - code if code < 0 else code


def _environment(base: Mapping[str, str]) -> dict[str, str]:
    """`-P` and this path: the packages beside us are found, those of the user's folder never."""
    return {**base, "PYTHONPATH": os.pathsep.join(filter(None, (str(ROOT), base.get("PYTHONPATH"))))}


def _waited(process: subprocess.Popen[bytes]) -> int:
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue  # the terminal has told the program too, and it ends by itself
