"""What two fingers on a trackpad ask for: they pan, with Ctrl or by pinching they zoom, as a wheel does by itself."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QNativeGestureEvent, QWheelEvent

NOTCH = 1.0015
"""How much an eighth of a degree of the wheel enlarges."""
_EIGHTHS = 3
"""Eighths of a degree to a pixel, where a trackpad tells no pixels."""


def panned(event: QWheelEvent) -> QPoint | None:
    """How far the graph is to be scrolled, or None where the wheel zooms.

    A trackpad tells when its fingers are put down; a wheel does not, and pans with Shift only, sideways.
    """
    turned = event.angleDelta()
    if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
        return None
    if event.phase() != Qt.ScrollPhase.NoScrollPhase:
        return -event.pixelDelta() if event.hasPixelDelta() else -turned / _EIGHTHS
    if turned.x() or event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
        return QPoint(-(turned.x() or turned.y()), 0) / _EIGHTHS
    return None


def pinched(event: QEvent) -> float | None:
    """By how much two fingers enlarge, or None where the event is another."""
    is_pinch = isinstance(event, QNativeGestureEvent) and event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture
    return 1.0 + event.value() if is_pinch and isinstance(event, QNativeGestureEvent) else None
