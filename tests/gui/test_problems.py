"""The problem list: what it shows, where it goes, and that its fixes mend the graph."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from core.document import Document
from core.files import load
from gui.app import App
from tests.gui.conftest import TEMPLATES


@pytest.fixture
def broken(app: App, qtbot) -> App:
    """LeNet-5 whose fc1 was pinned to the wrong size."""
    project = load(TEMPLATES / "lenet5.chain")
    fc1 = project.graph.by_name("fc1").with_params(in_features=256)
    app.filing.take(Document(project.with_scope(project.graph.replace_node(fc1))))
    app.window.actions_["preset_build"].trigger()
    qtbot.waitUntil(lambda: not app.workspace.problems.table.visibleRegion().isEmpty())
    return app


def test_a_problem_is_told_with_its_place_code_and_fix(broken: App):
    model = broken.workspace.problems.model
    texts = [model.index(0, column).data() for column in range(4)]
    assert "256" in texts[0]
    assert "400" in texts[0]
    assert texts[1:] == ["fc1 input", "E103", "Set in_features to 400"]
    assert broken.window.status.text.startswith("1 error")


def test_a_press_on_the_fix_mends_the_graph_in_one_step_of_undo(broken: App):
    work = broken.workspace
    table = work.problems.table
    before = work.document.project
    place = table.visualRect(work.problems.model.index(0, 3)).center()
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert work.document.project.graph.by_name("fc1").param("in_features") == 400
    assert not work.editor.reading.errors
    work.document.undo()
    assert work.document.project is before


def test_alt_enter_applies_the_first_fix(broken: App):
    QTest.keyClick(broken.window, Qt.Key.Key_Return, Qt.KeyboardModifier.AltModifier)
    assert not broken.workspace.editor.reading.errors


def test_f8_selects_the_node_of_the_problem(broken: App):
    QTest.keyClick(broken.window, Qt.Key.Key_F8)
    node = broken.workspace.document.project.graph.by_name("fc1").id
    assert broken.workspace.canvas.selection() == (node,)


def test_a_graph_with_errors_cannot_be_trained_and_says_so(broken: App):
    assert not broken.window.transport.train.isEnabled()
    assert broken.window.transport._status.text() == "Blocked"


def test_filters_show_what_they_say(broken: App):
    problems = broken.workspace.problems
    problems.filters._buttons["warning"].click()
    assert all(problem.severity == "warning" for problem in problems.shown)
    problems.filters._buttons["error"].click()
    assert [problem.code for problem in problems.shown] == ["E103"]


def test_a_sound_graph_says_that_it_can_train(lenet: App):
    assert lenet.workspace.problems._empty.text() == "No problems. The graph can train."
    assert not lenet.workspace.problems._empty.isHidden()
