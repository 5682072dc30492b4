"""Which columns a list of samples has, and where they lie: those that tell least go where there is little room."""

from __future__ import annotations

from typing import NamedTuple

from gui.monitors.reviewed import CLASSES, PLACES, Judgement

PICTURE, PAIR, WORDS = 40, 56, 24
"""Pixels of a row with a picture or a line in it, of one with three pictures, and of one with words alone."""
GAP = 8
_WIDTHS = {"mark": 14, "thumb": 36, "line": 84, "number": 44, "sure": 108, "off": 62, "loss": 54, "pair": 52}
_SPARE = ("number", "text", "sure")
"""The columns that can be left out, the first first."""
DRAWN = ("mask", "picture")
"""The forms of answers that are pictures."""
LEAST = 44
"""Pixels of words, at the least."""


class Column(NamedTuple):
    """One column."""

    key: str
    title: str
    left: float
    width: float


def titled(judgement: Judgement, has_picture: bool, has_line: bool, has_words: bool) -> list[tuple[str, str]]:
    """The columns by key, with what stands above them."""
    form = judgement.told.form
    drawn = form in DRAWN
    found = [("mark", "")] if judgement.has_classes else []
    if has_picture or has_line:
        found.append(("pair" if has_picture and drawn else "thumb" if has_picture else "line", "sample"))
    if has_words:
        found.append(("text", "sample" if len(found) < 2 and not has_picture else ""))
    found.append(("number", "no."))
    found += [("is pair", "is"), ("said pair", "said")] if drawn else [("is", "is"), ("said", "said")]
    if form in CLASSES:
        found.append(("sure", "sure" if form != "sign" else "score"))
    else:
        found.append(("share", "wrong") if form in PLACES else ("off", "off"))
    return [*found, ("loss", "loss")]


def laid_out(columns: list[tuple[str, str]], width: float, scale: float) -> list[Column]:
    """The columns side by side in this width; words share what the others leave."""
    kept = list(columns)
    for spare in (None, *_SPARE):
        if spare is not None:
            kept = [one for one in kept if one[0] != spare]
        if _least(kept, scale) <= width:
            break
    flexible = [key for key, _title in kept if _kind(key) not in _WIDTHS] or [kept[-2][0]]
    left = width - _least(kept, scale)
    shares = {key: 2.0 if key == "text" else 1.0 for key in flexible}
    found, x = [], 0.0
    for key, title in kept:
        wide = _width(key, scale) + (left * shares[key] / sum(shares.values()) if key in shares else 0.0)
        found.append(Column(key, title, x, max(wide, 0.0)))
        x += wide + GAP * scale
    return found


def _least(columns: list[tuple[str, str]], scale: float) -> float:
    return sum(_width(key, scale) for key, _title in columns) + GAP * scale * (len(columns) - 1)


def _width(key: str, scale: float) -> float:
    return _WIDTHS.get(_kind(key), LEAST) * scale


def _kind(key: str) -> str:
    return "pair" if key.endswith("pair") else key
