"""What the templates reach: accuracy next to a plain PyTorch script, and how far gradients fall on their way back.

Slow (some minutes on one core), so no test: python -m benchmarks.accuracy
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from statistics import median

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.commands.opening import opened
from core.commands.telling import table
from core.data.load import LoadedData, load
from core.engine.messages import Failed, SampleRows, Started, Validated
from core.errors import TrainingError
from core.project import Project
from core.training.control import Control
from core.training.loop import train
from core.training.run import Job

SEEDS = range(5)
LENET_WANTED, LENET_NEAR = 0.96, 0.005
CHANCE_WITHIN = 0.05
HEALTHY_WANTED = 0.93
VANISHED, KEPT = 5.0, 2.0
"""Decades between the output gradients of the first and of the last weight layer."""


@dataclass(frozen=True, slots=True)
class Trained:
    """How a run of the app ended."""

    accuracy: float
    """On the validation part, after the last epoch."""
    decades: float
    """How far the rms of the output's gradient falls from the last weight layer to the first: the samples' median."""


def main() -> None:
    """Train everything and print the tables."""
    torch.set_num_threads(1)
    print(lenet_table())
    print()
    print(depth_table())


def lenet_table() -> str:
    """LeNet-5 by the app and by a script, seed for seed."""
    project = opened("lenet5").project
    data = {key: load(settings) for key, settings in project.data.items()}
    ours = [trained(seeded(project, seed), data).accuracy for seed in SEEDS]
    theirs = [plain_lenet(data["mnist"], seed, project.training.epochs) for seed in SEEDS]
    rows = [("LeNet-5, validation accuracy", "Chainrule", "plain script")]
    rows += [(f"seed {seed}", percent(a), percent(b)) for seed, a, b in zip(SEEDS, ours, theirs, strict=True)]
    rows.append(("median", percent(median(ours)), percent(median(theirs))))
    near = abs(median(ours) - median(theirs)) <= LENET_NEAR
    rows.append(
        (f"wanted: >= {LENET_WANTED:.0%}, within {LENET_NEAR:.1%}", said(median(ours) >= LENET_WANTED and near), "")
    )
    return table(rows, right=(1, 2))


def depth_table() -> str:
    """Twelve layers with sigmoid, and with ReLU and batch norm."""
    rows = [("twelve layers", "accuracy", "decades lost", "as wanted")]
    for name, fits in (("mlp12-sigmoid", vanishes), ("mlp12-relu-batchnorm", lives)):
        project = opened(name).project
        found = trained(project, {key: load(settings) for key, settings in project.data.items()})
        rows.append((project.name, percent(found.accuracy), f"{found.decades:.2f}", said(fits(found))))
    return table(rows, right=(1, 2, 3))


def vanishes(found: Trained) -> bool:
    """Whether it learned nothing and its gradients vanish."""
    return abs(found.accuracy - 0.1) <= CHANCE_WITHIN and found.decades >= VANISHED


def lives(found: Trained) -> bool:
    """Whether it learned and its gradients arrive."""
    return found.accuracy >= HEALTHY_WANTED and abs(found.decades) <= KEPT


def seeded(project: Project, seed: int) -> Project:
    """The project with another seed of weights and order; the split stays."""
    return replace(project, training=replace(project.training, seed=seed))


def trained(project: Project, data: Mapping[str, LoadedData]) -> Trained:
    """Train the project to its last epoch; raises TrainingError."""
    started: Started | None = None
    falls: list[float] = []
    accuracy = math.nan
    with closing(iter(train(Job(project, data), Control()))) as events:  # type: ignore[type-var]  # it is a generator
        for event in events:
            match event:
                case Started():
                    started = event
                case SampleRows() if started is not None:
                    falls += decades(started, event)
                case Validated(metric=metric) if metric is not None:
                    accuracy = metric
                case Failed(problem=problem):
                    raise TrainingError(problem.wanted, problem.came, problem.where, problem.fix)
    return Trained(accuracy, median(falls))


def decades(started: Started, rows: SampleRows) -> Iterator[float]:
    """Per sample the decades between the output gradients of the last and of the first weight layer."""
    weighted = {row.path for row in started.outputs if row.numel}
    places = [index for index, row in enumerate(started.outputs) if row.path in weighted]
    values = np.frombuffer(rows.data, np.float32).reshape(-1, len(started.sample_columns)).astype(np.float64)
    yield from np.log10(values[:, places[-1]] / values[:, places[0]]).tolist()


class LeNet(nn.Module):
    """LeNet-5 as a person would write it."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 5, padding=2)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(400, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)

    def forward(self, image: Tensor) -> Tensor:
        """Scores (N, 10) of pictures (N, 1, 28, 28)."""
        x = F.avg_pool2d(torch.tanh(self.conv1(image)), 2)
        x = F.avg_pool2d(torch.tanh(self.conv2(x)), 2)
        x = torch.tanh(self.fc1(x.flatten(1)))
        x = torch.tanh(self.fc2(x))
        scores: Tensor = self.fc3(x)
        return scores


def plain_lenet(data: LoadedData, seed: int, epochs: int) -> float:
    """Validation accuracy of a hand-written script on the same split: SGD 0.05, momentum 0.9, batch 32."""
    torch.manual_seed(seed)
    model = LeNet()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    image, label = (data.fields[name][data.train] for name in ("image", "label"))
    order = torch.Generator().manual_seed(seed)
    for _epoch in range(epochs):
        for batch in torch.randperm(len(image), generator=order).split(32):
            optimizer.zero_grad()
            F.cross_entropy(model(image[batch]), label[batch]).backward()
            optimizer.step()
    with torch.no_grad():
        right = model(data.fields["image"][data.validation]).argmax(1) == data.fields["label"][data.validation]
    return float(right.float().mean())


def percent(share: float) -> str:
    """A share as a percentage."""
    return f"{share:.2%}"


def said(holds: bool) -> str:
    """Yes or no."""
    return "yes" if holds else "NO"


if __name__ == "__main__":
    main()
