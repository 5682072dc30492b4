"""What was shown of a project is shown again when it is opened: place, zoom, opened block, docks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from core import grouping
from core.files import load, save
from core.trail import Entered
from core.views import keep_view, load_view
from gui.app import App
from tests.gui.conftest import TEMPLATES


def open_file(app: App, qtbot, path: Path) -> None:
    before = app.workspace
    app.filing.open(path)
    qtbot.waitUntil(lambda: app.workspace is not before and app.workspace.feed is not None)
    QTest.qWait(20)


def leave(app: App) -> None:
    """Close the tab in front."""
    app.window.actions_["close_tab"].trigger()


def copied(name: str, folder: Path) -> Path:
    path = folder / f"{name}.chain"
    path.write_bytes((TEMPLATES / f"{name}.chain").read_bytes())
    return path


def wheel(app: App, turns: int) -> None:
    view = app.workspace.canvas.view
    at = QPointF(view.viewport().rect().center())
    there = QPointF(view.viewport().mapToGlobal(at.toPoint()))
    none = (Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase)
    QApplication.sendEvent(view.viewport(), QWheelEvent(at, there, QPoint(), QPoint(0, 120 * turns), *none, False))


def pan(app: App, by: QPoint) -> None:
    viewport = app.workspace.canvas.view.viewport()
    start = viewport.rect().center()
    QTest.mousePress(viewport, Qt.MouseButton.MiddleButton, pos=start)
    QTest.mouseMove(viewport, start + by)
    QTest.mouseRelease(viewport, Qt.MouseButton.MiddleButton, pos=start + by)


def seen(app: App) -> tuple[float, float, float]:
    view = app.workspace.canvas.view
    return view.middle().x(), view.middle().y(), view.zoom


def test_place_and_zoom_come_back_with_the_file_and_are_not_in_it(app: App, qtbot, tmp_path: Path):
    first, second = copied("lenet5", tmp_path), copied("iris", tmp_path)
    open_file(app, qtbot, first)
    fitted = seen(app)
    wheel(app, 3)
    pan(app, QPoint(90, 40))
    left, text = seen(app), first.read_bytes()
    assert left != pytest.approx(fitted, abs=5)
    leave(app)
    open_file(app, qtbot, second)
    open_file(app, qtbot, first)
    qtbot.waitUntil(lambda: seen(app) == pytest.approx(left, abs=2))
    assert first.read_bytes() == text
    assert not app.filing.document.modified


def test_a_project_without_a_file_opens_fitted(app: App, qtbot):
    app.filing.open(TEMPLATES / "lenet5.chain")
    canvas = app.workspace.canvas
    qtbot.waitUntil(lambda: canvas.view.visible().contains(canvas.scene.bounds()))


def test_the_opened_block_comes_back_and_leaving_it_shows_the_graph_around(app: App, qtbot, tmp_path: Path):
    project = load(TEMPLATES / "lenet5.chain")
    nodes = [node.id for node in project.graph.nodes.values() if node.name in ("conv1", "tanh1")]
    folded, _block = grouping.group(project, nodes)
    path = tmp_path / "folded.chain"
    save(folded, path)
    open_file(app, qtbot, path)
    canvas = app.workspace.canvas
    (block,) = (node.id for node in canvas.scene.graph.nodes.values() if node.block)
    canvas.select((block,))
    canvas.enter_selected()
    wheel(app, 2)
    left = seen(app)
    leave(app)
    open_file(app, qtbot, path)
    assert [entered.node for entered in app.workspace.canvas.trail] == [block]
    qtbot.waitUntil(lambda: seen(app) == pytest.approx(left, abs=2))
    QTest.keyClick(app.workspace.canvas.view, Qt.Key.Key_Escape)
    QTest.keyClick(app.workspace.canvas.view, Qt.Key.Key_Escape)
    canvas = app.workspace.canvas
    assert canvas.trail == ()
    assert canvas.view.visible().contains(canvas.scene.bounds())


def test_a_block_that_is_gone_leaves_the_graph_around_it_fitted(app: App, qtbot, tmp_path: Path):
    path = copied("lenet5", tmp_path)
    open_file(app, qtbot, path)
    leave(app)
    known = load_view(path, tmp_path / "views")
    keep_view(replace(known, trail=(Entered("gone"),), zoom=3.0), tmp_path / "views")
    open_file(app, qtbot, path)
    canvas = app.workspace.canvas
    assert canvas.trail == ()
    assert canvas.view.visible().contains(canvas.scene.bounds())


def test_docks_come_back_with_their_project(app: App, qtbot, tmp_path: Path):
    first, second = copied("lenet5", tmp_path), copied("iris", tmp_path)
    bench = app.window.workbench
    open_file(app, qtbot, first)
    bench.docks["inspector"].hide()
    leave(app)
    open_file(app, qtbot, second)
    bench.docks["inspector"].show()
    leave(app)
    open_file(app, qtbot, first)
    qtbot.waitUntil(bench.docks["inspector"].isHidden)
    open_file(app, qtbot, second)
    qtbot.waitUntil(bench.docks["inspector"].isVisible)


def test_a_view_that_cannot_be_kept_is_told_in_the_log_and_nothing_else_happens(app: App, qtbot, tmp_path: Path):
    first, second = copied("lenet5", tmp_path), copied("iris", tmp_path)
    open_file(app, qtbot, first)
    (tmp_path / "views").write_text("no folder")
    leave(app)
    open_file(app, qtbot, second)
    assert app.filing.document.path == second
    assert any("could not be remembered" in str(entry) for entry in app.log.entries)


def test_what_was_chosen_in_the_monitors_is_chosen_again(app: App, qtbot, tmp_path):
    path = copied("iris", tmp_path)
    open_file(app, qtbot, path)
    heatmap = app.workspace.monitors["heatmap"]
    heatmap.quantity.pick("update_ratio")
    heatmap.relative.trigger()
    app.workspace.monitors["loss"].slider.setValue(3)
    leave(app)
    open_file(app, qtbot, path)
    again = app.workspace.monitors
    assert again["heatmap"] is not heatmap
    assert again["heatmap"].cells.quantity == "update_ratio"
    assert again["heatmap"].relative.isChecked()
    assert again["loss"].slider.value() == 3
