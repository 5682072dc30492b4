"""What watching costs: the time of a step, watched, for that of a bare loop which measures nothing.

`python -m benchmarks.watching` prints the table; each cell is made in a process of its own with one thread, the two
taking turns in blocks of at least fifty steps. Ours is the step of a run as the app trains: without watching, with the
budget that is set where nobody sets one, and with mean, deviation and zeros of every layer at every step beside the
norms. All of it by plain SGD, and the last by Adam too, for a loop with torch's own Adam as it comes. Beside it what
one would do instead, in the bare loop: norms read one by one, histograms of TensorBoard at every step, wandb.watch
(offline, all, every tenth step), where they are installed, in blocks of at least ten steps. A cell is the whole time of
all blocks for that of the bare ones, as a median would leave out the steps that are sampled, and in brackets the same
of processor time. Of Cockpit the last line says why it has no column.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter, process_time
from types import MappingProxyType

import torch
from torch import Tensor, nn

from benchmarks.modules import exported
from benchmarks.networks import CASES as NETWORKS
from benchmarks.networks import Case
from benchmarks.running import steps_of
from benchmarks.timing import Block
from core.data.load import LoadedData, load
from core.engine.launch import environment
from core.files import load as load_project
from core.project import Project
from core.training.optimizers import Optimizer, defaults
from core.training.run import Job
from core.training.settings import Phase

TEMPLATES = Path(__file__).parents[1] / "resources" / "templates"
GOALS = {"MLP 2-8-8-1, batch 10": 1.05}
GOAL, GOAL_ALL, GOAL_ADAM = 1.03, 1.15, 1.0
SMALL = ("MLP 2-8-8-1, batch 10", "MLP 20 x 64, batch 32", "LeNet-5, batch 64")
"""The networks that the goal beside Adam is for."""
STEPS, SECONDS = 50, 0.2
"""What a block has at the least."""
OTHERS_STEPS, OTHERS_SECONDS, OTHERS_PART = 10, 0.02, 3
"""The same where it is another's loop, which may be a hundred times as slow, and what part of the pairs there are."""


@dataclass(slots=True)
class Loop:
    """The bare loop, and what is called around its steps."""

    model: nn.Module
    optimizer: torch.optim.Optimizer
    loss: Callable[[Tensor, Tensor], Tensor]
    inputs: Tensor
    targets: Tensor
    size: int

    def block(self, measure: Callable[[Tensor], None] | None = None) -> Block:
        """So many steps, after whose backward pass something measures, where anything does."""
        order = self._order()

        def block(steps: int) -> None:
            for _ in range(steps):
                batch = next(order)
                self.optimizer.zero_grad()
                loss = self.loss(self.model(self.inputs[batch]), self.targets[batch])
                loss.backward()
                if measure is not None:
                    measure(loss)
                self.optimizer.step()

        return block

    def _order(self) -> Iterator[Tensor]:
        generator = torch.Generator().manual_seed(0)
        while True:
            yield from torch.randperm(len(self.inputs), generator=generator).split(self.size)


def resnet() -> Case:
    """ResNet-20 of the templates, by plain SGD; by hand it is the module that the app writes."""
    project = load_project(TEMPLATES / "resnet20.chain")
    phases = (Phase(optimizer=Optimizer("SGD", 0.01)),)
    training = replace(type(project.training)(), batch_size=32, phases=phases)
    data = MappingProxyType(dict(project.data))
    made = replace(project, data=data, training=training)
    return Case("ResNet-20, batch 32", GOAL, made, lambda: exported(made), nn.CrossEntropyLoss(), ("image", "label"))


CASES: tuple[Callable[[], Case], ...] = (*NETWORKS, resnet)


def ours(project: Project, data: dict[str, LoadedData], watch: bool = True, everything: bool = False) -> Block:
    """Steps of a run with this much watching."""
    training = replace(project.training, watch_all=everything)
    return steps_of(Job(replace(project, training=training), data, watch=watch))


def norms(loop: Loop, _stack: ExitStack) -> Block:
    """The norm of every gradient, read one by one, as a person would."""

    def measure(_loss: Tensor) -> None:
        for weight in loop.model.parameters():
            if weight.grad is not None:
                weight.grad.norm().item()

    return loop.block(measure)


def tensorboard(loop: Loop, stack: ExitStack) -> Block:
    """A histogram of every weight and every gradient at every step."""
    from tensorboardX import SummaryWriter

    writer = stack.enter_context(SummaryWriter(stack.enter_context(tempfile.TemporaryDirectory())))
    step = 0

    def measure(loss: Tensor) -> None:
        nonlocal step
        step += 1
        writer.add_scalar("loss", loss.item(), step)
        for name, weight in loop.model.named_parameters():
            writer.add_histogram(name, weight.detach().numpy(), step)
            writer.add_histogram(f"{name}.grad", weight.grad.numpy() if weight.grad is not None else [0], step)

    return loop.block(measure)


def wandb_watch(loop: Loop, stack: ExitStack) -> Block:
    """wandb.watch of weights and gradients every tenth step, offline, and the loss at every step."""
    import wandb

    folder = stack.enter_context(tempfile.TemporaryDirectory())
    run = stack.enter_context(wandb.init(project="watching", mode="offline", dir=folder))
    run.watch(loop.model, log="all", log_freq=10)
    return loop.block(lambda loss: run.log({"loss": loss.item()}))


RIVALS: dict[str, tuple[str, Callable[[Loop, ExitStack], Block]]] = {
    "norms": ("torch", norms),
    "TensorBoard": ("tensorboardX", tensorboard),
    "wandb.watch": ("wandb", wandb_watch),
}
OURS = {
    "unwatched": {"watch": False},
    "budget": {},
    "everything": {"everything": True},
    "all, Adam": {"everything": True},
}
ADAM = "all, Adam"
"""Ours with everything at every step by Adam, for the loop with torch's Adam."""
ADAM_RATE = 1e-3
"""What torch's Adam takes of itself; a rate that kills every unit would measure another network."""


def main() -> None:
    """Print the table, or one cell as JSON where one is named."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--cell", nargs=2, metavar=("CASE", "WAY"), help="one cell in this process, as JSON")
    parser.add_argument("--pairs", type=int, default=15, help="pairs of blocks")
    parser.add_argument("--cases", type=int, nargs="*", default=range(len(CASES)), help="only these networks")
    options = parser.parse_args()
    if options.cell:
        print(json.dumps(measured(int(options.cell[0]), options.cell[1], options.pairs)))
        return
    ways = [*OURS, *(name for name, (module, _make) in RIVALS.items() if importlib.util.find_spec(module))]
    print(f"{'network':<34}{'bare':>10}" + "".join(f"{way:>18}" for way in ways) + f"{'goals':>20}")
    for index in options.cases:
        told = [_child(index, way, options.pairs) for way in ways]
        cells = "".join(f"{cell['wall']:>10.3f} ({cell['cpu']:.2f})" for cell in told)
        name = str(told[0]["name"])
        goals = f"{GOALS.get(name, GOAL):.2f}, {GOAL_ALL:.2f}" + (f", {GOAL_ADAM:.2f}" if name in SMALL else "")
        print(f"{name:<34}{told[0]['bare'] * 1e6:>7.0f} us{cells}{goals:>20}", flush=True)
    print(f"Cockpit: {_cockpit()}")


def measured(number: int, way: str, pairs: int) -> dict[str, object]:
    """One cell: the whole time of the way's blocks for that of the bare loop's."""
    torch.set_num_threads(1)
    case = CASES[number]()
    if way == ADAM:
        phases = (Phase(optimizer=replace(defaults("Adam"), learning_rate=ADAM_RATE)),)
        case = replace(case, project=replace(case.project, training=replace(case.project.training, phases=phases)))
    data = {name: load(settings) for name, settings in case.project.data.items()}
    bare = _loop(case, data, adam=way == ADAM).block()
    with ExitStack() as stack:
        watched = ours(case.project, data, **OURS[way]) if way in OURS else RIVALS[way][1](_loop(case, data), stack)
        if way in OURS:
            steps = _steps_in(bare, STEPS, SECONDS)
        else:
            steps, pairs = _steps_in(bare, OTHERS_STEPS, OTHERS_SECONDS), max(pairs // OTHERS_PART, 3)
        watched(steps)
        times = [_pair(watched, bare, steps, swapped=bool(index % 2)) for index in range(pairs)]
    wall, cpu, other_wall, other_cpu = (sum(column) for column in zip(*times, strict=True))
    return {
        "name": case.name,
        "wall": wall / other_wall,
        "cpu": cpu / other_cpu,
        "bare": other_wall / (steps * pairs),
    }


def _loop(case: Case, data: dict[str, LoadedData], adam: bool = False) -> Loop:
    torch.manual_seed(0)
    model = case.module()
    loaded = next(iter(data.values()))
    inputs, targets = (loaded.fields[name][loaded.train] for name in case.fields)
    optimizer = torch.optim.Adam(model.parameters()) if adam else torch.optim.SGD(model.parameters(), lr=0.01)
    return Loop(model, optimizer, case.loss, inputs, targets, case.project.training.batch_size)


def _pair(ours: Block, theirs: Block, steps: int, swapped: bool) -> tuple[float, float, float, float]:
    if swapped:
        other = _timed(theirs, steps)
        return (*_timed(ours, steps), *other)
    return (*_timed(ours, steps), *_timed(theirs, steps))


def _timed(block: Block, steps: int) -> tuple[float, float]:
    wall, cpu = perf_counter(), process_time()
    block(steps)
    return perf_counter() - wall, process_time() - cpu


def _steps_in(block: Block, least: int, seconds: float) -> int:
    """How many steps fill the time, in tens: what happens every tenth step happens in each block as often."""
    block(5)
    took = _timed(block, 5)[0] / 5
    return max(least, 10 * round(seconds / took / 10))


def _cockpit() -> str:
    """Why Cockpit (pip install cockpit-for-pytorch) has no column here."""
    line = [sys.executable, "-c", "import cockpit"]
    told = subprocess.run(line, capture_output=True, text=True, check=False)
    if not told.returncode:
        return "it loads; it is not measured, as it needs every layer to be extended by BackPACK"
    return f"“import cockpit” says {told.stderr.strip().splitlines()[-1]}"


def _child(index: int, way: str, pairs: int) -> dict[str, float]:
    surroundings = environment(1, os.environ) | {"WANDB_SILENT": "true"}
    line = [sys.executable, "-m", "benchmarks.watching", "--cell", str(index), way, "--pairs", str(pairs)]
    told = subprocess.run(line, env=surroundings, capture_output=True, text=True, check=True)
    cell: dict[str, float] = json.loads(told.stdout.splitlines()[-1])
    return cell


if __name__ == "__main__":
    main()
