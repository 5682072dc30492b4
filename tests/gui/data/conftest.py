"""A table of one's own, and the dialog that takes it in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from shiboken6 import isValid

from gui.app import App
from gui.data.dialog import DataDialog

TABLE = """species,island,bill,mass,remark
Adelie,Biscoe,39.1,3750,first seen
Adelie,Dream,39.5,,on the rocks
Adelie,Dream,40.3,3250,by the sea
Gentoo,Biscoe,46.5,5200,nesting
Gentoo,Biscoe,50.0,5700,alone
Gentoo,Torgersen,47.2
Chinstrap,Dream,46.5,3500,asleep
Chinstrap,Dream,50.0,3900,far away
Chinstrap,Torgersen,51.3,3650,near
"""


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "birds.csv"
    path.write_text(TABLE)
    return path


@pytest.fixture
def dialog(app: App, qtbot) -> Iterator[Callable[..., DataDialog]]:
    """Opens the dialog, with a file that has been read."""
    made: list[DataDialog] = []

    def opened(path: Path | None = None) -> DataDialog:
        app.window.actions_["add_data"].trigger()
        found = app.window.findChildren(DataDialog)[-1]
        made.append(found)
        qtbot.waitExposed(found)
        if path is not None:
            found.open_path(path)
            settled(qtbot, found)
        return found

    yield opened
    for one in made:
        if isValid(one):
            one.reader.close()


def settled(qtbot, dialog: DataDialog) -> None:
    """Wait until what was asked is answered."""
    qtbot.waitUntil(lambda: not dialog._ask_soon.isActive() and not dialog.reader.is_busy, timeout=20_000)
