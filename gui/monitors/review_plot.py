"""Samples with what is right and what is said of them, one below the other; one of them large."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QScrollBar

from core.data.sources import FieldSpec
from core.engine.predictions import unpacked
from core.engine.reviews import Reviewed, Row
from core.prediction.inputs import Input, reads
from core.telemetry.sheet import Sheet
from gui.monitors import axes
from gui.monitors.cursor import Cursor
from gui.monitors.review_columns import DRAWN, PAIR, PICTURE, WORDS, Column, laid_out, titled
from gui.monitors.review_row import RowDrawing
from gui.monitors.reviewed import Judgement, joined
from gui.monitors.sample_drawing import drawn_input, words_of
from gui.monitors.sample_large import LargeSample
from gui.monitors.scale import Scale
from gui.monitors.still_plot import StillPlot
from gui.theme import Themes
from gui.training.feed import Feed

NONE = ("Nothing yet.", "Train first; then it shows what the network says of every sample.")
KEPT = 400
"""Rows of samples that are kept, at the most."""
_MOVES = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}


class ReviewPlot(StillPlot):
    """A list that costs what is seen of it; a click or Enter shows a sample large, Esc the list again."""

    rows_wanted = Signal(object)
    """The places of samples that are seen and not known whole."""
    opened = Signal()
    """A sample is to be shown large, another one than before, or none any more."""

    def __init__(self, feed: Feed, themes: Themes, cursor: Cursor) -> None:
        super().__init__(feed, themes, cursor)
        self.judgement: Judgement | None = None
        self.inputs: Mapping[str, Input] = {}
        self.answer_field: FieldSpec | None = None
        self.order, self.only_wrong, self.of_class, self.as_class = "wrong", False, -1, -1
        self.listed: NDArray[np.int64] = np.empty(0, np.int64)
        """The samples of the judgement that are listed, in their order."""
        self.at = 0
        """The place in the list where the keyboard is."""
        self.shown: int | None = None
        """The place in its part of the sample that is shown large."""
        self.large = LargeSample()
        self.hint, self.remark = NONE, ""
        self.is_of_file = False
        """Whether the weights are those of a file."""
        self._rows: dict[int, Row] = {}
        self._wanted: tuple[int, ...] = ()
        self.bar = QScrollBar(Qt.Orientation.Vertical, self)
        self.bar.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.bar.valueChanged.connect(self._scrolled)
        self.bar.hide()

    def begin(self, inputs: Mapping[str, Input], field: FieldSpec | None) -> None:
        """Show another network from now on."""
        self.inputs, self.answer_field = inputs, field
        self.say("Asking the network…", "")

    def say(self, title: str, hint: str) -> None:
        """Show nothing, and say why."""
        self.judgement, self.hint, self.remark = None, (title, hint), ""
        self.listed = np.empty(0, np.int64)
        self._rows.clear()
        self._wanted = ()
        self.close_sample()
        self._relist()

    def mark(self, remark: str) -> None:
        """Say this beside it."""
        self.remark = remark
        self.refresh()

    def take(self, told: Reviewed) -> None:
        """Show these samples in place of those before."""
        here = self._here()
        self.judgement, self._wanted = Judgement(told, self.is_of_file), ()
        self._rows = {row.place: row for row in told.rows}
        self._relist(here)
        if not len(self.judgement):
            self.say("There are no samples.", "")

    def take_more(self, told: Reviewed) -> None:
        """Show these too, which follow those that are shown."""
        if self.judgement is not None:
            here, both = self._here(), joined(self.judgement.told, told)
            self.judgement, self._wanted = Judgement(both, self.is_of_file), ()
            self._relist(here)

    def take_rows(self, told: Reviewed) -> None:
        """Know these samples whole."""
        if len(self._rows) > KEPT:
            self._rows.clear()
        self._rows.update({row.place: row for row in told.rows})
        self.refresh()

    def take_large(self, told: Reviewed) -> None:
        """Show this sample large."""
        if told.rows and told.rows[0].place == self.shown:
            self.large.take(Judgement(told, self.is_of_file), told.rows[0], self.inputs, self.answer_field)
            self.refresh()

    def choose(self, order: str, only_wrong: bool, of_class: int, as_class: int = -1) -> None:
        """List the samples in this order, or fewer of them."""
        self.order, self.only_wrong, self.of_class, self.as_class = order, only_wrong, of_class, as_class
        self.bar.setValue(0)
        self.at = 0
        self._relist()

    def open_sample(self, at: int) -> None:
        """Show the sample at this place of the list large."""
        if self.judgement is None or not 0 <= at < len(self.listed):
            return
        self.at = at
        self.shown = int(self.judgement.places[self.listed[at]])
        self.large.clear()
        self._fit_bar()
        self.opened.emit()
        self.refresh()

    def close_sample(self) -> None:
        """Show the list again."""
        if self.shown is not None:
            self.shown = None
            self._fit_bar()
            self._reveal()
            self.opened.emit()
            self.refresh()

    @property
    def words(self) -> str:
        """Of which step and samples it is, and how many of them are listed."""
        if self.judgement is None:
            return self.hint[0]
        fewer = f"; {len(self.listed):,} listed" if len(self.listed) < len(self.judgement) else ""
        return self.judgement.words + fewer

    def columns(self) -> list[Column]:
        """The columns of the list, as far as there is room."""
        assert self.judgement is not None
        drawn = drawn_input(self.inputs)
        kind = reads(self.inputs[drawn].spec) if drawn else ""
        has_words = any(name != drawn for name in self.inputs) and bool(self._words_are_told())
        return laid_out(
            titled(self.judgement, kind == "picture", kind == "series", has_words), self.area().width(), self._scale()
        )

    def area(self) -> QRectF:
        """Where rows are, or the large sample: below the words and the names of columns."""
        px, top = self.theme.px, self._head()
        right = self.bar.sizeHint().width() + px(4) if not self.bar.isHidden() else px(10)
        names = 0 if self.shown is not None else px(20)
        return QRectF(px(10), top + names, self.width() - px(10) - right, max(self.height() - top - names, 1))

    def row_rect(self, at: int) -> QRectF:
        """Where a row of the list is drawn, in pixels."""
        area = self.area()
        return QRectF(area.left(), area.top() + at * self.tall - self.bar.value(), area.width(), self.tall)

    @property
    def tall(self) -> int:
        """The pixels of a row."""
        pictures = self.judgement is not None and self.judgement.told.form in DRAWN
        return self.theme.px(PAIR if pictures else PICTURE if drawn_input(self.inputs) else WORDS)

    def row(self, at: int) -> Row | None:
        """The sample at this place of the list, where it is known whole."""
        assert self.judgement is not None
        return self._rows.get(int(self.judgement.places[self.listed[at]]))

    def values(self) -> Scale:
        """There is none."""
        return Scale(0.0, 1.0, self.area().bottom(), self.area().top())

    def prepare(self) -> None:
        """Ask for what is seen and not known."""
        if self.judgement is None or self.shown is not None:
            return
        missing = tuple(int(self.judgement.places[self.listed[at]]) for at in self.visible() if self.row(at) is None)
        if missing and missing != self._wanted:
            self._wanted = missing
            self.rows_wanted.emit(missing)

    def visible(self) -> range:
        """The rows that are seen, at least in part."""
        first = self.bar.value() // self.tall
        return range(first, min(first + int(self.area().height() // self.tall) + 2, len(self.listed)))

    def paint(self, painter: QPainter) -> None:
        """Words above, then the rows that are seen, or one sample large."""
        theme, px = self.theme, self.theme.px
        if self.judgement is None:
            axes.nothing_yet(painter, theme, QRectF(self.rect()), *self.hint)
            return
        above = QRectF(px(10), px(4), self.width() - px(20), px(18))
        for place, (line, ink) in enumerate(((self.words, "text2"), (self.remark, "text3"))):
            words = theme.metrics.elidedText(line, Qt.TextElideMode.ElideRight, above.width())
            axes.text(painter, above.translated(0, place * px(16)), axes.LEFT, words, theme.color(ink), theme.caption)
        if self.shown is not None:
            self.large.paint(painter, theme, self.area(), f"{self.at + 1:,} of {len(self.listed):,}")
        else:
            self._paint_list(painter)

    def sheet(self) -> Sheet | None:
        """The samples that are listed."""
        return self.judgement.sheet(self.listed) if self.judgement is not None else None

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll the list."""
        self.bar.setValue(self.bar.value() - event.angleDelta().y() * self.tall // 60)
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click shows a sample large."""
        self._press = None
        at = self.at_place(event.position().y())
        if event.button() == Qt.MouseButton.LeftButton and self.shown is None and at is not None:
            self.open_sample(at)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Nothing more than two clicks."""
        event.accept()

    def at_place(self, y: float) -> int | None:
        """The place in the list of the row there."""
        area = self.area()
        at = int((y - area.top() + self.bar.value()) // self.tall)
        return at if y >= area.top() and 0 <= at < len(self.listed) else None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The arrows go from sample to sample, Enter shows one large, Esc the list again."""
        key, last = Qt.Key(event.key()), len(self.listed) - 1
        pages = {Qt.Key.Key_PageUp: -1, Qt.Key.Key_PageDown: 1}
        ends = {Qt.Key.Key_Home: 0, Qt.Key.Key_End: last}
        if last < 0:
            event.ignore()
        elif key in _MOVES:
            self._go(self.at + _MOVES[key])
        elif key in pages:
            self._go(self.at + pages[key] * max(int(self.area().height() // self.tall), 1))
        elif key in ends:
            self._go(ends[key])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self.shown is None:
            self.open_sample(self.at)
        elif key in (Qt.Key.Key_Escape, Qt.Key.Key_Backspace) and self.shown is not None:
            self.close_sample()
        else:
            event.ignore()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another size shows more or fewer rows."""
        super().resizeEvent(event)
        self._fit_bar()

    def minimumSizeHint(self) -> QSize:
        """What some rows need."""
        return QSize(self.theme.px(200), self.theme.px(120))

    def _go(self, at: int) -> None:
        at = min(max(at, 0), len(self.listed) - 1)
        if self.shown is not None:
            if at != self.at:
                self.open_sample(at)
            return
        self.at = at
        self._reveal()
        self.refresh()

    def _reveal(self) -> None:
        """Scroll so that the row of the keyboard is seen."""
        top, room = self.at * self.tall, int(self.area().height())
        self.bar.setValue(min(max(self.bar.value(), top + self.tall - room), top))

    def _here(self) -> int | None:
        """The place of the sample at which the keyboard is, in its part."""
        if self.shown is not None:
            return self.shown
        if self.judgement is None or not 0 < self.at < len(self.listed):
            return None
        return int(self.judgement.places[self.listed[self.at]])

    def _relist(self, here: int | None = None) -> None:
        if self.judgement is not None:
            self.listed = self.judgement.ordered(self.order, self.only_wrong, self.of_class, self.as_class)
            if here is not None:
                found = np.flatnonzero(self.judgement.places[self.listed] == here)
                self.at = int(found[0]) if len(found) else self.at
        self.at = min(max(self.at, 0), max(len(self.listed) - 1, 0))
        self._fit_bar()
        self.setAccessibleDescription(f"{self.words}. {self.remark}".strip())
        self.refresh()

    def _fit_bar(self) -> None:
        room = int(self.height() - self._head() - self.theme.px(20))
        over = len(self.listed) * self.tall - room
        self.bar.setVisible(over > 0 and self.shown is None)
        self.bar.setRange(0, max(over, 0))
        self.bar.setPageStep(max(room, 1))
        self.bar.setSingleStep(self.tall)
        wide = self.bar.sizeHint().width()
        top = self._head() + self.theme.px(20)
        self.bar.setGeometry(self.width() - wide, top, wide, max(self.height() - top, 1))

    def _scrolled(self, _value: int) -> None:
        self.refresh()

    def _head(self) -> int:
        return self.theme.px(42 if self.remark else 26)

    def _scale(self) -> float:
        return self.theme.theme.scale

    def _words_are_told(self) -> str:
        row = next(iter(self._rows.values()), None)
        return words_of(self.inputs, _arrays(row)) if row is not None else ""

    def _paint_list(self, painter: QPainter) -> None:
        theme, area, columns = self.theme, self.area(), self.columns()
        assert self.judgement is not None
        drawing = RowDrawing(theme, self.judgement, self.inputs, self.answer_field, columns)
        drawing.paint_titles(painter, QRectF(area.left(), area.top() - theme.px(20), area.width(), theme.px(20)))
        if not len(self.listed):
            said = "No sample is wrong." if self.only_wrong else "There is no such sample."
            axes.nothing_yet(painter, theme, area, said, "Choose others above.")
            return
        painter.save()
        painter.setClipRect(QRectF(0, area.top(), self.width(), area.height()))
        over = self.at_place(self.pointer.y()) if self.pointer is not None else None
        for at in self.visible():
            line = self.row_rect(at)
            ground = "accentBg" if self.hasFocus() and at == self.at else "hover" if at == over else ""
            if ground:
                painter.fillRect(line.adjusted(-theme.px(6), 0, theme.px(4), -1), theme.color(ground))
            drawing.paint(painter, line, int(self.listed[at]), self.row(at))
        painter.restore()


def _arrays(row: Row) -> dict[str, NDArray[Any]]:
    """The inputs of a sample."""
    return {name: unpacked(numbers) for name, numbers in row.inputs.items()}
