"""Cards are drawn from kept pictures: what is seen must be what painting them anew would show."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QImage, QPainter

from core.planning import set_param
from gui.canvas import node_item
from gui.canvas.canvas import Canvas
from gui.canvas.health import Health


def seen(canvas: Canvas) -> npt.NDArray[np.uint8]:
    view = canvas.view
    image = QImage(view.viewport().size(), QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)
    painter = QPainter(image)
    view.render(painter, source=QRect(0, 0, image.width(), image.height()))
    painter.end()
    return np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1).copy()


def painted_anew(canvas: Canvas, monkeypatch: pytest.MonkeyPatch) -> npt.NDArray[np.uint8]:
    with monkeypatch.context() as patch:
        patch.setattr(node_item, "can_keep", lambda _painter: False)
        return seen(canvas)


@pytest.mark.parametrize("zoom", [1.0, 0.5])
def test_a_kept_picture_is_what_painting_it_would_show(
    lenet_canvas: Canvas, monkeypatch: pytest.MonkeyPatch, zoom: float
) -> None:
    canvas = lenet_canvas
    canvas.view.show_at(canvas.scene.bounds().center(), zoom)
    for change in (
        lambda: None,
        lambda: canvas.set_health({"conv1": Health(1e-3), "fc1": Health(1e-9)}),
        lambda: canvas.set_health({"conv1": Health(1e-1), "fc1": Health(1e-9)}),
        lambda: canvas.select(["conv2"]),
        lambda: canvas.document.edit("Set", set_param(canvas.document.project, "conv1", "out_channels", 12)),
        canvas.document.undo,
    ):
        change()
        canvas.readings.refresh()
        seen(canvas)
        np.testing.assert_allclose(
            seen(canvas).astype(int), painted_anew(canvas, monkeypatch).astype(int), atol=2
        )  # a picture laid over the ground rounds its colours once more
