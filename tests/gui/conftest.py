"""A whole window for tests: its own settings, folders and recovery, and the one warm engine of the test run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication

import resources
from core.document import Document
from core.engine.client import Engine, Notice
from core.engine.messages import Ready, Request
from core.files import load
from gui.app import App
from gui.engine_bridge import EngineBridge
from gui.fonts import load_fonts
from gui.preferences import Preferences

TEMPLATES = Path(resources.__file__).parent / "templates"


class SharedEngine:
    """The warm engine of the test run, as one window sees it; closing the window leaves it alive."""

    def __init__(self, engine: Engine, wake: Callable[[], None]) -> None:
        self.engine = engine
        self._ready: list[Notice] = [Ready(torch="2.13.0+cpu", python="3.11", pid=engine.pid)]
        engine.wake = wake
        wake()

    @property
    def alive(self) -> bool:
        return self.engine.alive

    @property
    def pid(self) -> int:
        return self.engine.pid

    def send(self, request: Request) -> None:
        self.engine.send(request)

    def ask(self, kind: str, body: str = "{}", trusted: Sequence[str] = (), moment: int = -1) -> int:
        return self.engine.ask(kind, body, trusted, moment)

    def kill(self) -> None:
        raise AssertionError("Stop was not heard, so the shared engine would have been killed")

    def drain(self) -> list[Notice]:
        ready, self._ready = self._ready, []
        return ready + self.engine.drain()

    def close(self) -> None:
        self.engine.wake = lambda: None


@pytest.fixture(scope="session")
def qapp_cls() -> type[QApplication]:
    return QApplication


@pytest.fixture(scope="session")
def dressed(qapp: QApplication) -> QApplication:
    """The application with its style and fonts, as app.application makes it."""
    qapp.setStyle("Fusion")
    load_fonts()
    return qapp


@pytest.fixture
def preferences(tmp_path: Path) -> Preferences:
    return Preferences(QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat))


@pytest.fixture
def app(dressed: QApplication, qtbot, engine: Engine, preferences: Preferences, tmp_path: Path) -> Iterator[App]:
    """The window on the start page, painted, with the warm engine behind it."""
    bridge = EngineBridge(start=lambda wake, _threads: SharedEngine(engine, wake))  # type: ignore[arg-type, return-value]
    preferences.reduced_motion = True
    made = App(preferences, bridge, tmp_path / "recovery", tmp_path / "runs", questions=bridge)
    made.filing.ask_save = lambda _name: "discard"
    qtbot.addWidget(made.window)
    made.window.resize(1400, 900)
    made.start()
    qtbot.waitExposed(made.window)
    qtbot.waitUntil(lambda: made._painted)
    yield made
    made.window.close()
    made.deleteLater()


@pytest.fixture
def lenet(app: App, qtbot) -> App:
    """The same with LeNet-5 opened."""
    return opened(app, qtbot, "lenet5")


def opened(app: App, qtbot, template: str) -> App:
    """The window with this template, its monitors attached."""
    app.filing.take(Document(load(TEMPLATES / f"{template}.chain")))
    qtbot.waitUntil(lambda: app.workspace is not None and app.workspace.feed is not None)
    return app
