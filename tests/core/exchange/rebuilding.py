"""Imported networks, rebuilt by our own builder and held against the modules they come from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from core.build import build
from core.checks import faults, raise_first
from core.exchange.drawing import Drawn, drawn
from core.exchange.modules import Example, samples, traced
from core.files import from_text, to_text
from core.project import Project
from core.reading import read
from core.training.evaluate import predict


def stirred(module: nn.Module) -> nn.Module:
    """The module with statistics that norms had not at their start, so that a lost one shows."""
    generator = torch.Generator().manual_seed(1)
    for name, tensor in module.named_buffers():
        if name.endswith("running_mean"):
            tensor.normal_(generator=generator)
        elif name.endswith("running_var"):
            tensor.uniform_(0.5, 2, generator=generator)
    return module.eval()


def imported(module: nn.Module, examples: Mapping[str, Example], name: str = "net") -> Drawn:
    """The module as a project, after it went through a file."""
    made = drawn(traced(module, examples, name))
    again = from_text(to_text(made.project))
    assert again == made.project
    return made


def outputs(made: Drawn, inputs: Mapping[str, Tensor]) -> list[Tensor]:
    """What our own network gives, in the order of the module's outputs."""
    got = predict(made.project, weights(made), inputs)
    assert set(got) == {path for _name, path in made.outputs}
    return [got[path] for _name, path in made.outputs]


def weights(made: Drawn) -> dict[str, Tensor]:
    """Its weights as torch has them."""
    return {name: torch.from_numpy(array) for name, array in made.weights.items()}


def results(module: nn.Module, inputs: Mapping[str, Tensor]) -> list[Tensor]:
    """What the module itself gives."""
    with torch.no_grad():
        found: Any = module(**inputs)
    if isinstance(found, Tensor):
        return [found]
    return list(found.values()) if isinstance(found, dict) else list(found)


def assert_same(module: nn.Module, made: Drawn, examples: Mapping[str, Example], tolerance: float = 1e-5) -> None:
    """Equal outputs for one and for three samples."""
    for batch in (1, 3):
        inputs = samples(examples, batch)
        for got, wanted in zip(outputs(made, inputs), results(module, inputs), strict=True):
            torch.testing.assert_close(got, wanted, rtol=tolerance, atol=tolerance)


def assert_whole(module: nn.Module, made: Drawn) -> None:
    """As many parameters, the very same weights, and nothing that keeps it from running."""
    known = read(made.project)
    raise_first(faults(known.problems))
    own = sum(parameter.numel() for parameter in module.parameters())
    assert known.analysis.total_parameters == own == made.report.parameters
    network = build(known.plan, known.analysis.arguments, 0)
    network.root.load_state_dict(weights(made))
    learned = sorted((tuple(p.shape), float(p.detach().double().sum())) for p in network.root.parameters())
    wanted = sorted((tuple(p.shape), float(p.detach().double().sum())) for p in module.parameters())
    assert learned == wanted


def shown(project: Project, block: str = "") -> list[str]:
    """The nodes of a graph as text: name, kind or block's name, and repetitions."""
    found = []
    for node in project.scope(block).nodes.values():
        title = project.blocks[node.block].name if node.block else node.kind
        found.append(f"{node.name}: {title}" + (f" x{node.repeat}" if node.repeat > 1 else ""))
    return found
