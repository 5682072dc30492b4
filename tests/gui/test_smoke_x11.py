"""The story once more in the real program: an X server, a window of its own process, and xdotool's mouse and keys.

A twin of the window in this process, of the same size and fed with the same events, tells where things are.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from core.files import load, save
from core.project import Project
from core.recovery import left_behind
from core.runs.reading import read, runs_in
from gui.app import App
from tests.gui.test_story import Mouse, field_of

ROOT = Path(__file__).parents[2]
SCREEN = (1600, 1000)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not (shutil.which("Xvfb") and shutil.which("xdotool")), reason="needs Xvfb and xdotool"),
]


class XMouse(Mouse):
    """Does in the real window what it does in the twin."""

    def __init__(self, app: App, qtbot: QtBot, display: str) -> None:
        super().__init__(app, qtbot)
        self.display = display
        self.window = self.found()
        self.run("windowmove", self.window, "0", "0", "windowsize", self.window, *map(str, SCREEN))
        self.run("windowfocus", self.window)

    def found(self, seconds: float = 60.0) -> str:
        """The window's number, once its title says that the file is open: before that it takes no layers.

        A search fails while there is none, and where another window goes under its eyes.
        """
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found = self.asked("search", "--onlyvisible", "--name", "drawn.*Chainrule")
            if found.returncode == 0 and found.stdout.split():
                return found.stdout.split()[0]
            time.sleep(0.1)
        raise AssertionError("the window did not come")

    def run(self, *words: str) -> str:
        done = self.asked(*words)
        assert done.returncode == 0, done.stderr
        time.sleep(0.15)
        return done.stdout

    def asked(self, *words: str) -> subprocess.CompletedProcess[str]:
        surroundings = {**os.environ, "DISPLAY": self.display}
        return subprocess.run(
            ["xdotool", *words], env=surroundings, capture_output=True, text=True, timeout=30, check=False
        )

    def place(self, widget: QWidget, at: QPoint) -> tuple[str, str]:
        spot = widget.mapTo(self.app.window, at)
        return str(spot.x()), str(spot.y())

    def drag(self, widget: QWidget, start: QPoint, end: QPoint) -> None:
        self.run("mousemove", *self.place(widget, start), "mousedown", "1")
        for share in (0.1, 0.4, 0.8, 1.0):
            self.run("mousemove", *self.place(widget, start + (end - start) * share))
        self.run("mouseup", "1")

    def click(self, widget: QWidget, at: QPoint) -> None:
        self.run("mousemove", *self.place(widget, at), "click", "1")

    def key(self, name: str) -> None:
        self.run("key", name)

    def drop(self, kind: str, x: int, y: int) -> str:
        added = super().drop(kind, x, y)
        tree = self.work.palette.tree
        end = tree.viewport().mapFromGlobal(self.work.canvas.mapToGlobal(QPoint(x, y)))
        self.drag(tree.viewport(), tree.visualRect(tree.model().index(0, 0)).center(), end)
        return added

    def type(self, field: QWidget, text: str, end: Qt.Key | None = None) -> None:
        place = field.rect().center()
        self.click(field, QPoint(min(place.x(), 90), place.y()))
        self.key("ctrl+a")
        self.run("type", "--delay", "30", text)
        if end is not None:
            self.key("Return")
        super().type(field, text, end)

    def wire(self, source: str, output: str, target: str, port: str) -> None:
        view = self.work.canvas.view.viewport()
        start, end = self.hands.port(source, "output", output), self.hands.port(target, "input", port)
        self.drag(view, start, end)
        super().wire(source, output, target, port)

    def select(self, node: str) -> None:
        self.click(self.work.canvas.view.viewport(), self.hands.card(node))
        self.hands.click(self.hands.card(node))

    def press_there(self, button: QPushButton) -> None:
        """Press the button in the real window alone."""
        self.click(button, button.rect().center())


@pytest.fixture
def display() -> Iterator[str]:
    reading, writing = os.pipe()
    size = f"{SCREEN[0]}x{SCREEN[1]}x24"
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", size, "-nolisten", "tcp"],
        pass_fds=[writing],
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    with os.fdopen(reading) as stream:
        number = stream.readline().strip()
    yield f":{number}"
    server.terminate()
    server.wait(10)


@pytest.fixture
def window(display: str, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    home = tmp_path / "home"
    file = tmp_path / "drawn.chain"
    save(Project(name="drawn"), file)
    folders = {f"XDG_{name}_HOME": str(home / name.lower()) for name in ("CONFIG", "DATA", "STATE", "CACHE")}
    surroundings = {**os.environ, **folders, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb", "HOME": str(home)}
    process = subprocess.Popen([sys.executable, "-m", "gui", str(file)], cwd=ROOT, env=surroundings)
    yield process
    process.terminate()
    process.wait(20)


def wait_for(holds: Callable[[], bool], what: str, seconds: float = 40.0) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, what
        time.sleep(0.1)


def mouse_of(app: App, qtbot: QtBot, display: str, folder: Path) -> XMouse:
    """A mouse on the real window, once it and its twin stand there."""
    twin = folder / "twin.chain"
    save(Project(name="drawn"), twin)
    app.window.resize(*SCREEN)
    app.filing.open(twin)
    qtbot.waitUntil(lambda: app.workspace is not None and app.workspace.feed is not None)
    qtbot.wait(500)  # until every panel has its size
    return XMouse(app, qtbot, display)


@pytest.mark.timeout(300)
def test_what_was_drawn_two_seconds_before_a_kill_is_offered(
    app: App, qtbot: QtBot, display: str, window: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    mouse = mouse_of(app, qtbot, display, tmp_path)
    mouse.drop("ReLU", 300, 200)
    time.sleep(2.0)
    window.kill()
    window.wait(20)
    (kept,) = left_behind(tmp_path / "home" / "state" / "chainrule" / "recovery")
    assert [node.kind for node in kept.project.graph.nodes.values()] == ["ReLU"]
    assert kept.path == tmp_path / "drawn.chain"


@pytest.mark.timeout(300)
def test_ctrl_c_in_the_terminal_ends_the_window_and_loses_nothing(
    app: App, qtbot: QtBot, display: str, window: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    mouse = mouse_of(app, qtbot, display, tmp_path)
    mouse.drop("ReLU", 300, 200)
    window.send_signal(signal.SIGINT)
    assert window.wait(20) == 128 + signal.SIGINT
    (kept,) = left_behind(tmp_path / "home" / "state" / "chainrule" / "recovery")
    assert [node.kind for node in kept.project.graph.nodes.values()] == ["ReLU"]


@pytest.mark.timeout(300)
def test_a_network_is_drawn_and_trained_in_the_real_program(
    app: App, qtbot: QtBot, display: str, window: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    file, runs = tmp_path / "drawn.chain", tmp_path / "home" / "data" / "chainrule" / "runs"
    mouse = mouse_of(app, qtbot, display, tmp_path)
    data, flatten = mouse.drop("digits", 40, 120), mouse.drop("Flatten", 250, 120)
    first, relu = mouse.drop("Linear", 460, 120), mouse.drop("ReLU", 670, 120)
    last, loss = mouse.drop("Linear", 250, 320), mouse.drop("CrossEntropy", 460, 320)
    qtbot.waitUntil(
        lambda: mouse.work.canvas.scene.nodes[data].rect.height() > 110, timeout=10_000
    )  # its pictures came
    mouse.wire(data, "image", flatten, "input")
    for source, target in ((flatten, first), (first, relu), (relu, last)):
        mouse.wire(source, "output", target, "input")
    mouse.wire(last, "output", loss, "logits")
    mouse.wire(data, "label", loss, "label")
    mouse.select(last)
    mouse.type(field_of(mouse, "out_features"), "10", Qt.Key.Key_Return)

    transport = app.window.transport
    mouse.press_there(transport.train)
    wait_for(lambda: any(len(read(folder).steps) > 50 for folder in runs_in(runs)), "no rows of a run")
    mouse.press_there(transport.train)
    (folder,) = runs_in(runs)
    time.sleep(0.5)
    stood = len(read(folder).steps)
    time.sleep(0.5)
    assert len(read(folder).steps) == stood
    mouse.type(transport.rate, "0.002", Qt.Key.Key_Return)
    mouse.press_there(transport.train)
    wait_for(lambda: len(read(folder).steps) > stood + 30, "no rows after the pause")
    mouse.press_there(transport.stop)
    wait_for(lambda: read(folder).ended, "the run did not end")
    mouse.key("ctrl+s")
    wait_for(lambda: file.with_suffix(".safetensors").is_file() and load(file).weights is not None, "nothing was saved")
    drawn, shadow = load(file), app.workspace.document.project if app.workspace else None
    assert shadow is not None
    assert drawn.graph == shadow.graph
    assert drawn.training.phases[0].optimizer.learning_rate == 0.002
    assert drawn.positions.keys() == shadow.positions.keys()
    assert window.poll() is None
