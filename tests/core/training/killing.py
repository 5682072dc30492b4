"""A program that trains the same small network again and again, kills it with SIGKILL at random moments, and resumes.

It imports torch once and forks, as starting Python a hundred times would take minutes. It prints one JSON object.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import torch

from core.engine.messages import Event, Kept, Train
from core.files import to_text
from core.runs.layout import BEST, KEPT
from core.runs.reading import read
from core.runs.recording import recorded
from core.training import loop
from core.training.checkpoint import CHECKPOINT, WEIGHTS, read_facts, read_weights
from core.training.control import Control
from core.training.optimizers import Optimizer
from core.training.run import Job
from tests.core.training.projects import SPIRAL, classifier, loaded, node

LAYERS = [
    node("fc1", "Linear", out_features=8),
    node("bn", "BatchNorm1d"),
    node("relu", "ReLU"),
    node("drop", "Dropout", p=0.2),
    node("fc2", "Linear", out_features=2),
]
MADE = classifier(
    LAYERS, SPIRAL, "point", Optimizer("Adam", 0.01), epochs=8, batch_size=16, keep_steps=13, keep_epochs=2
)
LATER = 0.015
"""Seconds within which a run is killed after it has told of a step: a few steps and checkpoints."""


def run(folder: Path, resume: bool) -> Iterator[Event]:
    """Train into the folder, afresh or from its checkpoint."""
    checkpoint = folder / CHECKPOINT if resume else None
    request = Train(project=to_text(MADE), folder=str(folder), resume=str(checkpoint or ""))
    job = Job(MADE, loaded(MADE), folder, resume=checkpoint)
    yield from recorded(request, loop.train(job, Control()))


def trained(folder: Path, resume: bool) -> None:
    """Train to the end, and note the step of every checkpoint that is told in a file beside the folder."""
    told = os.open(folder.with_suffix(".txt"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for event in run(folder, resume):
        if isinstance(event, Kept) and event.name == "last":
            os.pwrite(told, f"{event.step:09}".encode(), 0)
    os.close(told)


def forked(work: Callable[[], None]) -> int:
    """The process that does this work."""
    child = os.fork()
    if not child:
        try:
            work()
        except BaseException as error:  # the parent reads the exit code
            sys.stderr.write(f"{error!r}\n")
            os._exit(1)
        os._exit(0)
    return child


def killed(folder: Path, step: int, later: float) -> bool:
    """Let it train until it tells of this step, and kill it so many seconds later; whether it was still at it."""
    child = forked(lambda: trained(folder, resume=False))
    told, end = folder.with_suffix(".txt"), time.monotonic() + 30
    while step and not (told.is_file() and int(told.read_text() or 0) >= step) and time.monotonic() < end:
        time.sleep(0.001)
    time.sleep(later)
    os.kill(child, signal.SIGKILL)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def lost(folder: Path) -> list[str]:
    """What is wrong with what a killed run has left."""
    wrong = []
    told = folder.with_suffix(".txt")
    text = told.read_text() if told.is_file() else ""
    file = folder / CHECKPOINT
    if not file.is_file():
        return [f"the checkpoint of step {text} is gone"] if text else []
    if read_facts(file)["step"] < int(text or 0):
        wrong.append(f"the checkpoint is older than the one told, of step {text}")
    for one in (folder / KEPT).glob("*.safetensors"):
        read_weights(one)  # raises where it is torn
    stored = read(folder)
    if len(stored.steps) < read_facts(file)["step"]:
        wrong.append("rows of steps before the checkpoint are missing")
    return wrong


def equal(folder: Path, whole: Path) -> list[str]:
    """How a resumed run's end differs from the uninterrupted one's, bit for bit."""
    wrong = []
    mine, other = read_weights(folder / WEIGHTS), read_weights(whole / WEIGHTS)
    wrong += [name for name in other if not torch.equal(mine[name], other[name])]
    losses = [read(one).steps.read(0, 0, 10**6).tobytes() for one in (folder, whole)]
    wrong += ["the losses"] if losses[0] != losses[1] else []
    names = [sorted(path.name for path in (one / KEPT).glob("*.safetensors")) for one in (folder, whole)]
    wrong += ["the checkpoints that stay"] if names[0] != names[1] or f"{BEST}.safetensors" not in names[0] else []
    for name in names[1]:
        one, two = (read_weights(place / KEPT / name) for place in (folder, whole))
        wrong += [f"{name} {key}" for key in two if not torch.equal(one[key], two[key])]
    return wrong


def main(root: Path, times: int, seed: int) -> None:
    """Kill so many runs, resume each, and tell."""
    torch.set_num_threads(1)
    loop.SAVE_EVERY = 0.0  # a checkpoint at every moment in which there can be one
    chance = random.Random(seed)
    loop.SEND_EVERY = 0.0
    trained(root / "warm", resume=False)  # torch's own first step imports for a second
    trained(root / "whole", resume=False)
    steps = len(read(root / "whole").steps)
    report = {"killed": 0, "resumed": 0, "torn": 0, "wrong": []}
    for number in range(times):
        folder = root / f"run{number}"
        report["killed"] += killed(folder, chance.randrange(steps), chance.uniform(0, LATER))
        report["torn"] += bool(list(folder.rglob("*.part"))) if folder.is_dir() else 0
        report["wrong"] += lost(folder)
        resume = (folder / CHECKPOINT).is_file()
        report["resumed"] += resume
        if os.waitpid(forked(lambda place=folder, again=resume: trained(place, again)), 0)[1]:
            report["wrong"].append(f"run {number} could not go on")
        else:
            report["wrong"] += [f"run {number}: {found}" for found in equal(folder, root / "whole")]
    sys.stdout.write(json.dumps(report))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
