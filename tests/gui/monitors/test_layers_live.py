"""Histograms and activations in a real window with a real engine: torn off, they follow training and selection."""

from __future__ import annotations

import numpy as np
from pytestqt.qtbot import QtBot

from gui.app import App
from tests.gui.conftest import opened
from tests.gui.monitors.conftest import float_dock

SOON = 20_000


def test_histograms_and_activations_follow_training_and_what_is_selected(app: App, qtbot: QtBot):
    opened(app, qtbot, "iris")
    work = app.workspace
    histograms, activations = work.monitors["histograms"], work.monitors["activations"]
    for name in ("histograms", "activations"):
        float_dock(app, name, 420, 320)
    qtbot.waitUntil(lambda: histograms.is_shown and activations.is_shown, timeout=SOON)
    work.run.train_steps(5)
    qtbot.waitUntil(lambda: work.run.state.phase == "paused", timeout=SOON)
    spread, maps = histograms.spread, activations.maps
    qtbot.waitUntil(lambda: bool(spread.moments) and spread.moments[-1].step == 5, timeout=SOON)
    qtbot.waitUntil(lambda: maps.found is not None and maps.found.step == 5, timeout=SOON)
    assert spread.paths[0] == spread.path == "fc1"
    rows = {row.path: row.numel for row in work.feed.record.started.weights}
    assert spread.moments[-1].counts.count == rows["fc1"]
    assert maps.layer == "fc1"
    last = spread.paths[-1]
    node = next(node for node in work.document.project.graph.nodes.values() if node.name == last)
    work.canvas.select((node.id,))
    qtbot.waitUntil(lambda: maps.layer == last and spread.path == last, timeout=SOON)
    before = maps.numbers.copy() if maps.numbers.size else None
    work.run.train_steps(15)
    qtbot.waitUntil(lambda: maps.found.step == 20 and spread.moments[-1].step == 20, timeout=SOON)
    activations.grab()
    assert maps.numbers.shape == (1, 1, maps.found.shape[0])
    assert before is None or before.shape != maps.numbers.shape or not np.array_equal(before, maps.numbers)


def test_attention_says_of_a_network_without_any_that_there_is_none(app: App, qtbot: QtBot):
    opened(app, qtbot, "iris")
    attention = app.workspace.monitors["attention"]
    float_dock(app, "attention", 420, 320)
    qtbot.waitUntil(lambda: attention.is_shown, timeout=SOON)
    assert attention.maps.hint[0] == "Nothing yet."
    app.workspace.run.train_steps(2)
    qtbot.waitUntil(lambda: attention.maps.hint[0] == "This network has no attention.", timeout=SOON)
