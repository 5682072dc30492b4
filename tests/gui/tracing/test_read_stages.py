"""The list of steps and the histogram of a walk, read off the screen beside numbers worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication

from core.engine.traces import Incoming, Output, Spread, Stage, Traced
from core.walk import Walk
from gui.theme import Themes
from gui.tracing.histogram import Histogram
from gui.tracing.page import Page
from gui.tracing.stages import Stages
from tests.gui.monitors.conftest import pixels
from tests.gui.monitors.seen import number, said

DEVIATIONS = (1.0, 0.3, 0.02, 5.0)
GRADIENTS = (2e-9, 4e-6, 3e-3, 0.5)
NAMES = ("data", "fc1", "fc2", "loss")


def walked() -> Walk:
    """Four steps in a row."""
    stages = []
    for place, (name, deviation, gradient) in enumerate(zip(NAMES, DEVIATIONS, GRADIENTS, strict=True)):
        spread = Spread(count=8, mean=0.5, deviation=deviation, low=-1.0, high=3.0, zeros=0.25, bins=[1, 4, 2, 1])
        out = Output(port="output", shape=[8], spread=spread, numbers=[0.5], gradient=gradient, gradients=[gradient])
        back = GRADIENTS[place - 1] if place else 0.0
        wires = (
            [Incoming(port="input", path=NAMES[place - 1], source="output", gradient=back, factor=back / gradient)]
            if place
            else []
        )
        stages.append(
            Stage(
                path=name,
                node=name,
                module=name,
                kind="Linear",
                category="Linear",
                outputs=[out],
                incoming=wires,
                weights=[],
            )
        )
    return Walk(Traced(step=3, samples=8, loss=0.7, stages=stages))


@pytest.mark.parametrize("look", ["dark", "light"])
@pytest.mark.parametrize("way", ["forward", "backward"])
def test_bars_are_decades_from_1e_minus_10_to_10_and_the_numbers_stand_beside_them(qtbot, dressed, look, way):
    themes, walk = Themes(look), walked()
    made = Stages(themes)
    qtbot.addWidget(made)
    made.resize(352, 100)
    made.show_walk(walk, walk.place("loss", "forward") if way == "forward" else walk.place("data", "backward"))
    made.show()
    QApplication.processEvents()
    image, words = pixels(made.grab().toImage()).astype(int), said(made)
    wanted = DEVIATIONS if way == "forward" else GRADIENTS
    for name, value in zip(NAMES, wanted, strict=True):
        (label,) = [word for word in words if word.text == name]
        (told,) = [word for word in words if abs(word.middle - label.middle) < 3 and word is not label]
        assert number(told.text) == pytest.approx(value, rel=1e-2)
        theme = themes.current
        ink = theme.color("accent") if way == "forward" else theme.gradient(math.log10(value))
        line = image[round(label.middle)]
        filled = np.flatnonzero((line == np.array(ink.getRgb()[:3])).all(axis=1))
        filled = filled[filled > 4]  # at the edge stands the mark of the step where the walk is
        empty = np.flatnonzero((line == np.array(theme.color("inset").getRgb()[:3])).all(axis=1))
        room = len(filled) + len(empty)
        assert len(filled) / room == pytest.approx((math.log10(value) + 10) / 11, abs=0.012), name


def test_what_lies_before_the_walk_is_not_told_yet(qtbot, dressed):
    made, walk = Stages(Themes("dark")), walked()
    qtbot.addWidget(made)
    made.resize(352, 100)
    made.show_walk(walk, walk.place("fc1", "forward"))
    assert sum(word.text not in NAMES for word in said(made)) == 2
    made.show_walk(walk, walk.place("fc2", "backward"))
    assert sum(word.text not in NAMES for word in said(made)) == 2


def test_the_page_says_the_factors_and_their_product(qtbot, dressed):
    page, walk = Page(Themes("dark")), walked()
    qtbot.addWidget(page)
    page.resize(352, 400)
    page.show_moment(walk, walk.moments[walk.place("data", "backward")])
    page.show()
    words = " ".join(word.text for word in said(page))
    factors = [GRADIENTS[2] / GRADIENTS[3], GRADIENTS[1] / GRADIENTS[2], GRADIENTS[0] / GRADIENTS[1]]
    told = words.partition("From the loss to here: ")[2].replace("·", " ").split()
    assert [number(text) for text in told[:3]] == pytest.approx(factors, rel=0.05)
    assert math.prod(factors) == pytest.approx(number(told[told.index("=") + 1]), rel=0.01)
    assert "Comes back 2e−9" in words


@pytest.mark.parametrize("look", ["dark", "light"])
def test_the_bars_of_a_histogram_are_as_tall_as_they_count(qtbot, dressed, look):
    themes = Themes(look)
    made = Histogram(themes)
    qtbot.addWidget(made)
    made.resize(240, 70)
    made.show_spread(Spread(count=16, low=-2.0, high=6.0, bins=[1, 8, 4, 3]))
    made.show()
    QApplication.processEvents()
    image = pixels(made.grab().toImage()).astype(int)
    ink, floor = themes.current.color("accent").getRgb()[:3], 56
    tall = [int((image[:floor, x] == ink).all(axis=1).sum()) for x in (20, 90, 150, 210)]
    assert np.array(tall) / floor == pytest.approx([1 / 8, 1.0, 1 / 2, 3 / 8], abs=0.03)
    assert (image[2, 60] == themes.current.color("line3").getRgb()[:3]).all()  # zero, at a quarter
    assert [word.text for word in said(made)] == ["−2", "6"]
