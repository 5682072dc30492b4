"""A project to which an undo comes back is not read anew, and what is known of it is what a reading would find."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from core import planning
from core.document import Document
from core.reading import Reading, read
from gui import session
from gui.read_before import MOST
from gui.session import Editor
from tests.core.networks import lenet


@pytest.fixture
def editor() -> Iterator[Editor]:
    made = Editor(Document(lenet()))
    yield made
    made.close()


def test_undo_and_redo_read_nothing_anew(editor: Editor, monkeypatch: pytest.MonkeyPatch) -> None:
    reads: list[object] = []

    def counted(*given: object, **named: object) -> Reading:
        reads.append(given)
        return read(*given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(session, "read", counted)
    editor.edit("Delete", planning.delete(editor.project, ["fc1"]))
    editor.document.undo()
    editor.document.redo()
    editor.document.undo()
    assert len(reads) == 1
    editor.document.redo()
    editor.read_again()
    editor.document.undo()
    assert len(reads) == 3, "what was kept is forgotten when more is known of Python blocks"


def test_what_is_kept_is_what_a_reading_would_find(editor: Editor) -> None:
    for name in ("fc1", "fc2", "conv2"):
        editor.edit("Delete", planning.delete(editor.project, [name]))
    for _step in range(3):
        editor.document.undo()
        assert editor.reading.project is editor.project
        fresh = read(editor.project)
        assert editor.reading.plan.steps == fresh.plan.steps
        assert editor.reading.analysis.types == fresh.analysis.types
        assert [str(found.error) for found in editor.reading.problems] == [str(found.error) for found in fresh.problems]


def test_few_are_kept(editor: Editor) -> None:
    for features in range(20, 20 + 2 * MOST):
        editor.edit("Set", planning.set_param(editor.project, "fc1", "out_features", features))
    assert len(editor._before._kept) == MOST
