"""The window's memory while a run of 200 layers goes on: its rows in memory, in the run's folder, or followed there.

python -m benchmarks.live [--steps N] [--layers N]: a child each, in which a writer and the window's feed take turns,
and four monitors draw all of the run now and then. A run that is followed is another program's, as `chainrule watch`
shows it; with ratios the gradients monitor draws update ratios, which nobody has summed up on disk. “Own” is memory
that the process alone has; what else is resident are pages of files, which the system takes back when it needs them.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import msgspec
import numpy as np
from PySide6.QtWidgets import QApplication

from benchmarks.monitors import EVERY, KINDS, SIZE, described, norms
from chainrule.columns import ColumnWriter
from core.engine.messages import AnyEvent, SampleRows, Started, StepRows
from core.runs.following import FollowedRun
from core.runs.info import RunInfo
from core.runs.layout import EVENTS, RUN, SAMPLE_STEPS, SAMPLES, STEPS
from gui.memory import keep_freed
from gui.monitors.cursor import Cursor
from gui.monitors.gradients import GradientMonitor
from gui.monitors.panel import Monitor
from gui.theme import Themes
from gui.training.feed import Feed

AT_ONCE = 1000
"""Steps a message."""
WAYS = {
    "memory": "in memory",
    "folder": "in the folder",
    "kept": "followed, kept",
    "followed": "followed",
    "ratios": "followed, ratios",
}
"""`kept` is a followed run whose rows stay where they came."""


def resident() -> tuple[float, float]:
    """MiB of this process's own memory, and of all that is resident."""
    told = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    own, whole = (int(told[name].split()[0]) / 1024 for name in ("RssAnon", "VmRSS"))
    return own, whole


class Writer:
    """Writes such a run, and says it as the engine would."""

    def __init__(self, folder: Path, started: Started) -> None:
        self._folder, self._started = folder, started
        layers = len(started.sample_columns)
        self._every = norms(AT_ONCE, len(started.step_columns)).astype("<f4").tobytes()
        self._sampled = norms(AT_ONCE // EVERY, layers).astype("<f4").tobytes()
        self._writers = ColumnWriter(folder, STEPS, len(started.step_columns)), ColumnWriter(folder, SAMPLES, layers)
        info = RunInfo(
            project="live", begun="", seed=0, threads=1, device="cpu", versions={}, data={}, started=started, script={}
        )
        (folder / RUN).write_bytes(msgspec.json.encode(info))
        (folder / EVENTS).touch()
        (folder / SAMPLE_STEPS).touch()

    def goes(self, first: int) -> list[AnyEvent]:
        """The next steps, behind `first` - 1."""
        for writer, data in zip(self._writers, (self._every, self._sampled), strict=True):
            writer.append(data)
        at = np.arange(first, first + AT_ONCE, EVERY, dtype="<i8").tobytes()
        with (self._folder / SAMPLE_STEPS).open("ab") as file:
            file.write(at)
        return [StepRows(first=first, count=AT_ONCE, data=self._every), SampleRows(steps=at, data=self._sampled)]


def trained(folder: Path, way: str, layers: int, steps: int) -> None:
    """Let such a run happen, and print what it took."""
    keep_freed()
    application = QApplication([])
    feed, themes, cursor = Feed(frame=0), Themes(), Cursor()
    feed.folder = lambda: folder if way == "folder" else None
    monitors = _shown(feed, themes, cursor, way)
    started = described(layers, steps)
    writer = Writer(folder, started)
    news = _followed(feed, folder, started, way)
    before, spent, longest = resident(), 0.0, 0.0
    for first in range(1, steps, AT_ONCE):
        said = writer.goes(first)
        begin = time.thread_time()
        feed.take(news() if news is not None else said)
        took = time.thread_time() - begin
        spent, longest = spent + took, max(longest, took)
        if first % (20 * AT_ONCE) == 1:
            for monitor in monitors:
                monitor.plot.repaint()
    own, whole = resident()
    kept = feed.record.last_step if feed.record is not None else 0
    print(
        f"{WAYS[way]:<18}{kept:>11,}"
        f"{own - before[0]:>12.0f} MiB{whole - before[1]:>12.0f} MiB"
        f"{spent / steps * 1e6:>12.2f} us{longest * 1e3:>12.1f} ms"
    )
    del application


def _shown(feed: Feed, themes: Themes, cursor: Cursor, way: str) -> list[Monitor]:
    """Four monitors, as they are seen."""
    monitors: list[Monitor] = [kind(feed, themes, cursor) for kind in KINDS]
    for monitor in monitors:
        monitor.resize(*SIZE)
        monitor.show()
        if way == "ratios" and isinstance(monitor, GradientMonitor):
            monitor.modes.choose("Update ratio")
    return monitors


def _followed(feed: Feed, folder: Path, started: Started, way: str) -> Callable[[], list[AnyEvent]] | None:
    """What tells of the news of a followed run; None where the engine tells them."""
    if way in ("memory", "folder"):
        feed.take([started])
        return None
    followed = FollowedRun(folder)
    feed.show(followed.record(), followed.paged if way != "kept" else None)
    return followed.news


def main() -> None:
    """Print a line for each way."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=200_000)
    parser.add_argument("--layers", type=int, default=200)
    parser.add_argument("--only", nargs="+", choices=WAYS, default=tuple(WAYS))
    parser.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.way:
        with tempfile.TemporaryDirectory(prefix="chainrule-live-") as home:
            trained(Path(home), asked.way, asked.layers, asked.steps)
        return
    print(f"{'rows':<18}{'steps kept':>11}{'own':>16}{'resident':>16}{'a step':>15}{'longest':>15}")
    for way in asked.only:
        line = [sys.executable, "-m", "benchmarks.live", "--way", way, "--steps", str(asked.steps)]
        subprocess.run([*line, "--layers", str(asked.layers)], check=True)


if __name__ == "__main__":
    main()
