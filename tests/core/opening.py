"""Opens every file of its arguments in a process of its own; prints what came of it, what it took, as JSON lines.

Run as a program: the parent has everything imported, forks for each file, and the system counts for the child.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
from pathlib import Path

from core.errors import ChainruleError
from core.files import load
from core.reading import read

LIMIT = 700 * 2**20
"""Bytes that a child may have beyond what it began with."""
SECONDS = 20
"""Of the processor; also until a child that waits for ever is ended."""


def opened(path: Path) -> dict[str, object]:
    """What opening comes to: the problems of the network, or the four parts of the refusal."""
    try:
        return {"problems": [problem.code for problem in read(load(path)).problems][:10]}
    except ChainruleError as error:
        parts = (error.wanted, error.came, error.where, error.fix)
        return {"refused": [str(part)[:300] for part in parts], "length": len(str(error))}


def child(path: Path, channel: int) -> None:
    """Open the file within the limits and tell; does not return."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    most = pages * resource.getpagesize() + LIMIT
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    signal.alarm(3 * SECONDS)
    try:
        told = opened(path)
    except BaseException as error:  # whatever it is, the parent must hear of it
        told = {"crashed": repr(error)[:300]}
    os.write(channel, json.dumps(told).encode())
    os._exit(0)


def measured(path: Path) -> dict[str, object]:
    """The outcome, with seconds of the processor and bytes beyond those at the start."""
    before = int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
    ending, channel = os.pipe()
    pid = os.fork()
    if not pid:
        child(path, channel)
    os.close(channel)
    with os.fdopen(ending, "rb") as stream:
        told = stream.read()
    _pid, status, used = os.wait4(pid, 0)
    outcome: dict[str, object] = json.loads(told) if told else {"crashed": f"status {status}"}
    outcome["seconds"] = used.ru_utime + used.ru_stime
    outcome["bytes"] = used.ru_maxrss * 1024 - before
    return {"file": path.name, **outcome}


if __name__ == "__main__":
    for name in sys.argv[1:]:
        sys.stdout.write(json.dumps(measured(Path(name))) + "\n")
        sys.stdout.flush()
