"""How soon the first window stands there: whole processes from their start to their first paint, in turns.

Ours is the frame, and then the start page in it; beside them an empty PySide6 window, and what importing torch costs.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[1]
EMPTY = """
import os
from PySide6.QtWidgets import QApplication, QMainWindow
class Window(QMainWindow):
    def paintEvent(self, event):
        super().paintEvent(event)
        os._exit(0)
application = QApplication([])
window = Window()
window.resize(1600, 1000)
window.show()
application.exec()
"""
OURS = """
import os
from gui.front import application, first_window
from gui.preferences import Preferences
made = application(["chainrule"])
window = first_window(Preferences())
window.painted.connect(lambda: os._exit(0))
window.show()
made.exec()
"""
PAGE = """
import os
from PySide6.QtCore import QTimer
from gui.front import application, first_window
from gui.preferences import Preferences
made = application(["chainrule"])
preferences = Preferences()
window = first_window(preferences)
def begin():
    from gui.app import App
    app = App(preferences, window=window)
    app.bridge.start = lambda: None
    app.start()
    window.repaint()
    os._exit(0)
window.painted.connect(begin)
window.show()
made.exec()
"""
TORCH = "import torch, os; os._exit(0)"


def seconds(program: str, home: str) -> float:
    """From the start of a process to its end."""
    folders = {f"XDG_{kind}_HOME": home for kind in ("CONFIG", "DATA", "STATE", "CACHE")}
    surroundings = {"QT_QPA_PLATFORM": "offscreen", **os.environ, **folders}
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=surroundings, stderr=subprocess.DEVNULL, check=True)
    return time.perf_counter() - began


def main(turns: int = 9) -> None:
    """Print the table."""
    programs = {
        "Chainrule's window": OURS,
        "with its start page": PAGE,
        "an empty PySide6 window": EMPTY,
        "import torch": TORCH,
    }
    with tempfile.TemporaryDirectory() as home:
        for program in programs.values():
            seconds(program, home)
        times = [{name: seconds(program, home) for name, program in programs.items()} for _turn in range(turns)]
    for name in programs:
        ratio = median(turn[name] / turn["an empty PySide6 window"] for turn in times)
        print(f"{name:<26}{median(turn[name] for turn in times):7.3f} s{ratio:8.2f}x")


if __name__ == "__main__":
    main()
