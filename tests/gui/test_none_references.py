"""The Qt binding must not lose references: PySide6 6.12 dropped one of None in every call that returns nothing."""

import sys

from PySide6.QtGui import QImage, QPainter

CALLS = 100_000


def test_a_hundred_thousand_paint_calls_keep_the_references_of_none(qapp):
    image = QImage(8, 8, QImage.Format.Format_ARGB32)
    painter = QPainter(image)
    before = sys.getrefcount(None)
    for _ in range(CALLS):
        painter.drawPoint(1, 1)
    lost = before - sys.getrefcount(None)
    painter.end()
    assert abs(lost) < CALLS // 100
