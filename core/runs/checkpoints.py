"""The checkpoints of a run as they lie on disk: listed by their heads, and weights taken out of them, without torch.

Source: the safetensors format, a little-endian length, a JSON head with places in bytes, then the tensors.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from core.errors import FileError
from core.runs.layout import BEST, CHECKPOINT, KEPT, kept

LENGTH_BYTES = 8
LARGEST_HEAD = 64 * 2**20
PIECE = 2**20
LAST = "last"
SHOWN, WEIGHTS = "shown/", "weights/"
"""What a checkpoint was judged by, where that is an average of the weights; and the weights themselves."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """One checkpoint, as its head tells."""

    name: str
    """`last`, `best`, `epoch-5` or `step-1000`."""
    path: Path
    step: int
    epoch: int
    size: int
    """Bytes."""
    judged: Mapping[str, float] = field(default_factory=dict)
    """Loss and metrics of its last validation, by name."""
    whole: bool = True
    """Whether a run can go on from it; else it holds weights alone."""


def checkpoints(folder: Path) -> tuple[Checkpoint, ...]:
    """The checkpoints of the run in this folder: the last, the best, then the others, newest first.

    What cannot be read, as it was just being exchanged or is damaged, is left out.
    """
    first = [(LAST, folder / CHECKPOINT), (BEST, kept(folder, BEST))]
    others = [(path.stem, path) for path in (folder / KEPT).glob("*.safetensors") if path.stem != BEST]
    found = [_read(name, path) for name, path in (*first, *others) if path.is_file()]
    known = [one for one in found if one is not None]
    return tuple(sorted(known, key=lambda one: (one.name not in (LAST, BEST), one.name == BEST, -one.step)))


def facts(path: Path) -> dict[str, Any] | None:
    """What a checkpoint says of itself; None where that cannot be read."""
    try:
        with path.open("rb") as stream:
            head = _head(stream)
        told = [json.loads(text) for text in head["__metadata__"].values()]
        return next(found for found in told if isinstance(found, dict) and "step" in found)
    except (OSError, ValueError, KeyError, TypeError, StopIteration, AttributeError):
        return None


def extract(path: Path, target: Path) -> str:
    """Write the weights of a checkpoint as a file of their own; its sha256. Raises FileError."""
    aside = target.with_name(f"{target.name}.part")
    try:
        with path.open("rb") as source, aside.open("wb") as file:
            digest = _copy(source, file)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(target)
    except (OSError, ValueError, KeyError, TypeError) as error:
        aside.unlink(missing_ok=True)
        raise FileError("the weights of a checkpoint were wanted", str(error), str(path), "Choose another.") from error
    return digest


def _read(name: str, path: Path) -> Checkpoint | None:
    told = facts(path)
    if told is None:
        return None
    judged = {key: float(value) for key, value in told.get("judged", {}).items() if isinstance(value, int | float)}
    return Checkpoint(name, path, int(told["step"]), int(told["epoch"]), path.stat().st_size, judged, "rates" in told)


def _head(stream: IO[bytes]) -> dict[str, Any]:
    length = int.from_bytes(stream.read(LENGTH_BYTES), "little")
    if length > LARGEST_HEAD:
        raise ValueError(f"its head has {length} bytes")
    head = json.loads(stream.read(length))
    if not isinstance(head, dict):
        raise ValueError("its head is no table")
    return head


def _copy(source: IO[bytes], target: IO[bytes]) -> str:
    """Copy the tensors that are weights, one after the other, behind a head of their own."""
    head = _head(source)
    begin = source.tell()
    prefix = SHOWN if any(name.startswith(SHOWN) for name in head) else WEIGHTS
    tensors = {name.removeprefix(prefix): entry for name, entry in head.items() if name.startswith(prefix)}
    ordered = sorted(tensors.items(), key=lambda item: item[1]["data_offsets"])
    place, written = 0, {}
    for name, entry in ordered:
        low, high = entry["data_offsets"]
        written[name] = {**entry, "data_offsets": [place, place + high - low]}
        place += high - low
    text = json.dumps(written).encode()
    text += b" " * (-len(text) % LENGTH_BYTES)
    digest = hashlib.sha256()
    _put(target, digest, len(text).to_bytes(LENGTH_BYTES, "little") + text)
    for _name, entry in ordered:
        low, high = entry["data_offsets"]
        source.seek(begin + low)
        while low < high:
            piece = source.read(min(PIECE, high - low))
            if not piece:
                raise ValueError("it ends too early")
            _put(target, digest, piece)
            low += len(piece)
    return digest.hexdigest()


def _put(target: IO[bytes], digest: Any, data: bytes) -> None:
    target.write(data)
    digest.update(data)
