"""The vocabularies that come with Chainrule, read without loading what is written in them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import resources
from core.errors import DataError

FOLDER = Path(resources.__file__).parent / "datasets"


def vocabulary(name: str, language: str, most: int | None = None) -> tuple[str, ...]:
    """The tokens of a language, special ones first, then words by how frequent they are, at most so many; DataError."""
    return _words(name)[language][:most]


def samples_of(name: str, longest: int) -> int:
    """How many samples have at most so many words; raises DataError."""
    return _samples(name)[longest]


@lru_cache(4)
def _words(name: str) -> Mapping[str, tuple[str, ...]]:
    return MappingProxyType({key: tuple(words) for key, words in _content(name)["words"].items()})


@lru_cache(4)
def _samples(name: str) -> Mapping[int, int]:
    return MappingProxyType({int(size): int(count) for size, count in _content(name)["samples"].items()})


def _content(name: str) -> dict[str, Any]:
    path = FOLDER / f"{name}.json"
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return {"words": content["words"], "samples": content.get("samples", {})}
    except (OSError, ValueError, KeyError) as error:
        raise DataError(
            "the vocabulary of a data set has to be readable",
            f"it is not ({error})",
            str(path),
            "Install Chainrule again: the file comes with it.",
        ) from error
