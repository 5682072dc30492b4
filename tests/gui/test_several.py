"""A field in which several choices may hold, in the inspector's form of training."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from gui.several import Several
from tests.gui.conftest import opened


@pytest.fixture
def field(app, qtbot) -> Several:
    opened(app, qtbot, "iris")
    app.workspace.canvas.select(())
    QApplication.processEvents()
    found = app.workspace.inspector.page.findChild(Several)
    assert found.text() == "what suits the loss"
    return found


def tick(field: Several, title: str) -> None:
    """Press an entry of the open menu."""
    entry = next(action for action in field.menu.actions() if action.text() == title)
    place = field.menu.actionGeometry(entry).center()
    QTest.mouseMove(field.menu, place)
    QTest.mouseClick(field.menu, Qt.MouseButton.LeftButton, pos=place)


def test_metrics_are_ticked_one_after_the_other_each_one_step_of_undo(app, field, qtbot):
    work = app.workspace
    field.open()
    qtbot.waitUntil(field.menu.isVisible)
    tick(field, "F1")
    tick(field, "AUROC")
    assert field.menu.isVisible()  # it stays open
    assert work.document.project.training.metrics == "f1, auroc"
    assert field.text() == "F1, AUROC"
    field.menu.close()
    work.undo()
    assert work.document.project.training.metrics in ("f1", "")
    field.usual.trigger()
    assert work.document.project.training.metrics == ""
    assert field.text() == "what suits the loss"


def test_it_opens_by_the_keyboard_and_is_named(field, qtbot):
    assert field.accessibleName() == "Metrics"
    field.setFocus()
    QTest.keyClick(field, Qt.Key.Key_Down)
    qtbot.waitUntil(field.menu.isVisible)
    field.menu.close()
