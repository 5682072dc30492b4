"""The rows of a heatmap: which are drawn, their names, the gaps between them and the outline of the selected ones."""

from __future__ import annotations

import math
from bisect import bisect
from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from core.engine.messages import RowInfo
from core.telemetry.heat_cells import FROZEN, NO_DATA
from core.telemetry.heatmap import Grid
from core.telemetry.record import STRETCH, RunRecord
from gui.monitors import axes, lines
from gui.monitors.ink import Ink
from gui.monitors.layer_rows import short_name
from gui.monitors.scale import Scale

PITCH = 13
"""Pixels between two names, at which they do not touch."""


def chosen(record: RunRecord, grid: Grid, of_activations: bool) -> list[int]:
    """The places of the layers with a weight, or of the activations that have something to tell."""
    if of_activations:
        silent = np.isin(grid.states, (NO_DATA, FROZEN))
        known = [place for place in range(len(grid.rows)) if not silent[place].all()]
        return [place for place in known if grid.rows[place].category == "Activation"] or known
    weights = {row.path for row in record.started.weights}
    return [place for place, row in enumerate(grid.rows) if row.path in weights]


def paint_gaps(painter: QPainter, theme: Ink, area: QRectF, rows: Scale, count: int) -> None:
    """A pixel of ground between two rows, unless rows are that thin themselves."""
    if area.height() / count < 6:
        return
    y = np.rint(rows.place(np.arange(1, count))) - 1
    left, wide = np.full_like(y, area.left()), np.full_like(y, area.width())
    lines.draw_columns(painter, np.stack([left, y, wide, np.ones_like(y)], axis=1), theme.color("inset"))


def paint_names(
    painter: QPainter,
    theme: Ink,
    rows: Sequence[RowInfo],
    boxes: Sequence[QRectF],
    bold: frozenset[str],
    width: float,
) -> None:
    """Names at the left with the key of their category, those of some nodes bold; of thin rows, as many as fit."""
    is_bold = [info.node in bold for info in rows]
    for number in told(boxes, is_bold, theme.px(PITCH)):
        info, middle = rows[number], boxes[number].center().y()
        name = theme.elided(short_name(info), width - theme.px(6))
        key = QRectF(theme.px(8), middle - 3.5, theme.px(7), theme.px(7))
        axes.chip(painter, key, theme.theme.category(info.category))
        at = QRectF(theme.px(20), middle - 10, width, 20)
        ink = theme.color("text" if is_bold[number] else "text2")
        axes.text(painter, at, axes.LEFT, name, ink, theme.strong if is_bold[number] else theme.caption)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def told(boxes: Sequence[QRectF], is_bold: Sequence[bool], pitch: float) -> list[int]:
    """The rows whose names are drawn, `pitch` pixels apart at least: the bold ones, then every so many others."""
    every = max(1, math.ceil(pitch * len(boxes) / max(boxes[-1].bottom() - boxes[0].top(), 1)))
    strong = [number for number, chosen in enumerate(is_bold) if chosen]
    kept: list[float] = []
    found = []
    for number in [*strong, *range(0, len(boxes), every)]:
        middle = boxes[number].center().y()
        place = bisect(kept, middle)
        if all(abs(middle - other) >= pitch for other in kept[max(place - 1, 0) : place + 1]):
            kept.insert(place, middle)
            found.append(number)
    return sorted(found)


def named_ranges(rows: Sequence[RowInfo], boxes: Sequence[QRectF], named: frozenset[str]) -> list[QRectF]:
    """The rows of these paths, those that follow one another together."""
    return together([info.path in named for info in rows], boxes)


def together(chosen: Sequence[bool], boxes: Sequence[QRectF]) -> list[QRectF]:
    """The boxes that are chosen, those that follow one another as one."""
    ranges: list[QRectF] = []
    before = False
    for is_chosen, box in zip(chosen, boxes, strict=True):
        if is_chosen and before:
            ranges[-1] = ranges[-1].united(box)
        elif is_chosen:
            ranges.append(QRectF(box))
        before = is_chosen
    return ranges


def paint_named(
    painter: QPainter, theme: Ink, rows: Sequence[RowInfo], boxes: Sequence[QRectF], named: frozenset[str]
) -> None:
    """A dashed line around the rows that a finding names."""
    pen = QPen(theme.color("error"), 1.6)
    pen.setDashPattern([4, 2.6])
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for box in named_ranges(rows, boxes, named) if named else ():
        painter.drawRect(box.adjusted(0.5, 0.5, -0.5, -1.5))


def _selected_boxes(rows: Sequence[RowInfo], boxes: Sequence[QRectF], selected: frozenset[str]) -> list[QRectF]:
    if any(STRETCH in info.path for info in rows):
        return together([info.node in selected for info in rows], boxes)
    return [box for info, box in zip(rows, boxes, strict=True) if info.node in selected]


def paint_selected(
    painter: QPainter, theme: Ink, rows: Sequence[RowInfo], boxes: Sequence[QRectF], selected: frozenset[str]
) -> None:
    """An outline around the rows of the selected nodes; around all stretches of a sequence together."""
    if not selected:
        return
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(theme.color("sel"), 1.4))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for box in _selected_boxes(rows, boxes, selected):
        painter.drawRoundedRect(box.adjusted(-1, -0.7, 1, -0.3), 2, 2)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
