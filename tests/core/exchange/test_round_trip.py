"""Import, export as Python, import again: the graph is the same, and so is what it gives."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from core.exchange.drawing import drawn
from core.exchange.matching import plain
from core.exchange.modules import Example, traced
from core.exchange.python import write_model
from core.graph import BLOCK, BLOCK_INPUT, BLOCK_OUTPUT, Graph
from core.project import Project
from core.reading import read
from tests.core.exchange.rebuilding import assert_same, imported, stirred, weights
from tests.core.exchange.test_architectures import CASES

NAMES = ["VGG-11", "ResNet-18", "U-Net", "ViT-Tiny", "GPT-2-tiny"]


class Gated(nn.Module):
    """Arithmetic with numbers: 1 - g is one node, and stays it; g * 2, which two read, is not joined with the sum."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = nn.Linear(8, 8)
        self.turn = nn.Linear(8, 8)

    def forward(self, x: Tensor) -> Tensor:
        gate = torch.sigmoid(self.gate(x))
        twice = gate * 2
        return gate * self.turn(x) + (1 - gate) * x + (twice + 1) * twice * 0.5 - 3


FORMS = {**CASES, "gated": (Gated, {"x": Example((8,))})}


def looks(project: Project, graph: Graph) -> list[object]:
    """What is in a graph and how it is wired, whatever nodes and blocks are called."""
    places: dict[str, object] = {}
    found: list[object] = []
    for place, node in enumerate(graph.nodes.values()):
        inside = looks(project, project.blocks[node.block].graph) if node.kind == BLOCK else []
        params = () if node.kind in (BLOCK, BLOCK_INPUT, BLOCK_OUTPUT) else node.params
        found.append((node.kind, params, node.repeat, inside))
        places[node.id] = place
    wires = [(places[edge.source], places[edge.target], edge.order) for edge in graph.edges.values()]
    return [*found, sorted(wires)]  # type: ignore[type-var]  # numbers, all of them


def written(project: Project, folder: Path) -> nn.Module:
    """The project as a module of the code that is exported."""
    path = folder / "written.py"
    write_model(read(project), path)
    spec = importlib.util.spec_from_file_location("written", path)
    assert spec is not None
    assert spec.loader is not None
    space = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(space)
    classes = [value for value in vars(space).values() if isinstance(value, type) and value.__module__ == "written"]
    made = classes[-1]()
    assert isinstance(made, nn.Module)
    return made.eval()


@pytest.mark.parametrize("name", [*NAMES, "gated"])
def test_import_export_import_gives_an_equal_graph(name: str, tmp_path: Path) -> None:
    make, examples = FORMS[name]
    torch.manual_seed(0)
    module = stirred(make())
    first = imported(module, examples, "net")
    again = written(first.project, tmp_path)
    again.load_state_dict({plain(key): tensor for key, tensor in weights(first).items()})
    second = drawn(traced(again, examples, "net"))
    assert looks(second.project, second.project.graph) == looks(first.project, first.project.graph)
    assert_same(module, second, examples)
