"""What is done in the Predict panel while a picture is taken: a digit is drawn by real mouse events."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest

from gui.app import App
from gui.predict.panel import PredictPanel
from gui.predict.picture_input import PictureInput

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
THREE = (
    *((0.3, 0.28), (0.42, 0.2), (0.58, 0.24), (0.6, 0.36), (0.46, 0.46)),
    *((0.62, 0.54), (0.62, 0.7), (0.46, 0.78), (0.3, 0.72)),
)
"""A digit, in places of the sheet from 0 to 1."""
PATIENCE = 10.0
"""Seconds that the engine has to answer."""


@contextmanager
def predicting(app: App) -> Iterator[None]:
    """The panel in front, with the first held-out sample."""
    app.do("predict")
    assert app.workspace is not None
    panel = app.workspace.predict
    assert panel is not None
    _answered(panel)
    yield


@contextmanager
def drawing(app: App) -> Iterator[None]:
    """The same, with a digit drawn on the pad."""
    with predicting(app):
        assert app.workspace is not None
        panel = app.workspace.predict
        assert panel is not None
        assert panel.page is not None
        given = next(iter(panel.page.inputs.values()))
        assert isinstance(given, PictureInput)
        given.pad.clear()
        places = [given.pad.place_of(QPointF(x, y)).toPoint() for x, y in THREE]
        QTest.mousePress(given.pad, LEFT, NONE, places[0])
        for place in places[1:]:
            QTest.mouseMove(given.pad, place)
        QTest.mouseRelease(given.pad, LEFT, NONE, places[-1])
        _answered(panel)
        yield


def _answered(panel: PredictPanel) -> None:
    """Wait until the panel has asked, and was told all."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        QTest.qWait(50)
        if panel.page is not None and not panel.asking.is_waiting:
            return
