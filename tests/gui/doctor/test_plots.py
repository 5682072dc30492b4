"""The small plots: what is drawn is read back from their pixels."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication

from core.diagnosis.finding import Curve, Plot
from gui.doctor.plot_places import decades, value_range
from gui.doctor.small_plot import SmallPlot, short_names, spoken
from gui.doctor.why import Factors
from gui.theme import Themes
from tests.gui.doctor.conftest import NAMES, RATIOS, vanishing_finding


def shown(qtbot, themes: Themes, plot: Plot, blamed: frozenset[str] = frozenset(), shades=None) -> SmallPlot:
    made = SmallPlot(themes)
    qtbot.addWidget(made)
    made.resize(320, 120)
    made.show_plot(plot, blamed, shades or {})
    made.show()
    QApplication.processEvents()
    return made


def top_of(image: QImage, x: float, ink: QColor) -> int:
    """The highest pixel of a column that has this colour."""
    return next(y for y in range(image.height()) if image.pixelColor(round(x), y).name() == ink.name())


def test_bars_of_a_profile_end_at_their_logarithms(qtbot, themes):
    profile = vanishing_finding().evidence[0].plot
    assert profile is not None
    plot = shown(qtbot, themes, profile)
    image, places = plot.grab().toImage(), plot.places()
    assert places is not None
    ink, bottom, top = themes.current.color("train"), round(places.area.bottom()), places.area.top()
    heights = []
    for (_place, _turn, bar), ratio in zip(places.bars(), RATIOS, strict=True):
        expected = bottom - (math.log10(ratio) + 8) / 8 * (bottom - top)
        limit = bottom - (math.log10(1e-3) + 8) / 8 * (bottom - top)
        if limit - 18 < expected < limit + 3 or expected > bottom - 3:
            continue  # the limit's line and words lie over it, or it is no higher than the ground
        heights.append(top_of(image, bar.left() + 2, ink))
        assert heights[-1] == pytest.approx(expected, abs=1.6)
    assert len(heights) > 5


def test_layers_that_are_blamed_and_their_gradients_give_the_bars_their_colours(qtbot, themes):
    profile = vanishing_finding().evidence[0].plot
    assert profile is not None
    plain = shown(qtbot, themes, profile, frozenset(NAMES[:5]))
    shaded = shown(qtbot, themes, profile, frozenset(NAMES[:5]), {"fc8": -1.0, "fc9": -0.3})
    for plot, place, ink in (
        (plain, 4, themes.current.color("error")),
        (plain, 8, themes.current.color("train")),
        (shaded, 8, themes.current.gradient(-0.3)),
    ):
        places = plot.places()
        assert places is not None
        bar = places.bars()[place][2]
        pixel = plot.grab().toImage().pixelColor(round(bar.center().x()), round(bar.bottom()) - 3)
        assert pixel.name() == ink.name()


def test_the_limit_is_a_dashed_line_at_its_value(qtbot, themes):
    plot = shown(qtbot, themes, Plot("bars", (Curve("share", (0.2, 0.9)),), ("relu1", "relu2"), 0.5))
    image, places = plot.grab().toImage(), plot.places()
    assert places is not None
    assert places.limit is not None
    low, high = value_range(places.plot)
    area = places.area
    assert places.limit == pytest.approx(area.bottom() - (0.5 - low) / (high - low) * area.height())
    red = themes.current.color("error").name()
    row = [image.pixelColor(x, round(places.limit)).name() == red for x in range(int(area.left()), int(area.right()))]
    assert any(row)
    assert not all(row)


def test_a_line_has_a_gap_where_a_value_is_not_finite(qtbot, themes):
    curve = Curve("loss", (2.0, 1.5, math.nan, 1.0, 0.5), (0.0, 10.0, 20.0, 30.0, 40.0))
    plot = shown(qtbot, themes, Plot("line", (curve,)))
    places = plot.places()
    assert places is not None
    pieces = places.line(curve)
    assert [piece.size() for piece in pieces] == [2, 2]
    assert pieces[0][0].x() == pytest.approx(places.area.left())
    assert pieces[1][1].x() == pytest.approx(places.area.right())
    red = themes.current.color("error").name()
    image = plot.grab().toImage()
    columns = {x for x in range(image.width()) for y in range(image.height()) if image.pixelColor(x, y).name() == red}
    gap = range(int(pieces[0][1].x()) + 3, int(pieces[1][0].x()) - 3)
    assert columns
    assert not columns & set(gap)


@pytest.mark.parametrize(("low", "high"), [(-1.0, 0.0), (-10.0, 0.0), (-8.0, 3.0), (0.0, 18.0), (-2.0, 34.0)])
@pytest.mark.parametrize("most", [2, 3, 5])
def test_decades_are_labelled_few_and_apart(low: float, high: float, most: int):
    marks = decades(low, high, most)
    assert 1 <= len(marks) <= most + 1
    assert marks[0].value == high
    assert all(low <= mark.value <= high for mark in marks)
    assert len({round(one.value - other.value) for one, other in pairwise(marks)}) <= 1


def test_zeros_and_what_is_not_finite_can_be_drawn(qtbot, themes):
    shown(qtbot, themes, Plot("profile", (Curve("g", (0.0, math.nan, math.inf, 1.0)),), (), 1e-3, logarithmic=True))
    shown(qtbot, themes, Plot("bars", (Curve("g", ()),)))
    shown(qtbot, themes, Plot("line", (Curve("g", (math.nan,)),), logarithmic=True))
    for plot in QApplication.topLevelWidgets():
        plot.grab()


def test_names_are_told_apart_with_as_few_letters_as_do():
    assert short_names(("fc1", "fc2", "fc12")) == ("1", "2", "12")
    assert short_names(("encoder[0].fc1", "encoder[0].head")) == ("fc1", "head")
    assert short_names(("a.fc1", "b.fc1")) == ("a.fc1", "b.fc1")
    assert short_names(("fc",)) == ("fc",)


def test_a_plot_is_said_in_words():
    profile = vanishing_finding().evidence[0].plot
    assert profile is not None
    assert spoken(profile) == "Gradient relative to fc9, by layer: 1.0e−8 to 1.000, limit 0.0010"


def test_the_factors_multiply_to_what_is_left_of_the_gradient(qtbot, themes):
    factors = Factors(themes)
    qtbot.addWidget(factors)
    factors.show_plot(vanishing_finding(ratio=3e-8).evidence[0].plot)
    assert math.prod(factors.values) == pytest.approx(3e-8)
    assert factors.words.endswith("= 3.0e−8")
    assert factors.words.count("0.1") == 7
    narrow, wide = factors.heightForWidth(120), factors.heightForWidth(1000)
    assert narrow > wide > 0
    assert all(box.right() <= 120 for box, _text, _ground in factors.chips(120))
    factors.show_plot(None)
    assert factors.isHidden()
