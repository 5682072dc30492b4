"""Four monitors on a recorded run of 200 layers and a million steps: opening it, a frame at any zoom, and the disk.

python -m benchmarks.monitors [--steps N] [--layers N] [--size W H] [--ratio R]: ours alone, in milliseconds of the
processor's time, that of the threads that Qt fills pictures in included; what other plots take for such curves is in
`benchmarks.plots`. The last lines are frames in which only the cursor moves, or the theme or the size is another.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import msgspec
import numpy as np
from PySide6.QtWidgets import QApplication

from chainrule.columns import ColumnWriter
from core.engine.messages import Finished, RowInfo, Started
from core.runs.info import RunInfo
from core.runs.layout import EVENTS, RUN, SAMPLE_STEPS, SAMPLES, STEPS
from core.runs.reading import read
from core.runs.replaying import record_of
from gui.memory import keep_freed
from gui.monitors.cursor import Cursor
from gui.monitors.gradients import GradientMonitor
from gui.monitors.heatmap import HeatmapMonitor
from gui.monitors.loss import LossMonitor
from gui.monitors.panel import Monitor
from gui.monitors.schedule import ScheduleMonitor
from gui.theme import Themes
from gui.training.feed import Feed

SIZE = (800, 500)
"""Of each monitor: four fill a window of 1600 x 1000."""
KINDS = (LossMonitor, GradientMonitor, HeatmapMonitor, ScheduleMonitor)
EVERY = 10
"""Steps between two samples."""
PLAIN = ("loss", "metric", "learning_rate", "gradient_norm")
AT_ONCE = 1 << 14
SHARES = (1.0, 0.7, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001, 0.0001)
"""Of the run, what is in view."""


def norms(rows: int, columns: int) -> np.ndarray:
    """Norms as a training has them: every column its own level, with noise."""
    levels = np.linspace(-7, 0, columns, dtype=np.float32)
    return 10 ** (levels + 0.3 * np.random.default_rng(0).standard_normal((rows, columns), np.float32))


def described(layers: int, steps: int) -> Started:
    """The columns of a run of so many layers."""
    rows = [RowInfo(f"fc{index + 1}", f"n{index}", "Linear", "Linear", 4096) for index in range(layers)]
    per_row = [f"{quantity}:{row.path}" for row in rows for quantity in ("gradient", "weight", "update")]
    return Started(
        run="benchmark", weights=rows, outputs=rows, step_columns=[*PLAIN, *per_row],
        sample_columns=[f"output:{row.path}" for row in rows], epochs=1, steps_per_epoch=steps, total_steps=steps,
    )  # fmt: skip


def written(folder: Path, started: Started, steps: int) -> float:
    """Write such a run as the engine does; microseconds of this thread for a step."""
    info = RunInfo(
        format=2, project="benchmark", begun="", seed=0, threads=1, device="cpu", versions={}, data={}, started=started
    )
    (folder / RUN).write_bytes(msgspec.json.encode(info))
    events = (started, Finished(state="finished", step=steps, epoch=1, seconds=1))
    (folder / EVENTS).write_bytes(b"".join(msgspec.json.encode(event) + b"\n" for event in events))
    writer = ColumnWriter(folder, STEPS, len(started.step_columns))
    data = norms(AT_ONCE, len(started.step_columns)).astype("<f4").tobytes()
    row, spent = 4 * len(started.step_columns), 0.0
    for first in range(0, steps, AT_ONCE):
        part = memoryview(data)[: min(AT_ONCE, steps - first) * row]
        begin = time.thread_time()
        writer.append(part)
        spent += time.thread_time() - begin
    writer.close()
    samples = ColumnWriter(folder, SAMPLES, len(started.sample_columns))
    count = -(-steps // EVERY)
    for first in range(0, count, AT_ONCE):
        samples.append(norms(min(AT_ONCE, count - first), len(started.sample_columns)).astype("<f4").tobytes())
    samples.close()
    (folder / SAMPLE_STEPS).write_bytes((np.arange(count, dtype="<i8") * EVERY + 1).tobytes())
    return spent / steps * 1e6


def opened(folder: Path, feed: Feed, size: tuple[int, int] = SIZE) -> tuple[list[Monitor], float]:
    """The run in four monitors, each drawn; the seconds it took."""
    themes, cursor = Themes(), Cursor()
    monitors: list[Monitor] = [kind(feed, themes, cursor) for kind in KINDS]
    for monitor in monitors:
        monitor.resize(*size)
        monitor.show()
    QApplication.processEvents()
    begin = time.perf_counter()
    feed.show(record_of(read(folder)))
    for monitor in monitors:
        monitor.plot.repaint()
    return monitors, time.perf_counter() - begin


def frame(monitors: list[Monitor], begin: float, end: float) -> list[float]:
    """What each monitor takes to show these steps, in milliseconds."""
    spent = []
    for monitor in monitors:
        monitor.plot.time = monitor.plot.time.showing(*monitor.plot.extent(), begin, end)
        monitor.plot.refresh()
        spent.append(painted(monitor))
    return spent


def painted(monitor: Monitor) -> float:
    """Milliseconds for what it draws now."""
    start = time.process_time()
    monitor.plot.repaint()
    return (time.process_time() - start) * 1e3


def pointed(monitors: list[Monitor], number: int) -> list[float]:
    """What each takes for another place of the cursor that they share."""
    low, high = monitors[0].plot.extent()
    monitors[0].plot.crosshair.move(low + (high - low) * (number % 10 + 1) / 12)
    return [painted(monitor) for monitor in monitors]


def themed(monitors: list[Monitor], number: int) -> list[float]:
    """What each takes for its first frame in the other theme."""
    monitors[0].themes.use(("light", "dark")[number % 2])
    return [painted(monitor) for monitor in monitors]


def resized(monitors: list[Monitor], number: int) -> list[float]:
    """What each takes for its first frame in another size."""
    for monitor in monitors:
        monitor.plot.resize(monitor.plot.width() + (-3, 3)[number % 2], monitor.plot.height() + (-2, 2)[number % 2])
    return [painted(monitor) for monitor in monitors]


def line(name: str, found: list[list[float]]) -> None:
    """A line of the table: medians of frames."""
    medians = [statistics.median(column) for column in zip(*found, strict=True)]
    whole = statistics.median(sum(one) for one in found)
    print(f"{name:>12}" + "".join(f"{one:>18.2f}" for one in medians) + f"{whole:>10.2f}")


def table(monitors: list[Monitor], steps: int, repeats: int) -> None:
    """A line for every zoom, of frames that each show another part of the run, and one for each other kind of frame."""
    places = np.random.default_rng(0)
    print(f"{'in view':>12}" + "".join(f"{type(one).__name__:>18}" for one in monitors) + f"{'all four':>10}")
    for share in SHARES:
        wide = share * steps
        begins = places.uniform(0, steps - wide, repeats)
        line(f"{wide:,.0f}", [frame(monitors, begin, begin + wide) for begin in begins])
    for monitor in monitors:
        monitor.plot.refit()
    for name, of in (("cursor", pointed), ("theme", themed), ("size", resized)):
        line(name, [of(monitors, number) for number in range(repeats + 2)][2:])


def main() -> None:
    """Print what it comes to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=1_000_000)
    parser.add_argument("--layers", type=int, default=200)
    parser.add_argument("--repeats", type=int, default=15)
    parser.add_argument("--size", type=int, nargs=2, default=SIZE, help="pixels of each monitor")
    parser.add_argument("--ratio", default="1", help="device pixels of each of them, along a side")
    asked = parser.parse_args()
    os.environ["QT_SCALE_FACTOR"] = asked.ratio
    keep_freed()  # as the window does
    application = QApplication.instance() or QApplication([])
    with tempfile.TemporaryDirectory(prefix="chainrule-monitors-") as home:
        folder, started = Path(home), described(asked.layers, asked.steps)
        cost = written(folder, started, asked.steps)
        raw = 4 * (len(started.step_columns) * asked.steps + asked.layers * -(-asked.steps // EVERY))
        disk = sum(path.stat().st_size for path in folder.iterdir())
        print(f"{asked.layers} layers, {asked.steps:,} steps: {cost:.2f} us a step to write; "
              f"disk {disk / 2**20:,.0f} MiB, {disk / raw:.3f} of the raw rows")  # fmt: skip
        os.sync()  # what was just written is not in the way of reading it
        feed = Feed(frame=0)
        monitors, seconds = opened(folder, feed, tuple(asked.size))
        print(f"opened and drawn in {seconds:.2f} s")
        table(monitors, asked.steps, asked.repeats)
        for monitor in monitors:
            monitor.close()
    del application


if __name__ == "__main__":
    main()
