"""An engine without torch: the real pipe, inbox, outbox and service around a run that only counts."""

from __future__ import annotations

import array
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3]))

from core.engine.streams import take_pipe

PIPE = take_pipe() if __name__ == "__main__" else (0, 0)

# ruff: noqa: E402, T201  # the pipe is taken before anything else is imported; printing is what is tried here
from core.engine.messages import (
    Answer,
    Ask,
    Event,
    Finished,
    Progress,
    Ready,
    SaveWeights,
    Started,
    StepRows,
    Train,
    WeightsSaved,
)
from core.engine.service import Service, Tell, Trade
from core.errors import TrainingError

PROGRAM = Path(__file__)
COLUMNS = 4


class Control:
    """Pause, resume, stop and the learning rate, as plainly as they can be."""

    def __init__(self) -> None:
        self.going = threading.Event()
        self.going.set()
        self.stopped = False
        self.learning_rate = 0.5

    def pause(self) -> None:
        self.going.clear()

    def resume(self, steps: int = 0, until_epoch: bool = False) -> None:
        self.going.set()

    def stop(self) -> None:
        self.stopped = True
        self.going.set()

    def set_learning_rate(self, value: float, phase: int = 0) -> None:
        if value < 0:
            raise TrainingError("a rate above 0 was wanted", f"{value} came", "Learning rate", "Choose a larger one.")
        self.learning_rate = value


def rows(first: int, count: int) -> bytes:
    """Rows whose every number tells which step it belongs to."""
    return array.array("f", [float(step) for step in range(first, first + count) for _ in range(COLUMNS)]).tobytes()


def train(request: Train, control: Control) -> Iterator[Event]:
    """Count steps in bundles until stopped, or up to the number in `project`."""
    total = int(request.project) if request.project.isdigit() else 0
    if not total:
        raise TrainingError("a number of steps was wanted", f"“{request.project}” came", "Synthetic run", "Send one.")
    columns = [str(index) for index in range(COLUMNS)]
    yield Started(
        run="synthetic",
        weights=[],
        outputs=[],
        step_columns=columns,
        sample_columns=[],
        epochs=1,
        steps_per_epoch=total,
        total_steps=total,
    )
    step = 0
    while step < total and not control.stopped:
        if not control.going.is_set():
            yield Progress(state="paused", step=step, epoch=0)
            control.going.wait(0.05)
            continue
        count = min(1000, total - step)
        yield StepRows(first=step + 1, count=count, data=rows(step + 1, count))
        step += count
        yield Progress(state="training", step=step, epoch=0, learning_rate=control.learning_rate)
        if request.paused:
            time.sleep(0.001)
    yield Finished(state="stopped" if control.stopped else "finished", step=step, epoch=1, seconds=0.0)


def answer(item: Ask | SaveWeights, tell: Tell) -> Event:
    """Do what a test needs an engine to suffer."""
    if isinstance(item, SaveWeights):
        return WeightsSaved(path=item.path, sha256="")
    body = item.body
    match item.kind:
        case "noise":
            print("a print")
            os.write(1, b"raw bytes on descriptor 1\n")
            os.system("echo from a C library")
            body = f'"{sys.stdin.readline()}"'
        case "crash":
            os.abort()
        case "fork":
            child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], close_fds=False)
            body = str(child.pid)
        case "long":
            for step in range(1000):
                tell(f"step {step}", step / 1000)
                time.sleep(0.01)
        case "raise":
            raise RuntimeError("on purpose")
        case "pid":
            body = str(os.getpid())
    return Answer(id=item.id, body=body)


if __name__ == "__main__":
    Service(
        *PIPE,
        Trade(
            lambda: Ready(pid=os.getpid()), lambda _request: Control(), train, lambda _request, events: events, answer
        ),
    ).run()
