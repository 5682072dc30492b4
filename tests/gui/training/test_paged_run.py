"""A long run in the window: what the engine has written is read from its folder, also when the run goes on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from chainrule.columns import BLOCK
from core.runs import paging
from core.runs.reading import read
from gui.app import App
from tests.gui.conftest import opened

LONG = 120_000


@pytest.mark.slow
def test_a_run_that_is_stopped_and_goes_on_is_what_stands_in_its_folder(app: App, qtbot, monkeypatch):
    monkeypatch.setattr(paging, "AT_ONCE", 1)
    opened(app, qtbot, "iris")
    project = app.filing.document.project
    training = replace(project.training, batch_size=1, epochs=200)
    app.filing.document.edit("Train long", replace(project, training=training))
    work = app.workspace
    work.run.train_steps(2 * BLOCK + 500)
    qtbot.waitUntil(lambda: work.run.state.phase == "paused", timeout=LONG)
    table = work.feed.record.steps.table
    assert table.elsewhere == 2
    work.run.train_steps(300)
    qtbot.waitUntil(lambda: work.run.state.step == 2 * BLOCK + 800, timeout=LONG)
    record, place = work.feed.record, work.run.checkpoint
    work.run.stop()
    qtbot.waitUntil(lambda: not work.run.state.active, timeout=LONG)
    work.run.train(resume=place, paused=True)
    work.run.train_steps(BLOCK)
    qtbot.waitUntil(lambda: work.run.state.step > 3 * BLOCK and work.run.state.phase == "paused", timeout=LONG)
    assert work.feed.record is record
    assert table.elsewhere == len(table) // BLOCK == 3
    stored = read(work.run.folder)
    np.testing.assert_array_equal(table.rows(), stored.steps.rows())
    np.testing.assert_array_equal(record.samples.table.rows(), stored.samples.rows())
    for monitor in work.monitors.values():
        monitor.plot.grab()
    work.feed.hold(0)  # nobody else holds a part of the files: a test that leaves one open fails
