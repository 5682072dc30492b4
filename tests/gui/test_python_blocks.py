"""Python blocks in the window: written with keys, asked of a real engine, and never run without trust."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from core.catalog import search
from core.catalog.kind import Batch, TensorType
from core.catalog.python_block import EXAMPLE, source_of
from core.document import Document
from core.files import load, save, to_text
from core.fitting import followers
from core.pasting import extract
from core.plan import Value
from core.project import Project
from core.python.questions import Code, Told, question
from core.python.trust import Trust
from gui.app import App
from gui.block_code import BlockCode
from gui.block_shapes import BlockShapes
from gui.engine_bridge import EngineBridge
from gui.inspector_python import PythonPage
from gui.settings import SettingsDialog
from gui.trusting import CodeDialog
from tests.core.python.projects import HIDDEN, block, malicious, python, trusted, with_block
from tests.core.training.projects import node


def taken(app: App, qtbot, project: Project, select: str = "mine") -> App:
    """The window with this project, one of its nodes selected and all answers there."""
    app.filing.take(Document(project))
    app.workspace.canvas.select((select,))
    app.window.activateWindow()
    qtbot.waitActive(app.window)
    settled(app, qtbot)
    return app


def settled(app: App, qtbot) -> None:
    blocks = app.block_shapes
    qtbot.waitUntil(lambda: blocks._current is None and not blocks._waiting, timeout=20_000)


def page_of(app: App) -> PythonPage:
    page = app.workspace.inspector.page
    assert isinstance(page, PythonPage)
    return page


def code_of(app: App) -> BlockCode:
    return page_of(app).code


def problems(app: App) -> list[str]:
    return [problem.code for problem in app.workspace.editor.reading.problems]


def card(app: App, node: str) -> object:
    scene = app.workspace.canvas.scene
    return scene.card_of(node)


def select_text(code: BlockCode, text: str) -> None:
    code.edit.moveCursor(code.edit.textCursor().MoveOperation.Start)
    assert code.edit.find(text)


@pytest.fixture
def mine(app: App, qtbot) -> App:
    """A block that the user has written."""
    return taken(app, qtbot, trusted(with_block(python("mine", HIDDEN))))


def test_a_block_from_the_palette_works_where_it_is_dropped(lenet: App, qtbot) -> None:
    work = lenet.workspace
    work.canvas.select((work.document.project.graph.by_name("fc3").id,))
    work.add_wired("Python")
    node = work.document.project.graph.by_name("python1")
    assert node is not None
    settled(lenet, qtbot)
    assert work.editor.reading.analysis.types[Value("python1", "output")] == TensorType((Batch(), 10))
    assert problems(lenet).count("E114") == 0
    assert work.trusting.bar.isHidden()
    assert card(lenet, node.id).left == ("Python", "ResidualMLP")
    assert card(lenet, node.id).right[0] == "1,355"
    assert code_of(lenet).edit.code == EXAMPLE
    assert code_of(lenet).state.text() == "ResidualMLP runs."


def test_what_is_typed_is_used_as_one_step_of_undo_and_keeps_its_trust(mine: App, qtbot) -> None:
    work, code = mine.workspace, code_of(mine)
    before = work.document.project
    code.edit.setFocus()
    select_text(code, "size=16")
    QTest.keyClicks(code.edit, "size=1")
    qtbot.waitUntil(lambda: "size=1)" in source_of(work.editor.node("mine").params), timeout=5000)
    QTest.keyClicks(code.edit, "2")
    qtbot.waitUntil(lambda: "size=12)" in source_of(work.editor.node("mine").params), timeout=5000)
    settled(mine, qtbot)
    assert work.editor.reading.analysis.parameters["mine"] == 64 * 12 + 12
    assert work.editor.reading.analysis.parameters["fc"] == 12 * 10 + 10
    assert work.trusting.bar.isHidden()
    assert Trust().untrusted(work.document.project) == ()
    work.canvas.setFocus()
    work.undo()
    assert work.document.project is before
    assert code.edit.code == HIDDEN
    work.redo()
    assert "size=12)" in code.edit.code
    assert problems(mine) == []


def test_a_line_that_is_half_written_waits_and_is_marked(mine: App, qtbot) -> None:
    code = code_of(mine)
    before = mine.workspace.document.project
    code.edit.setFocus()
    select_text(code, "return torch")
    QTest.keyClicks(code.edit, "return (torch")
    qtbot.waitUntil(lambda: code.state.text().startswith("Not used yet"), timeout=5000)
    assert code.edit.error_line == 11
    assert mine.workspace.document.project is before
    QTest.keyClick(code.edit, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert problems(mine) == ["E113"]
    assert mine.workspace.run.state.phase == "idle"
    assert len(mine.workspace.document.project.graph.edges) == len(before.graph.edges)
    assert code.edit.error_line == 11
    assert "line 11" in code.state.text()
    assert mine.workspace.problems.model.index(0, 1).data().startswith("mine")


def test_leaving_the_field_uses_what_was_typed(mine: App) -> None:
    code = code_of(mine)
    code.edit.setFocus()
    select_text(code, "torch.relu")
    QTest.keyClicks(code.edit, "torch.tanh")
    mine.workspace.canvas.setFocus()
    assert "torch.tanh" in source_of(mine.workspace.editor.node("mine").params)


def test_escape_leads_out_of_the_code(mine: App) -> None:
    code = code_of(mine)
    code.edit.setFocus()
    QTest.keyClick(code.edit, Qt.Key.Key_Tab)
    assert code.edit.hasFocus()
    QTest.keyClick(code.edit, Qt.Key.Key_Escape)
    assert not code.edit.hasFocus()


def test_an_output_more_is_a_port_more(mine: App, qtbot) -> None:
    code = code_of(mine)
    code.edit.setFocus()
    select_text(code, "return torch.relu(self.linear(x))")
    QTest.keyClicks(code.edit, "a = b = torch.relu(self.linear(x))")
    QTest.keyClick(code.edit, Qt.Key.Key_Return)
    QTest.keyClicks(code.edit, "return a, b")
    code.apply()
    settled(mine, qtbot)
    assert [port.name for port in card(mine, "mine").outputs] == ["a", "b"]
    assert problems(mine)[0] == "E107"
    assert "output of mine was wanted (a, b)" in mine.workspace.editor.reading.problems[0].message


def test_an_error_names_its_line_at_the_node_and_in_the_editor(app: App, qtbot) -> None:
    taken(app, qtbot, trusted(with_block(python("mine", HIDDEN.replace("linear(x)", "linear(y)")))))
    code = code_of(app)
    assert problems(app) == ["E113"]
    assert "line 11 raised NameError: name 'y' is not defined" in code.state.text()
    assert code.edit.error_line == 11
    assert card(app, "mine").errors == 1
    code.edit.go_to(1)
    QTest.mouseClick(code.jump, Qt.MouseButton.LeftButton)
    assert code.edit.textCursor().blockNumber() == 10


def test_settings_follow_the_trust_of_the_block(mine: App, qtbot) -> None:
    field = page_of(mine).form.field("settings").control
    field.setFocus()
    QTest.keyClicks(field, '{"size": 5}')
    settled(mine, qtbot)
    assert mine.workspace.editor.reading.analysis.types[Value("mine", "output")] == TensorType((Batch(), 5))
    assert mine.workspace.trusting.bar.isHidden()


@pytest.fixture
def stranger(app: App, qtbot, tmp_path: Path) -> tuple[App, Path]:
    """The window with a stranger's file, and the file that its code would make."""
    target, path = tmp_path / "ran", tmp_path / "stranger.chain"
    save(with_block(python("mine", malicious(target))), path)
    app.filing.open(path)
    app.workspace.canvas.select(("mine",))
    settled(app, qtbot)
    return app, target


def dialog_of() -> CodeDialog:
    return next(item for item in QApplication.topLevelWidgets() if isinstance(item, CodeDialog) and item.isVisible())


def test_a_strangers_code_does_not_run_by_itself(stranger: tuple[App, Path], qtbot) -> None:
    app, target = stranger
    work = app.workspace
    assert work.trusting.bar.isVisible()
    assert "This project brings its own Python code (1 block)" in work.trusting.bar.words
    assert problems(app) == ["E114"]
    assert card(app, "mine").rest == "not trusted yet"
    assert not app.window.transport.train.isEnabled()
    work.run.train()
    code = code_of(app)
    code.edit.setFocus()
    QTest.keyClicks(code.edit, "# mine now")
    QTest.keyClick(code.edit, Qt.Key.Key_Return)
    code.apply()
    app.filing.save()
    work.undo()
    work.source.refresh()
    assert "class Bad" in work.source.text.toPlainText()
    settled(app, qtbot)
    assert problems(app) == ["E114"]
    assert code.trust.isVisible()
    assert not target.exists()
    assert Trust().untrusted(load(work.document.path)) != ()


def test_the_dialog_shows_the_code_and_enter_refuses_it(stranger: tuple[App, Path], qtbot) -> None:
    app, target = stranger
    QTest.mouseClick(code_of(app).trust, Qt.MouseButton.LeftButton)
    dialog = dialog_of()
    assert "class Bad" in dialog.code.code
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not any(isinstance(item, CodeDialog) for item in QApplication.topLevelWidgets()))
    settled(app, qtbot)
    assert not target.exists()
    assert app.workspace.trusting.bar.isVisible()


def test_trusted_code_runs_and_stays_trusted(stranger: tuple[App, Path], qtbot) -> None:
    app, target = stranger
    bar = app.workspace.trusting.bar
    button = bar._buttons.itemAt(0).widget()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    QTest.mouseClick(dialog_of().trust, Qt.MouseButton.LeftButton)
    settled(app, qtbot)
    assert target.exists()
    assert bar.isHidden()
    assert problems(app) == []
    assert Trust().untrusted(app.workspace.document.project) == ()
    app.filing.open(app.workspace.document.path)
    assert app.workspace.trusting.bar.isHidden()


def test_the_code_in_a_window_of_its_own_is_the_same_code(mine: App, qtbot) -> None:
    QTest.mouseClick(code_of(mine).larger, Qt.MouseButton.LeftButton)
    window = mine.workspace.trusting.windows["mine"]
    qtbot.waitExposed(window)
    window.code.edit.setFocus()
    select_text(window.code, "size=16")
    QTest.keyClicks(window.code.edit, "size=7")
    QTest.keyClick(window, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not mine.workspace.trusting.windows)
    assert "size=7" in code_of(mine).edit.code
    settled(mine, qtbot)
    assert problems(mine) == []


def test_a_run_that_a_block_ends_offers_its_line(app: App, qtbot) -> None:
    source = block("if torch.is_grad_enabled():\n    raise KeyError('late')\nreturn x")
    taken(app, qtbot, trusted(with_block(python("mine", source))), select="fc")
    assert problems(app) == []
    app.workspace.run.train()
    message = app.workspace.message
    qtbot.waitUntil(message.isVisible, timeout=20_000)
    assert "line 8 raised KeyError: 'late'" in message.words
    QTest.mouseClick(message._buttons.itemAt(0).widget(), Qt.MouseButton.LeftButton, pos=QPoint(5, 5))
    code = code_of(app)
    assert code.edit.error_line == 8
    assert code.edit.textCursor().blockNumber() == 7
    assert "The last run ended here" in code.state.text()
    code.again.click()
    settled(app, qtbot)
    assert code.edit.error_line == 0


@pytest.fixture
def shapes(qapp) -> Iterator[BlockShapes]:
    """Asks an engine of its own, and gives up after a second."""
    made = BlockShapes(EngineBridge(), seconds=1.0)
    yield made
    made.close()


def answer(shapes: BlockShapes, qtbot, source: str) -> Told:
    code = Code(source)
    shapes.follow([code])
    asked = question((("source", source),), {"x": TensorType((Batch(), 4))})
    shapes.ask([asked])
    qtbot.waitUntil(lambda: shapes.oracle(asked) is not None, timeout=60_000)
    told = shapes.oracle(asked)
    assert told is not None
    return told


@pytest.mark.slow
def test_a_block_that_hangs_or_kills_its_engine_costs_only_that_engine(shapes: BlockShapes, qtbot) -> None:
    first = answer(shapes, qtbot, block("while True:\n    pass"))
    assert first.error is not None
    assert "an answer within 1 s was wanted" in str(first.error)
    good = answer(shapes, qtbot, HIDDEN)
    assert good.error is None
    assert good.shaped is not None
    assert good.shaped.outputs["output"] == TensorType((Batch(), 16))
    killed = answer(shapes, qtbot, block("import os\nos._exit(3)"))
    assert killed.error is not None
    assert "ended with exit code 3" in killed.error.came
    again = answer(shapes, qtbot, HIDDEN.replace("size=16", "size=3"))
    assert again.shaped is not None


def test_nothing_untrusted_is_asked(qapp) -> None:
    def refuse(*_arguments: object) -> object:
        raise AssertionError("an engine was started")

    shapes = BlockShapes(EngineBridge(start=refuse))  # type: ignore[arg-type]  # never called
    asked = question((("source", HIDDEN),), {"x": TensorType((Batch(), 4))})
    shapes.ask([asked])
    told = shapes.oracle(asked)
    assert told is not None
    assert told.error is not None
    assert not told.is_final
    shapes.close()


def test_looking_at_code_changes_nothing_of_it(app: App, qtbot) -> None:
    source = HIDDEN.replace("\n", "\r\n").replace("return torch", "# a\u2028b\n        return torch")
    taken(app, qtbot, trusted(with_block(python("mine", source), node("act", "ReLU"))))
    code = code_of(app)
    before = app.workspace.document.project
    code.edit.setFocus()
    app.workspace.canvas.select(("act",))
    app.workspace.canvas.select(("mine",))
    assert not code_of(app).apply_button.isEnabled()
    code_of(app).apply()
    assert app.workspace.document.project is before
    assert not app.workspace.document.modified


def test_pasted_code_is_a_strangers_code(lenet: App, qtbot, tmp_path: Path) -> None:
    target = tmp_path / "ran"
    stranger = with_block(python("mine", malicious(target)))
    QApplication.clipboard().setText(to_text(extract(stranger, ("flatten", "mine"))))
    lenet.workspace.canvas.paste()
    settled(lenet, qtbot)
    assert any(node.kind == "Python" for node in lenet.workspace.document.project.graph.nodes.values())
    assert lenet.workspace.trusting.bar.isVisible()
    lenet.workspace.undo()
    assert lenet.workspace.trusting.bar.isHidden()
    assert not target.exists()


def test_the_settings_forget_all_trust(mine: App, qtbot) -> None:
    mine.show_settings()
    dialog = next(item for item in QApplication.topLevelWidgets() if isinstance(item, SettingsDialog))
    QTest.mouseClick(dialog.forget, Qt.MouseButton.LeftButton)
    assert mine.workspace.trusting.bar.isVisible()
    assert problems(mine) == ["E114"]
    assert Trust().untrusted(mine.workspace.document.project) != ()
    dialog.accept()


def test_a_python_block_is_found_by_its_words_and_offered_at_any_wire(lenet: App) -> None:
    graph = lenet.workspace.document.project.graph
    found = followers(
        lenet.workspace.document.project, lenet.workspace.canvas.stage.types(), graph.by_name("conv1").id, "output"
    )
    assert "Python" in [item.kind.name for item in found]
    assert search("custom")[0].name == "Python"
