"""Text at twice its size: what is shown is shown whole."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QLabel, QWidget

from gui.app import App


@pytest.mark.parametrize("scale", [0.9, 1.5, 2.0])
def test_no_word_of_the_status_line_or_the_transport_is_clipped(lenet: App, qtbot, scale: float):
    assert lenet.workspace is not None
    lenet.window.resize(1600, 1000)
    lenet.themes.scale(scale)
    lenet.workspace.canvas.select(tuple(lenet.workspace.canvas.scene.nodes)[1:2])
    lenet.window.status.show_memory()
    qtbot.waitUntil(lambda: bool(lenet.window.status._training.text()))
    for bar in (lenet.window.status, lenet.window.transport):
        assert shown(bar)
        qtbot.waitUntil(lambda bar=bar: not clipped(bar), timeout=2000)
    assert lenet.window.status._state.width() > 0


def shown(bar: QWidget) -> list[QLabel]:
    return [one for one in bar.findChildren(QLabel) if one.isVisible() and one.text() and one.width() > 0]


def clipped(bar: QWidget) -> list[str]:
    return [one.text() for one in shown(bar) if one.width() < one.sizeHint().width()]
