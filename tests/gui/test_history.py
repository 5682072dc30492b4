"""The list of steps: a click walks to any of them, with real mouse events."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from core.document import Document
from core.project import Project
from gui.history import History
from gui.theme import Themes
from tests.core.networks import lenet


def click(history: History, row: int) -> None:
    place = history.rows.visualItemRect(history.rows.item(row)).center()
    QTest.mouseClick(history.rows.viewport(), Qt.MouseButton.LeftButton, pos=place)


def test_a_click_on_a_step_walks_there_and_back_as_one_change(qtbot: QtBot) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    document = Document(lenet())
    projects = [document.project]
    for step in range(4):
        document.edit(f"Step {step}", document.project.with_positions({"conv1": (float(step), 1.0)}))
        projects.append(document.project)
    history = History(Themes(), document, parent)
    history.show()
    heard: list[Project] = []
    document.changed.connect(lambda _old, new: heard.append(new))
    assert [history.rows.item(row).text() for row in range(5)] == [
        "As it was opened",
        *(f"Step {n}" for n in range(4)),
    ]
    for row in (1, 4, 0, 3):
        click(history, row)
        assert document.project == projects[row]
        assert len(document.past) == row
        assert history.rows.currentRow() == row
        assert history.rows.count() == 5
    assert len(heard) == 4
    click(history, 0)
    assert document.project is projects[0]
    QTest.keyClick(history, Qt.Key.Key_Escape)
    document.edit("New", document.project.with_positions({"conv1": (9.0, 9.0)}))
    assert document.past == ("New",)
