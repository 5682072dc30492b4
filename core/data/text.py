"""Texts of the user's own: characters, words or bytes as numbers, cut into samples of one length with what follows."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from core.amounts import bytes_text
from core.data.folders import files_below, inner_folder, is_held, names_parts
from core.data.formats import FORMATS, settled
from core.data.found import Found
from core.data.marks import file_mark, folder_mark
from core.data.settings import DatasetSettings
from core.data.sources import FieldSpec, Value
from core.data.table.encodings import opened
from core.errors import DataError

MOST = 2**27
"""Bytes of text that are read."""
UNKNOWN = "(unknown)"
WORD = re.compile(r"\w+(?:['’]\w+)*|[^\w\s]|\n")
"""A word, a sign, or the end of a line."""
_FIX = "Read it anew."

Tokens = str | bytes | list[str]
"""Characters, bytes or words."""


def inspect(path: Path, options: Mapping[str, Value]) -> Found:
    """The samples as fields text and next; raises OSError, and DataError for a text that is too short or too long."""
    chosen = settled(FORMATS["text"], options)
    texts = _read(path, str(chosen["level"]), chosen["case"] == "small")
    names, known = _vocabulary(texts, chosen)
    context, stride = _lengths(chosen)
    train, held = (_samples(sum(map(len, part)), context, stride) for part in (texts.train, texts.held))
    if train < 1 + (not texts.held):
        came = f"{sum(map(len, texts.train)):,} tokens came"
        raise DataError(f"two samples of {context:,} tokens were wanted", came, str(path), "Choose a smaller context.")
    spec = FieldSpec("text", (context,), "int64", "input", names, help="Tokens by number")
    following = FieldSpec("next", (context,), "int64", "target", names, help="The token that follows each of them")
    notes = [*texts.notes, _told(chosen, len(names), known)]
    notes += [f"{held:,} samples are of the held-out files."] if texts.held else []
    gap = 0 if texts.held else min(-(-context // stride) - 1, train - 1)
    return Found((spec, following), train + held, _mark(path), 0, tuple(notes), held, gap)


def read(settings: DatasetSettings, only: Collection[str]) -> dict[str, NDArray[Any]]:
    """These fields (N, context) as numbers of tokens; raises DataError and OSError."""
    streams = rows(settings)
    samples = settings.found.samples if settings.found is not None else 0
    return {name: streams[name].read(np.arange(samples)) for name in only}


def rows(settings: DatasetSettings) -> dict[str, TextRows]:
    """Both fields by number: windows on the tokens, which are in memory once; raises DataError and OSError."""
    found, path = settings.found, Path(settings.path)
    assert found is not None  # it is a file's
    chosen = settled(FORMATS["text"], dict(settings.options))
    if _mark(path) != found.mark:
        raise DataError("the text as it was read was wanted", "it has changed", str(path), _FIX)
    texts = _read(path, str(chosen["level"]), chosen["case"] == "small")
    context, stride = _lengths(chosen)
    places = {name: place for place, name in enumerate(found.fields[0].classes)}
    parts = [
        np.concatenate([_numbers(tokens, places) for tokens in part]) for part in (texts.train, texts.held) if part
    ]
    windows = [sliding_window_view(part, context + 1)[:: stride or context] for part in parts if len(part) > context]
    return {field.name: TextRows(tuple(windows), int(field.name == "next")) for field in found.fields}


@dataclass(frozen=True, eq=False, slots=True)
class TextRows:
    """Windows (N, context + 1) on the tokens of each part: all but the last of each are given, or all but the first."""

    windows: tuple[NDArray[Any], ...]
    shift: int
    ready: bool = True

    def read(self, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
        """These samples (n, context)."""
        length = self.windows[0].shape[1] - 1
        found = np.empty((len(numbers), length), np.int64)
        begin = 0
        for windows in self.windows:
            here = (numbers >= begin) & (numbers < begin + len(windows))
            found[here] = windows[numbers[here] - begin, self.shift : self.shift + length]
            begin += len(windows)
        return found

    def told(self) -> str:
        """Nothing."""
        return ""

    def like(self, _number: int, _other: int) -> bool:
        """Nothing stands in for a sample."""
        return False


@dataclass(frozen=True, slots=True)
class _Texts:
    """The tokens of every file, of those for training and of those that are held out."""

    train: tuple[Tokens, ...]
    held: tuple[Tokens, ...]
    notes: tuple[str, ...]


def _files(path: Path) -> list[Path]:
    return files_below(path, FORMATS["text"].suffixes) if path.is_dir() else [path]


def _mark(path: Path) -> str:
    return folder_mark(path, _files(path)) if path.is_dir() else file_mark(path)


def _read(path: Path, level: str, small: bool) -> _Texts:
    files = _files(path)
    size = sum(file.stat().st_size for file in files)
    if not 0 < size <= MOST:
        came = f"{bytes_text(size)} came"
        raise DataError(f"a text of at most {bytes_text(MOST)} was wanted", came, str(path), "Choose a part of it.")
    tops = [inner_folder(file, path)[0] for file in files if file.parent != path] if path.is_dir() else []
    parts = len(tops) == len(files) and names_parts(set(tops))
    train: list[Tokens] = []
    held: list[Tokens] = []
    notes: dict[str, None] = {}
    for file in files:
        if file.stat().st_size:
            tokens, said = _tokens(file, level, small)
            (held if parts and is_held(inner_folder(file, path)[0]) else train).append(tokens)
            notes |= dict.fromkeys(f"{file.name}: {note}" if len(files) > 1 else note for note in said)
    return _Texts(tuple(train), tuple(held), tuple(notes))


def _tokens(file: Path, level: str, small: bool) -> tuple[Tokens, tuple[str, ...]]:
    if level == "byte":
        return file.read_bytes(), ()
    stream, _encoding, notes = opened(file, "auto")
    with stream:
        text = stream.read().replace("\r\n", "\n")
    text = text.lower() if small else text
    return (WORD.findall(text) if level == "word" else text), notes


def _vocabulary(texts: _Texts, chosen: Mapping[str, Value]) -> tuple[tuple[str, ...], float]:
    """What the numbers stand for, and the share of the tokens that have one of their own."""
    if chosen["level"] == "byte":
        return tuple(map(_byte_name, range(256))), 1.0
    counts: Counter[str] = Counter()
    for tokens in (*texts.train, *texts.held):
        assert not isinstance(tokens, bytes)  # those need no counting
        counts.update(tokens)
    most = int(chosen["vocabulary"])
    if len(counts) <= most:
        return tuple(sorted(counts)), 1.0
    kept = sorted(counts, key=lambda token: (-counts[token], token))[: most - 1]
    return (UNKNOWN, *sorted(kept)), sum(counts[token] for token in kept) / counts.total()


def _numbers(tokens: Tokens, places: Mapping[str, int]) -> NDArray[np.uint16]:
    """The tokens by number; one that has none is the first."""
    if isinstance(tokens, bytes):
        return np.frombuffer(tokens, np.uint8).astype(np.uint16)
    if isinstance(tokens, str):
        table = np.zeros(sys.maxunicode + 1, np.uint16)
        for letter, place in places.items():
            if letter != UNKNOWN:
                table[ord(letter)] = place
        return table[np.frombuffer(tokens.encode("utf-32-le", "surrogatepass"), np.uint32)]
    return np.fromiter((places.get(token, 0) for token in tokens), np.uint16, len(tokens))


def _lengths(chosen: Mapping[str, Value]) -> tuple[int, int]:
    """Tokens of a sample, and from one to the next."""
    context = int(chosen["context"])
    return context, int(chosen["stride"]) or context


def _samples(tokens: int, context: int, stride: int) -> int:
    return max((tokens - 1 - context) // stride + 1, 0)


def _told(chosen: Mapping[str, Value], count: int, known: float) -> str:
    level = chosen["level"]
    if level == "byte":
        return "The text is read as bytes."
    rest = "" if known == 1.0 else f" and one for all others, which are {1 - known:.1%} of the text"
    return f"There are {count - (known != 1.0):,} different {level}s{rest}."


def _byte_name(number: int) -> str:
    return chr(number) if 32 < number < 127 else f"0x{number:02X}"
