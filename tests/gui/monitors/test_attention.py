"""The weights of attention in a real window with a real engine: cells, their colours, and who looks where."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from gui.app import App
from gui.monitors.attention import AttentionMonitor, AttentionPlot
from gui.theme import mix
from tests.gui.conftest import opened
from tests.gui.monitors.conftest import float_dock

SOON = 30_000


@pytest.fixture
def maps(app: App, qtbot: QtBot) -> AttentionPlot:
    """What the first layer of a small GPT looks at after two steps."""
    opened(app, qtbot, "gpt")
    float_dock(app, "attention", 640, 400)
    monitor = app.workspace.monitors["attention"]
    assert isinstance(monitor, AttentionMonitor)
    qtbot.waitUntil(lambda: monitor.is_shown, timeout=SOON)
    app.workspace.run.train_steps(2)
    qtbot.waitUntil(lambda: app.workspace.run.state.phase == "paused", timeout=SOON)
    qtbot.waitUntil(lambda: monitor.maps.found is not None and monitor.maps.found.step == 2, timeout=SOON)
    return monitor.maps


def test_cells_have_the_colour_of_their_weight_and_the_pointer_names_the_words(maps: AttentionPlot):
    weights = maps.weights[0]
    heads, queries, keys = weights.shape
    assert np.triu(weights[0], 1).max() == 0.0
    assert weights.sum(-1) == pytest.approx(np.ones((heads, queries)), rel=1e-5)
    image = maps.grab().toImage()
    one, head, room = maps.places()[1]
    assert (one, head) == (0, 1)
    for query, key in ((0, 0), (3, 1), (queries - 1, 2)):
        at = QPoint(
            int(room.left() + (key + 0.5) * room.width() / keys),
            int(room.top() + (query + 0.5) * room.height() / queries),
        )
        assert maps.cell_at(at.toPointF()) == (0, 1, query, key)
        weight = round(float(weights[1, query, key]) ** 0.5 * 255) / 255
        wanted = mix(maps.theme.color("inset"), maps.theme.color("accent"), weight)
        assert image.pixelColor(at).name() == wanted.name()
    (words,) = maps.found.tokens.values()
    lines = maps.reading(0, 1, 3, 1)
    assert lines[0].name == f"4 “{words[3]}” → 2 “{words[1]}”"
    assert lines[0].value == f"{weights[1, 3, 1]:.3f}"


def test_the_arrow_keys_go_to_another_sample(maps: AttentionPlot, qtbot: QtBot):
    before = maps.found.number
    QTest.keyClick(maps, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: maps.found.number != before, timeout=SOON)
    QTest.keyClick(maps, Qt.Key.Key_Left)
    qtbot.waitUntil(lambda: maps.found.number == before, timeout=SOON)
