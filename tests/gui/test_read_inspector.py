"""The inspector's times and the rate finder's curve, read off the screen."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication

from core.telemetry.timing import Timing
from gui.inspector_times import Times
from gui.theme import Themes
from gui.training.rate_plot import RateCurve, RatePlot
from tests.gui.monitors.conftest import pixels
from tests.gui.monitors.seen import axis, is_number, number, said

LOOKS = ["dark", "light"]


@pytest.mark.parametrize("look", LOOKS)
def test_the_bars_of_a_layers_times_are_their_shares(qtbot, dressed, look):
    themes = Themes(look)
    times = Times(themes, "Linear")
    qtbot.addWidget(times)
    times.resize(300, 40)
    times.show_timing(Timing(0.0003, 0.0009, 5))
    times.show()
    QApplication.processEvents()
    image, texts = pixels(times.grab().toImage()).astype(int), [word.text for word in said(times)]
    assert texts == ["forward", "0.30 ms", "backward", "0.90 ms"]
    ink = themes.current.category("Linear").getRgb()[:3]
    wide = [int((image[middle, :] == ink).all(axis=1).sum()) for middle in (10, 30)]
    assert np.array(wide) / (300 - 64 - 68) == pytest.approx([0.25, 0.75], abs=0.01)


@pytest.mark.parametrize("look", LOOKS)
def test_the_loss_over_the_rate_is_read_off_both_axes(qtbot, dressed, look):
    themes = Themes(look)
    plot = RatePlot(themes)
    qtbot.addWidget(plot)
    plot.resize(560, 320)
    rates = np.geomspace(1e-6, 1.0, 120)
    smooth = 2.3 - 1.2 / (1 + (3e-3 / rates) ** 2)
    plot.show_curve(RateCurve(rates, smooth, smooth, 3e-3, diverged=False))
    plot.show()
    QApplication.processEvents()
    image, words = pixels(plot.grab().toImage()).astype(int), said(plot)
    values = axis([(number(word.text), word.middle) for word in words if word.right < 45 and is_number(word.text)])
    powers = [word for word in words if word.middle > 270 and word.text.startswith("10")]
    across = axis([(number(word.text), word.center) for word in powers], known=True)
    ink = themes.current.color("train").getRgb()[:3]
    for rate in (1e-5, 2e-3, 0.02, 0.3):
        column = image[:, round(across.pixel(rate) - 0.5)]
        line = np.flatnonzero(np.abs(column - ink).max(axis=1) < 60)
        line = line[(line > 20) & (line < 272)]  # the ring of the keyboard has the same colour
        wanted = 2.3 - 1.2 / (1 + (3e-3 / rate) ** 2)
        assert line.mean() + 0.5 == pytest.approx(values.pixel(wanted), abs=2.5), rate
