"""The writing end of the pipe: takes events at once, sends them in order, and puts what nobody reads on disk."""

from __future__ import annotations

import tempfile
import threading
from collections import deque

from core.engine.messages import Event, encode
from core.engine.pipe import write_all

MEMORY = 64 * 2**20
"""Bytes of waiting frames that are kept in memory before they go to disk."""
PIECE = 256 * 2**10
"""Bytes taken at once: what a write joins, and what is read back from disk while a sender may wait."""


class Outbox:
    """One thread that writes frames to a descriptor.

    `send` never waits for the reader: past `memory` bytes the frames go to an unnamed temporary file in `folder`, from
    which they follow in order. Where the disk is full they stay in memory. Nothing is dropped while the reader lives.
    """

    def __init__(self, descriptor: int, memory: int = MEMORY, folder: str | None = None) -> None:
        self._descriptor = descriptor
        self._memory = memory
        self._folder = folder
        self._waiting: deque[bytes | _Spill] = deque()
        self._bytes = 0
        self._disk = True
        self._closed = False
        self._broken = False
        self._change = threading.Condition()
        self.spilled = 0
        """Bytes that had to go through the disk so far."""
        self._thread = threading.Thread(target=self._write, name="engine outbox", daemon=True)
        self._thread.start()

    def send(self, event: Event) -> None:
        """Queue an event; raises EngineError where it is longer than a frame can be."""
        self.send_bytes(encode(event))

    def send_bytes(self, data: bytes) -> None:
        """Queue whole frames that are encoded already; once the reader is gone for good they go nowhere."""
        with self._change:
            if self._broken:
                return
            if not self._spilled(data):
                self._waiting.append(data)
                self._bytes += len(data)
            self._change.notify()

    def close(self, seconds: float) -> bool:
        """Send what waits, for at most so long; whether all of it was sent."""
        with self._change:
            self._closed = True
            self._change.notify()
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _spilled(self, data: bytes) -> bool:
        """Whether the bytes had to go to disk, and did."""
        last = self._waiting[-1] if self._waiting else None
        on_disk = isinstance(last, _Spill)
        if not self._disk or not (on_disk or self._bytes + len(data) > self._memory):
            return False
        try:
            if not isinstance(last, _Spill):
                last = _Spill(self._folder)
                self._waiting.append(last)
            last.append(data)
        except OSError:  # a full disk: memory is all that is left
            self._disk = False
            return False
        self.spilled += len(data)
        return True

    def _write(self) -> None:
        while data := self._next():
            if not write_all(self._descriptor, data):
                self._give_up()

    def _next(self) -> bytes:
        """The next bytes to write; empty when closed and done."""
        with self._change:
            while not (self._waiting or self._closed):
                self._change.wait()
            return self._from_memory() or self._from_disk()

    def _from_memory(self) -> bytes:
        parts: list[bytes] = []
        size = 0
        while self._waiting and isinstance(part := self._waiting[0], bytes) and size < PIECE:
            parts.append(part)
            size += len(part)
            self._waiting.popleft()
        self._bytes -= size
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _from_disk(self) -> bytes:
        if not self._waiting or isinstance(spill := self._waiting[0], bytes):
            return b""
        data = spill.take()
        if spill.empty:
            spill.close()
            self._waiting.popleft()
        return data or self._from_memory()

    def _give_up(self) -> None:
        with self._change:
            self._broken = True
            for part in self._waiting:
                if isinstance(part, _Spill):
                    part.close()
            self._waiting.clear()


class _Spill:
    """Bytes in an unnamed temporary file, taken out as they were put in."""

    def __init__(self, folder: str | None) -> None:
        self._file = tempfile.TemporaryFile(dir=folder, buffering=0)  # noqa: SIM115  # closed when emptied
        self._start = 0
        self._end = 0

    @property
    def empty(self) -> bool:
        """Whether all was taken out."""
        return self._start == self._end

    def append(self, data: bytes) -> None:
        """Put all of these bytes at the end; raises OSError and then holds none of them."""
        self._file.seek(self._end)
        view = memoryview(data)
        while view:
            view = view[self._file.write(view) or 0 :]
        self._end += len(data)

    def take(self) -> bytes:
        """The next piece."""
        self._file.seek(self._start)
        data = self._file.read(min(PIECE, self._end - self._start)) or b""
        self._start += len(data)
        return data

    def close(self) -> None:
        """Give the disk's space back."""
        self._file.close()
