"""20,000 rows a second, 50 layers by 3 quantities, through the engine's pipe: is a row lost, does the producer wait?

    python -m benchmarks.rows [--rows N] [--seconds S]

The producer is a process of its own, as training is, and uses the engine's outbox; the reader is the window's client.
What the producer waits for is `Outbox.send`, encoding included; its longest is mostly the system's, for another
process. “Hangs” is a window that reads nothing until a second before the end.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from statistics import median

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

from core.engine.client import Engine, EngineDied, Notice
from core.engine.launch import command
from core.engine.messages import Ready, Said, StepRows
from core.engine.outbox import Outbox
from core.engine.pipe import PREAMBLE, frames, widen
from core.engine.streams import take_pipe

COLUMNS = 50 * 3
FRAME = 1 / 60


def produce(rows_per_second: int, seconds: float) -> None:
    """The child: make rows at this pace, pack them 60 times a second, and say at the end what sending cost."""
    requests, events = take_pipe()
    widen(events)
    outbox = Outbox(events)
    outbox.send_bytes(PREAMBLE)
    outbox.send(Ready())
    next(frames(requests))  # the reader's hello: both are there
    waits = send_all(outbox, rows_per_second, seconds)
    told = {"median": median(waits), "longest": max(waits), "sum": sum(waits), "spilled": outbox.spilled}
    outbox.send(Said(level="info", text=json.dumps(told)))
    outbox.close(60.0)


def send_all(outbox: Outbox, rows_per_second: int, seconds: float) -> list[float]:
    """Send rows that hold their step in every column; how long each packet's sending took."""
    total = int(rows_per_second * seconds)
    table = np.empty((rows_per_second, COLUMNS), np.float32)
    waits: list[float] = []
    began = time.perf_counter()
    step = 0
    while step < total:
        count = min(total, int((time.perf_counter() - began) * rows_per_second) + 1) - step
        for row in range(count):
            table[row] = step + row + 1
        sending = time.perf_counter()
        outbox.send(StepRows(first=step + 1, count=count, data=table[:count].tobytes()))
        waits.append(time.perf_counter() - sending)
        step += count
        time.sleep(max(0.0, FRAME - (time.perf_counter() - sending)))
    return waits


def drained(engine: Engine, still_until: float) -> list[Notice]:
    """What a window does each frame, after it has perhaps hung for a while."""
    time.sleep(max(FRAME, still_until - time.perf_counter()))
    return engine.drain()


def measured(still: float, rows: int, seconds: float) -> tuple[int, int, dict[str, float]]:
    """How many rows came, how many of them were wrong or out of order, and what the producer told."""
    engine = Engine(line=(*command(Path(__file__)), "--produce", "--rows", str(rows), "--seconds", str(seconds)))
    still_until = time.perf_counter() + still
    came = wrong = 0
    try:
        while True:
            for event in drained(engine, still_until):
                if isinstance(event, StepRows):
                    wrong += count_wrong(event, came)
                    came += event.count
                elif isinstance(event, Said):
                    return came, wrong, json.loads(event.text)
                elif isinstance(event, EngineDied):
                    sys.exit(f"the producer {event.reason}\n{event.output}")
    finally:
        engine.close()


def count_wrong(event: StepRows, came: int) -> int:
    """Rows that do not hold the step that is due, in every column."""
    values = np.frombuffer(event.data, "<f4").reshape(event.count, COLUMNS)
    due = np.arange(came + 1, came + 1 + event.count, dtype=np.float32)[:, None]
    return int((values != due).any(axis=1).sum()) + (event.first != came + 1)


def main() -> None:
    """Print one line for each kind of reader."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=20_000, help="rows a second")
    parser.add_argument("--seconds", type=float, default=15.0)
    parser.add_argument("--produce", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.produce:
        produce(chosen.rows, chosen.seconds)
        return
    print(f"{chosen.rows} rows a second of {COLUMNS} float32, for {chosen.seconds:g} s")
    print(
        f"{'reader':<20}{'rows':>8}{'lost':>6}{'wrong':>6}{'a packet':>12}{'longest':>12}{'of all':>8}{'by disk':>10}"
    )
    for name, still in (("drains each frame", 0.0), ("hangs", chosen.seconds - 1)):
        came, wrong, told = measured(still, chosen.rows, chosen.seconds)
        lost = int(chosen.rows * chosen.seconds) - came
        share = told["sum"] / chosen.seconds
        print(
            f"{name:<20}{came:>8}{lost:>6}{wrong:>6}{told['median'] * 1e3:>9.2f} ms{told['longest'] * 1e3:>9.2f} ms"
            f"{share:>8.1%}{told['spilled'] / 2**20:>7.0f} MB"
        )


if __name__ == "__main__":
    main()
