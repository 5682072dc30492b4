"""A script with a file of one's own is written beside the window: the same files as without one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pytest

from core.data.own import inspected
from core.document import Document
from core.errors import ChainruleError
from core.exchange.script import write_script
from core.project import Project
from core.reading import read
from gui.app import App
from gui.data.reader import DataReader
from gui.data.script_writing import ScriptWriting
from tests.core.networks import chain


@pytest.fixture
def project(table: Path) -> Project:
    learner = chain([("Linear", "line", {"out_features": 3})], "iris", "features", target="species")
    settings = inspected(table, {"target": "species", "missing": "fill"})
    return replace(learner, data=MappingProxyType({"iris": replace(settings, split="stratified")}))


def test_the_files_are_those_that_the_script_alone_would_write(
    app: App, qtbot, project: Project, tmp_path: Path
) -> None:
    app.filing.take(Document(project))
    work = app.workspace
    source, refused = work.source, []
    source.show_kind("script")
    work.editor.refused.connect(refused.append)
    (tmp_path / "pane").mkdir()
    source.choose = lambda _start: tmp_path / "pane" / "made.py"
    source.save.click()
    assert "outside its own folder" in str(refused[0])
    work.editor.own.allow([item.path for item in project.data.values()])
    written: list[tuple[Path, ...]] = []
    source.saved.connect(written.append)
    source.save.click()
    assert source.save.text() == "Saving…"
    qtbot.waitUntil(lambda: bool(written), timeout=20_000)
    (tmp_path / "alone").mkdir()
    alone = write_script(project, tmp_path / "alone" / "made.py")
    assert [path.name for path in written[0]] == [path.name for path in alone]
    assert written[0][0].read_text() == alone[0].read_text()
    with np.load(written[0][1]) as ours, np.load(alone[1]) as theirs:
        assert ours.files == theirs.files
        assert all(np.array_equal(ours[name], theirs[name], equal_nan=True) for name in ours.files)


def test_a_lost_file_is_told_and_nothing_is_written(qapp, qtbot, project: Project, table: Path, tmp_path: Path) -> None:
    table.unlink()
    reader = DataReader()
    job, failed = ScriptWriting(reader, reader), []
    job.start(read(project), tmp_path / "made.py", failed.append, failed.append)
    qtbot.waitUntil(lambda: bool(failed), timeout=20_000)
    reader.close()
    assert isinstance(failed[0], ChainruleError)
    assert not (tmp_path / "made.py").exists()
