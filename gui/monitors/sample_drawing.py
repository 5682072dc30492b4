"""How one sample is drawn, small and large: pictures, masks over pictures, lines of a series, words for all else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from core.data.sources import FieldSpec
from core.prediction.inputs import Input, reads
from core.prediction.texts import written
from gui.covers import cover_of
from gui.monitors.ink import Ink
from gui.numbers import plain
from gui.pixels import image_of

CHANNELS = 3
"""Lines of a series that are drawn, at the most."""
Arrays = Mapping[str, NDArray[Any]]


def drawn_input(inputs: Mapping[str, Input]) -> str:
    """The name of the input that is drawn: the first picture, else the first series; empty where all are words."""
    for kind in ("picture", "series"):
        for name, one in inputs.items():
            if reads(one.spec) == kind:
                return name
    return ""


def fitted(room: QRectF, values: NDArray[Any]) -> QRectF:
    """Where a picture (C, H, W) or (H, W) lies in this room, in its own proportions."""
    tall, wide = values.shape[-2:]
    scale = min(room.width() / wide, room.height() / tall)
    size = (round(wide * scale), round(tall * scale))
    return QRectF(room.left() + (room.width() - size[0]) // 2, room.top() + (room.height() - size[1]) // 2, *size)


def paint_picture(
    painter: QPainter, theme: Ink, room: QRectF, picture: NDArray[Any] | None, classes: NDArray[Any] | None = None
) -> None:
    """A picture (C, H, W) with the classes of its pixels (H, W) over it; either may be missing."""
    shown = picture if picture is not None else classes
    if shown is None:
        return
    place = fitted(room, shown)
    painter.fillRect(place, theme.color("inset"))
    smooth = max(shown.shape[-2:]) > place.width()
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
    if picture is not None:
        painter.drawImage(place, image_of(picture))
    if classes is not None:
        painter.drawImage(place, cover_of(theme.theme, classes.astype(np.int64)))
    painter.setPen(QPen(theme.color("line2"), 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(place.adjusted(0, 0, -1, -1))


def paint_series(
    painter: QPainter,
    theme: Ink,
    room: QRectF,
    past: NDArray[Any],
    said: NDArray[Any] | None = None,
    right: NDArray[Any] | None = None,
) -> None:
    """The channels of a series (STEPS, ...) as lines; behind it what is said to come and what came."""
    lines = past.reshape(len(past), -1)[:, :CHANNELS].astype(np.float64)
    behind = [one.reshape(-1).astype(np.float64) for one in (said, right) if one is not None]
    steps = len(lines) + max((len(one) for one in behind), default=0)
    every = np.concatenate([lines.reshape(-1), *behind])
    every = every[np.isfinite(every)]
    low, high = (float(every.min()), float(every.max())) if len(every) else (0.0, 1.0)

    def points(values: NDArray[np.float64], start: int) -> list[QPointF]:
        x = room.left() + (np.arange(len(values)) + start) / max(steps - 1, 1) * room.width()
        y = room.bottom() - (values - low) / ((high - low) or 1.0) * room.height()
        return [QPointF(float(a), float(b)) for a, b in zip(x, y, strict=True) if np.isfinite(b)]

    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for channel in range(lines.shape[1]):
        painter.setPen(QPen(theme.color("text2") if not channel else theme.theme.series(channel), 1.2))
        painter.drawPolyline(points(lines[:, channel], 0))
    for one, ink in ((right, "val"), (said, "accent")):
        if one is not None:
            painter.setPen(QPen(theme.color(ink), 1.8))
            found = points(one.reshape(-1).astype(np.float64), len(lines))
            painter.drawPolyline(found)
            painter.setBrush(theme.color(ink))
            for at in found if len(found) <= CHANNELS else ():
                painter.drawEllipse(at, 2, 2)
            painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def in_line(words: str) -> str:
    """Words as one line; where it was broken can be seen."""
    return words.replace("\n", " ↵ ")


def words_of(inputs: Mapping[str, Input], values: Arrays) -> str:
    """The inputs that are not drawn, in a few words."""
    drawn = drawn_input(inputs)
    told = [_said(one.spec, values[name]) for name, one in inputs.items() if name in values and name != drawn]
    return "  ·  ".join(part for part in told if part)


def lines_of(inputs: Mapping[str, Input], values: Arrays) -> list[tuple[str, str]]:
    """The numbers of rows, each with its name; of other inputs that are not drawn, all in one."""
    drawn, found = drawn_input(inputs), []
    for name, one in inputs.items():
        if name not in values or name == drawn:
            continue
        flat = values[name].reshape(-1)
        if reads(one.spec) == "row" and len(one.spec.columns) == len(flat):
            found += [(column, plain(float(value))) for column, value in zip(one.spec.columns, flat, strict=True)]
        else:
            found.append((name, _said(one.spec, values[name])))
    return found


def answer_words(form: str, spec: FieldSpec | None, classes: Sequence[str], values: NDArray[Any]) -> str:
    """An answer, or what is right, in a few words: tokens as a text, values with their digits."""
    flat = values.reshape(-1)
    if form == "tokens":
        return (
            written([int(token) for token in flat if 0 <= token < len(classes)], classes) if classes else _listed(flat)
        )
    if form == "labels":
        on = [at for at, value in enumerate(flat) if value > 0.5]
        return ", ".join(classes[at] if at < len(classes) else str(at) for at in on) or "none"
    if spec is not None and len(spec.columns) == len(flat) > 1:
        return "  ".join(f"{name} {plain(float(value), 3)}" for name, value in zip(spec.columns, flat, strict=True))
    return _listed(flat)


def _said(spec: FieldSpec, values: NDArray[Any]) -> str:
    kind = reads(spec)
    if kind == "text":
        return written([int(token) for token in values.reshape(-1)], spec.classes)
    if kind == "choice":
        at = int(values.reshape(-1)[0])
        return spec.classes[at] if 0 <= at < len(spec.classes) else str(at)
    if kind == "row":
        return _listed(values.reshape(-1))
    return ""


def _listed(flat: NDArray[Any]) -> str:
    shown = "  ".join(plain(float(value), 3) for value in flat[:12])
    return f"{shown} …" if len(flat) > 12 else shown
