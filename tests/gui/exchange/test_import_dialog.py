"""The import dialog: it asks before it runs, shows what goes on, and opens what came of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from core.errors import ExchangeError
from gui.app import App
from gui.exchange.import_dialog import ImportDialog
from gui.exchange.import_job import Imported

NET = """
from pathlib import Path
import torch
from torch import nn

(Path(__file__).parent / "has-run").touch()


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(4, 6)
        self.last = nn.Linear(6, 2)

    def forward(self, x):
        return self.last(torch.renorm(self.first(x), 2, 0, 1e6))
"""


@pytest.fixture
def net(tmp_path: Path) -> Path:
    path = tmp_path / "net.py"
    path.write_text(NET)
    return path


@pytest.fixture
def dialog(app: App, qtbot) -> Iterator[ImportDialog]:
    app.window.actions_["import"].trigger()
    (made,) = app.window.findChildren(ImportDialog)
    qtbot.waitExposed(made)
    yield made
    made.job.cancel()
    made.close()


def test_it_asks_before_anything_runs_and_for_every_text_anew(dialog: ImportDialog, qtbot, net: Path) -> None:
    assert not dialog.begin.isEnabled()
    qtbot.keyClicks(dialog.source, f"{net}:Net")
    assert dialog.consent.isVisible()
    assert f"the file {net} and call Net" in dialog.runs.text()
    assert not dialog.begin.isEnabled()
    dialog.trust.setChecked(True)
    assert dialog.begin.isEnabled()
    qtbot.keyClicks(dialog.source, "2")
    assert not dialog.trust.isChecked()
    assert not dialog.begin.isEnabled()
    assert not (net.parent / "has-run").exists()


def test_what_is_wrong_with_the_source_or_the_sizes_is_told_at_once(dialog: ImportDialog, net: Path) -> None:
    dialog.source.setText("nowhere.py:Net")
    assert "there is none" in dialog.note.text()
    dialog.source.setText(f"{net}:Net")
    assert not dialog.note.isVisible()
    dialog.sizes.setText("3xa")
    assert "sizes of one sample" in dialog.note.text()
    assert not dialog.begin.isEnabled()


def test_a_network_is_imported_and_opened_with_its_weights(app: App, dialog: ImportDialog, qtbot, net: Path) -> None:
    filing = app.filing
    filing.ask_save = lambda _name: "discard"
    found: list[Imported] = []
    dialog.job.done.connect(found.append)
    dialog.source.setText(f"{net}:Net")
    dialog.trust.setChecked(True)
    with qtbot.waitSignal(dialog.job.done, timeout=60_000):
        qtbot.mouseClick(dialog.begin, Qt.MouseButton.LeftButton)
        assert dialog.close_.text() == "Cancel import"
    assert (net.parent / "has-run").exists()
    assert filing.document is not None
    assert filing.document.modified
    assert [node.name for node in filing.document.project.graph.nodes.values()] == ["x", "first", "renorm", "last"]
    assert app.projects.front.held.weights_file() == found[0].weights
    assert "Net is open" in dialog.message._title.text()
    assert "Kept as Python code: renorm" in dialog.report.toPlainText()


def test_cancel_ends_the_process_and_an_error_is_shown(dialog: ImportDialog, qtbot, net: Path) -> None:
    dialog.source.setText(f"{net}:Net")
    dialog.trust.setChecked(True)
    qtbot.mouseClick(dialog.begin, Qt.MouseButton.LeftButton)
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.job.is_busy
    assert dialog.isVisible()
    assert "Cancelled" in dialog.message._title.text()
    dialog.job.failed.emit(ExchangeError("a thing was wanted", "none came", "net.py", "Mend it."))
    assert "Not imported" in dialog.message._title.text()
