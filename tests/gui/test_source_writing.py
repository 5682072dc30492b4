"""The code of many layers: written in pauses, shown by its difference, in the colours of Python's own tokens."""

from __future__ import annotations

import ast
import builtins
import io
import keyword
import token
import tokenize
from pathlib import Path

import pytest
from PySide6.QtWidgets import QPlainTextEdit

import core
from benchmarks.scenes.graphs import chain
from core import planning
from core.codegen import LIBRARIES, STANDARD, used_names
from core.document import Document
from gui import source_text
from gui.code_colors import spans
from gui.session import Editor
from gui.source_pane import AT_ONCE, SourcePane
from gui.source_text import show_text
from gui.theme import Themes

FOLDER = Path(core.__file__).parent
FILES = sorted((FOLDER / "code").glob("*.py")) + sorted((FOLDER / "parts").glob("*.py"))


def by_tokens(code: str) -> dict[tuple[int, int], tuple[int, str]]:
    """By line and column of what has a colour, as Python reads it: its end in the line, and its kind."""
    found = {}
    lines, before = code.splitlines(), ""
    for item in tokenize.generate_tokens(io.StringIO(code).readline):
        kind = {token.STRING: "string", token.NUMBER: "number", tokenize.COMMENT: "comment"}.get(item.type, "")
        if item.type == token.NAME:
            named = item.string == "self" or item.string in dir(builtins)
            kind = "definition" if before in ("def", "class") else ("builtin" if named else "")
            kind = "keyword" if keyword.iskeyword(item.string) else kind
        for line in range(item.start[0], item.end[0] + 1) if kind else ():
            start = item.start[1] if line == item.start[0] else 0
            end = item.end[1] if line == item.end[0] else len(lines[line - 1])
            if end > start:
                found[line - 1, start] = (end, kind)
        before = item.string if item.string.strip() else before
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_line_by_line_the_colours_are_those_of_pythons_tokens(path: Path):
    code = path.read_text(encoding="utf-8")
    mine = {(line, at): (at + long, kind) for line, items in spans(code).items() for at, long, kind in items}
    assert mine == by_tokens(code)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_names_are_found_in_use_as_python_finds_them(path: Path):
    code = path.read_text(encoding="utf-8")
    names = {node.id for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name)}
    ours = {name for name, _line in (*STANDARD, *LIBRARIES)}
    assert used_names(code) & ours == names & ours


def test_a_text_becomes_any_other_by_what_differs(dressed, qtbot, monkeypatch):
    edit = QPlainTextEdit()
    qtbot.addWidget(edit)
    monkeypatch.setattr(source_text, "AT_ONCE", 2)
    texts = [
        "",
        "a\n",
        "a\nb\nc\n",
        "a\nx\nc\n",
        "a\nc\n",
        "b\na\nc\n",
        "b\n",
        "b",
        "",
        "a\na\na\n",
        "a\na\n",
        "q\na\na\nz",
    ]
    before = ""
    for text in (*texts, *reversed(texts)):
        for _pause in show_text(edit, before, text):
            pass
        assert edit.toPlainText() == text
        before = text


@pytest.fixture
def pane(dressed, qtbot) -> SourcePane:
    editor = Editor(Document(chain(AT_ONCE + 50)))
    made = SourcePane(Themes(), editor)
    made.editor = editor
    qtbot.addWidget(made, before_close_func=lambda _pane: editor.close())
    made.show()
    qtbot.waitExposed(made)
    return made


def test_the_code_of_many_layers_comes_in_a_pause_and_is_whole(pane: SourcePane, qtbot):
    qtbot.waitUntil(lambda: pane.text.toPlainText() == pane.editor.source(), timeout=5000)
    before = pane.text.toPlainText()
    pane.editor.edit("Set", planning.set_param(pane.editor.project, "n5", "out_features", 13))
    assert pane.text.toPlainText() == before
    pane.editor.edit("Set", planning.set_param(pane.editor.project, "n7", "out_features", 17))
    qtbot.waitUntil(lambda: pane.text.toPlainText() == pane.editor.source(), timeout=5000)
    assert "nn.Linear(13, 17)" in pane.text.toPlainText()


def test_what_is_copied_in_the_pause_is_the_newest_code(pane: SourcePane):
    pane.editor.edit("Set", planning.set_param(pane.editor.project, "n5", "out_features", 13))
    pane.copy.click()
    assert pane.text.toPlainText() == pane.editor.source()


def test_a_card_that_is_moved_writes_nothing(pane: SourcePane, qtbot):
    qtbot.waitUntil(lambda: not pane.busy, timeout=5000)
    assert pane.text.toPlainText()
    pane.editor.edit("Move", planning.move(pane.editor.project, {"n3": (5.0, 900.0)}))
    assert not pane.busy
    pane.editor.edit("Rename", planning.rename(pane.editor.project, "n3", "other"))
    assert pane.busy
