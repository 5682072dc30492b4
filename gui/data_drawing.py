"""How samples are drawn, in the inspector and on cards: a series as a curve, a text as text, pictures with masks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPolygonF

from gui.theme import Theme

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from core.data.preview import Preview

MARGIN = 8.0
"""Pixels around a curve."""


def sheet(found: Preview, across: int, down: int, theme: Theme) -> list[QImage]:
    """The pictures, row by row; where each has a mask, or a picture to be made of it, in the last row."""
    assert found.pictures is not None
    below: list[QImage] = []
    if found.masks is not None:
        below = [_mask_image(mask, theme) for mask in found.masks[:across]]
    elif found.answers is not None:
        below = [picture_image(picture) for picture in found.answers[:across]]
    room = across * (down - 1) if below else across * down
    return [*(picture_image(picture) for picture in found.pictures[:room]), *below]


def picture_image(pixels: NDArray[np.uint8]) -> QImage:
    """A picture of (H, W) bytes, 255 being ink, as white ink on black; one of (H, W, 3) in its colours."""
    height, width = pixels.shape[:2]
    kept = pixels.copy()  # Qt reads its memory until it has a copy
    form = QImage.Format.Format_RGB888 if pixels.ndim == 3 else QImage.Format.Format_Grayscale8
    return QImage(kept.data, width, height, kept.strides[0], form).copy()


def _mask_image(mask: NDArray[np.int64], theme: Theme) -> QImage:
    """A mask (H, W) of class numbers, each class in its colour, what belongs to none in that of the ground."""
    kept = mask.astype("uint8")
    image = QImage(kept.data, kept.shape[1], kept.shape[0], kept.strides[0], QImage.Format.Format_Indexed8).copy()
    colors = [theme.color("control"), *(theme.series(number) for number in range(int(mask.max())))]
    image.setColorTable([color.rgb() for color in colors])
    return image.convertToFormat(QImage.Format.Format_RGB32)


def draw_curves(painter: QPainter, room: QRectF, curves: NDArray[np.float32], cut: int, theme: Theme) -> None:
    """Each series in a part of the room, side by side in one row, or in two where there are four."""
    across = 2 if len(curves) == 4 else len(curves)
    wide, high = room.width() / across, room.height() / -(-len(curves) // across)
    for index, curve in enumerate(curves):
        line, place = divmod(index, across)
        part = QRectF(room.left() + place * wide, room.top() + line * high, wide, high)
        draw_curve(painter, part, curve, cut, theme)


def draw_curve(painter: QPainter, room: QRectF, curve: NDArray[np.float32], cut: int, theme: Theme) -> None:
    """A series from left to right; from `cut` on, where it is held out, in another colour on a ground."""
    inner = room.adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN)
    edge = inner.left() + inner.width() * cut / max(len(curve) - 1, 1)
    if cut < len(curve):
        ground = QColor(theme.series(1))
        ground.setAlphaF(0.12)
        painter.fillRect(QRectF(QPointF(edge, room.top()), QPointF(inner.right(), room.bottom())), ground)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for start, stop, index in ((0, min(cut + 1, len(curve)), 0), (cut, len(curve), 1)):
        painter.setPen(QPen(theme.series(index), 1.3))
        painter.drawPolyline(_points(inner, curve, start, stop))


def draw_texts(painter: QPainter, room: QRectF, texts: Sequence[tuple[str, str]], line: float, theme: Theme) -> None:
    """Texts in lines this high, with what is to be found for each at the right; a running text line by line."""
    painter.setPen(theme.color("text"))
    inner = room.adjusted(MARGIN, MARGIN / 2, -MARGIN, -MARGIN / 2)
    count = int(inner.height() / line)
    if len(texts) == 1 and not texts[0][1]:
        for place, words in enumerate(texts[0][0].splitlines()[:count]):
            _line(painter, QRectF(inner.left(), inner.top() + place * line, inner.width(), line), words)
        return
    widths = [painter.fontMetrics().horizontalAdvance(answer) for _text, answer in texts[:count]]
    right = min(max(widths, default=0) + MARGIN, inner.width() / 2)
    for place, (words, answer) in enumerate(texts[:count]):
        top = inner.top() + place * line
        painter.setPen(theme.color("text"))
        _line(painter, QRectF(inner.left(), top, inner.width() - right - MARGIN, line), words)
        painter.setPen(theme.series(1))
        _line(painter, QRectF(inner.right() - right, top, right, line), answer)


def _line(painter: QPainter, room: QRectF, words: str) -> None:
    shown = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, int(room.width()))
    painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)


def _points(room: QRectF, curve: NDArray[np.float32], start: int, stop: int) -> QPolygonF:
    """The part of the curve, at most the least and the most of what falls on each pixel."""
    low, high = float(curve.min()), float(curve.max())
    across, down = room.width() / max(len(curve) - 1, 1), room.height() / max(high - low, 1e-9)
    step = max(int(len(curve) / max(room.width(), 1)), 1)
    found = QPolygonF()
    for place in range(start, stop, step):
        part = curve[place : min(place + step, stop)]
        ends = (float(part[0]),) if step == 1 else (float(part.min()), float(part.max()))
        for value in ends:
            found.append(QPointF(room.left() + place * across, room.bottom() - (value - low) * down))
    return found
