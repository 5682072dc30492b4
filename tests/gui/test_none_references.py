"""The Qt binding must not lose references: PySide6 6.12 dropped one of None in every call that returns nothing."""

from __future__ import annotations

import subprocess
import sys

CALLS = 100_000
# In a process of its own: where references are lost, the interpreter dies as soon as None has none left.
PAINT = f"""
import os, sys
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QGuiApplication, QImage, QPainter, QPen
application = QGuiApplication([])
held = [None] * {2 * CALLS}
image = QImage(16, 16, QImage.Format.Format_ARGB32_Premultiplied)
painter, pen, point, area = QPainter(image), QPen(), QPointF(1, 1), QRectF(0, 0, 9, 9)
before = sys.getrefcount(None)
for _ in range({CALLS // 10}):
    painter.save()
    painter.setPen(pen)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.translate(0.0, 0.0)
    painter.drawPoint(point)
    painter.drawLine(point, point)
    painter.drawRect(area)
    painter.fillRect(area, 0)
    painter.drawEllipse(area)
    painter.restore()
print(before - sys.getrefcount(None), flush=True)
os._exit(0)
"""


def test_a_hundred_thousand_paint_calls_keep_the_references_of_none():
    told = subprocess.run([sys.executable, "-c", PAINT], capture_output=True, text=True, check=True)
    assert abs(int(told.stdout)) < CALLS // 100
