from __future__ import annotations

from itertools import pairwise

import pytest
from PySide6.QtCore import QPoint, QPointF

from core.graph import InputKey
from gui.canvas.canvas import Canvas
from gui.canvas.wire_styles import STYLES, Style
from tests.gui.canvas.hands import Hands, assert_mirror

CONV1 = InputKey("conv1", "input")
"""The one wire of LeNet that leads forward and down."""


def points(canvas: Canvas, key: InputKey) -> list[QPointF]:
    polygon = canvas.scene.edges[key].route.path.toSubpathPolygons()[0]
    return [polygon.at(index) for index in range(polygon.size())]


def test_a_straight_wire_is_a_line(lenet_canvas: Canvas) -> None:
    lenet_canvas.scene.set_wire_style("straight")
    assert len(points(lenet_canvas, CONV1)) == 2
    assert_mirror(lenet_canvas)


def test_a_right_angled_wire_runs_level_or_upright_but_for_its_corners(lenet_canvas: Canvas) -> None:
    lenet_canvas.scene.set_wire_style("orthogonal")
    path = lenet_canvas.scene.edges[CONV1].route.path
    lines = [
        (path.elementAt(i), path.elementAt(i + 1))
        for i in range(path.elementCount() - 1)
        if path.elementAt(i + 1).isLineTo()
    ]
    assert lines
    assert all(abs(a.x - b.x) < 0.01 or abs(a.y - b.y) < 0.01 for a, b in lines)
    assert len(points(lenet_canvas, InputKey("tanh1", "input"))) == 2
    assert_mirror(lenet_canvas)


@pytest.mark.parametrize("style", STYLES)
def test_every_style_is_hit_moved_and_drawn_alike(hands: Hands, style: Style) -> None:
    scene = hands.canvas.scene
    scene.set_wire_style(style)
    for key, item in scene.edges.items():
        place = item.route.path.pointAtPercent(0.5)
        assert item.hit(place, 3.0)
        assert any((a - b).manhattanLength() for a, b in pairwise(points(hands.canvas, key)))
    hands.drag(hands.card("conv1"), hands.card("conv1") + QPoint(10, 30))
    assert_mirror(hands.canvas)
    scene.set_wire_style("spline")
    assert_mirror(hands.canvas)
