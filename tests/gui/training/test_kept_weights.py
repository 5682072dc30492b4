"""A watched script's kept weights in the window: those of the step that is looked back at, and what cannot be shown."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

import chainrule
from chainrule.keeping import Keeper
from core.training.histograms import counted
from core.training.portrait import portrait
from gui.app import App
from gui.monitors.layer_monitor import FOREIGN
from gui.network_followed import FOREIGN as FOREIGN_NETWORK
from gui.training.kept_weights import NONE_OF_SCRIPT, SHOWN
from gui.training.watching import Watching

LONG = 60_000


class Script:
    """A small network of convolutions, trained step by step."""

    def __init__(self, folder: Path, keep: int) -> None:
        torch.manual_seed(0)
        self.model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(64, 2))
        self.seen: dict[int, dict[str, torch.Tensor]] = {}
        self._optimizer = torch.optim.SGD(self.model.parameters(), lr=0.5)
        self.watch = chainrule.watch(self.model, self._optimizer, folder=folder, keep=keep)
        self.watch.start()

    def goes(self, steps: int) -> None:
        for _ in range(steps):
            self._optimizer.zero_grad()
            loss = self.model(torch.randn(8, 1, 6, 6)).square().mean()
            loss.backward()
            self._optimizer.step()
            self.watch.step(loss)
            self.seen[len(self.seen) + 1] = {name: one.clone() for name, one in self.model.state_dict().items()}
        self.watch._write_rows()


@pytest.fixture
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every step is kept."""
    monkeypatch.setattr(Keeper, "due", lambda self, is_last: not self.said)


def watched(app: App, qtbot, folder: Path) -> Watching:
    app.start(Path(os.path.relpath(folder)))  # as one types it
    qtbot.waitUntil(lambda: app.workspace is not None and app.workspace.feed is not None)
    (watching,) = app.workspace.findChildren(Watching)
    watching.look()
    qtbot.waitUntil(lambda: app.workspace.line.is_ready, timeout=LONG)
    return watching


@pytest.mark.usefixtures("eager")
def test_weights_of_the_step_that_is_looked_back_at_are_shown(app: App, qtbot, tmp_path: Path):
    script = Script(tmp_path / "run", keep=4)
    script.goes(12)
    watching = watched(app, qtbot, tmp_path / "run")
    work, shown = app.workspace, []
    work.looking.seen.connect(lambda _node, found: shown.append(found))
    (node,) = [node.id for node in work.document.project.graph.nodes.values() if node.kind == "Conv2d"]
    work.editor.select([node])
    qtbot.waitUntil(lambda: bool(shown) and shown[-1] is not None and shown[-1].step == 12, timeout=LONG)
    for step, words in ((10, "weights of this step"), (3, "weights of this step")):
        work.travel.go(step)
        qtbot.waitUntil(lambda step=step: shown[-1].step == step, timeout=LONG)
        assert work.travel.bar.weights.whole == words
        wanted = portrait(script.seen[step], "0")
        assert shown[-1].bins == wanted.bins
        assert shown[-1].mean == wanted.mean
        assert shown[-1].pixels == wanted.pixels
        assert shown[-1].kernels == 4
        assert f"step {step}" in work.inspector.page.weights.note.whole
    assert SHOWN in work.travel.bar.weights.toolTip()
    assert list(work.travel.bar.slider.marks) == list(range(1, 13))
    assert not work.travel.bar.resume.isEnabled()
    script.goes(1)
    watching.look()
    assert list(work.travel.bar.slider.marks) == list(range(1, 14))
    work.travel.leave()
    qtbot.waitUntil(lambda: shown[-1].step == 13, timeout=LONG)
    script.watch.close()


@pytest.mark.usefixtures("eager")
def test_histograms_are_counted_of_what_is_kept_while_they_are_seen(app: App, qtbot, tmp_path: Path, monkeypatch):
    monkeypatch.setattr("gui.training.kept_weights.PAUSE", 0)
    monkeypatch.setattr("gui.training.kept_weights.SHARE", 1e9)
    script = Script(tmp_path / "run", keep=3)
    script.goes(5)
    watching = watched(app, qtbot, tmp_path / "run")
    work = app.workspace
    moments = work.feed.record.distributions.moments
    assert not moments
    app.window.workbench.reveal("histograms")
    monitor = work.monitors["histograms"]
    qtbot.waitUntil(lambda: len(monitor.spread.moments) == 5, timeout=LONG)
    script.goes(2)
    watching.look()
    qtbot.waitUntil(lambda: len(monitor.spread.moments) == 7, timeout=LONG)
    assert monitor.spread.paths == ["layer_0", "layer_3"]
    for path, name in (("layer_0", "0.weight"), ("layer_3", "3.weight")):
        for spread in work.feed.record.distributions.of(path, "weights"):
            assert spread.counts == counted([script.seen[spread.step][name]])
    work.travel.go(4)
    assert monitor.header.moment.text() == "counted at step 4"
    script.watch.close()


def test_a_script_that_keeps_none_is_told_how_and_what_its_layers_give_is_said_not_to_be_known(
    app: App, qtbot, tmp_path: Path
):
    script = Script(tmp_path / "run", keep=0)
    script.goes(3)
    watched(app, qtbot, tmp_path / "run")
    work = app.workspace
    work.travel.go(2)
    assert work.travel.bar.weights.whole == "no weights kept"
    assert NONE_OF_SCRIPT in work.travel.bar.weights.toolTip()
    plots = [work.monitors["activations"].maps, work.monitors["attention"].maps, work.monitors["embedding"].cloud]
    assert [plot.hint for plot in plots] == [FOREIGN] * 3
    app.window.workbench.reveal("boundary")
    assert work.monitors["boundary"].plane.hint == FOREIGN_NETWORK
    script.watch.close()


@pytest.mark.usefixtures("eager")
def test_a_file_that_is_damaged_shows_nothing_and_ends_nothing(app: App, qtbot, tmp_path: Path):
    script = Script(tmp_path / "run", keep=4)
    script.goes(3)
    for path in (tmp_path / "run" / "recent").iterdir():
        path.write_bytes(json.dumps({"not": "it"}).encode() * int(np.ceil(path.stat().st_size / 13)))
    watched(app, qtbot, tmp_path / "run")
    work, shown = app.workspace, []
    work.looking.seen.connect(lambda _node, found: shown.append(found))
    (node,) = [node.id for node in work.document.project.graph.nodes.values() if node.kind == "Conv2d"]
    work.editor.select([node])
    qtbot.waitUntil(lambda: bool(shown), timeout=LONG)
    assert shown[-1] is None
    script.watch.close()
