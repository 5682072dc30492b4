"""What a network says at every place of a plane or along an axis, with the samples, again and again in training."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent, QPainter

from core.telemetry.sheet import Sheet, fixed
from gui.boundary.colors import keys, names_of, sample_color
from gui.boundary.curve import CurveDrawing
from gui.boundary.ground import Ground, Span, paint_axes, paint_frame
from gui.boundary.legend import Key, height_of, paint_keys
from gui.boundary.plane import PlaneDrawing
from gui.monitors import axes
from gui.monitors.axes import Line
from gui.monitors.choice import Choice
from gui.monitors.cursor import Cursor
from gui.monitors.panel import shared
from gui.monitors.scale import Scale
from gui.monitors.seen_monitor import SeenMonitor
from gui.monitors.still_plot import StillPlot
from gui.numbers import percent, plain
from gui.theme import Themes
from gui.training.feed import Feed

NONE = ("Nothing yet.", "Train first; then it shows what the network says at every place.")
NEAR = 8.0
"""Pixels from the pointer within which a sample is pointed at."""
STEP = 0.01
"""The share of an axis that an arrow key moves; ten times as much with Shift."""
_KEYS = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1)}
Drawing = PlaneDrawing | CurveDrawing


class BoundaryPlot(StillPlot):
    """A plane or a curve with its axes, its legend, and what is said under the pointer."""

    def __init__(self, feed: Feed, themes: Themes, cursor: Cursor) -> None:
        super().__init__(feed, themes, cursor)
        self.drawing: Drawing | None = None
        self.names: tuple[str, ...] = ()
        """What the axes are called."""
        self.spans: tuple[Span, Span] = ((0.0, 1.0), (0.0, 1.0))
        self.is_square = False
        """Whether both axes have one unit."""
        self.step, self.remark = 0, ""
        self.hint = NONE
        """What is said while there is nothing."""

    def say(self, title: str, hint: str) -> None:
        """Show nothing, and say why."""
        self.drawing, self.hint, self.remark = None, (title, hint), ""
        self.setAccessibleDescription(f"{self.words}. {self.remark}".strip())
        self.refresh()

    def begin(self, drawing: Drawing, names: tuple[str, ...], spans: tuple[Span, Span], is_square: bool) -> None:
        """Show this drawing from now on; nothing before its values are known."""
        drawing.marks_wrong = True
        self.drawing, self.names, self.spans, self.is_square = drawing, names, spans, is_square
        self.hint = ("Asking the network…", "")
        self.refresh()

    def take(self, step: int, values: NDArray[np.float32], said: NDArray[np.float32]) -> None:
        """Show what is said along the axes and of the samples, after so many steps."""
        if self.drawing is None:
            return
        self.step = step
        self.drawing.show_values(values)
        if len(said) == len(self.drawing.samples):
            self.drawing.judge(said)
        self.refresh()

    def mark(self, remark: str) -> None:
        """Say this beside it."""
        self.remark = remark
        self.setAccessibleDescription(f"{self.words}. {self.remark}".strip())
        self.refresh()

    @property
    def words(self) -> str:
        """Of which step it is, and how many samples are wrong."""
        drawing = self.drawing
        if drawing is None or drawing.values is None:
            return self.hint[0]
        moment = f"step {self.step:,}" if self.step else "weights of the file"
        if drawing.output.form == "values":
            low, high = (plain(float(end), 3) for end in (drawing.values.min(), drawing.values.max()))
            return f"{moment}: says {low} to {high} here"
        parts = [(drawing.held, "held-out"), (~drawing.held, "training")]
        told = [
            f"{int(drawing.wrong[part].sum()):,} of {int(part.sum()):,} {kind}" for part, kind in parts if part.any()
        ]
        return f"{moment}: {', '.join(told)} samples wrong"

    def area(self) -> QRectF:
        """All but words and legend above, and the names of the axes; a square where both have one unit."""
        px, drawing = self.theme.px, self.drawing
        top = self._head() + height_of(self.theme.theme, self.legend(), self.width() - px(20)) + px(4)
        below = px(24) + (px(16) if self.names else 0)
        room = QRectF(px(58), top, max(self.width() - px(58 + 12), 1), max(self.height() - top - below, 1))
        if drawing is None or not self.is_square:
            return room
        side = min(room.width(), room.height())
        return QRectF(room.left() + (room.width() - side) / 2, room.top(), side, side)

    def ground(self) -> Ground:
        """The area with what its axes span."""
        spans = self.drawing.spans() if isinstance(self.drawing, CurveDrawing) else self.spans
        return Ground(self.area(), *spans)

    def legend(self) -> list[Key]:
        """What the signs mean."""
        drawing, theme = self.drawing, self.theme.theme
        if drawing is None:
            return []
        if isinstance(drawing, CurveDrawing):
            found = drawing.keys(theme)
        else:
            found = keys(theme, drawing.output, bool(drawing.held.any()))
        return [*found, Key("wrong", theme.color("error"), ring=True)] if drawing.wrong.any() else found

    def values(self) -> Scale:
        """The scale upwards."""
        return self.ground().scales()[1]

    def prepare(self) -> None:
        """There is nothing to work out: values come as they are drawn."""

    def paint(self, painter: QPainter) -> None:
        """Words, legend, axes, what is said, and what is pointed at."""
        theme, px = self.theme, self.theme.px
        if self.drawing is None or self.drawing.values is None:
            axes.nothing_yet(painter, theme, QRectF(self.rect()), *self.hint)
            return
        ground = self.ground()
        above = QRectF(px(10), px(4), self.width() - px(20), px(18))
        for place, (line, ink) in enumerate(((self.words, "text2"), (self.remark, "text3"))):
            words = theme.metrics.elidedText(line, Qt.TextElideMode.ElideRight, above.width())
            axes.text(painter, above.translated(0, place * px(16)), axes.LEFT, words, theme.color(ink), theme.caption)
        paint_keys(painter, theme.theme, self.legend(), QRectF(px(10), self._head(), above.width(), px(18)))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        paint_axes(painter, theme, ground, self.width())
        painter.save()
        painter.setClipRect(ground.area)
        self.drawing.paint(painter, theme, ground)
        painter.restore()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        paint_frame(painter, theme, ground.area, self.hasFocus())
        self._paint_names(painter, ground.area)
        if self.pointer is not None and ground.area.contains(self.pointer):
            box = QRectF(self.rect()).adjusted(2, 2, -2, -2)
            axes.readout(painter, theme, box, self.pointer, self.reading(self.pointer))

    def sheet(self) -> Sheet | None:
        """A row a place: where it is, and all that is said there."""
        drawing = self.drawing
        if drawing is None or drawing.values is None:
            return None
        count = drawing.values.shape[0]
        flat = drawing.values.reshape(count if isinstance(drawing, CurveDrawing) else count**2, -1)
        if isinstance(drawing, CurveDrawing):
            places = [drawing.places()]
        else:
            across, up = (np.linspace(*span, count) for span in self.spans)
            places = [side.reshape(-1) for side in np.meshgrid(across, up)]
        classes = names_of(drawing.output) if drawing.output.form == "classes" else []
        said = classes if len(classes) == flat.shape[1] else [drawing.output.name, *map(str, range(1, flat.shape[1]))]
        return fixed([*self.names, *said], [*places, *flat.T])

    def reading(self, at: QPointF) -> list[Line]:
        """Where a place of the plot is, what is said there, and the sample that lies there."""
        drawing, (across, up) = self.drawing, self.ground().scales()
        assert drawing is not None  # something is drawn
        x, y = across.number(at.x()), up.number(at.y())
        lines = [Line(name, plain(value, 3)) for name, value in zip(self.names, (x, y), strict=False)]
        index = self.sample_at(at)
        named = names_of(drawing.output)
        if index is not None and isinstance(drawing, PlaneDrawing) and drawing.output.form != "values":
            kind = int(drawing.kinds[index])
            part = "held out" if drawing.held[index] else "training"
            wrong = ", wrong" if drawing.wrong[index] else ""
            lines.append(
                Line(f"{named[kind]} ({part}{wrong})", "", sample_color(self.theme.theme, kind, drawing.output))
            )
        return [*lines, *self._said(x, y)]

    def sample_at(self, at: QPointF) -> int | None:
        """The sample nearest to a place, if it is near."""
        if self.drawing is None or not len(self.drawing.samples):
            return None
        places = self.ground().pixels(self.drawing.samples)
        away = np.hypot(places[:, 0] - at.x(), places[:, 1] - at.y())
        nearest = int(away.argmin())
        return nearest if away[nearest] <= NEAR else None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The arrows move the place that is told; with Shift ten times as far. Esc lets it go."""
        key, area = Qt.Key(event.key()), self.area()
        if key == Qt.Key.Key_Escape and self.pointer is not None:
            self.pointer = None
        elif key in _KEYS and self.drawing is not None:
            share = STEP * (10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
            here = self.pointer if self.pointer is not None else area.center()
            x, y = here.x() + _KEYS[key][0] * share * area.width(), here.y() + _KEYS[key][1] * share * area.height()
            inside = area.adjusted(0, 0, -1, -1)
            self.pointer = QPointF(
                min(max(x, inside.left()), inside.right()), min(max(y, inside.top()), inside.bottom())
            )
        else:
            super().keyPressEvent(event)
            return
        self.update()

    def _head(self) -> int:
        """The pixels of the words above the legend."""
        return self.theme.px(42 if self.remark else 26)

    def _said(self, x: float, y: float) -> list[Line]:
        """What is said nearest to a place, the likeliest first."""
        drawing = self.drawing
        assert drawing is not None
        assert drawing.values is not None
        spans = self.spans if isinstance(drawing, PlaneDrawing) else (drawing.across,)
        count = drawing.values.shape[0]
        at = [round((v - low) / (high - low) * (count - 1)) for v, (low, high) in zip((x, y), spans, strict=False)]
        place = tuple(min(max(one, 0), count - 1) for one in reversed(at))
        said = np.asarray(drawing.values[place], np.float64).reshape(-1)
        form, named = drawing.output.form, names_of(drawing.output)
        if form == "yes or no":
            return [Line(f"says {named[int(said[0] > 0.5)]}", percent(float(max(said[0], 1 - said[0]))))]
        if form == "classes" and drawing.output.meaning.prediction != "scores":
            best = np.argsort(-said, kind="stable")[:3]
            return [
                Line(f"says {named[one]}" if not n else named[one], percent(float(said[one])))
                for n, one in enumerate(best)
            ]
        if form == "classes":
            best_one = int(said.argmax())
            return [Line(f"says {named[best_one]}", plain(float(said[best_one]), 3))]
        return [Line("says", plain(float(said[0]), 4))]

    def _paint_names(self, painter: QPainter, area: QRectF) -> None:
        theme, px = self.theme, self.theme.px
        ink, font = theme.color("text2"), theme.caption
        if not self.names:
            return
        below = QRectF(area.left(), area.bottom() + px(21), area.width(), px(16))
        words = theme.metrics.elidedText(self.names[0], Qt.TextElideMode.ElideRight, area.width())
        axes.text(painter, below, axes.CENTER, words, ink, font)
        side = self.names[1] if len(self.names) > 1 else self.drawing.output.name if self.drawing is not None else ""
        painter.save()
        painter.translate(area.left() - px(50), area.center().y())
        painter.rotate(-90)
        words = theme.metrics.elidedText(side, Qt.TextElideMode.ElideRight, area.height())
        axes.text(painter, QRectF(-area.height() / 2, -px(8), area.height(), px(16)), axes.CENTER, words, ink, font)
        painter.restore()


class BoundaryMonitor(SeenMonitor):
    """The plane of the two numbers that the network reads, or of two that are chosen."""

    SENTENCE = (
        "What the network says at every place of the plane, the paler the less sure: the line is where it changes its "
        "mind, and a ring marks a sample that lies on the wrong side of it."
    )
    axes_changed = Signal()
    """Other numbers of the input are wanted."""

    def __init__(self, feed: Feed, themes: Themes, cursor: Cursor | None = None) -> None:
        self.plane = BoundaryPlot(feed, themes, shared(cursor))
        super().__init__("Decision boundary", self.plane, feed, themes, turn=4)
        self.columns: tuple[str, ...] = ()
        """The numbers that an axis may be, where there is a choice."""
        self.across = [0, 1]
        self.choices = [Choice(name, self._listed, themes) for name in ("Across", "Up")]
        for at, choice in enumerate(self.choices):
            choice.chosen.connect(lambda key, at=at: self.choose(at, int(key)))
            self.header.controls.addWidget(choice)
            choice.hide()
        self.discrete = QAction("Plain colours", self, checkable=True)
        self.discrete.toggled.connect(self._recolor)
        self.header.menu.addAction(self.discrete)

    def shown_step(self) -> int | None:
        """The step of what is shown."""
        return self.plane.step if self.plane.drawing is not None else None

    def offer(self, columns: tuple[str, ...]) -> None:
        """Offer these numbers for the axes; none where there is no choice."""
        if columns != self.columns:
            self.columns, self.across = columns, [0, 1]
        self._show_choice()

    def choose(self, axis: int, column: int) -> None:
        """Have another number along an axis; the other axis takes what it had, where it had that one."""
        if column == self.across[1 - axis]:
            self.across[1 - axis] = self.across[axis]
        self.across[axis] = column
        self._show_choice()
        self.axes_changed.emit()

    def state(self) -> dict[str, str]:
        """What was chosen."""
        return {**super().state(), "plain": "1" if self.discrete.isChecked() else ""}

    def restore(self, state: dict[str, str]) -> None:
        """Choose the same again."""
        super().restore(state)
        self.discrete.setChecked(bool(state.get("plain")))

    def begin(self, drawing: Drawing, names: tuple[str, ...], spans: tuple[Span, Span], is_square: bool) -> None:
        """Show this drawing from now on."""
        if isinstance(drawing, PlaneDrawing):
            drawing.is_discrete = self.discrete.isChecked()
        self.plane.begin(drawing, names, spans, is_square)

    def _listed(self) -> Mapping[str, str]:
        return {str(at): name for at, name in enumerate(self.columns)}

    def _show_choice(self) -> None:
        for choice, column in zip(self.choices, self.across, strict=True):
            choice.setVisible(bool(self.columns))
            if self.columns:
                choice.hold(str(column), self.columns[column])

    def _recolor(self, on: bool) -> None:
        if isinstance(self.plane.drawing, PlaneDrawing):
            self.plane.drawing.is_discrete = on
        self.plane.refresh()
