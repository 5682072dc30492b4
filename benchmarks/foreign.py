"""What `chainrule.watch` costs in a plain script: the same bare loop of modules and SGD, watched and not.

`python -m benchmarks.foreign` prints the table: with every norm at every step alone, with what goes through the layers
sampled at the default budget, and with the weights of the last steps kept besides. One thread; each case in a process
of its own, the two loops in turns.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from types import MappingProxyType

import torch
from torch import Tensor, nn
from torch.nn import functional

import chainrule
from benchmarks.networks import LeNet
from benchmarks.timing import Block, compare

NORMS, DEFAULT = 0.0, 0.03
KEEP = 20
"""Steps whose weights are kept."""
WAYS = ((NORMS, 0, "norms"), (DEFAULT, 0, "norms, samples at 3 %"), (DEFAULT, KEEP, "and weights kept"))
Made = tuple[nn.Module, Tensor, Tensor]


def mlp() -> Made:
    """20 layers of 64 units, batch 32."""
    layers = [layer for _ in range(19) for layer in (nn.Linear(64, 64), nn.ReLU())]
    return nn.Sequential(*layers, nn.Linear(64, 10)), torch.randn(32, 64), torch.randint(0, 10, (32,))


def lenet() -> Made:
    """LeNet-5, batch 64."""
    return LeNet(), torch.randn(64, 1, 28, 28), torch.randint(0, 10, (64,))


class Residual(nn.Module):
    """Two convolutions with batch norm and a way around them."""

    def __init__(self, before: int, after: int, stride: int) -> None:
        super().__init__()
        self.conv1, self.norm1 = nn.Conv2d(before, after, 3, stride, 1, bias=False), nn.BatchNorm2d(after)
        self.conv2, self.norm2 = nn.Conv2d(after, after, 3, 1, 1, bias=False), nn.BatchNorm2d(after)
        self.around = nn.Conv2d(before, after, 1, stride, bias=False) if stride > 1 else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        """Maps (N, C, H, W)."""
        y = functional.relu(self.norm1(self.conv1(x)))
        return functional.relu(self.norm2(self.conv2(y)) + self.around(x))


def resnet() -> Made:
    """ResNet-20 on pictures of 32 x 32, batch 32."""
    widths = [(16, 16, 1)] * 3 + [(16, 32, 2), (32, 32, 1), (32, 32, 1), (32, 64, 2), (64, 64, 1), (64, 64, 1)]
    stem = [nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU()]
    blocks = [Residual(*width) for width in widths]
    model = nn.Sequential(*stem, *blocks, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10))
    return model, torch.randn(32, 3, 32, 32), torch.randint(0, 10, (32,))


def transformer() -> Made:
    """4 layers of width 64 over 64 steps, batch 8."""
    layer = nn.TransformerEncoderLayer(64, 4, 256, 0.0, batch_first=True)
    model = nn.Sequential(nn.TransformerEncoder(layer, 4), nn.Flatten(), nn.Linear(64 * 64, 10))
    return model, torch.randn(8, 64, 64), torch.randint(0, 10, (8,))


CASES: Mapping[str, Callable[[], Made]] = MappingProxyType(
    {"MLP 20 x 64": mlp, "LeNet-5": lenet, "ResNet-20": resnet, "transformer, 4 layers": transformer}
)
GOAL = 1.15


def main() -> None:
    """Print the table, or one case's figures as JSON where one is named."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--case", choices=CASES)
    parser.add_argument("--budget", type=float, default=NORMS)
    parser.add_argument("--keep", type=int, default=0)
    parser.add_argument("--pairs", type=int, default=41, help="pairs of blocks")
    options = parser.parse_args()
    if options.case:
        print(json.dumps(_measured(CASES[options.case], options.budget, options.keep, options.pairs)))
        return
    print(f"{'network':<24}{'measured':<22}{'bare':>10}{'watched':>10}{'ratio':>8}{'cpu':>7}{'said':>7}{'goal':>6}")
    for name in CASES:
        for budget, keep, title in WAYS:
            print(_line(name, title, _child(name, budget, keep, options.pairs)), flush=True)


def _child(name: str, budget: float, keep: int, pairs: int) -> dict[str, float]:
    line = [sys.executable, "-m", "benchmarks.foreign", "--case", name, "--budget", str(budget), "--keep", str(keep)]
    told = subprocess.run(
        [*line, "--pairs", str(pairs)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True
    )
    figures: dict[str, float] = json.loads(told.stdout)
    return figures


def _line(name: str, title: str, told: dict[str, float]) -> str:
    return (
        f"{name:<24}{title:<22}{told['theirs'] * 1e6:>7.0f} us{told['ours'] * 1e6:>7.0f} us"
        f"{told['wall']:>8.3f}{told['cpu']:>7.3f}{1 + told['said']:>7.3f}{GOAL:>6.2f}"
    )


def _measured(make: Callable[[], Made], budget: float, keep: int, pairs: int) -> dict[str, float]:
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        bare, _ = _loop(make, None)
        watch: list[chainrule.Watch] = []
        watched, model = _loop(make, watch)
        with chainrule.watch(model[0], model[1], folder=folder, budget=budget, keep=keep) as w:
            watch.append(w)
            watched(50)  # the first twenty steps are all sampled, whatever the budget
            ratio = compare(watched, bare, pairs=pairs)
            return {**vars_of(ratio), "said": w.cost}


def vars_of(ratio: object) -> dict[str, float]:
    """The fields of a ratio."""
    return {name: getattr(ratio, name) for name in ("wall", "cpu", "ours", "theirs")}


def _loop(
    make: Callable[[], Made], watch: list[chainrule.Watch] | None
) -> tuple[Block, tuple[nn.Module, torch.optim.Optimizer]]:
    torch.manual_seed(0)
    model, inputs, targets = make()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)

    def block(steps: int) -> None:
        for _ in range(steps):
            optimizer.zero_grad()
            loss = functional.cross_entropy(model(inputs), targets)
            loss.backward()
            optimizer.step()
            if watch:
                watch[0].step(loss)

    return block, (model, optimizer)


if __name__ == "__main__":
    main()
