"""Our window on a project file, with every panel alive: the tabs to build, or the monitors to train."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QPoint, QPointF, QSettings
from PySide6.QtWidgets import QApplication

from benchmarks.scenes.times import Time, framed, settle, timed
from core.document import Document
from core.files import load, save
from core.project import Project
from core.reading import Reading, read
from gui.app import App
from gui.canvas.canvas import Canvas
from gui.memory import uncollected
from gui.preferences import Preferences
from gui.workspace import Workspace

SIZE = (1280, 800)
WAIT = 60.0


class Window:
    """The program's own window, offscreen."""

    def __init__(self, folder: Path, docks: str = "build") -> None:
        self._folder = folder
        settings = QSettings(str(folder / "settings.ini"), QSettings.Format.IniFormat)
        self.app = App(Preferences(settings), recovery=folder / "recovery", runs=folder / "runs")
        self.app.filing.ask_save = lambda _name: "discard"
        self.app.filing.ask_stop = lambda _name: True
        self.app.window.resize(*SIZE)
        self.app.start()
        self.app.window.workbench.use_preset("train" if docks == "train" else "build")
        settle(0.5)
        self.until(lambda: self.app.bridge.is_ready)

    @property
    def work(self) -> Workspace:
        """The workspace of the open document."""
        assert self.app.workspace is not None
        return self.app.workspace

    @property
    def canvas(self) -> Canvas:
        """Its canvas."""
        return self.work.canvas

    def written(self, project: Project) -> Path:
        """The project's file."""
        path = self._folder / f"{project.name}.chain"
        save(project, path)
        return path

    def open(self, path: Path, panel: str = "") -> Time:
        """Open a file, with this dock in front; from the disk to the first painted frame of the graph."""
        took = framed(lambda: self.app.filing.open(path))
        self.app.close_others(self.app.projects.front)
        self.canvas.view.animated = False
        if panel:
            self.app.window.workbench.reveal(panel)
        settle(0.3)
        window, seen = self.app.window, self.canvas.size()
        window.resize(window.width() + SIZE[0] - seen.width(), window.height() + SIZE[1] - seen.height())
        settle(0.3)
        self.canvas.fit()
        settle(0.3)
        return took

    def opened(self, project: Project, rounds: int) -> list[tuple[float, float, float, float, float]]:
        """Of several openings: reading, analysing, the canvas, and all of it in this thread's ms and by the clock.

        All goes from the disk to the first painted frame; the parts are measured beside it, on the same file.
        """
        content, found = self.written(project).read_bytes(), []
        for number in range(rounds + 1):
            path = self._folder / f"{project.name}-{number}.chain"
            path.write_bytes(content)
            found.append(self._opened(path, project))
            self.app.close_others(self.app.projects.front)
            settle(1.0)
        return found[1:]

    def _opened(self, path: Path, project: Project) -> tuple[float, float, float, float, float]:
        reads, reading = timed(lambda: load(path)).cpu, list[Reading]()
        analyses, made = timed(lambda: reading.append(read(project))).cpu, list[Canvas]()
        with uncollected():
            builds = timed(lambda: made.append(Canvas(Document(project), self.app.themes, None, reading[0]))).cpu
        made[0].deleteLater()
        whole = framed(lambda: self.app.filing.open(path))
        return reads, analyses, builds, whole.cpu, whole.wall

    def show(self, zoom: float) -> QPoint:
        """Show the middle of the graph at this zoom, a card in the middle of the view; the place of its header."""
        scene, view = self.canvas.scene, self.canvas.view
        middle = scene.bounds().center()
        node = min(scene.nodes.values(), key=lambda item: (item.rect.center() - middle).manhattanLength())
        view.show_at(node.rect.center(), zoom)
        settle(0.2)
        return view.mapFromScene(node.rect.center() - QPointF(0, node.rect.height() / 2 - 12))

    def until(self, holds: Callable[[], bool]) -> None:
        """Let the window live until this holds."""
        end = time.perf_counter() + WAIT
        while not holds():
            if time.perf_counter() > end:
                raise SystemExit("The window did not get there in time.")
            QApplication.processEvents()
            time.sleep(0.001)

    def close(self) -> None:
        """Give it up."""
        self.app.quit()


def resident() -> float:
    """Megabytes that this process holds just now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
