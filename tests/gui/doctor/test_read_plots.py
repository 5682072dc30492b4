"""The small plots of findings and trials, read off their own labels."""

from __future__ import annotations

import math

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication

from core.diagnosis.finding import Curve, Plot
from gui.doctor.small_plot import SmallPlot
from gui.doctor.why import Factors
from gui.theme import Themes
from tests.gui.doctor.conftest import vanishing_finding
from tests.gui.monitors.conftest import pixels
from tests.gui.monitors.seen import Axis, axis, is_number, number, said

LOOKS = ("dark", "light")


def shown(qtbot, themes: Themes, plot: Plot, **more) -> SmallPlot:
    made = SmallPlot(themes)
    qtbot.addWidget(made)
    made.resize(340, 170)
    made.show_plot(plot, more.get("blamed", frozenset()), more.get("shades", {}))
    made.show()
    QApplication.processEvents()
    return made


def values(plot: SmallPlot, is_log: bool) -> Axis:
    """The axis at the left, as its labels say."""
    words = [word for word in said(plot) if word.right < 60 and is_number(word.text) and word.middle < 150]
    return axis([(number(word.text), word.middle) for word in words], is_log if len(words) == 2 else None)


def height(plot: SmallPlot, x: float, ink) -> float:
    """The middle of the pixels of this colour in a column."""
    column = pixels(plot.grab().toImage()).astype(int)[:, round(x - 0.5)]
    places = np.flatnonzero(np.abs(column - ink.getRgb()[:3]).max(axis=1) < 60)
    return float(places.mean()) + 0.5


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("logarithmic", [False, True])
def test_both_losses_of_a_trial_are_read_off_their_axis(qtbot, themes, look, logarithmic):
    themes.use(look)
    steps = tuple(range(1, 101))
    before = tuple(2.3 - 0.002 * step for step in steps)
    after = tuple((2.3 * math.exp(-step / 30) + 0.02) if logarithmic else 2.3 - 0.017 * step for step in steps)
    drawn = tuple(Curve(name, y, steps) for name, y in (("as it is", before), ("with the remedy", after)))
    plot = shown(qtbot, themes, Plot("line", drawn, logarithmic=logarithmic, y_title="loss"))
    words, scale = said(plot), values(plot, logarithmic)
    (first,), (last,) = ([word for word in words if word.text == text] for text in ("step 1", "100"))
    assert scale.is_log == logarithmic
    for step in (20, 45, 60):
        x = first.left + (step - 1) / 99 * (last.right - first.left)
        for token, y in (("text3", before), ("train", after)):
            read = scale.pixel(y[step - 1])
            assert height(plot, x, themes.current.color(token)) == pytest.approx(read, abs=1.8), (token, step)
    assert {"as it is", "with the remedy"} <= {word.text for word in words}


@pytest.mark.parametrize("look", LOOKS)
def test_the_bars_of_a_profile_are_read_off_their_axis_and_the_limit_is_told(qtbot, themes, look):
    themes.use(look)
    profile = vanishing_finding().evidence[0].plot
    assert profile is not None
    ratios, names = profile.curves[0].y, profile.names
    shades = {name: math.log10(max(ratio, 1e-8)) for name, ratio in zip(names, ratios, strict=True)}
    plot = shown(qtbot, themes, profile, shades=shades)
    scale, words = values(plot, is_log=True), said(plot)
    (limit,) = [word for word in words if word.text == "limit 0.001"]
    assert abs(limit.middle - scale.pixel(1e-3)) < 18
    image = pixels(plot.grab().toImage()).astype(int)
    numbers = [word for word in words if word.middle > 152 and word.left > 30]
    assert [word.text for word in numbers] == [str(place) for place in range(1, 10)]
    for word, name, ratio in list(zip(numbers, names, ratios, strict=True))[1:]:
        ink = np.array(themes.current.gradient(shades[name]).getRgb()[:3])
        column = image[:, round(word.center)]
        top = np.flatnonzero(np.abs(column - ink).max(axis=1) < 6).min()
        if abs(scale.pixel(ratio) - limit.middle) > 20:
            assert top == pytest.approx(scale.pixel(ratio), abs=2.5), name


def test_the_factors_that_are_drawn_multiply_to_what_is_told(qtbot, themes):
    factors = Factors(themes)
    qtbot.addWidget(factors)
    factors.show_plot(vanishing_finding(ratio=3e-8).evidence[0].plot)
    factors.resize(320, factors.heightForWidth(320))
    factors.show()
    words = [word.text for word in said(factors)]
    told = number(words[-1].removeprefix("= "))
    assert told == pytest.approx(3e-8, rel=0.02)
    assert math.prod(number(word) for word in words[:-1]) == pytest.approx(told, rel=0.1)
