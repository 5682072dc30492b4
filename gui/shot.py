"""A picture of the real window, rendered without a display: `python -m gui.shot FILE -o PNG`."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop, QSettings, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QWidget

from core.document import Document
from core.errors import ChainruleError, FileError, TrainingError
from core.files import load
from core.project import Project
from gui.app import App
from gui.front import application
from gui.preferences import Preferences
from gui.workbench import Preset

SECONDS = 600.0
"""How long training may take to reach the wanted step."""
SETTLE = 0.4
"""Seconds that plots and cards have to draw what came last."""


@dataclass(frozen=True)
class Shot:
    """What a picture shows of the window."""

    size: tuple[int, int] = (1600, 1000)
    theme: str = "dark"
    steps: int = 0
    """To be trained first, with the project's own data and seed."""
    scale: float = 1.0
    """Pixels of a point."""
    select: str = ""
    """The path of the node to select: conv1, encoder[2].conv1; one that ends in a dot opens the block before it."""
    preset: Preset = "train"
    category: str = ""
    """The only one that is open in the palette."""
    arrange: Callable[[App], None] | None = None
    """Puts the docks elsewhere before anything is trained."""
    gesture: Callable[[App], AbstractContextManager[None]] = lambda _app: nullcontext()
    """What the hand does in the window while the picture is taken, a drag that is under way for one."""


def render(source: Path | Project | None, picture: Path, shot: Shot | None = None) -> None:
    """Write a picture of the window with this project, or of the start page for None, as PNG.

    Raises TrainingError where the steps cannot be trained, FileError where the file cannot be read or written.
    """
    wanted = shot if shot is not None else Shot()
    with held_open(source, wanted) as app, wanted.gesture(app):
        wait(SETTLE)
        save(grabbed(app.window, wanted.scale), picture)


@contextmanager
def held_open(source: Path | Project | None, shot: Shot) -> Iterator[App]:
    """A window with this project, trained as the shot says; raises TrainingError where that cannot be."""
    with tempfile.TemporaryDirectory(prefix="chainrule-shot-") as folder:
        place = Path(folder)
        store = QSettings(str(place / "settings.ini"), QSettings.Format.IniFormat)
        app = App(Preferences(store), recovery=place / "recovery", runs=place / "runs")
        try:
            _prepare(app, source, shot.size, shot.theme, shot.preset)
            if shot.select:
                _select(app, shot.select)
            if shot.category and app.workspace is not None:
                app.workspace.palette.show_only(shot.category)
            if shot.arrange is not None:
                shot.arrange(app)
            if shot.steps:
                _train(app, shot.steps)
                wait_until(lambda: _is_current(app), SECONDS / 20)
            wait_until(lambda: app.bridge.is_ready, 20.0)
            wait(SETTLE)
            yield app
        finally:
            app.window.hide()
            app.quit()
            app.window.deleteLater()
            # No loop runs that would end what is given up: twenty windows with all their parts would style one another.
            QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def wait(seconds: float) -> None:
    """Let the window live so long."""
    wait_until(lambda: False, seconds)


def grabbed(window: QWidget, scale: float = 1.0) -> QImage:
    """What the window shows, at so many pixels a point; icons are sharp where Qt was started at this scale."""
    if window.devicePixelRatioF() == scale:
        return window.grab().toImage()
    image = QImage(window.size() * scale, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(scale)
    image.fill(Qt.GlobalColor.black)
    window.render(image)
    return image


def save(image: QImage, picture: Path) -> None:
    """Write the image; raises FileError."""
    if not image.save(str(picture)):
        raise FileError("a place for the picture was wanted", "it cannot be written", str(picture), "Choose another.")


def _prepare(app: App, source: Path | Project | None, size: tuple[int, int], theme: str, preset: Preset) -> None:
    app.themes.use(theme)
    app.preferences.reduced_motion = True
    app.window.resize(*size)
    app.start()
    if isinstance(source, Path) and source.is_dir():
        app.filing.watch(source)
    elif source is not None:
        project = source if isinstance(source, Project) else load(source)
        app.filing.take(Document(project, source if isinstance(source, Path) else None))
    app.window.resize(*size)
    wait(0.05)
    app.window.workbench.use_preset(preset)
    wait_until(lambda: app.workspace is None or app.workspace.feed is not None, 20.0)
    wait(0.05)
    app.window.workbench.fit_docks()
    wait(0.05)
    if app.workspace is not None:
        app.workspace.canvas.fit()


def _select(app: App, path: str) -> None:
    """Open the blocks on the way to the node and select it."""
    assert app.workspace is not None
    *blocks, name = path.split(".")
    canvas, editor = app.workspace.canvas, app.workspace.editor
    for step in blocks:
        block, _, repetition = step.rstrip("]").partition("[")
        node = editor.graph.by_name(block)
        if node is not None:
            canvas.tour.enter(node.id, int(repetition or 0))
    node = editor.graph.by_name(name)
    if node is not None:
        canvas.select((node.id,))


def _train(app: App, steps: int) -> None:
    assert app.workspace is not None
    run = app.workspace.run
    if app.workspace.editor.reading.errors:
        raise app.workspace.editor.reading.errors[0].error
    run.train_steps(steps)
    wait_until(lambda: not run.state.active or (run.state.phase == "paused" and run.state.step >= steps), SECONDS)
    if run.state.step < min(steps, run.state.total or steps):
        failure = run.state.failure
        came = failure.problem.wanted if failure is not None else f"it stands at step {run.state.step}"
        raise TrainingError(f"{steps} steps of training were wanted", came, fix="Train it in the window to see why.")


def _is_current(app: App) -> bool:
    """Whether what monitors have asked the engine for is of the newest step."""
    from gui.monitors.seen_monitor import SeenMonitor

    assert app.workspace is not None
    seen = [one for one in app.workspace.monitors.values() if isinstance(one, SeenMonitor) and one.is_shown]
    return all(one.shown_step() in (None, app.workspace.run.state.step) for one in seen)


def wait_until(until: Callable[[], bool], seconds: float) -> None:
    """Let the window live until this holds, or so long."""
    loop = QEventLoop()
    end = time.monotonic() + seconds
    while not until() and time.monotonic() < end:
        loop.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
        time.sleep(0.002)


def main(arguments: list[str]) -> int:
    """Render as the arguments say; the exit code."""
    parser = argparse.ArgumentParser(prog="chainrule shot")
    parser.add_argument("file")
    parser.add_argument("-o", "--output", required=True, type=Path)
    parser.add_argument("--size", default="1600x1000")
    parser.add_argument("--theme", default="dark")
    parser.add_argument("--train", type=int, default=0)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--select", default="")
    parser.add_argument("--preset", choices=("build", "train", "diagnose"), default="train")
    options = parser.parse_args(arguments)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    os.environ["QT_SCALE_FACTOR"] = f"{options.scale:g}"
    held = QApplication.instance() or application(["chainrule"])
    width, height = (int(side) for side in options.size.split("x"))
    source = None if options.file == "welcome" else Path(options.file)
    try:
        shot = Shot((width, height), options.theme, options.train, options.scale, options.select, preset=options.preset)
        render(source, options.output, shot)
    except ChainruleError as error:
        print(error, file=sys.stderr)  # noqa: T201  # the program's words to its caller
        return 1
    return 0 if held is not None else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
