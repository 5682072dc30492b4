"""Weights of a run that are kept as it goes: its last steps, and some of the earlier ones, each a file of its own.

`recent/step-N.safetensors` are the newest. Of those that must go, some stay as `checkpoints/step-N.safetensors`, evenly
apart; where these are too many, every second goes. Each is written aside and renamed, so that whoever reads a file has
all of it. Source of the format: safetensors, a little-endian length, a JSON head with places in bytes, the tensors.
"""

from __future__ import annotations

import json
import os
from collections import deque
from collections.abc import Iterator, Mapping
from pathlib import Path
from time import perf_counter
from types import MappingProxyType
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from chainrule.layers import path_of

RECENT, CHECKPOINTS = "recent", "checkpoints"
MEBIBYTES = 256
"""What all files of a run may take on the disk."""
SPREAD = 32
"""Earlier steps that stay at the most."""
AT_ONCE = 512
"""Pieces that the system writes by one call."""
KINDS: Mapping[torch.dtype, str] = MappingProxyType(
    {
        torch.float64: "F64",
        torch.float32: "F32",
        torch.float16: "F16",
        torch.bfloat16: "BF16",
        torch.int64: "I64",
        torch.int32: "I32",
        torch.int16: "I16",
        torch.int8: "I8",
        torch.uint8: "U8",
        torch.bool: "BOOL",
    }
)
TOO_LARGE = (
    "Weights are not kept: those of one step take {size:,.1f} MiB, and all may take {most:,} MiB (keep_mebibytes)."
)


class _Entry(NamedTuple):
    """A tensor as it is to stand in the file."""

    name: str
    kind: str
    shape: tuple[int, ...]
    size: int


class Keeper:
    """Keeps the weights of one run; only reads them, so that it trains the same with and without."""

    def __init__(self, folder: Path, models: Mapping[str, nn.Module], keep: int, mebibytes: int, share: float) -> None:
        """Of the last `keep` steps, within so much room and a share of the time."""
        self._folder, self._models = folder, models
        self._keep, self._bytes, self._share = keep, mebibytes * 2**20, max(share, 1e-6)
        self._recent: deque[int] = deque()
        self._spread: list[tuple[int, int]] = []
        """Of the steps that stay the how manyth each was that had to go, and the step."""
        self._gone, self._every = 0, 1
        self._when = self._spent = 0.0
        self._begun = perf_counter()
        self._head: tuple[list[_Entry], bytes] = [], b""
        self.said = ""
        """Why nothing is kept."""

    @property
    def cost(self) -> float:
        """The part of the training time that keeping has taken."""
        trained = perf_counter() - self._begun - self._spent
        return self._spent / trained if trained > 0 else 0.0

    def due(self, is_last: bool) -> bool:
        """Whether the step that has just been made is to be kept: the last one is in any case."""
        return not self.said and (is_last or perf_counter() >= self._when)

    def keep(self, step: int) -> None:
        """Keep this step; what the disk refuses is raised as OSError."""
        began = perf_counter()
        tensors = [(name, tensor) for name, tensor in self._tensors() if tensor.dtype in KINDS]
        tensors.sort(key=lambda one: -one[1].element_size())  # so that each lies where its numbers may
        head = self._headed(tensors, step)
        size = len(head) + sum(tensor.nbytes for _name, tensor in tensors)
        recent, spread = self._places(size)
        if not recent:
            self.said = TOO_LARGE.format(size=size / 2**20, most=self._bytes // 2**20)
            return
        while len(self._recent) >= recent:
            self._let_go(self._recent.popleft(), spread)
        path = self._file(RECENT, step)
        path.parent.mkdir(exist_ok=True)
        aside = path.with_name(f"{path.name}.part")
        _write(aside, [head, *(_bytes(tensor) for _name, tensor in tensors)])
        os.replace(aside, path)
        self._recent.append(step)
        now = perf_counter()
        self._spent += now - began
        self._when = now + (now - began) / self._share

    def _tensors(self) -> Iterator[tuple[str, Tensor]]:
        """All weights and buffers by name, which begins as that of the layer's row, each once."""
        seen: set[int] = set()
        modules = ((prefix, *one) for prefix, model in self._models.items() for one in model.named_modules())
        for prefix, place, module in modules:
            path = path_of(prefix, place) or type(module).__name__
            for name, tensor in (*module._parameters.items(), *module._buffers.items()):
                if tensor is None or id(tensor) in seen or tensor.layout != torch.strided or tensor.is_meta:
                    continue
                seen.add(id(tensor))
                if not nn.parameter.is_lazy(tensor):
                    yield f"{path}.{name}", tensor.detach()

    def _places(self, size: int) -> tuple[int, int]:
        """How many of the newest, the one being written with them, and of the earlier ones there is room for."""
        room = self._bytes // max(size, 1)
        recent = min(self._keep, max(room - min(SPREAD, room // 4), 0))
        return recent, min(SPREAD, max(room - recent, 0))

    def _let_go(self, step: int, spread: int) -> None:
        """One of the newest is that no more: it stays as an earlier one, or goes."""
        place, self._gone = self._gone, self._gone + 1
        if not spread or place % self._every:
            self._file(RECENT, step).unlink(missing_ok=True)
            return
        if len(self._spread) >= spread:
            self._every *= 2
            for _place, old in [one for one in self._spread if one[0] % self._every]:
                self._file(CHECKPOINTS, old).unlink(missing_ok=True)
            self._spread = [one for one in self._spread if not one[0] % self._every]
            if place % self._every or len(self._spread) >= spread:
                self._file(RECENT, step).unlink(missing_ok=True)
                return
        path = self._file(CHECKPOINTS, step)
        path.parent.mkdir(exist_ok=True)
        os.replace(self._file(RECENT, step), path)
        self._spread.append((place, step))

    def _file(self, folder: str, step: int) -> Path:
        return self._folder / folder / f"step-{step}.safetensors"

    def _headed(self, tensors: list[tuple[str, Tensor]], step: int) -> bytes:
        """Length and head of the file; of the same tensors only the step differs."""
        entries = [_Entry(name, KINDS[one.dtype], tuple(one.shape), one.nbytes) for name, one in tensors]
        if entries != self._head[0]:
            self._head = entries, _head(entries)
        return self._head[1].replace(STEP, b"%-12d" % step)


STEP = b"  STEP  HERE"
"""What stands in a head where the step is written, which is as long as this whatever it is."""


def forget(folder: Path) -> None:
    """Remove what an earlier run of a script has kept in this folder; raises OSError."""
    try:
        told = json.loads((folder / "run.json").read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return
    if not isinstance(told, dict) or told.get("script") is None:
        return  # of a project: its checkpoints are not ours
    for name in (RECENT, CHECKPOINTS):
        for path in (folder / name).glob("step-*.safetensors*"):
            path.unlink(missing_ok=True)


def _head(entries: list[_Entry]) -> bytes:
    place, told = 0, {}
    for entry in entries:
        offsets = [place, place + entry.size]
        told[f"weights/{entry.name}"] = {"dtype": entry.kind, "shape": entry.shape, "data_offsets": offsets}
        place += entry.size
    facts = f'{{"version": 1, "epoch": 0, "step": {STEP.decode()}}}'
    text = json.dumps({"__metadata__": {"chainrule": facts}, **told}, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text


def _bytes(tensor: Tensor) -> memoryview:
    """The numbers of a tensor, where they lie if they lie in memory in their order."""
    flat = tensor.cpu().contiguous().reshape(-1)
    numbers: Any = flat.view(torch.uint8).numpy()
    return memoryview(numbers)


def _write(path: Path, pieces: list[Any]) -> None:
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), 0o666)
    try:
        views = deque(memoryview(piece) for piece in pieces if len(piece))
        while views:
            written = _put(file, [views[place] for place in range(min(len(views), AT_ONCE))])
            while views and written >= len(views[0]):
                written -= len(views.popleft())
            if written:
                views[0] = views[0][written:]
    finally:
        os.close(file)


def _put(file: int, views: list[memoryview]) -> int:
    """Write as much as goes by one call; how many bytes that were."""
    return os.writev(file, views) if hasattr(os, "writev") else os.write(file, views[0])
