"""The page of a file of one's own: figures and classes without a stall, a changed file, a lost one, one not allowed."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest
from PySide6.QtCore import Qt

from core.data.own import inspected
from core.datatrust import DataTrust
from core.document import Document
from core.files import load, save
from core.owndata import add_own
from core.project import Project
from gui.app import App
from gui.inspector_own_data import OwnDataPage
from gui.training.rate_dialog import RateDialog
from tests.core.networks import chain


@pytest.fixture
def file(table: Path, tmp_path: Path) -> Path:
    """A project beside its table."""
    path = tmp_path / "birds.chain"
    save(add_own(Project(), inspected(table, {"target": "species"}))[0], path)
    return path


def opened(app: App, file: Path) -> OwnDataPage:
    app.filing.take(Document(load(file), file))
    (node,) = app.workspace.document.project.graph.nodes
    app.workspace.canvas.select((node,))
    page = app.workspace.inspector.page
    assert isinstance(page, OwnDataPage)
    return page


def idle(app: App) -> bool:
    return not app.workspace.editor.own.reader.is_busy


def test_figures_and_classes_come_from_another_process(app: App, qtbot, file: Path) -> None:
    page = opened(app, file)
    assert page.state.text() == "Reading…"
    qtbot.waitUntil(lambda: idle(app), timeout=20_000)
    assert page.state.isHidden()
    assert [column.name for column in page.figures.columns][-2:] == ["bill", "mass"]
    bills = [39.1, 40.3, 46.5, 50.0, 46.5, 50.0, 51.3]
    assert page.figures.columns[-2].mean == pytest.approx(sum(bills) / len(bills))
    assert page.balance.accessibleName() == "Adelie: 2, Chinstrap: 3, Gentoo: 2"


def test_a_changed_file_is_told_and_reread_as_one_step(app: App, qtbot, file: Path, table: Path) -> None:
    with table.open("a") as stream:
        stream.write("Emperor,Dream,60.0,9000,large\nEmperor,Dream,61.0,9500,larger\n")
    page = opened(app, file)
    qtbot.waitUntil(lambda: idle(app), timeout=20_000)
    assert page.state.text() == "The file has changed since it was read."
    qtbot.mouseClick(page.reread, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: idle(app), timeout=20_000)
    document = app.workspace.document
    (settings,) = document.project.data.values()
    assert settings.found.samples == 9
    assert page.state.isHidden()
    assert "Emperor: 2" in page.balance.accessibleName()
    assert document.past == ("Reread birds",)
    app.workspace.undo()
    assert document.project.data["birds"].found.samples == 7


def test_a_lost_file_is_located(app: App, qtbot, file: Path, table: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    moved = tmp_path / "elsewhere" / "other.csv"
    shutil.move(table, moved)
    page = opened(app, file)
    qtbot.waitUntil(lambda: idle(app), timeout=20_000)
    assert page.state.text() == "It is not there."
    assert page.locate.isVisible()
    page.choose = lambda _lost, _folder: moved
    qtbot.mouseClick(page.locate, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: idle(app), timeout=20_000)
    assert app.workspace.document.project.data["birds"].path == str(moved)
    assert page.state.isHidden()
    assert page.figures.columns


def test_a_file_outside_the_folder_is_asked_about_before_it_is_read(
    app: App, qtbot, file: Path, table: Path, tmp_path: Path
) -> None:
    (tmp_path / "stranger").mkdir()
    theirs = tmp_path / "stranger" / "net.chain"
    own = load(file)
    learner = chain([("Linear", "line", {"out_features": 3})], "iris", "features", target="species")
    save(replace(learner, data=MappingProxyType({"iris": own.data["birds"]})), theirs)
    app.filing.take(Document(load(theirs), theirs))
    work = app.workspace
    assert not work.editor.reading.errors
    work.canvas.select(("data",))
    page = work.inspector.page
    assert isinstance(page, OwnDataPage)
    assert work.data_trusting.bar.isVisible()
    assert str(table) in work.data_trusting.bar.words
    refused: list[object] = []
    work.run.crowded.connect(refused.append)
    work.run.toggle()
    assert not work.run.state.active
    assert "outside its own folder" in str(refused[0])
    qtbot.waitUntil(lambda: work.predict is not None, timeout=20_000)
    panel = work.predict
    assert panel is not None
    panel.network.weights_file = lambda: theirs.with_suffix(".safetensors")
    assert panel.network.subject(panel.asking.subject) is None
    rates = RateDialog(app.themes, work.editor, work.line, None, False, app.window)
    assert "outside its own folder" in rates.message.words
    rates.close()
    assert not work.editor.own.reader.is_busy
    qtbot.mouseClick(page.allow, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(page.figures.columns), timeout=20_000)
    assert work.data_trusting.bar.isHidden()
    assert DataTrust().covers(str(table))
    assert panel.network.subject(panel.asking.subject) is not None
