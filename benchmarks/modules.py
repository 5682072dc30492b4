"""What a step of many small layers costs: the engine's, and that of the exported module, against a hand-written one.

`python -m benchmarks.modules` prints the table: 20 and 200 Linear layers of 32 with ReLU between them, batch 16, one
thread, each case in a process of its own. All train the same weights with SGD; the engine measures nothing, as the
others do not. By hand such a network is written in two ways: every layer by its name, as it was drawn and is exported,
or as a list that a loop goes through, which spares looking the names up. The engine is held against the quicker one.
"""

from __future__ import annotations

import argparse
import itertools
import json
import subprocess
import sys
from dataclasses import asdict
from types import MappingProxyType
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from benchmarks.timing import Block, compare
from core.codegen import class_name, source
from core.data.load import LoadedData, load
from core.data.settings import DatasetSettings
from core.graph import Edge, Graph, Node
from core.lowering import lower
from core.project import Project
from core.shapes import analyse
from core.training.loop import start
from core.training.optimizers import Optimizer
from core.training.run import Job
from core.training.settings import Phase, TrainingSettings

DEPTHS = (20, 200)
CASES = (("engine", "loop", 0.95), ("exported", "names", 1.02), ("exported", "loop", 0.0))
"""What is measured, how the other one is written by hand, and the goal; 0: none."""
WIDTH = 32
BATCH = 16
RATE = 0.001


def main() -> None:
    """Print the table, or one case's figures as JSON where one is named."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--case", nargs=2, metavar=("DEPTH", "CASE"), help="one case in this process, as JSON")
    parser.add_argument("--pairs", type=int, default=41, help="pairs of blocks")
    options = parser.parse_args()
    if options.case:
        print(json.dumps(_measured(int(options.case[0]), int(options.case[1]), options.pairs)))
        return
    print(f"{'layers':<10}{'who':<12}{'by hand':<10}{'by hand':>12}{'theirs':>12}{'ratio':>8}{'cpu':>7}{'goal':>6}")
    for depth in DEPTHS:
        for place, (who, style, goal) in enumerate(CASES):
            line = [sys.executable, "-m", "benchmarks.modules", "--case", str(depth), str(place)]
            told = subprocess.run(
                [*line, "--pairs", str(options.pairs)], capture_output=True, text=True, check=True
            ).stdout
            figures = json.loads(told)
            print(
                f"{depth:<10}{who:<12}{style:<10}{figures['theirs'] * 1e6:>9.0f} us{figures['ours'] * 1e6:>9.0f} us"
                f"{figures['wall']:>8.3f}{figures['cpu']:>7.3f}{goal or '':>6}",
                flush=True,
            )


def _measured(depth: int, case: int, pairs: int) -> dict[str, Any]:
    torch.set_num_threads(1)
    project = layers(depth)
    data = load(project.data["data"])
    who, style, _goal = CASES[case]
    ours = _engine(project, data) if who == "engine" else _plain(exported(project), data)
    theirs = Deep(depth) if style == "loop" else named(depth)
    return asdict(compare(ours, _plain(theirs, data), pairs=pairs))


def layers(depth: int) -> Project:
    """So many Linear layers with ReLU between them, on the digits."""
    nodes = [Node("data", "Dataset", "data", (("dataset", "data"),)), Node("flatten", "Flatten", "flatten")]
    for place in range(1, depth):
        nodes.append(Node(f"fc{place}", "Linear", f"fc{place}", (("out_features", WIDTH),)))
        nodes.append(Node(f"relu{place}", "ReLU", f"relu{place}"))
    nodes += [Node("head", "Linear", "head", (("out_features", 10),)), Node("loss", "CrossEntropy", "loss")]
    edges = [Edge("data", "image", "flatten", "input"), Edge("data", "label", "loss", "label")]
    edges += [Edge(one.id, "output", other.id, "input") for one, other in itertools.pairwise(nodes[1:-1])]
    edges.append(Edge("head", "output", "loss", "logits"))
    phases = (Phase(optimizer=Optimizer("SGD", RATE)),)
    return Project(
        "Deep",
        Graph.of(nodes, edges),
        data=MappingProxyType({"data": DatasetSettings("digits")}),
        training=TrainingSettings(batch_size=BATCH, phases=phases),
    )


class Deep(nn.Module):
    """The same by hand."""

    def __init__(self, depth: int) -> None:
        super().__init__()
        sizes = [64, *[WIDTH] * (depth - 1)]
        self.layers = nn.ModuleList([nn.Linear(one, other) for one, other in itertools.pairwise(sizes)])
        self.head = nn.Linear(WIDTH, 10)

    def forward(self, x: Tensor) -> Tensor:
        """Scores (N, 10) of images (N, 1, 8, 8)."""
        x = torch.flatten(x, 1)
        for layer in self.layers:
            x = functional.relu(layer(x))
        return self.head(x)


def named(depth: int) -> nn.Module:
    """The same by hand, with a name for every layer."""
    sizes = [64, *[WIDTH] * (depth - 1)]
    lines = ["class Named(nn.Module):", "    def __init__(self):", "        super().__init__()"]
    lines += [f"        self.fc{place} = nn.Linear({sizes[place - 1]}, {WIDTH})" for place in range(1, depth)]
    lines += [
        f"        self.head = nn.Linear({WIDTH}, 10)",
        "    def forward(self, x):",
        "        x = torch.flatten(x, 1)",
    ]
    lines += [f"        x = functional.relu(self.fc{place}(x))" for place in range(1, depth)]
    space: dict[str, Any] = {"nn": nn, "torch": torch, "functional": functional}
    exec("\n".join([*lines, "        return self.head(x)"]), space)
    module: nn.Module = space["Named"]()
    return module


def exported(project: Project) -> nn.Module:
    """The readable module that the app writes."""
    plan = lower(project)
    space: dict[str, Any] = {}
    exec(source(project, plan, analyse(plan)), space)
    module: nn.Module = space[class_name(project)]()
    return module


def _engine(project: Project, data: LoadedData) -> Block:
    run = start(Job(project, {"data": data}, watch=False))

    def block(steps: int) -> None:
        for _ in range(steps):
            if run.batches.ended or not run.batches.permutations:
                run.batches.begin_epoch()
            run.step()
            if run.table.full:
                run.table.packed()

    return block


def _plain(model: nn.Module, data: LoadedData) -> Block:
    """The loop that one writes: indexed batches, torch's own optimizer."""
    optimizer = torch.optim.SGD(model.parameters(), lr=RATE)
    images, labels = (data.fields[name][data.train] for name in ("image", "label"))
    order = torch.Generator().manual_seed(0)
    waiting: list[Tensor] = []

    def block(steps: int) -> None:
        for _ in range(steps):
            if not waiting:
                waiting.extend(torch.randperm(len(images), generator=order).split(BATCH))
            batch = waiting.pop()
            optimizer.zero_grad()
            loss = functional.cross_entropy(model(images[batch]), labels[batch])
            loss.backward()
            optimizer.step()
            loss.item()

    return block


if __name__ == "__main__":
    main()
