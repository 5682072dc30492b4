"""Emoji that come with Chainrule: pictures with masks and names, and their names as translations of each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from core.data.builtin.texts import tokens, translated
from core.data.builtin.words import samples_of, vocabulary
from core.data.sources import CLASSIFIED, FieldSpec, OptionSpec, SourceKind, Value
from core.data.tokens import SPECIAL

CATEGORIES: Mapping[str, str] = MappingProxyType(
    {
        "smileys": "Smileys & Emotion",
        "people": "People & Body",
        "animals": "Animals & Nature",
        "food": "Food & Drink",
        "travel": "Travel & Places",
        "activities": "Activities",
        "objects": "Objects",
        "symbols": "Symbols",
        "flags": "Flags",
    }
)
"""Our short names for the groups of Unicode, in their order."""
LANGUAGES = ("en", "fr", "es", "de", "pt")
SIDE = 32
"""Pixels of a picture."""
WORDS = 12
"""Of the longest name."""
SAMPLES = 1898
LICENCE = (
    "CC BY 4.0 (graphics: Twemoji, Copyright 2019 Twitter, Inc and other contributors); names: Unicode licence (CLDR)"
)


def part(category: str) -> tuple[int, int]:
    """From which sample to which, that not included, a category reaches; raises DataError."""
    if category == "all":
        return 0, SAMPLES
    place = list(CATEGORIES).index(category)
    start = sum(samples_of("emoji", before) for before in range(place))
    return start, start + samples_of("emoji", place)


def _emoji(kind: SourceKind, values: Mapping[str, Value]) -> SourceKind:
    start, stop = part(str(values["category"]))
    return replace(kind, fields=_fields(vocabulary("emoji", str(values["language"]))), samples=stop - start)


def _fields(words: tuple[str, ...]) -> tuple[FieldSpec, ...]:
    return (
        FieldSpec("image", (3, SIDE, SIDE), "float32", "input", scaled=True, help="Red, green, blue on white, 0 to 1"),
        FieldSpec("label", (), "int64", "target", classes=tuple(CATEGORIES), help="The group of Unicode"),
        FieldSpec("mask", (1, SIDE, SIDE), "float32", "target", help="What is drawn: 0 is ground, 1 is picture"),
        tokens("name", WORDS, words, False, "What Unicode calls it, word by word"),
    )


EMOJI = SourceKind(
    name="emoji",
    title="Emoji",
    summary="1,898 emoji of 32 x 32 pixels in colour, each with its mask, its group and its name",
    fields=_fields(SPECIAL),
    options=(
        OptionSpec("category", "choice", "all", choices=("all", *CATEGORIES), help="Which of them"),
        OptionSpec("language", "choice", "en", choices=LANGUAGES, help="The language of the names"),
    ),
    normalise="none",
    natural="colours from 0 to 1",
    licence=LICENCE,
    file="emoji.npz",
    samples=SAMPLES,
    levels=255,
    group="Pictures",
    splits=CLASSIFIED,
    fitted=_emoji,
)


def _names(kind: SourceKind, values: Mapping[str, Value]) -> SourceKind:
    words = [vocabulary("emoji", str(values[end])) for end in ("from", "to")]
    return replace(kind, fields=translated(WORDS, words[0], WORDS, words[1]))


NAMES = SourceKind(
    name="phrases",
    title="Names of emoji",
    summary="1,898 short phrases in five languages, “motor boat” and “bateau à moteur”: the names of emoji",
    fields=translated(WORDS, SPECIAL, WORDS, SPECIAL),
    options=(
        OptionSpec("from", "choice", "en", choices=LANGUAGES, help="The language that is read"),
        OptionSpec("to", "choice", "fr", choices=LANGUAGES, help="The language that is answered in"),
    ),
    normalise="none",
    natural="numbers of words",
    licence="Unicode licence (CLDR); packaged by emoji, BSD-3-Clause",
    file="emoji.npz",
    samples=SAMPLES,
    group="Text",
    fitted=_names,
)
