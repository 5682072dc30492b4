"""How often each class was called each: the table of a validation, what is by row and what was said by column."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QMouseEvent, QPainter, QPen, QWheelEvent

from core.engine.messages import Validated
from core.telemetry.judged import Judgements
from core.telemetry.record import RunRecord
from core.telemetry.sheet import Sheet, fixed
from core.training.metric_kinds import metric_text
from core.training.tallies import by_class
from gui.monitors import axes
from gui.monitors.axes import Line
from gui.monitors.counted import Counted, fitting
from gui.monitors.cursor import Cursor
from gui.monitors.panel import Monitor, judged_words, shared
from gui.monitors.plot import Plot
from gui.monitors.scale import Scale
from gui.theme import Themes
from gui.training.feed import Feed

NAMES = 84
"""Pixels at most for the names of classes at the left."""
FEWEST = 13
"""Pixels of a cell from which on names are written beside it."""
COUNTED = 17
"""Pixels of a cell from which on its count is written in it."""
STRONG, FAINTEST = 0.85, 0.12
"""How strong a cell is whose whole row stands in it, against the ground, and which part of that one with hardly any."""
STANDING = 64
"""Pixels at most for the names below, where they stand."""
BRIGHT = 0.5
"""Share from which on a cell is so strong that ink for the accent is read better on it."""


class Cell(NamedTuple):
    """A place of the table: what it is, and what it was called; None on the border of names."""

    true: int | None
    said: int | None


class ConfusionPlot(Plot):
    """Draws the newest table, or that of the epoch at which the monitors' cursor stands."""

    has_steps = False
    picked = Signal(object)
    """The Cell that was clicked."""

    def __init__(self, feed: Feed, themes: Themes, cursor: Cursor) -> None:
        super().__init__(feed, themes, cursor)
        self.judgements = Judgements()
        self._followed: RunRecord | None = None
        self.shown: Validated | None = None
        self.counts: npt.NDArray[np.int64] = np.empty((0, 0), np.int64)
        self.shares: npt.NDArray[np.float64] = np.empty((0, 0))
        """Of each class, how much of it was called what."""
        self.cell: Cell | None = None
        """Where pointer or keyboard is."""
        self._step: float | None = None
        cursor.moved.connect(self._follow_cursor)

    def area(self) -> QRectF:
        """The cells, as squares in the middle of the room there is."""
        return self._square(self._below())

    def values(self) -> Scale:
        """The classes from top to bottom."""
        area = self.area()
        return Scale(0.0, float(max(len(self.counts), 1)), area.top(), area.bottom())

    def prepare(self) -> None:
        """The table of the newest validation, or of the one at the cursor."""
        record = self.record
        if record is not self._followed:
            self._followed, self.judgements = record, Judgements()
        self.judgements.follow(record.validations if record is not None else ())
        step, pinned = self.crosshair.step, self.crosshair.pinned
        found = self.judgements.upto if step == pinned else self.judgements.at
        self.shown = self.judgements.newest if step is None else found(step)
        table = self.shown.table if self.shown is not None else []
        self.counts = np.array(table, np.int64) if table else np.empty((0, 0), np.int64)
        rows = np.maximum(self.counts.sum(1, keepdims=True), 1) if len(self.counts) else 1
        self.shares = self.counts / rows
        if self.cell is not None and max(self.cell.true or 0, self.cell.said or 0) >= len(self.counts):
            self.cell = None

    def paint(self, painter: QPainter) -> None:
        """Cells, names, and what is pointed at."""
        theme, area = self.theme, self.area()
        if not len(self.counts):
            box = QRectF(self.rect())
            axes.nothing_yet(painter, theme, box, *self._empty_lines())
            return
        self._paint_cells(painter, area)
        self._paint_names(painter, area)
        assert self.shown is not None  # there are counts
        words = f"epoch {self.shown.epoch:,}: {int(self.counts.sum()):,} answers"
        left = max(min(area.left(), self.width() - theme.wide(words) - theme.px(8)), theme.px(8))
        box = QRectF(left, 4, area.width(), theme.px(18))
        axes.text(painter, box, axes.LEFT, words, theme.color("text2"), theme.caption)
        if self.cell is not None:
            self._paint_cell(painter, area, self.cell)

    def sheet(self) -> Sheet | None:
        """The counts: a row for what is, a column for what was said."""
        if not len(self.counts):
            return None
        names = [self.name(place) for place in range(len(self.counts))]
        return fixed(("true", *names), [names, *self.counts.T])

    def name(self, place: int) -> str:
        """What a class is called."""
        classes = self.record.started.classes if self.record is not None else []
        if place < len(classes) == len(self.counts):
            return classes[place]
        return ("no", "yes")[place] if len(self.counts) == 2 and not classes else str(place)

    def cell_at(self, place: QPointF) -> Cell | None:
        """What is at this place: a cell, or the name of a class."""
        area, classes = self.area(), len(self.counts)
        if not classes:
            return None
        side = area.width() / classes
        across, down = (int((place.x() - area.left()) // side), int((place.y() - area.top()) // side))
        inside = 0 <= across < classes, 0 <= down < classes
        if inside[1] and place.x() < area.left():
            return Cell(down, None)
        if inside[0] and place.y() > area.bottom():
            return Cell(None, across)
        return Cell(down, across) if all(inside) else None

    def reading(self, cell: Cell) -> list[Line]:
        """What the table says of a cell, or of a class."""
        if cell.true is not None and cell.said is not None:
            count, share = int(self.counts[cell.true, cell.said]), float(self.shares[cell.true, cell.said])
            said = "as it is" if cell.true == cell.said else f"as {self.name(cell.said)}"
            return [
                Line(f"{self.name(cell.true)}, said {said}", f"{count:,}"),
                Line(f"of all {self.name(cell.true)}", metric_text("recall", share)),
            ]
        place = cell.true if cell.true is not None else cell.said
        assert place is not None  # a cell has one of both
        right, called, are = (
            np.array([float(part)])
            for part in (self.counts[place, place], self.counts[:, place].sum(), self.counts[place].sum())
        )
        found = by_class(right, called, are)
        words = {"recall": "recall", "precision": "precision", "f1": "F1", "iou": "IoU"}
        lines = [
            Line(said, metric_text(name, found[name])) for name, said in words.items() if found[name] == found[name]
        ]
        return [Line(self.name(place), f"{int(are[0]):,}"), *lines]

    def wheelEvent(self, event: QWheelEvent) -> None:
        """There is nothing to zoom."""
        event.ignore()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell of the cell under the pointer."""
        self.pointer = event.position()
        self.cell = self.cell_at(event.position())
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click picks the cell."""
        self._press = None
        cell = self.cell_at(event.position())
        if cell is not None and event.button() == Qt.MouseButton.LeftButton:
            self.picked.emit(cell)

    def leaveEvent(self, event: object) -> None:
        """Nothing is pointed at any more."""
        self.pointer = self.cell = None
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The arrows go from cell to cell, Enter picks one."""
        by = {Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1), Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0)}
        key, classes = Qt.Key(event.key()), len(self.counts)
        if key in by and classes:
            here = self.cell if self.cell is not None else Cell(0, 0)
            down, across = by[key] if self.cell is not None else (0, 0)
            places = ((here.true or 0) + down, (here.said or 0) + across)
            self.cell = Cell(*(min(max(place, 0), classes - 1) for place in places))
            self.update()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.cell is not None:
            self.picked.emit(self.cell)
        else:
            event.ignore()

    def minimumSizeHint(self) -> QSize:
        """What a small table needs."""
        return QSize(self.theme.px(180), self.theme.px(120))

    def _follow_cursor(self) -> None:
        if self.crosshair.step != self._step:
            self._step = self.crosshair.step
            self.refresh()

    def _margin(self) -> int:
        """The pixels of the names at the left."""
        theme = self.theme
        names = [theme.wide(self.name(place)) for place in range(len(self.counts))]
        return round(min(max(names, default=0.0), theme.px(NAMES))) + theme.px(30)

    def _square(self, below: int) -> QRectF:
        """The cells over so many pixels for the names."""
        px = self.theme.px
        left, top, classes = self._margin(), px(26), max(len(self.counts), 1)
        room = (self.width() - left - px(16), self.height() - top - below - px(8))
        side = max(min(room), classes)
        side = side // classes * classes if side >= 3 * classes else side
        return QRectF(left + max((room[0] - side) // 2, 0), top, side, side)

    def _below(self) -> int:
        """The pixels of the names below: lying where they fit, else standing."""
        return self.theme.px(22) + (self._tallest() if self.names_stand else self.theme.px(16))

    @property
    def names_stand(self) -> bool:
        """Whether the names below stand: one of them is wider than its cell, and there is room to stand in."""
        px, classes = self.theme.px, len(self.counts)
        side = self._square(px(38)).width() / max(classes, 1)
        widest = max((self.theme.wide(self.name(place)) for place in range(classes)), default=0.0)
        roomy = self.height() - px(26 + 22 + 8) - self._tallest() >= 2 * self._tallest()
        return side >= px(FEWEST) and widest > side + 2 and roomy

    def _tallest(self) -> int:
        """The pixels of the longest name that stands."""
        names = (self.theme.wide(self.name(place)) for place in range(len(self.counts)))
        return round(min(max(names, default=0.0), self.theme.px(STANDING))) + self.theme.px(4)

    def _side(self) -> float:
        return self.area().width() / max(len(self.counts), 1)

    def _paint_cells(self, painter: QPainter, area: QRectF) -> None:
        theme, side, classes = self.theme, self._side(), len(self.counts)
        painter.drawImage(area, self._image())
        if side >= theme.px(COUNTED):
            self._paint_counts(painter, area)
        if side >= 6:  # the ground shows between them
            painter.setPen(QPen(theme.color("panel"), 1))
            for place in range(1, classes):
                painter.drawLine(
                    QPointF(area.left() + place * side, area.top()), QPointF(area.left() + place * side, area.bottom())
                )
                painter.drawLine(
                    QPointF(area.left(), area.top() + place * side), QPointF(area.right(), area.top() + place * side)
                )
        painter.setPen(QPen(theme.color("line2"), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(area.adjusted(-1, -1, 0, 0))

    def _image(self) -> QImage:
        """A pixel a cell: one call draws a table of a hundred classes."""
        tokens = (self.theme.color(name) for name in ("inset", "train"))
        ground, full = (np.array([color.red(), color.green(), color.blue()]) for color in tokens)
        strength = np.where(self.counts > 0, STRONG * (FAINTEST + (1 - FAINTEST) * self.shares), 0.0)[..., None]
        pixels = np.ascontiguousarray(np.rint(ground + (full - ground) * strength).astype(np.uint8))
        classes = len(pixels)
        return QImage(pixels.tobytes(), classes, classes, 3 * classes, QImage.Format.Format_RGB888).copy()

    @property
    def counted(self) -> Counted:
        """How the counts are written: all of them alike, as large as the widest fits."""
        return fitting(self.theme, [int(count) for count in self.counts[self.counts > 0]], self._side() - 1)

    def _paint_counts(self, painter: QPainter, area: QRectF) -> None:
        theme, side, look = self.theme, self._side(), self.counted
        painter.setFont(look.font)
        for true, said in np.argwhere(self.counts).tolist():
            bright = self.shares[true, said] > BRIGHT
            painter.setPen(theme.color("accentInk" if bright else "text"))
            box = QRectF(area.left() + said * side, area.top() + true * side, side, side)
            painter.drawText(box, axes.CENTER, look.words(int(self.counts[true, said])))

    def _paint_names(self, painter: QPainter, area: QRectF) -> None:
        theme, side = self.theme, self._side()
        every = max(round(theme.px(FEWEST) / side + 0.49), 1)
        ink = theme.color("text2")
        for place in range(0, len(self.counts), every):
            name, at = self.name(place), (place + 0.5) * side
            room = self._margin() - theme.px(28)
            words = theme.metrics.elidedText(name, Qt.TextElideMode.ElideRight, room)
            box = QRectF(area.left() - room - theme.px(8), area.top() + at - 10, room, 20)
            axes.text(painter, box, axes.RIGHT, words, ink, theme.caption)
            self._paint_below(painter, name, QPointF(area.left() + at, area.bottom() + 2), every * side)
        box = QRectF(area.left(), area.bottom() + self._below() - theme.px(20), area.width(), theme.px(16))
        axes.text(painter, box, axes.CENTER, "said", theme.color("text3"), theme.caption)
        painter.save()
        painter.translate(area.left() - self._margin() + theme.px(8), area.center().y())
        painter.rotate(-90)
        axes.text(painter, QRectF(-60, -8, 120, 16), axes.CENTER, "is", theme.color("text3"), theme.caption)
        painter.restore()

    def _paint_below(self, painter: QPainter, name: str, at: QPointF, wide: float) -> None:
        """The name of a column, whose middle is at this place."""
        theme, ink = self.theme, self.theme.color("text2")
        if not self.names_stand:
            words = theme.metrics.elidedText(name, Qt.TextElideMode.ElideRight, wide + 2)
            box = QRectF(at.x() - wide / 2 - 2, at.y(), wide + 4, theme.px(16))
            axes.text(painter, box, axes.CENTER, words, ink, theme.caption)
            return
        room = self._tallest()
        words = theme.metrics.elidedText(name, Qt.TextElideMode.ElideRight, room)
        painter.save()
        painter.translate(at.x(), at.y() + theme.px(2))
        painter.rotate(-90)
        axes.text(painter, QRectF(-room, -theme.px(8), room, theme.px(16)), axes.RIGHT, words, ink, theme.caption)
        painter.restore()

    def _paint_cell(self, painter: QPainter, area: QRectF, cell: Cell) -> None:
        """A ring around what is pointed at, and what there is to say of it."""
        theme, side, classes = self.theme, self._side(), len(self.counts)
        left, wide = (cell.said * side, side) if cell.said is not None else (0.0, area.width())
        top, high = (cell.true * side, side) if cell.true is not None else (0.0, area.height())
        box = QRectF(area.left() + left, area.top() + top, wide, high)
        painter.setPen(QPen(theme.color("sel"), 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(box.adjusted(-0.5, -0.5, -0.5, -0.5))
        at = self.pointer if self.pointer is not None else box.center()
        assert classes  # there is a cell
        axes.readout(painter, theme, QRectF(self.rect()).adjusted(2, 2, -2, -2), at, self.reading(cell))

    def _empty_lines(self) -> tuple[str, str]:
        record = self.record
        if record is None or not record.validations:
            return "No table yet.", "It comes with the first validation of a classifier."
        if self.shown is None:
            return "Not judged yet at this step.", "The first validation came later."
        if self.shown.task in ("values", "labels"):
            return "This loss compares no classes.", ""
        return "Too many classes for a table.", "Metrics are measured all the same."


class ConfusionMonitor(Monitor):
    """Which classes the network takes for which."""

    SENTENCE = "How often each class, by row, was taken for each, by column: off the diagonal stand the mistakes."

    def __init__(self, feed: Feed, themes: Themes, cursor: Cursor | None = None) -> None:
        self.table = ConfusionPlot(feed, themes, shared(cursor))
        super().__init__("Confusion", self.table, feed, themes, turn=3)

    def moment_words(self, step: int) -> str:
        """Of which validation the table is."""
        return judged_words(self.table.judgements.upto(step))
