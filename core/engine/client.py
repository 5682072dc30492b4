"""Starts an engine, sends it requests and collects its events; knows neither Qt nor torch."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import IO

from core.engine.launch import command, spawn
from core.engine.messages import AnyEvent, Ask, Hello, Request, Said, Shutdown, decode_event, encode
from core.engine.pipe import PREAMBLE, frames, widen, write_all
from core.errors import EngineError

PENDING = 64 * 2**20
"""Bytes of events that wait here for `drain`; what is more waits in the engine, then on disk."""
TAIL = 64 * 2**10
"""Bytes of the engine's standard error that are kept for the log."""
GRACE = 2.0
"""Seconds between Shutdown and kill."""
LAST_WORDS = 0.05
"""Seconds a dead engine's last events have to come out of the pipe before its death is told."""


@dataclass(frozen=True, slots=True)
class EngineDied:
    """The engine's process has ended without being asked to; what it had said before has come before this."""

    exit_code: int
    """As subprocess has it: the negative number of the signal where one ended it."""
    reason: str
    """In words: “ended by signal 9 (SIGKILL)”."""
    output: str
    """The last of what it wrote to standard error."""

    @property
    def error(self) -> EngineError:
        """The same as an error in four parts."""
        fix = "Resume the run from its last checkpoint, or restart it; the document is unharmed."
        return EngineError("the engine was wanted to go on", f"its process {self.reason}", "Engine", fix)


Notice = AnyEvent | EngineDied


class Engine:
    """One engine process and the threads that serve its pipe; all of its methods are for one thread, the owner's."""

    def __init__(
        self, wake: Callable[[], None] | None = None, threads: int = 1, line: Sequence[str] | None = None
    ) -> None:
        """Start the process at once; `wake` is called, in any thread, when there is something to drain.

        `threads` is what torch may use before a run says otherwise; `line` another command than this computer's own
        engine. Raises EngineError where no process can be started.
        """
        self.wake = wake or _nobody
        """May be exchanged while the engine lives, as by the next owner."""
        self._folder = tempfile.mkdtemp(prefix="chainrule-engine-")
        self._process = _start(line or command(), self._folder, threads)
        self._events: deque[Notice] = deque()
        self._pending = 0
        self._frames: deque[bytes] = deque()
        self._change = threading.Condition()
        self._closing = False
        self._dead = False
        self._over = False
        self._tail = bytearray()
        self._ids = itertools.count(1)
        self._threads = {name: self._thread(name) for name in ("read", "write", "listen", "wait")}
        for thread in self._threads.values():
            thread.start()
        self.send(Hello())

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    @property
    def threads(self) -> tuple[threading.Thread, ...]:
        """The threads that serve its pipes until it is closed."""
        return tuple(self._threads.values())

    @property
    def alive(self) -> bool:
        """Whether the process runs and may be asked something."""
        return not (self._dead or self._closing)

    @property
    def output(self) -> str:
        """The last 64 KiB of what the process wrote to standard error."""
        return bytes(self._tail).decode("utf-8", "replace")

    def send(self, request: Request) -> None:
        """Queue a request, without waiting; one to a dead engine goes nowhere, as EngineDied has told.

        Raises EngineError where it is longer than a frame can be.
        """
        data = encode(request)
        with self._change:
            if self.alive:
                self._frames.append(data)
                self._change.notify_all()

    def ask(self, kind: str, body: str = "{}", trusted: Sequence[str] = (), moment: int = -1) -> int:
        """Send a question, and the fingerprints of code that may run for it; the id that its Answer will have.

        With a moment it is about the network after that step.
        """
        number = next(self._ids)
        self.send(Ask(id=number, kind=kind, body=body, trusted=list(trusted), moment=moment))
        return number

    def drain(self) -> list[Notice]:
        """Everything that has come since the last time, oldest first."""
        with self._change:
            events = list(self._events)
            self._events.clear()
            self._pending = 0
            self._change.notify_all()
        return events

    def wait(self, seconds: float | None = None) -> bool:
        """Stand still until there is something to drain, for a caller without an event loop; whether there is."""
        with self._change:
            return bool(self._change.wait_for(lambda: self._events or self._over, seconds) and self._events)

    def kill(self) -> None:
        """End the process this moment; EngineDied tells."""
        with suppress(OSError):
            self._process.kill()

    def close(self) -> None:
        """Ask the engine to end, kill it after 2 s, and end every thread; what was not drained is forgotten."""
        self.send(Shutdown())
        with self._change:
            self._closing = True
            self._change.notify_all()
        self._threads["wait"].join(GRACE)
        self.kill()
        self._threads["wait"].join()
        self._end_family()
        for thread in self._threads.values():
            thread.join(GRACE)
        for end in (self._process.stdin, self._process.stdout, self._process.stderr):
            _descriptor_of(end).close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _thread(self, name: str) -> threading.Thread:
        return threading.Thread(target=getattr(self, f"_{name}"), name=f"engine {name} {self.pid}", daemon=True)

    def _write(self) -> None:
        pipe = _descriptor_of(self._process.stdin)
        widen(pipe.fileno())
        while data := self._next_frame():
            if not write_all(pipe.fileno(), data):
                return

    def _next_frame(self) -> bytes:
        with self._change:
            self._change.wait_for(lambda: self._frames or self._closing or self._dead)
            return self._frames.popleft() if self._frames and not self._dead else b""

    def _read(self) -> None:
        try:
            for body in frames(_descriptor_of(self._process.stdout).fileno(), PREAMBLE):
                self._put(decode_event(body), len(body))
        except EngineError as error:
            self._put(Said(level="error", text=str(error)), 0)
            self.kill()

    def _put(self, notice: Notice, size: int) -> None:
        with self._change:
            self._change.wait_for(lambda: self._pending < PENDING or self._closing or self._dead)
            if self._closing:
                return
            self._events.append(notice)
            self._pending += size
            self._change.notify_all()
        self.wake()

    def _listen(self) -> None:
        descriptor = _descriptor_of(self._process.stderr).fileno()
        with suppress(OSError):
            while chunk := os.read(descriptor, TAIL):
                self._tail += chunk
                del self._tail[:-TAIL]

    def _wait(self) -> None:
        code = self._process.wait()
        deadline = time.monotonic() + LAST_WORDS
        with self._change:
            self._dead = True
            self._change.notify_all()
        for name in ("read", "listen"):
            self._threads[name].join(max(0.0, deadline - time.monotonic()))
        self._put(EngineDied(code, ending(code), self.output), 0)
        with self._change:
            self._over = True
            self._change.notify_all()

    def _end_family(self) -> None:
        """End what the engine may have started: it would hold its pipes open, and our threads with them."""
        held = any(self._threads[name].is_alive() for name in ("read", "listen"))
        if sys.platform != "win32" and held:
            with suppress(OSError):
                os.killpg(self.pid, signal.SIGKILL)


def ending(exit_code: int) -> str:
    """How a process ended, in words."""
    if exit_code >= 0:
        return f"ended with exit code {exit_code}"
    try:
        name = signal.Signals(-exit_code).name
    except ValueError:
        name = "unknown"
    memory = "; the system does so when memory runs out" if name == "SIGKILL" else ""
    return f"was ended by signal {-exit_code} ({name}{memory})"


def _start(line: Sequence[str], folder: str, threads: int) -> subprocess.Popen[bytes]:
    try:
        return spawn(line, folder, threads)
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        fix = "Install Chainrule again, or free some memory."
        raise EngineError("the engine was to be started", f"the system refused: {error}", "Engine", fix) from error


def _descriptor_of(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None  # all three are asked for in `spawn`
    return pipe


def _nobody() -> None:
    """Nobody to wake."""
