"""The histograms of a run in its folder: a moment after the other, each by itself, thinned as the run grows.

The file begins with MAGIC. Of each moment there stand the length of what follows and its CRC-32, both little-endian
uint32, and then the `Counted` message as msgpack, deflated (zlib). Docs: docs/runs.md.
"""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import IO, NamedTuple

import msgspec

from core.engine.messages import Counted
from core.telemetry.distributions import places_kept

HISTOGRAMS = "histograms.bin"
MAGIC = b"CRHIST1\n"
HEAD = struct.Struct("<II")
LARGEST = 2**26
"""Bytes of a moment at the most, as it stands and inflated: what claims more is damaged."""


class Stored(NamedTuple):
    """What could be read, and in one sentence what could not."""

    moments: tuple[Counted, ...]
    wrong: str = ""


def read_histograms(folder: Path) -> Stored:
    """The histograms in the folder of a run, none where there are none; raises OSError."""
    path = folder / HISTOGRAMS
    if not path.is_file():
        return Stored(())
    data = path.read_bytes()
    if not data.startswith(MAGIC):
        return Stored((), f"{HISTOGRAMS} is not a file of histograms that this version knows: they are not shown.")
    found: list[Counted] = []
    place, damaged = len(MAGIC), 0
    while place < len(data):
        size = HEAD.unpack_from(data, place)[0] if place + HEAD.size <= len(data) else LARGEST + 1
        if size > LARGEST or place + HEAD.size + size > len(data):
            return Stored(tuple(found), _broken(len(found), place))
        moment = _moment(data[place : place + HEAD.size + size])
        place += HEAD.size + size
        if moment is None or (found and moment.step <= found[-1].step):
            damaged += 1
        else:
            found.append(moment)
    words = f"{damaged} of {damaged + len(found)} moments in {HISTOGRAMS} are damaged and left out." if damaged else ""
    return Stored(tuple(found), words)


class HistogramWriter:
    """Appends moments, and writes the file anew where it is thinned; what the disk refuses is raised as OSError."""

    def __init__(self, folder: Path, kept: int | None) -> None:
        """Go on behind the step `kept`, or begin (None); a file that is damaged is kept under another name."""
        self._path = folder / HISTOGRAMS
        self._frames: list[tuple[int, bytes]] = []
        self._file: IO[bytes] | None = None
        if kept is not None:
            stored = read_histograms(folder)
            self._frames = [(one.step, _frame(one)) for one in stored.moments if one.step <= kept]
            if stored.wrong:
                self._path.replace(self._path.with_name(f"damaged-{HISTOGRAMS}"))
        if self._frames or self._path.exists():
            self._write()

    def append(self, counted: Counted) -> None:
        """Add a moment."""
        frame = (counted.step, _frame(counted))
        whole = [*(one for one in self._frames if one[0] < counted.step), frame]
        whole = [whole[place] for place in places_kept([step for step, _frame in whole])]
        is_longer = len(whole) == len(self._frames) + 1 and self._path.exists()
        self._frames = whole
        if not is_longer:
            self._write()
            return
        if self._file is None:
            self._file = self._path.open("ab", buffering=0)
        _put(self._file, frame[1])

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _write(self) -> None:
        """Write all of it aside, and put it in place."""
        self.close()
        aside = self._path.with_name(f"{HISTOGRAMS}.part")
        aside.write_bytes(b"".join([MAGIC, *(frame for _step, frame in self._frames)]))
        aside.replace(self._path)


def _frame(counted: Counted) -> bytes:
    body = zlib.compress(msgspec.msgpack.encode(counted), 1)
    return HEAD.pack(len(body), zlib.crc32(body)) + body


def _moment(frame: bytes) -> Counted | None:
    """The moment in these bytes; None where they are damaged."""
    body = frame[HEAD.size :]
    if zlib.crc32(body) != HEAD.unpack_from(frame)[1]:
        return None
    try:
        inflated = zlib.decompressobj().decompress(body, LARGEST)
        return msgspec.msgpack.decode(inflated, type=Counted)
    except (zlib.error, msgspec.MsgspecError):
        return None


def _broken(whole: int, place: int) -> str:
    kept = f"the {whole} moments before are shown" if whole else "nothing before it can be shown"
    return f"{HISTOGRAMS} breaks off at byte {place:,}: {kept}."


def _put(file: IO[bytes], data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[file.write(view) :]
