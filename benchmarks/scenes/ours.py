"""Our window on a project file, with every panel alive: the tabs to build, or the monitors to train."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QPoint, QPointF
from PySide6.QtWidgets import QApplication

from benchmarks.scenes.times import Time, framed, settle
from core.files import save
from core.project import Project
from gui.app import App
from gui.canvas.canvas import Canvas
from gui.workspace import Workspace

SIZE = (1280, 800)
WAIT = 60.0


class Window:
    """The program's own window, offscreen."""

    def __init__(self, folder: Path, docks: str = "build") -> None:
        self._folder = folder
        self.app = App(recovery=folder / "recovery", runs=folder / "runs")
        self.app.filing.ask_save = lambda _name: "discard"
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
