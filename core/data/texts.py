"""Texts out of the archives that come with Chainrule, as rows of tokens."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.data.packaged import read_arrays
from core.data.sources import SourceKind, Value
from core.data.tokens import END, PAD, START, UNKNOWN

Tokens = NDArray[np.int64]


def windows(kind: SourceKind, folder: Path) -> dict[str, Tokens]:
    """Characters in windows side by side (N, length), and for each the character that follows."""
    assert kind.file is not None
    assert kind.samples is not None
    size, length = kind.samples, kind.fields[0].shape[0]
    stored = read_arrays(folder / kind.file, ("text",))["text"][: size * length + 1].astype(np.int64)
    return {"text": stored[:-1].reshape(size, length).copy(), "next": stored[1:].reshape(size, length).copy()}


def translations(kind: SourceKind, values: Mapping[str, Value], folder: Path) -> dict[str, Tokens]:
    """A text (N, length), its translation after <start>, and the same before <end>."""
    assert kind.file is not None
    languages = str(values["direction"])[:2], str(values["direction"])[-2:]
    stored = read_arrays(folder / kind.file, languages)
    source, target = (stored[language][: kind.samples] for language in languages)
    read, known = kind.fields[:2]
    answer = _known(target[:, : known.shape[0] - 1], len(known.classes))
    return {"source": _known(source[:, : read.shape[0]], len(read.classes)), **around(answer)}


def around(answer: Tokens) -> dict[str, Tokens]:
    """The answers (N, length) after <start>, and before <end> (N, length + 1)."""
    size = len(answer)
    begun = np.concatenate((np.full((size, 1), START), answer), axis=1)
    ended = np.concatenate((answer, np.full((size, 1), PAD)), axis=1)
    ended[np.arange(size), (answer != PAD).sum(axis=1)] = END
    return {"target_in": begun, "target_out": ended}


def _known(tokens: NDArray[np.uint16], words: int) -> Tokens:
    """The tokens, of which those beyond the vocabulary are <unknown>."""
    found = tokens.astype(np.int64)
    found[found >= words] = UNKNOWN
    return found
