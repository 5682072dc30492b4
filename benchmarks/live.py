"""The memory of the window's record while a run of 200 layers goes on: rows in memory, or in the run's folder.

python -m benchmarks.live [--steps N] [--layers N]: a child each, in which the engine's writer and the window's feed
take turns, and four monitors draw all of the run now and then. “Own” is memory that the process alone has; what else
is resident are pages of files, which the system takes back when it needs them.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtWidgets import QApplication

from benchmarks.monitors import EVERY, KINDS, SIZE, described, norms
from chainrule.columns import ColumnWriter
from core.engine.messages import SampleRows, StepRows
from core.runs.layout import SAMPLES, STEPS
from gui.memory import keep_freed
from gui.monitors.cursor import Cursor
from gui.theme import Themes
from gui.training.feed import Feed

AT_ONCE = 1000
"""Steps a message."""


def resident() -> tuple[float, float]:
    """MiB of this process's own memory, and of all that is resident."""
    told = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    own, whole = (int(told[name].split()[0]) / 1024 for name in ("RssAnon", "VmRSS"))
    return own, whole


def trained(folder: Path, leans: bool, layers: int, steps: int) -> None:
    """Let such a run happen, and print what it took."""
    keep_freed()
    application = QApplication([])
    feed, themes, cursor = Feed(frame=0), Themes(), Cursor()
    feed.folder = lambda: folder if leans else None
    monitors = [kind(feed, themes, cursor) for kind in KINDS]
    for monitor in monitors:
        monitor.resize(*SIZE)
        monitor.show()
    started = described(layers, steps)
    every, sampled = norms(AT_ONCE, len(started.step_columns)).astype("<f4"), norms(AT_ONCE // EVERY, layers)
    writers = ColumnWriter(folder, STEPS, every.shape[1]), ColumnWriter(folder, SAMPLES, layers)
    before, spent, longest = resident(), 0.0, 0.0
    feed.take([started])
    for first in range(1, steps, AT_ONCE):
        rows, samples = every.tobytes(), sampled.astype("<f4").tobytes()
        for writer, data in zip(writers, (rows, samples), strict=True):
            writer.append(data)
        at = np.arange(first, first + AT_ONCE, EVERY, dtype="<i8")
        begin = time.thread_time()
        feed.take([StepRows(first=first, count=AT_ONCE, data=rows), SampleRows(steps=at.tobytes(), data=samples)])
        spent += time.thread_time() - begin
        longest = max(longest, time.thread_time() - begin)
        if first % (20 * AT_ONCE) == 1:
            for monitor in monitors:
                monitor.plot.repaint()
    own, whole = resident()
    kept = feed.record.last_step if feed.record is not None else 0
    print(
        f"{'in the folder' if leans else 'in memory':<16}{kept:>11,}"
        f"{own - before[0]:>12.0f} MiB{whole - before[1]:>12.0f} MiB"
        f"{spent / steps * 1e6:>12.2f} us{longest * 1e3:>12.1f} ms"
    )
    del application


def main() -> None:
    """Print a line for each way."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=200_000)
    parser.add_argument("--layers", type=int, default=200)
    parser.add_argument("--way", choices=("folder", "memory"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.way:
        with tempfile.TemporaryDirectory(prefix="chainrule-live-") as home:
            trained(Path(home), asked.way == "folder", asked.layers, asked.steps)
        return
    print(f"{'rows':<16}{'steps kept':>11}{'own':>16}{'resident':>16}{'a step':>15}{'longest':>15}")
    for way in ("memory", "folder"):
        line = [sys.executable, "-m", "benchmarks.live", "--way", way, "--steps", str(asked.steps)]
        subprocess.run([*line, "--layers", str(asked.layers)], check=True)


if __name__ == "__main__":
    main()
