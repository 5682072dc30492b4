"""What a frame of the plots costs, beside plain pyqtgraph; and how evenly the window ticks while rows pour in.

    python benchmarks/plots.py [--quick]

Frames are drawn offscreen at 1000 x 600 after new rows came, ours and pyqtgraph's in turns. The ticks are a 16 ms timer
while 20,000 rows a second (50 layers, three quantities each) are fed in and all three monitors draw.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Callable, Iterator

import numpy as np

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pyqtgraph as pg
from PySide6.QtCore import QElapsedTimer, QEventLoop, Qt, QTimer
from PySide6.QtWidgets import QApplication, QHBoxLayout, QWidget

from core.engine.messages import RowInfo, SampleRows, Started, StepRows
from gui.memory import keep_freed
from gui.monitors.cursor import Cursor
from gui.monitors.gradients import GradientMonitor
from gui.monitors.heatmap import HeatmapMonitor
from gui.monitors.loss import LossMonitor
from gui.monitors.plot import Plot
from gui.theme import Themes
from gui.training.feed import Feed

SIZE = (1000, 600)
PLAIN = ["loss", "metric", "learning_rate", "gradient_norm"]
Frame = Callable[[], None]


def run(layers: int, steps: int) -> Started:
    """A made-up run of so many layers."""
    rows = [RowInfo(f"fc{index + 1}", f"n{index}", "Linear", "Linear", 4096) for index in range(layers)]
    per_row = [f"{quantity}:{row.path}" for row in rows for quantity in ("gradient", "weight", "update")]
    return Started(
        run="benchmark", weights=rows, outputs=rows, step_columns=PLAIN + per_row,
        sample_columns=[f"output:{row.path}" for row in rows], epochs=1, steps_per_epoch=steps, total_steps=steps,
    )  # fmt: skip


def step_rows(first: int, values: np.ndarray) -> StepRows:
    """A message of every-step rows."""
    return StepRows(first=first, count=len(values), data=values.astype("<f4").tobytes())


def sample_rows(first: int, values: np.ndarray) -> SampleRows:
    """A message of rows at successive steps."""
    steps = np.arange(first, first + len(values), dtype="<i8")
    return SampleRows(steps=steps.tobytes(), data=values.astype("<f4").tobytes())


def norms(rows: int, columns: int, seed: int = 0) -> np.ndarray:
    """Norms as a training has them: every column its own level, with noise."""
    random = np.random.default_rng(seed)
    levels = np.linspace(-7, 0, columns, dtype=np.float32)
    return 10 ** (levels + 0.3 * random.standard_normal((rows, columns), np.float32))


def shown(widget: QWidget) -> QWidget:
    """The widget as a window of its own, at the size that is measured."""
    widget.setParent(None)
    widget.resize(*SIZE)
    widget.show()
    QApplication.processEvents()
    return widget


def our_frame(plot: Plot, feed: Feed, events: Iterator[StepRows | SampleRows]) -> Frame:
    """New rows, and the plot drawn anew."""

    def frame() -> None:
        feed.take([next(events)])
        plot.repaint()

    return frame


def more_steps(first: int, columns: int) -> Iterator[StepRows]:
    """Twenty new rows a frame, for ever."""
    values = norms(20, columns)
    while True:
        yield step_rows(first, values)
        first += 20


def more_samples(first: int, columns: int) -> Iterator[SampleRows]:
    """One new row a frame, for ever."""
    values = norms(1, columns)
    while True:
        yield sample_rows(first, values)
        first += 1


def timed(frame: Frame) -> float:
    """Milliseconds of the processor: of all threads, as Qt fills large pictures in several."""
    begin = time.process_time()
    frame()
    return (time.process_time() - begin) * 1e3


def interleaved(name: str, ours: Frame, theirs: Frame, count: int, ratio: int) -> None:
    """A line of the table: `count` frames of ours, and one of theirs every `ratio` of ours."""
    for _ in range(100):
        ours()  # a long run is taken in part by part
    theirs()
    mine, other = [], []
    for number in range(count):
        mine.append(timed(ours))
        if number % ratio == 0:
            other.append(timed(theirs))
    middle, beside = statistics.median(mine), statistics.median(other)
    p95 = float(np.percentile(mine, 95))
    print(f"{name:<46}{middle:>9.2f}{p95:>9.2f}{beside:>13.2f}{beside / middle:>9.1f}x")


def curve(points: int, count: int, window: float | None = None) -> None:
    """The loss of `points` steps: all of it, or a window of it."""
    feed, themes = Feed(frame=0), Themes()
    monitor = LossMonitor(feed, themes)
    feed.take([run(0, points)])
    loss = 10 ** (0.3 * np.random.default_rng(0).standard_normal(points, np.float32))
    for first in range(0, points, 1 << 20):
        block = np.repeat(loss[first : first + (1 << 20), None], len(PLAIN), axis=1)
        feed.take([step_rows(first + 1, block)])
    shown(monitor.plot)
    monitor.plot.time = monitor.plot.time.zoomed(0, points, points, (window or points) / points)
    plain = pg.PlotWidget()
    line = plain.plot(loss)
    line.setDownsampling(auto=True, method="peak")
    line.setClipToView(True)
    shown(plain)
    if window:
        plain.setXRange(points - window, points)

    def theirs() -> None:
        line.setData(loss)
        plain.viewport().repaint()

    name = f"loss curve, {points:.0e} points" + (f", last {window:,.0f} in view" if window else "")
    interleaved(name, our_frame(monitor.plot, feed, more_steps(points + 1, len(PLAIN))), theirs, count, 10)
    monitor.plot.close(), plain.close()


def heatmap(layers: int, steps: int, count: int) -> None:
    """The heatmap of so many layers and steps."""
    feed, themes = Feed(frame=0), Themes()
    monitor = HeatmapMonitor(feed, themes)
    feed.take([run(layers, steps), sample_rows(1, norms(steps, layers))])
    shown(monitor.plot)
    plain = pg.PlotWidget()
    picture = np.log10(norms(steps, layers))
    image = pg.ImageItem(axisOrder="col-major")
    image.setLookupTable(np.array(themes.current.lut, np.uint8))
    plain.addItem(image)
    image.setImage(picture, levels=(-8, 1))
    shown(plain)

    def theirs() -> None:
        image.setImage(picture, levels=(-8, 1))
        plain.viewport().repaint()

    name = f"heatmap, {layers} layers x {steps:,} steps"
    interleaved(name, our_frame(monitor.plot, feed, more_samples(steps + 1, layers)), theirs, count, 4)
    monitor.plot.close(), plain.close()


def gradients(layers: int, steps: int, count: int) -> None:
    """A curve a layer."""
    feed, themes = Feed(frame=0), Themes()
    monitor = GradientMonitor(feed, themes)
    started = run(layers, steps)
    values = norms(steps, len(started.step_columns))
    feed.take([started, step_rows(1, values)])
    shown(monitor.plot)
    plain = pg.PlotWidget()
    logs = np.log10(values[:, 4::3])
    lines = [plain.plot(logs[:, layer]) for layer in range(layers)]
    shown(plain)

    def theirs() -> None:
        for layer, line in enumerate(lines):
            line.setData(logs[:, layer])
        plain.viewport().repaint()

    name = f"gradient curves, {layers} layers x {steps:,} steps"
    interleaved(name, our_frame(monitor.plot, feed, more_steps(steps + 1, values.shape[1])), theirs, count, 4)
    monitor.plot.close(), plain.close()


def ticks(seconds: float, layers: int = 50, rate: int = 20_000) -> None:
    """A line of the table: how far apart the ticks of a 16 ms timer are while rows pour in."""
    feed, themes, cursor = Feed(), Themes(), Cursor()
    window = QWidget()
    layout = QHBoxLayout(window)
    for kind in (LossMonitor, GradientMonitor, HeatmapMonitor):
        layout.addWidget(kind(feed, themes, cursor))
    window.resize(1292, 292)
    window.show()
    started = run(layers, 1 << 30)
    feed.take([started])
    values = norms(rate // 50, len(started.step_columns))
    samples = norms(16, layers)
    clock, loop, timer = QElapsedTimer(), QEventLoop(), QTimer(timerType=Qt.TimerType.PreciseTimer)
    gaps: list[float] = []
    state = {"rows": 0, "last": 0}

    def tick() -> None:
        now = clock.nsecsElapsed()
        gaps.append((now - state["last"]) / 1e6)
        state["last"] = now
        due = min(int(now / 1e9 * rate) - state["rows"], len(values))
        steps = step_rows(state["rows"] + 1, values[:due])
        state["rows"] += due
        feed.take([steps, sample_rows(state["rows"] - 15, samples)] if due > 16 else [steps])
        if now > seconds * 1e9:
            loop.quit()

    timer.timeout.connect(tick)
    clock.start()
    timer.start(16)
    loop.exec()
    timer.stop()
    kept = feed.record.last_step if feed.record else 0
    found = np.percentile(gaps[5:], [50, 99])
    print(
        f"\nticks of a 60 Hz window, {layers} layers x 3 at {rate:,} rows/s: median {found[0]:.1f}, "
        f"p99 {found[1]:.1f}, max {max(gaps[5:]):.1f} ms; {kept:,} of {state['rows']:,} rows kept"
    )
    window.close()


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer frames and points, to see that it runs")
    quick = parser.parse_args().quick
    keep_freed()  # as the window does
    application = QApplication.instance() or QApplication([])
    application.setQuitOnLastWindowClosed(False)
    print(f"{'ms a frame at 1000 x 600':<46}{'median':>9}{'p95':>9}{'pyqtgraph':>13}{'ratio':>10}")
    points, count = (100_000, 20) if quick else (10_000_000, 100)
    curve(points, count)
    curve(points, count, window=2_000)
    heatmap(100, 2_000 if quick else 20_000, count)
    gradients(20, 2_000, count)
    ticks(2 if quick else 15)


if __name__ == "__main__":
    main()
