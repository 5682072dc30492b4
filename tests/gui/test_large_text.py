"""Text at twice its size: what is shown is shown whole."""

from __future__ import annotations

from itertools import combinations

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLabel, QMenu, QWidget

from gui.app import App
from gui.widgets import Fold
from gui.workbench import Preset


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


@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_a_graph_that_is_fitted_lies_under_no_bar(lenet: App, scale: float):
    assert lenet.workspace is not None
    canvas = lenet.workspace.canvas
    lenet.window.resize(1600, 1000)
    lenet.themes.scale(scale)
    canvas.view.animated = False
    canvas.fit()
    cards = [canvas.view.mapFromScene(item.rect).boundingRect() for item in canvas.scene.nodes.values()]
    for bar in (canvas.furniture.breadcrumb, canvas.furniture.modes, canvas.furniture.zoom_bar):
        assert bar.isVisible()
        assert not any(bar.geometry().intersects(card) for card in cards)
    assert all(canvas.rect().contains(card) for card in cards)
    assert canvas.view.zoom * scale > 0.4


@pytest.mark.parametrize("scale", [1.0, 2.0])
@pytest.mark.parametrize("preset", ["train", "build"])
def test_titles_and_controls_of_the_panels_are_whole_and_apart(lenet: App, qtbot, scale: float, preset: Preset):
    """Where there is little room, choices become a drop-down and tabs a list."""
    lenet.window.resize(1600, 1000)
    lenet.themes.scale(scale)
    bench = lenet.window.workbench
    qtbot.waitUntil(lambda: lenet.workspace is not None and lenet.workspace.feed is not None)
    bench.use_preset(preset)
    bench.fit_docks()
    heads = [dock.header for dock in bench.docks.values() if not dock.header.visibleRegion().isEmpty()]
    assert heads
    qtbot.waitUntil(lambda: not [words for head in heads for words in crowded(head)], timeout=3000)
    for head in heads:
        assert "…" not in head.title.text()


def crowded(head: QWidget) -> list[str]:
    """Buttons and words of a head that are cut, or that lie on one another."""
    parts = [one for one in head.findChildren(QAbstractButton) if one.isVisible()]
    cut = [one.text() for one in parts if one.text() and one.width() < one.fontMetrics().horizontalAdvance(one.text())]
    places = [QRect(one.mapTo(head, QPoint(0, 0)), one.size()) for one in parts]
    over = [one.text() for one, place in zip(parts, places, strict=True) if not head.rect().contains(place)]
    on = [f"{a} {b}" for a, b in combinations(places, 2) if a.intersected(b).width() > 1]
    words = [
        one.text() for one in head.findChildren(QLabel) if one.isVisible() and one.width() < one.sizeHint().width()
    ]
    return [*cut, *over, *on, *words]


@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_titles_of_the_inspectors_sections_are_whole_and_their_notes_end_in_dots(lenet: App, qtbot, scale: float):
    assert lenet.workspace is not None
    lenet.window.resize(1600, 1000)
    lenet.themes.scale(scale)
    folds = [fold for fold in lenet.workspace.inspector.page.findChildren(Fold) if fold.isVisible()]
    assert folds
    titles = [one for fold in folds for one in fold.findChildren(QLabel) if one.property("role") == "title"]
    qtbot.waitUntil(lambda: all(one.width() >= one.sizeHint().width() for one in titles), timeout=2000)
    for fold in folds:
        assert fold.note.text() == fold.note.whole or fold.note.text().endswith("…")


def test_a_choice_in_a_drop_down_is_made_by_its_list(lenet: App, qtbot):
    lenet.window.resize(1600, 1000)
    lenet.themes.scale(2.0)
    qtbot.waitUntil(lambda: lenet.workspace is not None and lenet.workspace.feed is not None)
    lenet.window.workbench.use_preset("build")
    filters = lenet.workspace.problems.filters
    header = lenet.window.workbench.docks["problems"].header
    qtbot.waitUntil(lambda: not crowded(header), timeout=3000)
    chosen: list[str] = []
    filters.chosen.connect(chosen.append)
    shown_now = [button for button in filters.findChildren(QAbstractButton) if button.isVisible()]
    assert len(shown_now) == 1
    QTest.mouseClick(shown_now[0], Qt.MouseButton.LeftButton)
    menu = shown_now[0].findChild(QMenu)
    assert isinstance(menu, QMenu)
    assert len(menu.actions()) == 4
    QTest.keyClick(menu, Qt.Key.Key_Down)
    QTest.keyClick(menu, Qt.Key.Key_Down)
    QTest.keyClick(menu, Qt.Key.Key_Return)
    assert chosen == [filters.current]
    assert filters.current != "all"
