"""Shapes, parameters and problems of a whole network and after an edit, beside torch's own pass on its meta device."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from itertools import pairwise
from statistics import median
from time import perf_counter
from types import MappingProxyType

import torch
from PySide6.QtCore import QCoreApplication
from torch import nn

from core import planning
from core.commands.telling import table
from core.data.settings import DatasetSettings
from core.document import Document
from core.graph import Edge, Graph, InputKey, Node
from core.project import Project
from core.reading import read
from gui.memory import calm_collector
from gui.session import Editor

SIZES = (100, 1000, 10_000)
ROUNDS = 21
WHOLE_WANTED, EDIT_WANTED = 20.0, 2.0
"""Milliseconds at 1,000 layers."""
LINEAR_WITHIN = 2.0
"""How much dearer a layer may be in the largest network than in the smallest."""


def main() -> int:
    """Print the table; 1 where a wanted time was not met."""
    torch.set_num_threads(1)
    _application = QCoreApplication(sys.argv[:1])
    calm_collector()
    rows = [("layers", "whole", "a layer", "torch, meta", "ratio", "set a size", "insert a layer")]
    figures = {size: measured(size) for size in SIZES}
    for size, (whole, meta, setting, inserting) in figures.items():
        rows.append(
            (
                f"{size:,}",
                f"{whole:.2f} ms",
                f"{whole / size * 1000:.1f} µs",
                f"{meta:.0f} ms",
                f"{whole / meta:.3f}",
                f"{setting:.2f} ms",
                f"{inserting:.2f} ms",
            )
        )
    whole, _meta, setting, inserting = figures[1000]
    growth = (figures[SIZES[-1]][0] / SIZES[-1]) / (figures[SIZES[0]][0] / SIZES[0])
    fits = whole <= WHOLE_WANTED and max(setting, inserting) <= EDIT_WANTED and growth <= LINEAR_WITHIN
    print(table(rows, right=(1, 2, 3, 4, 5, 6)))
    print(
        f"wanted at 1,000 layers: whole <= {WHOLE_WANTED:.0f} ms, an edit <= {EDIT_WANTED:.0f} ms; a layer of "
        f"{SIZES[-1]:,} at most {LINEAR_WITHIN:.0f} times one of {SIZES[0]} ({growth:.2f}): {'yes' if fits else 'no'}"
    )
    return 0 if fits else 1


def measured(size: int) -> tuple[float, float, float, float]:
    """Medians in milliseconds: the whole, torch's pass, an edit of one size, an inserted layer; taking turns."""
    project = network(size)
    editor = Editor(Document(project))
    sizes, inserts = _settings(editor, size), _insertions(editor, size)
    rounds = ROUNDS if size < SIZES[-1] else 5
    times = [
        (_timed(lambda: read(project)), _timed(lambda: meta_pass(size)), next(sizes), next(inserts))
        for _round in range(rounds)
    ]
    whole, meta, setting, inserting = (median(column) for column in zip(*times, strict=True))
    return whole, meta, setting, inserting


def network(size: int) -> Project:
    """Linear and ReLU in turns, from digits to a loss: so many layers."""
    names = [f"relu{index}" if index % 2 else f"fc{index}" for index in range(size - 2)]
    layers = [Node(name, "ReLU" if name.startswith("relu") else "Linear", name) for name in names]
    nodes = [
        Node("data", "Dataset", "data", (("dataset", "digits"),)),
        Node("flatten", "Flatten", "flatten"),
        *layers,
        Node("head", "Linear", "head", (("out_features", 10),)),
        Node("loss", "CrossEntropy", "loss"),
    ]
    chain = [node.id for node in nodes[1:-1]]
    edges = [Edge(one, "output", other, "input") for one, other in pairwise(chain)]
    edges += [Edge("data", "image", "flatten", "input"), Edge("head", "output", "loss", "logits")]
    edges.append(Edge("data", "label", "loss", "label"))
    return Project(graph=Graph.of(nodes, edges), data=MappingProxyType({"digits": DatasetSettings("digits")}))


def meta_pass(size: int) -> None:
    """The same network built on torch's meta device, and one forward pass through it."""
    with torch.device("meta"):
        layers = [nn.ReLU() if index % 2 else nn.Linear(64, 64) for index in range(size - 2)]
        model = nn.Sequential(nn.Flatten(), *layers, nn.Linear(64, 10))
        loss = nn.functional.cross_entropy(model(torch.empty(32, 1, 8, 8)), torch.empty(32, dtype=torch.int64))
    assert loss.shape == ()


def _settings(editor: Editor, size: int) -> Iterator[float]:
    """Times of giving a layer amid the network another width."""
    node = f"fc{size // 2 // 2 * 2}"
    width = 64
    while True:
        width += 1
        changed = planning.set_param(editor.project, node, "out_features", width)
        yield _timed(lambda changed=changed: editor.edit("Set out_features", changed))


def _insertions(editor: Editor, size: int) -> Iterator[float]:
    """Times of putting a layer into a wire amid the network; each is taken out again."""
    key = InputKey(f"relu{size // 2 // 2 * 2 + 1}", "input")
    while True:
        changed = planning.insert(editor.project, "Dropout", key)[0]
        yield _timed(lambda changed=changed: editor.edit("Insert Dropout", changed))
        editor.document.undo()


def _timed(work: Callable[[], object]) -> float:
    began = perf_counter()
    work()
    return (perf_counter() - began) * 1000


if __name__ == "__main__":
    sys.exit(main())
