"""What a training step costs: ours, with every norm measured, against a plain script's, and against a tutorial's loop.

`python -m benchmarks.step` prints the table; each case runs in a process of its own with one thread, once with the
allocator settings of the engine and once without, for both sides alike. The tutorial's loop runs in a plain Python
process, in turns with ours: once with one thread too, once with as many as torch takes of itself, both sides alike.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from subprocess import PIPE
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

from benchmarks.networks import CASES, Case
from benchmarks.running import steps_of
from benchmarks.timing import Block, Ratio, compare
from core.data.load import LoadedData, load
from core.engine.launch import ALLOCATOR, THREADS
from core.training.run import Job


def main() -> None:
    """Print the table, or one case's figures as JSON where one is named."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--case", type=int, default=-1, help="one case in this process, as JSON")
    parser.add_argument("--pairs", type=int, default=41, help="pairs of blocks")
    parser.add_argument("--tutorial", action="store_true", help="the tutorial's loop: so many steps for each line read")
    parser.add_argument("--threads", type=int, default=1, help="threads of the tutorial's loop")
    options = parser.parse_args()
    if options.tutorial:
        _serve(CASES[options.case](), options.threads)
        return
    if options.case >= 0:
        print(json.dumps(_measured(options.case, options.pairs)))
        return
    heads = (("allocator", "<10"), ("bare", ">10"), ("ours", ">10"), ("ratio", ">8"), ("cpu", ">7"), ("goal", ">6"))
    wide = (("network", "<34"), *heads, ("tutorial", ">10"), ("all cores", ">11"))
    print("".join(format(name, room) for name, room in wide))
    for index in range(len(CASES)):
        for tuned in (True, False):
            print(_line(_child(index, options.pairs, tuned), tuned), flush=True)


def _child(index: int, pairs: int, tuned: bool) -> dict[str, Any]:
    environment = _plain_environment() | dict.fromkeys(THREADS, "1")  # NumPy's products too, as the engine is started
    if tuned:
        environment |= {name: str(value) for name, value in ALLOCATOR}
    line = [sys.executable, "-m", "benchmarks.step", "--case", str(index), "--pairs", str(pairs)]
    told = subprocess.run(line, env=environment, capture_output=True, text=True, check=True)
    figures: dict[str, Any] = json.loads(told.stdout)
    return figures


def _plain_environment() -> dict[str, str]:
    names = {*THREADS, *(name for name, _value in ALLOCATOR)}
    return {name: value for name, value in os.environ.items() if name not in names}


def _line(figures: dict[str, Any], tuned: bool) -> str:
    bare = figures["bare"]
    slower = (f"{1 / each['wall']:.2f}x" if each else "-" for each in (figures["tutorial"], figures["all_cores"]))
    return (
        f"{figures['name']:<34}{'tuned' if tuned else 'plain':<10}"
        f"{bare['theirs'] * 1e6:>7.0f} us{bare['ours'] * 1e6:>7.0f} us"
        f"{bare['wall']:>8.3f}{bare['cpu']:>7.3f}{figures['target']:>6.2f}"
        "{:>10}{:>11}".format(*slower)
    )


def _measured(number: int, pairs: int) -> dict[str, Any]:
    torch.set_num_threads(1)
    case = CASES[number]()
    data = load(case.project.data["data"])
    ours = steps_of(Job(case.project, {"data": data}))
    bare = compare(ours, _bare(case, data), pairs=pairs)
    figures = {"name": case.name, "target": case.target, "bare": asdict(bare)}
    for name, threads in (("tutorial", 1), ("all_cores", os.cpu_count() or 1)):
        torch.set_num_threads(threads)
        ratio = _against_tutorial(ours, number, threads, pairs)
        figures[name] = asdict(ratio) if ratio else None
    return figures


def _against_tutorial(ours: Block, number: int, threads: int, pairs: int) -> Ratio | None:
    if not importlib.util.find_spec("tensorboardX"):
        return None
    with _elsewhere(number, threads) as theirs:
        return compare(ours, theirs, pairs=max(pairs // 4, 3))


def _bare(case: Case, data: LoadedData) -> Block:
    """Modules, loss and optimizer by hand; tensors in memory, indexed; nothing measured."""
    torch.manual_seed(0)
    model = case.module()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    inputs, targets = _tensors(case, data)
    order = _order(len(inputs), case.project.training.batch_size)

    def block(steps: int) -> None:
        for _ in range(steps):
            batch = next(order)
            optimizer.zero_grad()
            loss = case.loss(model(inputs[batch]), targets[batch])
            loss.backward()
            optimizer.step()

    return block


@contextmanager
def _elsewhere(number: int, threads: int) -> Iterator[Block]:
    """The tutorial's loop in a process of its own."""
    line = [sys.executable, "-m", "benchmarks.step", "--case", str(number), "--tutorial"]
    line += ["--threads", str(threads)]
    with subprocess.Popen(line, env=_plain_environment(), stdin=PIPE, stdout=PIPE, text=True) as process:
        told, answers = process.stdin, process.stdout
        assert told is not None  # both are pipes
        assert answers is not None

        def block(steps: int) -> None:
            print(steps, file=told, flush=True)
            answers.readline()

        yield block
        told.close()


def _serve(case: Case, threads: int) -> None:
    """So many steps of the tutorial's loop for each line that comes in, and a line when they are done."""
    torch.set_num_threads(threads)
    with tempfile.TemporaryDirectory() as folder:
        block = _tutorial(case, load(case.project.data["data"]), folder)
        for line in sys.stdin:
            block(int(line))
            print("done", flush=True)


def _tutorial(case: Case, data: LoadedData, folder: str) -> Block:
    """A DataLoader over samples, and all that ours measures as scalars of TensorBoard at every step."""
    from tensorboardX import SummaryWriter

    torch.manual_seed(0)
    model = case.module()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    loader = _endless(DataLoader(_Samples(*_tensors(case, data)), case.project.training.batch_size, shuffle=True))
    writer = SummaryWriter(folder)
    weights = {name: weight for name, weight in model.named_parameters() if weight.dim() > 1}
    step = 0

    def block(steps: int) -> None:
        nonlocal step
        for _ in range(steps):
            step += 1
            inputs, targets = next(loader)
            optimizer.zero_grad()
            outputs = model(inputs)
            loss = case.loss(outputs, targets)
            loss.backward()
            old = {name: weight.detach().clone() for name, weight in weights.items()}
            gradients = [weight.grad for weight in model.parameters() if weight.grad is not None]
            optimizer.step()
            writer.add_scalar("loss", loss.item(), step)
            writer.add_scalar("accuracy", _accuracy(outputs, targets), step)
            writer.add_scalar("learning rate", optimizer.param_groups[0]["lr"], step)
            writer.add_scalar("gradient norm", torch.nn.utils.get_total_norm(gradients).item(), step)
            for name, weight in weights.items():
                _write_norms(writer, name, weight, old[name], step)

    return block


def _accuracy(outputs: Tensor, targets: Tensor) -> float:
    right = outputs.argmax(1) == targets if targets.dim() == 1 else (outputs > 0) == (targets > 0.5)
    return right.float().mean().item()


def _write_norms(writer: Any, name: str, weight: nn.Parameter, old: Tensor, step: int) -> None:
    assert weight.grad is not None  # backward has just been
    writer.add_scalar(f"gradient/{name}", weight.grad.norm().item(), step)
    writer.add_scalar(f"weight/{name}", old.norm().item(), step)
    writer.add_scalar(f"update/{name}", (weight.detach() - old).norm().item(), step)


class _Samples(Dataset[tuple[Tensor, Tensor | int]]):
    """Samples one by one. Pictures are bytes that become an Image and then a tensor, as torchvision's MNIST does it."""

    def __init__(self, inputs: Tensor, targets: Tensor) -> None:
        self._pictures = inputs.dim() == 4
        self._inputs = (inputs[:, 0] * 255).byte() if self._pictures else inputs
        self._targets = targets

    def __len__(self) -> int:
        return len(self._targets)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor | int]:
        if not self._pictures:
            return self._inputs[index], self._targets[index]
        picture = Image.fromarray(self._inputs[index].numpy())
        pixels = torch.from_numpy(np.array(picture, np.uint8, copy=True))
        pixels = pixels.view(picture.size[1], picture.size[0], 1).permute((2, 0, 1)).contiguous()
        return pixels.to(torch.float32).div(255), int(self._targets[index])


def _tensors(case: Case, data: LoadedData) -> tuple[Tensor, Tensor]:
    first, second = case.fields
    return data.fields[first][data.train], data.fields[second][data.train]


def _order(samples: int, size: int) -> Iterator[Tensor]:
    generator = torch.Generator().manual_seed(0)
    while True:
        yield from torch.randperm(samples, generator=generator).split(size)


def _endless(loader: DataLoader[tuple[Tensor, ...]]) -> Iterator[Any]:
    while True:
        yield from loader


if __name__ == "__main__":
    main()
