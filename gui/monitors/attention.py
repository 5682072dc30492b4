"""Where the positions of a sample look: the weights of attention, a square a head."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QAction, QImage, QPainter, QPen

from core.engine.attentions import Attended, AttentionMap
from core.telemetry.sheet import Sheet, fixed
from gui.monitors import axes
from gui.monitors.axes import Line
from gui.monitors.cursor import Cursor
from gui.monitors.layer_monitor import NONE, LayerMonitor
from gui.monitors.panel import shared
from gui.monitors.scale import Scale
from gui.monitors.still_plot import SamplePlot
from gui.theme import Themes, mix
from gui.training.feed import Feed

GAP, HEAD = 10, 16
"""Pixels between two squares, and of the words above each."""
FEWEST, LONGEST = 12, 72
"""Pixels of a cell from which on words stand beside it, and of a word at the most."""
TITLES = ("looks at itself", "looks at what was encoded")
"""Of a layer that attends twice."""
Floats = npt.NDArray[np.float32]


class AttentionPlot(SamplePlot):
    """A row of squares an attention; a row in a square is a position, its cells where that looks."""

    def __init__(self, feed: Feed, themes: Themes, cursor: Cursor) -> None:
        super().__init__(feed, themes, cursor)
        self.found: Attended | None = None
        self.layer, self.hint = "", NONE
        self.weights: list[Floats] = []
        """(heads, queries, keys) of each attention."""

    def take(self, layer: str, found: Attended | None, hint: tuple[str, str] = NONE) -> None:
        """Show these weights of a layer, or why there are none."""
        self.layer, self.found, self.hint = layer, found, hint
        self.weights = [unpacked(one) for one in found.maps] if found is not None else []
        self.setAccessibleDescription(self.words)
        self.refresh()

    @property
    def words(self) -> str:
        """Which layer, step and sample it is."""
        if self.found is None:
            return self.hint[0]
        heads = sum(len(one) for one in self.weights)
        told = f"{self.layer}, step {self.found.step:,}, sample {self.found.number:,}"
        return f"{told}: {heads} {'head' if heads == 1 else 'heads'}"

    def area(self) -> QRectF:
        """All but the line of words above."""
        top = self.theme.px(26)
        return QRectF(self.theme.px(10), top, self.width() - self.theme.px(20), self.height() - top - self.theme.px(6))

    def values(self) -> Scale:
        """There is none: every square has its own."""
        return Scale(0.0, 1.0, self.area().bottom(), self.area().top())

    def prepare(self) -> None:
        """There is nothing to work out: weights come as they are drawn."""

    def places(self) -> list[tuple[int, int, QRectF]]:
        """Attention, head and square of everything that is drawn."""
        return [(one, head, room) for one, row in enumerate(self.weights) for head, room in self._row(one, len(row))]

    def paint(self, painter: QPainter) -> None:
        """Squares, what stands above each, and what is pointed at."""
        theme = self.theme
        if self.found is None:
            axes.nothing_yet(painter, theme, QRectF(self.rect()), *self.hint)
            return
        above = QRectF(theme.px(10), theme.px(4), self.width() - theme.px(20), theme.px(18))
        axes.text(
            painter, above, axes.LEFT, theme.elided(self.words, above.width()), theme.color("text2"), theme.caption
        )
        self._paint_key(painter, above.adjusted(theme.wide(self.words) + theme.px(16), 0, 0, 0))
        for one, head, room in self.places():
            self._paint_square(painter, one, head, room)
            self._paint_words(painter, one, room)
        if self.pointer is not None and (cell := self.cell_at(self.pointer)) is not None:
            self._paint_cell(painter, *cell)
            box = QRectF(self.rect()).adjusted(2, 2, -2, -2)
            axes.readout(painter, theme, box, self.pointer, self.reading(*cell))

    def cell_at(self, place: QPointF) -> tuple[int, int, int, int] | None:
        """Attention, head, query and key at a place."""
        for one, head, room in self.places():
            if room.contains(place):
                _heads, queries, keys = self.weights[one].shape
                query = min(int((place.y() - room.top()) / room.height() * queries), queries - 1)
                key = min(int((place.x() - room.left()) / room.width() * keys), keys - 1)
                return one, head, query, key
        return None

    def reading(self, one: int, head: int, query: int, key: int) -> list[Line]:
        """Who looks where, and how much."""
        value = float(self.weights[one][head, query, key])
        _heads, queries, keys = self.weights[one].shape
        looks = f"{self._name(query, queries)} → {self._name(key, keys)}"
        return [Line(looks, f"{value:.3f}"), Line(f"head {head + 1}", "")]

    def sheet(self) -> Sheet | None:
        """A row a cell."""
        if not self.weights:
            return None
        columns: list[list[float]] = [[], [], [], [], []]
        for one, found in enumerate(self.weights):
            grid = np.indices(found.shape).reshape(3, -1)
            for place, part in enumerate((np.full(found.size, one + 1), *(grid + 1), found.ravel())):
                columns[place] += part.tolist()
        whole = [np.array(column, int) for column in columns[:4]]
        return fixed(("attention", "head", "query", "key", "weight"), [*whole, np.array(columns[4], np.float32)])

    def margins(self, one: int) -> tuple[float, float]:
        """The pixels at the left of and below each square for the words of its positions; none where they are small."""
        _heads, queries, keys = self.weights[one].shape
        sizes = [self._widest(count) for count in (queries, keys)]
        if any(sizes) and self._squares(one, sizes[0], sizes[1])[0].height() / queries >= self.theme.px(FEWEST):
            return sizes[0], sizes[1]
        return 0.0, 0.0

    def _row(self, one: int, heads: int) -> list[tuple[int, QRectF]]:
        """The squares of one attention, in as many lines as make them largest."""
        return list(enumerate(self._squares(one, *self.margins(one))[:heads]))

    def _squares(self, one: int, left: float, below: float) -> list[QRectF]:
        """Those with so much room for words at the left and below of each."""
        theme, area = self.theme, self.area()
        gap, head = theme.px(GAP) + left, theme.px(HEAD) + below
        high = area.height() / len(self.weights)
        heads, queries, keys = self.weights[one].shape
        best: tuple[float, int] = (0.0, 1)
        for lines in range(1, heads + 1):
            across = math.ceil(heads / lines)
            wide = (area.width() - left - gap * (across - 1)) / across
            side = min(wide, ((high - theme.px(GAP)) / lines - head) * keys / queries)
            best = max(best, (side, lines))
        side, lines = max(best[0], 1.0), best[1]
        across, tall = math.ceil(heads / lines), side * queries / keys
        top = area.top() + one * high
        spare = area.width() - left - across * side - (across - 1) * gap
        begin, down = area.left() + left + max(spare, 0.0) / 2, top + theme.px(HEAD)
        return [
            QRectF(begin + at % across * (side + gap), down + at // across * (tall + head), side, tall)
            for at in range(heads)
        ]

    def _widest(self, count: int) -> float:
        """The pixels that the words of so many positions take; none where they have no words."""
        words = self._words(count)
        widest = max((self.theme.wide(word) for word in words), default=0.0)
        return min(widest, float(self.theme.px(LONGEST))) + self.theme.px(6) if words else 0.0

    def _paint_square(self, painter: QPainter, which: int, head: int, room: QRectF) -> None:
        theme, found = self.theme, self.weights[which][head]
        title = f"head {head + 1}"
        if len(self.weights) == 2 and not head:
            title = TITLES[which]
        above = QRectF(room.left(), room.top() - theme.px(HEAD), room.width(), theme.px(HEAD))
        axes.text(painter, above, axes.LEFT, theme.elided(title, room.width()), theme.color("text3"), theme.caption)
        painter.drawImage(room, self._shaded(found))

    def _shaded(self, weights: Floats) -> QImage:
        """Weights (rows, columns) as a picture, by their root: small ones are to be seen."""
        ground, ink = self.theme.color("inset"), self.theme.color("accent")
        mixed = [mix(ground, ink, place / 255) for place in range(256)]
        table = np.array([(one.red(), one.green(), one.blue()) for one in mixed], np.uint8)
        pixels = table[np.round(np.sqrt(np.clip(weights, 0.0, 1.0)) * 255).astype(int)]
        rows, columns = weights.shape
        return QImage(pixels.tobytes(), columns, rows, 3 * columns, QImage.Format.Format_RGB888).copy()

    def _paint_key(self, painter: QPainter, room: QRectF) -> None:
        """At the right, where there is room, which shade is which weight."""
        theme, bar = self.theme, self.theme.px(56)
        gaps = [theme.wide(word) + theme.px(6) for word in ("weight 0", "1")]
        if sum(gaps) + bar > room.width():
            return
        ink, font = theme.color("text3"), theme.caption
        axes.text(painter, room, axes.RIGHT, "1", ink, font)
        colors = QRectF(room.right() - gaps[1] - bar, room.center().y() - theme.px(4), bar, theme.px(8))
        painter.drawImage(colors, self._shaded(np.linspace(0.0, 1.0, bar, dtype=np.float32)[None]))
        left = room.adjusted(0, 0, -gaps[1] - bar - theme.px(6), 0)
        axes.text(painter, left, axes.RIGHT, "weight 0", ink, font)

    def _paint_cell(self, painter: QPainter, one: int, head: int, query: int, key: int) -> None:
        room = next(place for first, second, place in self.places() if (first, second) == (one, head))
        _heads, queries, keys = self.weights[one].shape
        wide, tall = room.width() / keys, room.height() / queries
        box = QRectF(room.left() + key * wide, room.top() + query * tall, wide, tall)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(self.theme.color("sel"), 1.5))
        painter.drawRect(box.adjusted(-0.5, -0.5, 0.5, 0.5))

    def _paint_words(self, painter: QPainter, one: int, room: QRectF) -> None:
        """Beside each row the word that looks, below each column the word that is looked at."""
        left, below = self.margins(one)
        theme, ink = self.theme, self.theme.color("text2")
        _heads, queries, keys = self.weights[one].shape
        for place, word in enumerate(self._words(queries) if left else ()):
            middle = room.top() + (place + 0.5) * room.height() / queries
            box = QRectF(room.left() - left, middle - 10, left - theme.px(4), 20)
            axes.text(painter, box, axes.RIGHT, theme.elided(word, box.width()), ink, theme.caption)
        for place, word in enumerate(self._words(keys) if below else ()):
            painter.save()
            painter.translate(room.left() + (place + 0.5) * room.width() / keys, room.bottom() + theme.px(4))
            painter.rotate(90)
            box = QRectF(0, -10, below - theme.px(4), 20)
            axes.text(painter, box, axes.LEFT, theme.elided(word, box.width()), ink, theme.caption)
            painter.restore()

    def _words(self, count: int) -> Sequence[str]:
        """The words of the sample, where they are so many and of one kind."""
        tokens = self.found.tokens if self.found is not None else {}
        fitting = [words for words in tokens.values() if len(words) == count]
        return fitting[0] if len(fitting) == 1 else ()

    def _name(self, place: int, count: int) -> str:
        """What stands at a position: its word where the words of the sample are as many, else its number."""
        words = self._words(count)
        return f"{place + 1} “{words[place]}”" if words else str(place + 1)


def unpacked(told: AttentionMap) -> Floats:
    """The weights (heads, queries, keys)."""
    return np.frombuffer(told.weights, "<f4").reshape(told.heads, told.queries, told.keys)


class AttentionMonitor(LayerMonitor):
    """The weights of the selected layer, or of the first that attends."""

    SENTENCE = (
        "Each square is a head, each row a position of the sample: the brighter a cell, the more that position reads "
        "of the one in its column; a row adds up to 1."
    )

    def __init__(self, feed: Feed, themes: Themes, cursor: Cursor | None = None) -> None:
        self.maps = AttentionPlot(feed, themes, shared(cursor))
        super().__init__("Attention", self.maps, feed, themes, turn=4)
        for words, by in (("Next sample", 1), ("Sample before", -1)):
            action = QAction(words, self)
            action.triggered.connect(lambda _checked=False, by=by: self.maps.choose_sample(self.maps.sample + by))
            self.header.menu.addAction(action)
        self.maps.sample_changed.connect(self.looked_at)

    def shown_step(self) -> int | None:
        """The step of what is shown."""
        return self.maps.found.step if self.maps.found is not None else None
