"""What cards, wires and minimap show of a training, read off the screen."""

from __future__ import annotations

import math

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QImage

from core import planning
from gui.canvas.canvas import Canvas
from gui.canvas.health import Health
from gui.theme import mix
from tests.gui.monitors.conftest import pixels
from tests.gui.monitors.seen import said

VALUES = {"conv1": 2.34e-7, "conv2": 3.1e-5, "fc1": 4.56e-3, "fc2": 0.12, "fc3": 0.98}


def show(canvas: Canvas, health: dict[str, Health]) -> None:
    canvas.set_health(health)
    canvas.readings.refresh()


def place(canvas: Canvas, node: str, rect: QRectF) -> QRectF:
    """A part of a card, in pixels of the view."""
    at = canvas.scene.nodes[node].pos()
    return QRectF(canvas.view.mapFromScene(rect.translated(at).topLeft()), rect.size())


def strip(canvas: Canvas, node: str) -> QRectF:
    return place(canvas, node, canvas.scene.nodes[node].card.frame.strip)


def seen(canvas: Canvas) -> np.ndarray:
    return pixels(canvas.view.grab().toImage()).astype(int)


@pytest.mark.parametrize("look", ["dark", "light"])
def test_a_strip_has_its_gradients_colour_its_digits_and_its_course(lenet_canvas: Canvas, look: str):
    canvas = lenet_canvas
    canvas.themes.use(look)
    course = 10.0 ** np.linspace(-4, -1, 60)
    show(canvas, {node: Health(value, (course * value / course[-1]).tolist()) for node, value in VALUES.items()})
    picture, texts = seen(canvas), {word.text for word in said(canvas.view)}
    theme, checked = canvas.themes.current, 0
    for node, value in VALUES.items():
        box = strip(canvas, node)
        if not QRectF(canvas.view.viewport().rect()).contains(box):
            continue
        mantissa, _, exponent = f"{value:.1e}".partition("e")
        assert f"{mantissa}e{int(exponent)}".replace("-", "−") in texts
        chip = picture[round(box.center().y()), round(box.left() + 10 + 4)]
        share = round(min(max((math.log10(value) + 8) / 9, 0), 1) * 255)
        assert chip.tolist() == list(theme.lut[share])
        ink = theme.gradient(math.log10(value))
        ink = mix(ink, theme.color("text"), 0.28) if value < 1e-6 else ink
        lines = []
        for x in (8, 29, 50):  # of 58 pixels, over which the sixty values rise by three decades
            column = picture[round(box.top()) + 5 : round(box.top()) + 20, round(box.left()) + 25 + x]
            lines.append(int(np.abs(column - ink.getRgb()[:3]).max(axis=1).argmin()))
        assert lines == pytest.approx([14 - 14 * x / 58 for x in (8, 29, 50)], abs=1.6), node
        checked += 1
    assert checked >= 3


def test_zero_not_finite_exploding_and_nothing_are_told_apart_without_colour(lenet_canvas: Canvas):
    canvas = lenet_canvas
    nodes = ("conv1", "tanh1", "pool1", "conv2")
    show(canvas, dict(zip(nodes, (Health(0.0), Health(None, nan=True), Health(50.0), Health()), strict=True)))
    picture, theme = seen(canvas), canvas.themes.current
    chips = []
    for node in nodes:
        box = strip(canvas, node)
        top, left = round(box.center().y()) - 4, round(box.left()) + 10
        chips.append(picture[top : top + 9, left : left + 9])
    texts = [word.text for word in said(canvas.view)]
    assert {"0", "NaN", "5.0e1"} <= set(texts)
    zero, broken, over, none = chips
    assert (zero[2, 2] == theme.color("inset").getRgb()[:3]).all()
    assert np.ptp(zero.sum(axis=2)) > 200  # a slash
    assert np.abs(broken[4, 1] - theme.color("error").getRgb()[:3]).max() < 40
    assert np.abs(over - theme.gradient(math.log10(50)).getRgb()[:3]).max(axis=2).min() < 8
    assert (
        none[3:6, 3:6] == picture[round(strip(canvas, "conv2").center().y()), round(strip(canvas, "conv2").left()) + 30]
    ).all()


def test_a_losss_card_tells_the_loss_and_has_it_again_after_an_undo(lenet_canvas: Canvas):
    canvas = lenet_canvas
    canvas.view.show_at(canvas.scene.nodes["loss"].pos() + QPointF(70, 40), 1.0)
    canvas.set_loss("loss", 0.3456, [2.0, 1.0, 0.5, 0.3456])
    canvas.readings.refresh()
    assert {"loss", "0.3456"} <= {word.text for word in said(canvas.view)}
    document = canvas.document
    document.edit("Delete", planning.delete(document.project, ["loss"]))
    canvas.readings.refresh()
    assert "0.3456" not in {word.text for word in said(canvas.view)}
    document.undo()
    canvas.readings.refresh()
    assert "0.3456" in {word.text for word in said(canvas.view)}


def test_wires_grow_with_the_gradient_and_the_minimap_has_the_colour_of_faint_layers(lenet_canvas: Canvas):
    canvas = lenet_canvas
    canvas.set_minimap(True)
    show(canvas, {"conv1": Health(1e-8), "conv2": Health(3e-7), "fc1": Health(1e-2)})
    small, theme = canvas.minimap.grab().toImage(), canvas.themes.current
    found = {QImage.pixelColor(small, x, y).name() for x in range(small.width()) for y in range(small.height())}
    assert theme.gradient(-8).name() in found
    assert theme.gradient(math.log10(3e-7)).name() in found
    assert theme.category("Linear").name() in found  # fc1 is healthy
    picture = seen(canvas)
    thick = []
    for source, target, strength in (("conv1", "tanh1", 0.0), ("fc1", "tanh3", 1.0)):
        left, right = (
            canvas.scene.nodes[node].port_at(side, side) for node, side in ((source, "output"), (target, "input"))
        )
        at = canvas.view.mapFromScene(left + (right - left) * 0.25)
        ink = mix(QColor("#46506A"), QColor("#A9BACD"), strength)
        ground = picture[at.y() - 9, at.x()]
        across = (picture[at.y() - 6 : at.y() + 7, at.x()] - ground).sum(axis=0) / (np.array(ink.getRgb()[:3]) - ground)
        assert np.ptp(across) < 0.25, source  # in all channels alike: it is this colour
        thick.append(across.mean())
    assert thick == pytest.approx([1.0, 3.0], abs=0.2)
