"""The loss landscape read off the screen by its own key."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication

from core.engine.landscapes import Landscape
from gui.landscape.plot import LandscapePlot
from gui.theme import Themes
from tests.gui.monitors.conftest import pixels
from tests.gui.monitors.seen import axis, is_number, number, said

POINTS, REACH = 11, 0.5


def basin() -> np.ndarray:
    down, along = np.meshgrid(*[np.linspace(-REACH, REACH, POINTS)] * 2, indexing="ij")
    return 0.05 + 6 * (along - 0.1) ** 2 + 2 * (down + 0.2) ** 2


@pytest.mark.parametrize("look", ["dark", "light"])
def test_every_point_has_the_colour_that_the_key_has_for_its_loss(qtbot, dressed, look):
    plot = LandscapePlot(Themes(look))
    qtbot.addWidget(plot)
    plot.resize(560, 500)
    losses = basin()
    plot.show_found(Landscape(step=3, samples=16, reach=REACH, points=POINTS, losses=losses.ravel().tolist()))
    plot.show()
    QApplication.processEvents()
    image, area, words = pixels(plot.grab().toImage()).astype(int), plot.area(), said(plot)
    key = [word for word in words if word.left > area.right() + 10 and is_number(word.text)]
    assert len(key) == 5
    logs = axis([(np.log10(number(word.text)), word.middle) for word in key])
    assert (number(key[0].text), number(key[-1].text)) == pytest.approx((losses.min(), losses.max()), rel=5e-3)
    bar = image[int(area.top()) : int(area.bottom()), int(min(word.left for word in key)) - 9]
    below = [word for word in words if 0 < word.middle - area.bottom() < 20 and is_number(word.text)]
    across = axis([(number(word.text), word.center) for word in below])
    checked = 0
    for row in range(POINTS):
        for column in range(POINTS):
            x, y = across.pixel(-REACH + 2 * REACH * column / 10), area.top() + area.height() * row / 10
            x, y = (min(max(value, low + 3), high - 4) for value, low, high in (
                (x, area.left(), area.right()), (y, area.top(), area.bottom()),
            ))  # fmt: skip
            near = image[round(y) - 2 : round(y) + 3, round(x) - 2 : round(x) + 3].reshape(-1, 3)
            color = np.median(near, axis=0)  # a line of equal loss may cross it
            share = np.abs(bar - color).sum(axis=1)
            if share.min() > 12 or (row, column) == (5, 5):
                continue
            read = logs.number(area.top() + 0.5 + int(share.argmin()))
            assert read == pytest.approx(np.log10(losses[row, column]), abs=0.06), (row, column)
            checked += 1
    assert checked > 90
