"""Files: saving, opening, refusing bad ones, keeping aside for a crash."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent

from core.document import Document
from core.errors import FileError
from core.files import load
from core.project import Project
from core.reading import read
from core.recovery import Recovery
from gui.app import App
from gui.exchange.picture import Picture, Style
from gui.preferences import Preferences
from gui.training.checkpoints import checkpoint_step
from tests.gui.conftest import TEMPLATES


def change(app: App, words: str = "changed") -> None:
    project = app.filing.document.project
    app.filing.document.edit("Change", replace(project, description=words))


def drop(app: App, path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    none = Qt.KeyboardModifier.NoModifier
    app.window.dropEvent(QDropEvent(QPointF(9, 9), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, none))


def test_a_saved_document_opens_equal_and_is_remembered(lenet: App, tmp_path: Path):
    change(lenet)
    lenet.filing.choose = lambda _purpose, _start: tmp_path / "mine"
    assert lenet.filing.save()
    path = tmp_path / "mine.chain"
    assert load(path) == lenet.filing.document.project
    assert not lenet.filing.document.modified
    assert lenet.preferences.recent == (path,)
    assert lenet.window.top.name.text() == "mine"
    assert lenet.window.top.state.text() == ""
    change(lenet) if lenet.filing.document.undo() else None
    assert lenet.window.top.state.text() == "edited"


@pytest.mark.parametrize(
    "content", [b"", b"{", b"\x00\xff\xfe\x80", b"[" * 100_000, b'{"chainrule": 999}', b'{"chainrule": 1, "nodes": 3}']
)
def test_a_bad_file_is_refused_with_a_message_and_the_document_stays(lenet: App, tmp_path: Path, content: bytes):
    before = lenet.filing.document
    path = tmp_path / "bad.chain"
    path.write_bytes(content)
    lenet.filing.open(path)
    assert lenet.filing.document is before
    bar = lenet.workspace.message
    assert bar.isVisible()
    assert bar.words.startswith("bad.chain could not be opened.")
    assert str(path) in bar.words


def test_a_missing_file_is_told_on_the_start_page_too(app: App, tmp_path: Path):
    app.filing.open(tmp_path / "nowhere.chain")
    assert app.workspace is None
    assert app.window.start_message(app.themes).isVisible()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_leaves_the_old_file_as_it_was(lenet: App, tmp_path: Path):
    folder = tmp_path / "read-only"
    folder.mkdir()
    lenet.filing.choose = lambda _purpose, _start: folder / "mine.chain"
    folder.chmod(0o500)
    assert not lenet.filing.save()
    assert lenet.workspace.message.isVisible()
    folder.chmod(0o700)


def test_a_place_that_cannot_be_written_is_told_and_the_document_stays_unsaved(lenet: App, tmp_path: Path):
    (tmp_path / "file").write_text("not a folder")
    change(lenet)
    lenet.filing.choose = lambda _purpose, _start: tmp_path / "file" / "mine.chain"
    assert not lenet.filing.save()
    assert lenet.filing.document.modified
    assert lenet.workspace.message.words.startswith("mine.chain could not be saved.")


def test_a_change_is_kept_aside_within_two_seconds_and_forgotten_when_saved(lenet: App, qtbot, tmp_path: Path):
    folder = tmp_path / "recovery"
    change(lenet)
    qtbot.waitUntil(lambda: bool(list(folder.glob("*.chain"))), timeout=2500)
    (kept,) = folder.glob("*.chain")
    assert load(kept) == lenet.filing.document.project
    lenet.filing.choose = lambda _purpose, _start: tmp_path / "mine.chain"
    lenet.filing.save()
    assert not list(folder.glob("*.chain"))


def test_no_frame_waits_for_the_copy_and_what_fails_is_told_once(lenet: App, qtbot, monkeypatch: pytest.MonkeyPatch):
    writers: list[int] = []

    def full(_recovery: Recovery, _project: Project, _path: Path | None) -> None:
        writers.append(threading.get_ident())
        raise FileError("a place to write to was wanted", "no space left on device")

    monkeypatch.setattr(Recovery, "keep", full)
    held, told = lenet.projects.front.held, list[object]()
    held.failed.connect(lambda what, error: told.append((what, error, threading.get_ident())))
    for words in ("once", "twice"):
        change(lenet, words)
        held.keep()
    qtbot.waitUntil(lambda: bool(told))
    qtbot.wait(20)
    ((what, error, teller),) = told
    assert "could not be kept aside for a crash" in what
    assert "no space left" in str(error)
    assert teller == threading.get_ident()
    assert len(writers) == 2
    assert teller not in writers


def test_what_a_killed_window_left_is_offered_and_recovered(app: App, qtbot, tmp_path: Path):
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    recovery = Recovery(tmp_path / "recovery")
    project = replace(load(TEMPLATES / "iris.chain"), description="nearly lost")
    recovery.keep(project, None)
    note = recovery.file.with_suffix(".json")
    note.write_text(note.read_text().replace(f'"pid": {os.getpid()}', f'"pid": {dead.pid}'))
    app._after_paint()
    bar = app.window.start_message(app.themes)
    qtbot.waitUntil(bar.isVisible)
    assert "was not saved" in bar.words
    bar._buttons.itemAt(0).widget().click()
    assert app.filing.document.project == project
    assert app.filing.document.modified


def test_a_file_dropped_on_the_window_is_opened(app: App, tmp_path: Path):
    path = tmp_path / "dropped.chain"
    path.write_bytes((TEMPLATES / "iris.chain").read_bytes())
    drop(app, path)
    assert app.filing.document.path == path


def test_a_changed_document_is_not_closed_without_asking(lenet: App):
    change(lenet)
    asked: list[str] = []
    lenet.filing.ask_save = lambda name: (asked.append(name), "cancel")[1]
    before = lenet.filing.document
    lenet.window.actions_["close_tab"].trigger()
    assert asked == [lenet.filing.document.project.name]
    assert lenet.filing.document is before
    lenet.filing.ask_save = lambda _name: "discard"
    lenet.window.actions_["close_tab"].trigger()
    assert lenet.filing.document is None
    assert not lenet.window.is_working


def test_recent_files_are_newest_first_and_once_each(preferences: Preferences, tmp_path: Path):
    first, second = tmp_path / "a.chain", tmp_path / "b.chain"
    for path in (first, second, first):
        preferences.remember(path)
    assert preferences.recent == (first, second)
    preferences.forget(second)
    assert preferences.recent == (first,)


def test_closing_a_document_gives_up_its_panels(lenet: App, qtbot):
    old = lenet.workspace
    gone: list[object] = []
    widgets = (*old.widgets, lenet.projects.front.page)
    for widget in widgets:
        widget.destroyed.connect(lambda: gone.append(1))
    lenet.filing.take(Document(load(TEMPLATES / "iris.chain")))
    assert lenet.close_project(lenet.projects.all[0])
    qtbot.waitUntil(lambda: len(gone) == len(widgets))
    lenet.themes.use("light")
    assert lenet.workspace is not old


def test_a_damaged_checkpoint_has_no_step(tmp_path: Path):
    (tmp_path / "checkpoint.safetensors").write_bytes(b"\xff" * 40)
    assert checkpoint_step(tmp_path / "checkpoint.safetensors") is None
    assert checkpoint_step(tmp_path) is None


def test_a_template_that_is_named_as_a_file_is_opened_as_a_new_document(app: App) -> None:
    app.filing.open(TEMPLATES / "iris.chain")
    assert app.filing.document is not None
    assert app.filing.document.path is None
    assert app.filing.document.project.name == "Iris MLP"


@pytest.mark.parametrize("suffix", ["svg", "png"])
def test_a_picture_that_is_dropped_opens_as_a_new_document_of_its_name(app: App, tmp_path: Path, suffix: str):
    project = load(TEMPLATES / "iris.chain")
    picture = tmp_path / f"flowers.{suffix}"
    picture.write_bytes(Picture(read(project), Style(scale=1.0)).drawn(suffix))
    drop(app, picture)
    document = app.filing.document
    assert document.project == replace(project, name="flowers")
    assert document.path is None
    assert picture not in app.preferences.recent


def test_a_strangers_picture_is_told_in_the_window_and_the_document_stays(lenet: App, tmp_path: Path):
    picture = tmp_path / "holiday.svg"
    picture.write_text('<!DOCTYPE svg [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><svg>&b;</svg>')
    document = lenet.filing.document
    lenet.filing.open(picture)
    assert lenet.filing.document is document
    assert lenet.workspace.message.words.startswith("holiday.svg could not be opened.")
    assert "entities" in lenet.workspace.message.words
