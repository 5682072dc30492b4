"""One sample as a line of a list: what it is, what is right, what is said, how surely, and what that costs."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter

from core.data.sources import FieldSpec
from core.engine.predictions import Numbers, unpacked
from core.engine.reviews import Row
from core.prediction.inputs import Input
from gui.monitors import axes
from gui.monitors.ink import Ink
from gui.monitors.review_columns import Column
from gui.monitors.reviewed import CLASSES, LONGEST, Judgement
from gui.monitors.sample_drawing import answer_words, drawn_input, in_line, paint_picture, paint_series, words_of

_RIGHT = frozenset({"loss", "off"})
"""The columns whose numbers stand at their right end."""


class RowDrawing:
    """Draws lines of one judgement in these columns."""

    def __init__(
        self,
        theme: Ink,
        judgement: Judgement,
        inputs: Mapping[str, Input],
        field: FieldSpec | None,
        columns: Sequence[Column],
    ) -> None:
        self._theme, self._judgement, self._inputs, self._field = theme, judgement, inputs, field
        self._columns = columns
        self._drawn = drawn_input(inputs)
        self._parts: dict[str, Callable[[QPainter, QRectF, int, Row | None], None]] = {
            "mark": self._mark,
            "thumb": self._thumb,
            "pair": self._thumb,
            "line": self._line,
            "text": self._text,
            "number": self._number,
            "is": self._is,
            "said": self._said,
            "is pair": self._is_drawn,
            "said pair": self._said_drawn,
            "sure": self._sure,
            "share": self._share,
            "off": self._off,
            "loss": self._loss,
        }

    def paint_titles(self, painter: QPainter, room: QRectF) -> None:
        """The names of the columns."""
        theme = self._theme
        for column in self._columns:
            box = QRectF(room.left() + column.left, room.top(), column.width, room.height())
            align = axes.RIGHT if column.key in _RIGHT else axes.LEFT
            axes.text(painter, box, align, column.title, theme.color("text3"), theme.caption)

    def paint(self, painter: QPainter, line: QRectF, index: int, row: Row | None) -> None:
        """One sample; what is not known of it yet is left out."""
        for column in self._columns:
            box = QRectF(line.left() + column.left, line.top(), column.width, line.height())
            self._parts[column.key](painter, box, index, row)

    def _mark(self, painter: QPainter, box: QRectF, index: int, _row: Row | None) -> None:
        size = self._theme.px(12)
        icon, ink = ("close", "error") if self._judgement.found.wrong[index] else ("check", "ok")
        drawn = self._theme.theme.pixmap(icon, ink, size, painter.device().devicePixelRatioF())
        painter.drawPixmap(QPointF(box.left(), box.center().y() - size / 2), drawn)

    def _thumb(self, painter: QPainter, box: QRectF, _index: int, row: Row | None) -> None:
        if row is not None:
            paint_picture(painter, self._theme, box.adjusted(0, 2, 0, -2), unpacked(row.inputs[self._drawn]))

    def _line(self, painter: QPainter, box: QRectF, _index: int, row: Row | None) -> None:
        if row is None:
            return
        behind = [unpacked(one) for one in (row.answer, row.truth) if one is not None]
        goes_on = self._judgement.told.form in ("series", "values") and len(behind) == 2
        said, right = behind if goes_on else (None, None)
        room = box.adjusted(0, 5, -4, -5)
        paint_series(painter, self._theme, room, unpacked(row.inputs[self._drawn]), said, right)

    def _text(self, painter: QPainter, box: QRectF, _index: int, row: Row | None) -> None:
        if row is not None:
            values = {name: unpacked(numbers) for name, numbers in row.inputs.items()}
            self._write(painter, box, words_of(self._inputs, values), "text2")

    def _number(self, painter: QPainter, box: QRectF, index: int, _row: Row | None) -> None:
        self._write(painter, box, f"{self._judgement.numbers[index]:,}", "text3", mono=True)

    def _is(self, painter: QPainter, box: QRectF, index: int, row: Row | None) -> None:
        told = self._judgement
        if told.told.form in CLASSES:
            right = int(told.found.right[index])
            self._write(painter, box, told.name(right) if right >= 0 else "", "text")
        elif row is not None and row.truth is not None:
            self._write(painter, box, self._words(row.truth), "text")

    def _said(self, painter: QPainter, box: QRectF, index: int, row: Row | None) -> None:
        told = self._judgement
        if told.told.form in CLASSES:
            ink = "error" if told.found.wrong[index] else "text"
            self._write(painter, box, told.name(int(told.found.said[index])), ink)
        elif row is not None:
            self._write(painter, box, self._words(row.answer), "text")

    def _is_drawn(self, painter: QPainter, box: QRectF, _index: int, row: Row | None) -> None:
        if row is not None and row.truth is not None:
            self._paint_answer(painter, box, row, row.truth)

    def _said_drawn(self, painter: QPainter, box: QRectF, _index: int, row: Row | None) -> None:
        if row is not None:
            self._paint_answer(painter, box, row, row.answer)

    def _sure(self, painter: QPainter, box: QRectF, index: int, _row: Row | None) -> None:
        told = self._judgement
        share = float(told.found.sure[index]) if told.told.is_share else None
        self._measured(painter, box, told.certainty(index), share, "error" if told.found.wrong[index] else "accent")

    def _share(self, painter: QPainter, box: QRectF, index: int, _row: Row | None) -> None:
        told = self._judgement
        self._measured(painter, box, told.off(index), float(told.found.apart[index]), "error")

    def _measured(self, painter: QPainter, box: QRectF, words: str, share: float | None, ink: str) -> None:
        """A share as a bar, where there is room for one, and in words."""
        theme = self._theme
        wide = QFontMetricsF(theme.number).horizontalAdvance(LONGEST)
        if share is not None and math.isfinite(share) and box.width() > wide + theme.px(20):
            room = QRectF(box.left(), box.center().y() - theme.px(3), box.width() - wide - theme.px(8), theme.px(6))
            painter.fillRect(room, theme.color("control"))
            painter.fillRect(
                QRectF(room.left(), room.top(), room.width() * min(max(share, 0.0), 1.0), room.height()),
                theme.color(ink),
            )
        axes.text(painter, box, axes.RIGHT, words, theme.color("text"), theme.number)

    def _off(self, painter: QPainter, box: QRectF, index: int, _row: Row | None) -> None:
        axes.text(painter, box, axes.RIGHT, self._judgement.off(index), self._theme.color("text"), self._theme.number)

    def _loss(self, painter: QPainter, box: QRectF, index: int, _row: Row | None) -> None:
        axes.text(painter, box, axes.RIGHT, self._judgement.cost(index), self._theme.color("text"), self._theme.number)

    def _paint_answer(self, painter: QPainter, box: QRectF, row: Row, numbers: Numbers) -> None:
        room, values = box.adjusted(0, 2, 0, -2), unpacked(numbers)
        if self._judgement.told.form == "picture":
            paint_picture(painter, self._theme, room, values)
            return
        ground = unpacked(row.inputs[self._drawn]) if self._drawn in row.inputs else None
        paint_picture(painter, self._theme, room, _fitting(ground, values), values)

    def _words(self, numbers: Numbers) -> str:
        told = self._judgement.told
        return answer_words(told.form, self._field, told.classes, unpacked(numbers))

    def _write(self, painter: QPainter, box: QRectF, words: str, ink: str, mono: bool = False) -> None:
        theme = self._theme
        font = theme.number if mono else theme.caption
        shown = QFontMetricsF(font).elidedText(in_line(words), Qt.TextElideMode.ElideRight, box.width())
        axes.text(painter, box, axes.LEFT, shown, theme.color(ink), font)


def _fitting(picture: NDArray[Any] | None, classes: NDArray[Any]) -> NDArray[Any] | None:
    """The picture below the classes of its pixels, where it has their proportions."""
    if picture is None or picture.ndim != 3:
        return None
    (tall, wide), (high, across) = picture.shape[1:], classes.shape[-2:]
    return picture if tall * across == wide * high else None
