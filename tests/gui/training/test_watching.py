"""`chainrule watch RUN`: the window follows a run that another program writes."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

import chainrule
from chainrule.columns import BLOCK
from chainrule.folder import RunFolder
from core.engine.messages import Counted, Train
from core.engine.portraits import Portrait
from core.files import to_text
from core.graph import Node
from core.runs import paging
from core.runs.checkpoints import checkpoints
from core.runs.histograms import HISTOGRAMS
from core.runs.recording import recorded
from core.training.control import Control
from core.training.loop import train
from core.training.portrait import portrait
from gui.app import App
from gui.doctor.standing import Standing
from gui.training.kept_weights import SHOWN_OF_PROJECT
from gui.training.transport import Transport
from gui.training.watching import ANEW, CUT, SELDOM, Watching
from tests.core.runs.test_following import SCRIPT, rows, started
from tests.core.training.projects import sigmoid_mlp
from tests.core.training.running import job


def standing(app: App) -> Standing:
    assert app.workspace is not None
    assert app.workspace.doctor is not None
    return app.workspace.doctor.checkup.look()


@pytest.fixture
def trained(tmp_path: Path):
    torch.manual_seed(0)
    layers = [part for size in (2, *[16] * 9) for part in (nn.Linear(size, 16), nn.Sigmoid())]
    model = nn.Sequential(*layers, nn.Linear(16, 2))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)

    def steps(count: int) -> None:
        for _ in range(count):
            optimizer.zero_grad()
            x = torch.randn(16, 2)
            loss = nn.functional.cross_entropy(model(x), (x.norm(dim=1) > 1.1).long())
            loss.backward()
            optimizer.step()
            w.step(loss)
        w._write_rows()

    with chainrule.watch(model, optimizer, folder=tmp_path / "sigmoids") as w:
        steps(30)
        yield tmp_path / "sigmoids", steps


def test_rows_come_into_the_monitors_as_the_script_writes_them_and_cards_take_their_colour(app: App, qtbot, trained):
    folder, steps = trained
    app.start(folder)
    qtbot.waitUntil(lambda: app.workspace is not None and app.workspace.feed is not None)
    work = app.workspace
    (watching,) = work.findChildren(Watching)
    watching.look()
    record = work.feed.record
    assert record.last_step == 30
    steps(70)
    watching.look()
    assert record.last_step == 100
    assert "live" in work.message.words
    assert (work.run.state.phase, work.run.state.step, work.run.state.active) == ("watched", 100, False)
    values = record.column("output", "layer_0").values()
    np.testing.assert_array_less(values[-5:], 1e-3 * record.column("output", "layer_20").values()[-5:])
    standing(app)  # a finding is told when two looks agree
    assert [finding.code for finding in standing(app).shown] == ["VANISHING_GRADIENT"]
    assert work.editor.reading.problems == ()


def test_rows_of_a_watched_run_are_read_from_its_folder_and_do_not_stay_in_memory(
    app: App, qtbot, tmp_path: Path, monkeypatch
):
    monkeypatch.setattr(paging, "AT_ONCE", 1)
    columns = len(started()["step_columns"])
    folder = RunFolder(tmp_path / "run", "Net", started(), SCRIPT)
    folder.rows(rows(1, BLOCK + 5, columns))
    app.start(tmp_path / "run")
    qtbot.waitUntil(lambda: app.workspace is not None and app.workspace.feed is not None)
    (watching,) = app.workspace.findChildren(Watching)
    watching.look()
    table = app.workspace.feed.record.steps.table
    for first in (BLOCK + 6, 2 * BLOCK + 6):
        folder.rows(rows(first, BLOCK, columns))
        watching.look()
    assert table.elsewhere == 3
    np.testing.assert_array_equal(table.rows(), rows(1, 3 * BLOCK + 5, columns))
    for monitor in app.workspace.monitors.values():
        monitor.plot.grab()
    app.workspace.feed._paging.hold(0)  # nobody else holds a part of the files: a test that leaves one open fails
    folder.close()


def test_a_run_that_is_begun_anew_in_the_folder_is_followed_and_the_one_before_stands_beside_it(
    app: App, qtbot, tmp_path: Path
):
    columns = len(started()["step_columns"])
    folder = RunFolder(tmp_path / "run", "Net", started(), SCRIPT)
    folder.rows(rows(1, BLOCK + 50, columns))
    app.start(tmp_path / "run")
    qtbot.waitUntil(lambda: app.workspace is not None and app.workspace.feed is not None)
    work = app.workspace
    (watching,) = work.findChildren(Watching)
    watching.look()
    before, project = work.feed.record, work.document.project
    folder.close()
    changed = {**SCRIPT, "optimizers": [{"name": "Adam", "lr": 0.5}]}
    renewed = started()
    renewed["outputs"] = renewed["outputs"][:4]
    renewed["sample_columns"] = renewed["sample_columns"][:4]
    folder = RunFolder(tmp_path / "run", "Net", renewed, changed)
    folder.rows(rows(7, 20, columns))
    watching.look()
    record = work.feed.record
    assert record is not before
    assert ANEW in work.message.words
    np.testing.assert_array_equal(record.column("loss").values(), np.arange(7, 27))
    assert work.feed.earlier is before
    np.testing.assert_array_equal(before.column("loss").values(), np.arange(1, BLOCK + 51))  # its file is not cut
    names = {node.name for node in project.graph.nodes.values()}
    assert {node.name for node in work.document.project.graph.nodes.values()} == names - {"odd"}
    assert work.document.project.training.phases[0].optimizer.name == "Adam"
    assert work.editor.reading.problems == ()
    assert not work.document.modified
    assert not work.document.past
    folder.rows(rows(27, 5, columns))
    watching.look()
    assert record.last_step == 25
    for monitor in work.monitors.values():
        monitor.plot.grab()
    before.steps.table.let_go(0)  # nobody else holds a part of the old file
    folder.close()


def test_files_that_are_cut_while_they_are_shown_end_nothing_and_that_is_said(app: App, qtbot, tmp_path: Path):
    columns = len(started()["step_columns"])
    folder = RunFolder(tmp_path / "run", "Net", started(), SCRIPT)
    folder.rows(rows(1, 3 * BLOCK + 50, columns))
    app.start(tmp_path / "run")
    qtbot.waitUntil(lambda: app.workspace is not None and app.workspace.feed is not None)
    work = app.workspace
    (watching,) = work.findChildren(Watching)
    watching.look()
    before = work.feed.record
    for name in ("steps.f32", "steps.fine", "steps.wide"):
        path = tmp_path / "run" / name
        os.truncate(path, path.stat().st_size // 3)
    for monitor in work.monitors.values():
        monitor.plot.refresh()
        monitor.plot.grab()
    watching.look()
    assert CUT not in work.message.words  # a run that goes on from a checkpoint says so at the next look
    watching.look()
    assert CUT in work.message.words
    assert work.feed.record.last_step == BLOCK
    np.testing.assert_array_equal(work.feed.record.column("loss").values(), np.arange(1, BLOCK + 1))
    folder.close()
    for record in (before, work.feed.record):
        record.steps.table.let_go(0)  # nobody else holds a part of the file
    work.feed.clear()
    for monitor in work.monitors.values():
        monitor.plot.grab()


def test_what_a_script_says_of_validations_is_shown_and_epochs_are_not_made_up(app: App, qtbot, trained):
    folder, _steps = trained
    with (folder / "events.jsonl").open("a") as events:
        events.write('{"type": "validated", "step": 30, "epoch": 0, "loss": 0.5, "metric": 0.75}\n')
        events.write('{"type": "said", "level": "warning", "text": "A part is not seen."}\n')
    app.start(folder)
    qtbot.waitUntil(lambda: app.workspace is not None and app.workspace.feed is not None)
    work = app.workspace
    (watching,) = work.findChildren(Watching)
    watching.look()
    transport = app.window.findChild(Transport)
    assert transport.epoch.text() == "–"
    assert (transport._metric_title.text(), transport._values["metric"].text()) == ("Val. metric", "0.75")
    assert "A part is not seen." in work.message.words


def test_nothing_of_a_watched_run_can_be_edited_or_trained(app: App, qtbot, trained):
    app.start(trained[0])
    qtbot.waitUntil(lambda: app.workspace is not None and app.workspace.feed is not None)
    work = app.workspace
    before = work.document.project
    assert not work.document.edit("Add", before.with_scope(before.graph.add_nodes([Node("x", "ReLU", "x")])))
    work.run.train()
    assert work.document.project is before
    assert not work.run.state.active
    assert not app.window.actions_["train"].isEnabled()
    assert not work.document.modified


def test_the_end_of_the_script_is_told_and_it_is_looked_at_seldom(app: App, qtbot, tmp_path: Path):
    model = nn.Linear(2, 1)
    w = chainrule.watch(model, folder=tmp_path / "ends")
    w.start()
    model(torch.ones(1, 2)).sum().backward()
    w.step(1.0)
    w._write_rows()
    app.filing.open(tmp_path / "ends")
    w.close(RuntimeError("no more"))
    qtbot.waitUntil(lambda: app.workspace is not None and app.workspace.feed is not None)
    (watching,) = app.workspace.findChildren(Watching)
    watching.look()
    assert watching.ended
    assert watching.interval() == SELDOM
    assert "It is over" in app.workspace.message.words
    assert app.workspace.run.state.phase == "failed"


def test_a_finished_run_shows_its_histograms_and_the_moment_and_what_of_them_is_damaged(
    app: App, qtbot, tmp_path: Path
):
    made, folder = sigmoid_mlp(2, epochs=2), tmp_path / "finished"
    request = Train(project=to_text(made), folder=str(folder))
    events = list(recorded(request, train(job(made, folder=folder), Control())))
    told = [event for event in events if isinstance(event, Counted)]
    path = folder / HISTOGRAMS
    path.write_bytes(path.read_bytes()[:-9])
    app.start(folder)
    qtbot.waitUntil(lambda: app.workspace is not None and app.workspace.feed is not None)
    work = app.workspace
    work.findChildren(Watching)[0].look()
    assert "breaks off at byte" in work.message.words
    app.window.workbench.reveal("histograms")
    monitor = work.monitors["histograms"]
    qtbot.waitUntil(monitor.isVisible)
    assert [moment.step for moment in monitor.spread.moments] == [event.step for event in told[:-1]]
    assert monitor.spread.moments[1].counts == told[1].layers[0].weights
    work.travel.go(told[1].step + 1)
    assert monitor.header.moment.text() == f"counted at step {told[1].step:,}"
    last = max(checkpoints(folder), key=lambda one: one.step)  # a run of a project has weights in its checkpoints
    assert work.travel.bar.weights.whole == f"weights of step {last.step}, the nearest kept"
    assert SHOWN_OF_PROJECT in work.travel.bar.weights.toolTip()
    assert not work.travel.bar.resume.isEnabled()
    shown: list[Portrait] = []
    work.looking.seen.connect(lambda _node, found: shown.append(found))
    node = next(node for node in work.document.project.graph.nodes.values() if node.kind == "Linear")
    qtbot.waitUntil(lambda: work.line.is_ready, timeout=60_000)
    work.editor.select([node.id])
    qtbot.waitUntil(lambda: bool(shown) and shown[-1] is not None and shown[-1].step == last.step, timeout=60_000)
    assert shown[-1].bins == portrait(last.path, node.name).bins
    assert last.step == 90
