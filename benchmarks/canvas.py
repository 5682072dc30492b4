"""What the canvas costs with many nodes: frames, opening, edits, live strips and memory, beside other node editors.

    python -m benchmarks canvas      or      python -m benchmarks.canvas [--quick] [--alone] [--only PART ...]

Ours is the whole window with inspector, live code, problems and minimap, its canvas 1280 x 800, offscreen; a frame is
the event of a real gesture and all that the window does of it at once, painting included. `cpu` is this thread's own
time, which other programs disturb less than the clock (`wall`). Others are their view alone, 1280 x 800.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median
from types import MappingProxyType

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QPoint, Qt

from benchmarks.scenes import edits, live, peers
from benchmarks.scenes.graphs import chain
from benchmarks.scenes.hand import NOTCH, Hand
from benchmarks.scenes.ours import Window, resident
from benchmarks.scenes.times import Times
from gui.front import application

COUNTS = (1_000, 10_000)
GOALS: Mapping[tuple[str, int], float] = MappingProxyType(
    {
        ("all", 1_000): 5.0,
        ("1:1", 10_000): 3.0,
        ("open", 1_000): 500.0,
        ("open", 10_000): 2_000.0,
        ("build", 1_000): 100.0,
        ("build", 10_000): 500.0,
    }
)
"""Milliseconds that a median must not exceed: with all in view, panned or dragged at 100 %, and of opening."""
FRAME, UNDO, PASTE, LIVE = 16.0, 16.0, 100.0, 8.0
"""Of any frame that is, the p95."""
Parts = Mapping[str, Callable[[argparse.Namespace], None]]


def main() -> None:
    """Print the table, or parts of it."""
    parts: Parts = {"memory": memory, "frames": frames, "opening": opening, "edits": edited, "live": strips}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="few repeats, and no 10,000 nodes")
    parser.add_argument("--alone", action="store_true", help="without the other editors")
    parser.add_argument("--only", nargs="+", choices=parts, help="these parts")
    asked = parser.parse_args()
    made = application(sys.argv[:1])
    print(f"(a loop of {speed():.0f} ms cpu: how busy, or slow, this machine is just now)")
    for name, part in parts.items():
        if asked.only is None or name in asked.only:
            part(asked)
    del made


def speed() -> float:
    """Milliseconds that a fixed piece of Python takes here and now: what the other figures are to be judged by."""
    took = []
    for _round in range(5):
        begin, kept = time.thread_time(), {}
        for index in range(100_000):
            kept[index & 1023] = (index, str(index))
        took.append((time.thread_time() - begin) * 1e3)
    return median(took)


def frames(asked: argparse.Namespace) -> None:
    """Pan, zoom and drag: with all in view, at each level of detail, and at 100 %."""
    repeats = 15 if asked.quick else 60
    for count in COUNTS[: 1 if asked.quick else None]:
        head(f"{count:,} nodes and wires, a frame", "median", "p95", "p99", "wall", *_titles(asked))
        beside = _beside(asked, count)
        with tempfile.TemporaryDirectory() as folder:
            window = Window(Path(folder))
            window.open(window.written(chain(count)), "source")
            for name, times in _gestures(window, repeats):
                goal = None if name.startswith("zoom") and count != COUNTS[0] else GOALS.get((name.split()[-1], count))
                value, limit = (times.middle, goal) if goal is not None else (times.share(0.95), FRAME)
                print(f"{name:<34}{times.columns()}{_others(beside, name)}{verdict(value, limit)}", flush=True)
            window.close()


def _gestures(window: Window, repeats: int) -> list[tuple[str, Times]]:
    view = window.canvas.view
    hand, middle = Hand(view), view.viewport().rect().center()
    fitted, found = view.zoom, list[tuple[str, Times]]()
    for name, zoom in (("all", fitted), ("34%", 0.34), ("36%", 0.36), ("70%", 0.7), ("1:1", 1.0)):
        place = window.show(zoom)
        found.append((f"drag {name}", hand.drag(place, Qt.MouseButton.LeftButton, repeats, 4)))
        window.canvas.document.undo()
        window.show(zoom)
        found.append((f"zoom {name}", hand.zoom(middle, [(NOTCH, -NOTCH)[at % 2] for at in range(repeats)])))
        window.show(zoom)
        found.append((f"pan {name}", hand.drag(middle, Qt.MouseButton.MiddleButton, repeats)))
    window.show(1.0)
    found.append(("pan on and on 1:1", hand.drag(QPoint(8, 400), Qt.MouseButton.MiddleButton, repeats, 8, True)))
    window.show(fitted)
    found.append(("from all to 1:1 by zooming", hand.zoom(middle, [NOTCH // 2] * 24)))
    return found


def _titles(asked: argparse.Namespace) -> list[str]:
    return [] if asked.alone else list(peers.EDITORS)


def _beside(asked: argparse.Namespace, count: int) -> dict[str, dict[str, list[float]]]:
    """What the other editors take, each in a process of its own; why not is told."""
    found = {}
    for name in () if asked.alone else peers.EDITORS:
        told = peers.beside(name, count, 60 if asked.quick else 600)
        if "why" in told:
            print(f"  {name} with {count:,} nodes: {told.pop('why')}")
        found[name] = told
    return found


def _others(beside: Mapping[str, Mapping[str, list[float]]], name: str) -> str:
    cells = (f"{told[name][0]:15.2f}" if name in told else f"{'–':>15}" for told in beside.values())
    return "".join(cells)


def opening(asked: argparse.Namespace) -> None:
    """From the file to the first painted frame, and of that what building the canvas takes."""
    head("opening, ms", "read", "analyse", "canvas", "whole", "wall")
    for count in COUNTS[: 1 if asked.quick else None]:
        with tempfile.TemporaryDirectory() as folder:
            window = Window(Path(folder))
            found = window.opened(chain(count), 2 if asked.quick else 5)
            cells = "".join(f"{median(column):9.1f}" for column in zip(*found, strict=True))
            whole = median(row[3] for row in found)
            built = verdict(median(row[2] for row in found), GOALS["build", count], "canvas")
            print(f"{f'{count:,} nodes':<34}{cells}{verdict(whole, GOALS['open', count], 'whole')}{built}", flush=True)
            window.close()


def edited(asked: argparse.Namespace) -> None:
    """What each kind of edit, its undo and its redo cost, and the longest turn of the loop that came after."""
    counts = (100, 1_000) if asked.quick else (100, *COUNTS)
    for count in counts:
        head(f"{count:,} nodes, ms cpu (median)", "edit", "undo", "redo", "after")
        with tempfile.TemporaryDirectory() as folder:
            window = Window(Path(folder))
            window.open(window.written(chain(count)), "source")
            for name, costs in edits.measured(window, 1 if asked.quick else 5):
                cells = "".join(f"{times.middle:9.1f}" for times in (costs.edit, costs.undo, costs.redo))
                said = verdict(costs.undo.middle, UNDO, "undo") if count == COUNTS[0] else ""
                if name == "paste a hundred":
                    said += verdict(costs.edit.middle, PASTE, "paste")
                print(f"{name:<34}{cells}{max(costs.after.cpu):9.1f}{said}", flush=True)
            window.close()


def strips(asked: argparse.Namespace) -> None:
    """Frames while a network of 200 nodes trains and the strip of every card follows."""
    head(f"{live.NODES} nodes training, a turn", "median", "p95", "p99", "wall", "longest")
    with tempfile.TemporaryDirectory() as folder:
        window = Window(Path(folder), "train")
        for name, times in live.measured(window, 2.0 if asked.quick else live.SECONDS):
            print(f"{name:<34}{times.columns()}{max(times.cpu):9.2f}{verdict(times.middle, LIVE)}", flush=True)
        window.close()


def memory(asked: argparse.Namespace) -> None:
    """Megabytes that an open graph takes, beside the window without one."""
    head("memory, MB", "window", "graph", "a node kB")
    for count in COUNTS[: 1 if asked.quick else None]:
        with tempfile.TemporaryDirectory() as folder:
            window = Window(Path(folder))
            window.open(window.written(chain(10)), "source")
            before = resident()
            window.open(window.written(chain(count)), "source")
            graph = resident() - before
            print(f"{f'{count:,} nodes':<34}{before:9.1f}{graph:9.1f}{graph / count * 1024:9.1f}", flush=True)
            window.close()


def head(title: str, *columns: str) -> None:
    """The first line of a part."""
    print(f"\n{title:<34}" + "".join(f"{name:>{15 if len(name) > 8 else 9}}" for name in columns), flush=True)


def verdict(value: float, goal: float, what: str = "") -> str:
    """Whether this stays within the goal."""
    return f"   {f'{what} ' if what else ''}{'ok' if value <= goal else 'ABOVE'} ({goal:g})"


if __name__ == "__main__":
    main()
