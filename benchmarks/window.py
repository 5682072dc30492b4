"""How even the window's frames are while a network trains flat out, and how soon the first point stands there.

A 60 Hz timer ticks in the real window and every tick's distance from the last is kept; the table tells their median,
p99 and maximum, each the median of three rounds: LeNet-5 and a 2-8-8-6-1 MLP, plots loaded and painted, the engine in
its own process. The first row is what the machine itself does to the ticks of an empty window.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from statistics import median, quantiles

from PySide6.QtCore import QElapsedTimer, QEventLoop, Qt, QTimer
from PySide6.QtWidgets import QApplication

from core.files import load
from core.project import Project
from gui.app import App
from gui.fonts import load_fonts

TEMPLATES = Path(__file__).parents[1] / "resources" / "templates"
SECONDS = 6.0
ROUNDS = 3
PERIOD = 16
WARM = 3.0
"""Seconds of training before ticks count: plots are loaded and painted."""


def main() -> None:
    """Print the table."""
    application = QApplication(sys.argv[:1])
    load_fonts()
    with tempfile.TemporaryDirectory() as folder:
        app = App(recovery=Path(folder) / "recovery", runs=Path(folder) / "runs")
        app.filing.ask_save = lambda _name: "discard"
        app.window.resize(1280, 800)
        app.start()
        print(f"{'while training':<22}{'p50 ms':>8}{'p99 ms':>8}{'max ms':>8}{'first point s':>15}{'steps/s':>10}")
        print(row("an empty window", rounds(), "", ""), flush=True)
        for name in ("lenet5", "spiral"):
            project = load(TEMPLATES / f"{name}.chain")
            print(measured(application, app, project, Path(folder) / f"{name}.chain"), flush=True)
        app.quit()


def measured(application: QApplication, app: App, project: Project, path: Path) -> str:
    """One row: train this project and time the window's ticks meanwhile."""
    from core.files import save

    save(replace(project, training=replace(project.training, epochs=10_000)), path)
    app.filing.open(path)
    wait(application, lambda: app.bridge.is_ready, 60)
    settle(1.0)
    began = time.perf_counter()
    app.do("train")
    wait(application, lambda: steps_drawn(app) > 0, 30)
    first = time.perf_counter() - began
    settle(WARM)
    before, started = steps_drawn(app), time.perf_counter()
    gaps = rounds()
    rate = (steps_drawn(app) - before) / (time.perf_counter() - started)
    app.do("stop")
    settle(1.0)
    return row(project.name, gaps, f"{first:.2f}", f"{rate:.0f}")


def rounds() -> list[list[float]]:
    """The ticks of several rounds."""
    return [ticks(SECONDS) for _round in range(ROUNDS)]


def row(name: str, gaps: list[list[float]], first: str, rate: str) -> str:
    """A line of the table: the rounds' medians of median, p99 and maximum."""
    middle = median(median(one) for one in gaps)
    p99 = median(quantiles(one, n=100)[98] for one in gaps)
    longest = median(max(one) for one in gaps)
    return f"{name:<22}{middle:8.1f}{p99:8.1f}{longest:8.1f}{first:>15}{rate:>10}"


def steps_drawn(app: App) -> int:
    """How many steps the record of the run on the screen has."""
    work = app.workspace
    record = work.feed.record if work is not None and work.feed is not None else None
    return 0 if record is None else record.last_step


def ticks(seconds: float) -> list[float]:
    """Milliseconds between the ticks of a precise 60 Hz timer."""
    clock, gaps = QElapsedTimer(), []
    timer = QTimer(timerType=Qt.TimerType.PreciseTimer, interval=PERIOD)

    def tick() -> None:
        gaps.append(clock.nsecsElapsed() / 1e6)
        clock.restart()

    timer.timeout.connect(tick)
    clock.start()
    timer.start()
    settle(seconds)
    timer.stop()
    return gaps[2:]


def settle(seconds: float) -> None:
    """Let the window live for so long, in Qt's own loop as a user's does."""
    loop = QEventLoop()
    QTimer.singleShot(round(seconds * 1000), loop.quit)
    loop.exec()


def wait(application: QApplication, holds: Callable[[], bool], seconds: float) -> None:
    """Let the window live until this holds."""
    end = time.perf_counter() + seconds
    while not holds():
        if time.perf_counter() > end:
            raise SystemExit("The window did not get there in time.")
        application.processEvents()
        time.sleep(0.001)


if __name__ == "__main__":
    main()
