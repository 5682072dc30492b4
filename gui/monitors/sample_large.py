"""One sample large: what it is, what is right, and all that the network says of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter

from core.data.sources import FieldSpec
from core.engine.predictions import unpacked
from core.engine.reviews import Row
from core.prediction.inputs import Input, reads
from gui.monitors import axes
from gui.monitors.ink import Ink
from gui.monitors.reviewed import CLASSES, LONGEST, Judgement
from gui.monitors.sample_drawing import answer_words, drawn_input, lines_of, paint_picture, paint_series
from gui.numbers import percent, plain, signed

LINE = 20
"""Pixels of a class with its bar, or of a value."""
TEXT = 20
"""Letters from which on an input is shown as a text, not at the end of a line."""
WIDE = 1.3
"""How much wider than high the room is where words stand beside the picture."""


class LargeSample:
    """The sample that is shown, as soon as it is known."""

    def __init__(self) -> None:
        self.judgement: Judgement | None = None
        self.row: Row | None = None
        self._inputs: Mapping[str, Input] = {}
        self._field: FieldSpec | None = None
        self._arrays: dict[str, NDArray[Any]] = {}
        self.bars: list[tuple[str, float, QRectF]] = []
        """What was drawn last: each class, its share or score, and its bar."""

    def clear(self) -> None:
        """Show nothing until another one is known."""
        self.judgement = self.row = None

    def take(self, judgement: Judgement, row: Row, inputs: Mapping[str, Input], field: FieldSpec | None) -> None:
        """Show this sample."""
        self.judgement, self.row, self._inputs, self._field = judgement, row, inputs, field
        self._arrays = {name: unpacked(numbers) for name, numbers in row.inputs.items()}

    @property
    def words(self) -> str:
        """Which sample it is, what is right and what is said, what it costs and after which step."""
        told = self.judgement
        if told is None:
            return ""
        parts = [f"sample {int(told.numbers[0]):,}"]
        if told.told.form in CLASSES:
            right, said = int(told.found.right[0]), told.name(int(told.found.said[0]))
            parts.append(f"is {told.name(right)}, said {said}" if right >= 0 else f"said {said}")
        elif told.off(0):
            parts.append(f"{told.off(0)} {'wrong' if told.has_wrong else 'off'}")
        return f"{', '.join(parts)}, loss {told.cost(0)}, step {told.told.step:,}"

    def paint(self, painter: QPainter, theme: Ink, area: QRectF, place: str) -> None:
        """The sample at the left or above, what is said of it beside."""
        px = theme.px
        if self.judgement is None or self.row is None:
            axes.nothing_yet(painter, theme, area, "Asking for the sample…")
            return
        head = QRectF(area.left(), area.top(), area.width(), px(18))
        wide = theme.wide(place) + px(10)
        words = theme.metrics.elidedText(self.words, Qt.TextElideMode.ElideRight, head.width() - wide)
        axes.text(painter, head, axes.LEFT, words, theme.color("text"), theme.strong)
        axes.text(painter, head, axes.RIGHT, place, theme.color("text3"), theme.caption)
        room = area.adjusted(0, px(24), 0, -px(6))
        beside = room.width() > WIDE * room.height()
        drawn = drawn_input(self._inputs)
        is_picture = self.judgement.told.form in ("mask", "picture")
        share = 0.62 if is_picture else 0.5
        if is_picture and not beside:
            share = min(share, (room.width() / 3 + px(18)) / room.height())  # three pictures side by side
        first, second = _split(room, beside, share, px(14))
        if is_picture:
            self._paint_pictures(painter, theme, first if self._has_bars() else room)
        elif drawn:
            self._paint_drawn(painter, theme, first, drawn)
        else:
            self._paint_words(painter, theme, first)
        self._paint_said(painter, theme, second)

    def _has_bars(self) -> bool:
        assert self.judgement is not None
        return self.judgement.told.form == "mask" and bool(self.judgement.told.classes)

    def _paint_pictures(self, painter: QPainter, theme: Ink, room: QRectF) -> None:
        """The picture, what is right over it, what is said over it."""
        assert self.row is not None
        assert self.judgement is not None
        drawn = drawn_input(self._inputs)
        ground = self._arrays.get(drawn)
        answers = [("right", self.row.truth), ("said", self.row.answer)]
        is_mask = self.judgement.told.form == "mask"
        shown: list[tuple[str, NDArray[Any] | None, NDArray[Any] | None]] = []
        if ground is not None:
            shown.append(("sample", ground, None))
        shown += [
            (name, ground if is_mask else unpacked(one), unpacked(one) if is_mask else None)
            for name, one in answers
            if one is not None
        ]
        across = room.width() >= room.height()
        for at, (name, picture, classes) in enumerate(shown):
            part = _part(room, at, len(shown), across, theme.px(10))
            title = QRectF(part.left(), part.top(), part.width(), theme.px(16))
            axes.text(painter, title, axes.CENTER, name, theme.color("text3"), theme.caption)
            below = part.adjusted(0, theme.px(18), 0, 0)
            seen = picture if picture is not None else classes
            assert seen is not None  # what is shown is a picture, classes, or one over the other
            size = seen.shape[-2:]
            below.setHeight(min(below.height(), below.width() * size[0] / size[1]))
            paint_picture(painter, theme, below, picture, classes)

    def _paint_drawn(self, painter: QPainter, theme: Ink, room: QRectF, drawn: str) -> None:
        assert self.row is not None
        values = self._arrays[drawn]
        if reads(self._inputs[drawn].spec) == "picture":
            paint_picture(painter, theme, room, values)
            return
        assert self.judgement is not None
        behind = [unpacked(one) for one in (self.row.answer, self.row.truth) if one is not None]
        goes_on = self.judgement.told.form in ("series", "values") and len(behind) == 2
        said, right = behind if goes_on else (None, None)
        painter.fillRect(room, theme.color("inset"))
        paint_series(painter, theme, room.adjusted(6, 6, -6, -6), values, said, right)

    def _paint_words(self, painter: QPainter, theme: Ink, room: QRectF) -> None:
        """The numbers of a row one below the other, a text as it reads."""
        lines = lines_of(self._inputs, self._arrays)
        if any(len(words) > TEXT for _name, words in lines):
            self._paint_texts(painter, theme, room, lines)
            return
        pitch = theme.px(LINE)
        most = max(int(room.height() // pitch), 1)
        shown = lines[: most - 1] if len(lines) > most else lines
        for at, (name, value) in enumerate(shown):
            self._line(painter, theme, QRectF(room.left(), room.top() + at * pitch, room.width(), pitch), name, value)
        if len(shown) < len(lines):
            box = QRectF(room.left(), room.top() + len(shown) * pitch, room.width(), pitch)
            left = f"and {len(lines) - len(shown):,} more"
            axes.text(painter, box, axes.LEFT, left, theme.color("text3"), theme.caption)

    def _paint_texts(self, painter: QPainter, theme: Ink, room: QRectF, texts: Sequence[tuple[str, str]]) -> None:
        """Texts one below the other, each under its name."""
        wrapped = Qt.TextFlag.TextWordWrap.value | Qt.AlignmentFlag.AlignTop.value
        for at, (name, words) in enumerate(texts):
            part = _part(room, at, len(texts), False, theme.px(8))
            head = QRectF(part.left(), part.top(), part.width(), theme.px(16))
            axes.text(painter, head, axes.LEFT, name, theme.color("text3"), theme.caption)
            axes.text(painter, part.adjusted(0, theme.px(18), 0, 0), wrapped, words, theme.color("text"), theme.body)

    def _paint_said(self, painter: QPainter, theme: Ink, room: QRectF) -> None:
        assert self.judgement is not None
        assert self.row is not None
        form = self.judgement.told.form
        self.bars = []
        if form in CLASSES:
            self._paint_classes(painter, theme, room)
        elif form == "mask":
            self._paint_overlaps(painter, theme, room)
        elif form not in ("picture", "series"):
            self._paint_values(painter, theme, room)

    def _paint_classes(self, painter: QPainter, theme: Ink, room: QRectF) -> None:
        """Every class with its share, the likeliest first, as many as there is room for."""
        assert self.judgement is not None
        told = self.judgement
        shares = self._shares()
        pitch = theme.px(LINE)
        order = np.argsort(-shares, kind="stable")[: max(int(room.height() // pitch), 1)]
        right = int(told.found.right[0])
        if 0 <= right < len(shares) and right not in order:
            order = np.append(order[:-1], right)
        names = min(max(theme.wide(told.name(int(at))) for at in order), room.width() * 0.35)
        for line, at in enumerate(order.tolist()):
            box = QRectF(room.left(), room.top() + line * pitch, room.width(), pitch)
            value = percent(float(shares[at])) if told.told.is_share else plain(float(shares[at]), 3)
            share = float(shares[at]) if told.told.is_share else _share(shares, at)
            bar = self._bar(painter, theme, box, names, told.name(at), share, value, at)
            self.bars.append((told.name(at), float(shares[at]), bar))

    def _shares(self) -> NDArray[np.float64]:
        """The share or score of each class."""
        assert self.judgement is not None
        assert self.row is not None
        flat = unpacked(self.row.answer).reshape(-1).astype(np.float64)
        if self.judgement.told.form == "yes or no":
            return np.array([1 - flat[0], flat[0]])
        return np.array([-flat[0], flat[0]]) if self.judgement.told.form == "sign" else flat

    def _bar(
        self,
        painter: QPainter,
        theme: Ink,
        box: QRectF,
        names: float,
        name: str,
        share: float,
        value: str,
        kind: int,
    ) -> QRectF:
        """A class with its bar; a mark at the right one. Where the bar is drawn."""
        px, told = theme.px, self.judgement
        assert told is not None
        size, is_right, is_said = px(12), kind == int(told.found.right[0]), kind == int(told.found.said[0])
        if is_right:
            icon, ink = ("check", "ok") if is_said else ("close", "error")
            drawn = theme.theme.pixmap(icon, ink, size, painter.device().devicePixelRatioF())
            painter.drawPixmap(QPointF(box.left(), box.center().y() - size / 2), drawn)
        left = box.left() + size + px(4)
        words = theme.metrics.elidedText(name, Qt.TextElideMode.ElideRight, names + 1)
        color, font = (
            theme.color("text" if is_said or is_right else "text2"),
            theme.strong if is_said else theme.caption,
        )
        axes.text(painter, QRectF(left, box.top(), names, box.height()), axes.LEFT, words, color, font)
        wide = QFontMetricsF(theme.number).horizontalAdvance(LONGEST)
        begin = left + names + px(8)
        room = QRectF(begin, box.center().y() - px(4), max(box.right() - wide - px(8) - begin, 1), px(8))
        painter.fillRect(room, theme.color("control"))
        bar = QRectF(room.left(), room.top(), room.width() * min(max(share, 0.0), 1.0), room.height())
        painter.fillRect(bar, theme.color("accent" if is_right else "error" if is_said else "line3"))
        axes.text(painter, box, axes.RIGHT, value, theme.color("text2"), theme.number)
        return bar

    def _paint_overlaps(self, painter: QPainter, theme: Ink, room: QRectF) -> None:
        """Of each class that is there the share of the picture that is right and said, and how both overlap."""
        assert self.judgement is not None
        assert self.row is not None
        if self.row.truth is None or not self.judgement.told.classes:
            return
        said, right = unpacked(self.row.answer), unpacked(self.row.truth)
        pitch = theme.px(LINE)
        there = sorted({*np.unique(said).tolist(), *np.unique(right).tolist()})
        title = QRectF(room.left(), room.top(), room.width(), theme.px(16))
        axes.text(painter, title, axes.RIGHT, "overlap (IoU)", theme.color("text3"), theme.caption)
        for line, at in enumerate(there[: max(int(room.height() // pitch) - 1, 1)]):
            box = QRectF(room.left(), room.top() + theme.px(18) + line * pitch, room.width(), pitch)
            both, either = ((said == at) & (right == at)).sum(), ((said == at) | (right == at)).sum()
            color = theme.theme.series(at - 1) if at else theme.color("control")
            axes.chip(painter, QRectF(box.left(), box.center().y() - 4, 8, 8), color)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            inner = box.adjusted(theme.px(14), 0, 0, 0)
            self._line(painter, theme, inner, self.judgement.name(int(at)), f"{both / max(either, 1):.2f}")

    def _paint_values(self, painter: QPainter, theme: Ink, room: QRectF) -> None:
        """Each value beside the right one, tokens as two texts."""
        assert self.judgement is not None
        assert self.row is not None
        told, truth = self.judgement.told, self.row.truth
        said, right = unpacked(self.row.answer).reshape(-1), unpacked(truth).reshape(-1) if truth is not None else None
        pitch, columns = theme.px(LINE), self._field.columns if self._field is not None else ()
        if told.form in ("tokens", "labels"):
            answers = [("right", right), ("said", said)]
            texts = [
                (name, answer_words(told.form, self._field, told.classes, one) if one is not None else "not known")
                for name, one in answers
            ]
            self._paint_texts(painter, theme, room, texts)
            return
        for at in range(min(len(said), max(int(room.height() // pitch), 1))):
            name = columns[at] if at < len(columns) else "said" if len(said) == 1 else str(at)
            value = plain(float(said[at]))
            if right is not None and len(right) == len(said):
                value = f"{value}, right {plain(float(right[at]))}, {signed(float(said[at] - right[at]), 3)}"
            self._line(painter, theme, QRectF(room.left(), room.top() + at * pitch, room.width(), pitch), name, value)

    def _line(self, painter: QPainter, theme: Ink, box: QRectF, name: str, value: str) -> None:
        shown = QFontMetricsF(theme.number).elidedText(value, Qt.TextElideMode.ElideRight, box.width() * 0.75)
        axes.text(painter, box, axes.RIGHT, shown, theme.color("text"), theme.number)
        left = box.width() - QFontMetricsF(theme.number).horizontalAdvance(shown) - theme.px(8)
        words = theme.metrics.elidedText(name, Qt.TextElideMode.ElideRight, max(left, 0))
        axes.text(painter, box, axes.LEFT, words, theme.color("text2"), theme.caption)


def _split(room: QRectF, beside: bool, share: float, gap: float) -> tuple[QRectF, QRectF]:
    """The room in two parts, side by side or one below the other."""
    if beside:
        wide = (room.width() - gap) * share
        second = QRectF(room.left() + wide + gap, room.top(), room.width() - wide - gap, room.height())
        return QRectF(room.left(), room.top(), wide, room.height()), second
    tall = (room.height() - gap) * share
    second = QRectF(room.left(), room.top() + tall + gap, room.width(), room.height() - tall - gap)
    return QRectF(room.left(), room.top(), room.width(), tall), second


def _part(room: QRectF, at: int, count: int, across: bool, gap: float) -> QRectF:
    """One of so many equal parts."""
    if across:
        wide = (room.width() - gap * (count - 1)) / count
        return QRectF(room.left() + at * (wide + gap), room.top(), wide, room.height())
    tall = (room.height() - gap * (count - 1)) / count
    return QRectF(room.left(), room.top() + at * (tall + gap), room.width(), tall)


def _share(scores: NDArray[np.float64], at: int) -> float:
    """A score between the least and the most of them."""
    low, high = float(scores.min()), float(scores.max())
    return (float(scores[at]) - low) / ((high - low) or 1.0)
