"""Kinds tried with any of their ports wired: what the formula says beside what torch does with the same text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest
import torch
from torch import nn
from torch.nn import functional

from core.catalog import KINDS
from core.catalog.kind import LayerKind, TensorType
from core.expressions import call, target
from core.graph import Value
from core.shapes import Shapes, shapes_of
from tests.core.catalog.test_every_kind import BATCH, concrete, module_of, tensor_of

REFUSED = (RuntimeError, ValueError, IndexError, AssertionError, TypeError, UserWarning)


@dataclass
class Trial:
    """One kind with its wires."""

    kind: LayerKind
    found: Shapes
    tensors: Mapping[str, torch.Tensor]
    module: nn.Module | None = None
    training: bool = False
    outputs: dict[str, torch.Tensor] = field(default_factory=dict)

    def run(self, fast: bool = False) -> dict[str, torch.Tensor]:
        """The outputs by port, from the template of the exported code or of the engine."""
        ports: dict[str, str | tuple[str, ...]] = {port.name: "None" for port in self.kind.inputs}
        ports |= {name: (f"x_{name}",) if fast else f"x_{name}" for name in self.tensors}
        ports |= {"self": "m", "training": str(self.training), "batch": str(BATCH)}
        form = self.kind.form(self.found.arguments)
        outputs = {port.name: f"y_{port.name}" for port in self.kind.outputs}
        template = (form.fast or form.forward) if fast else form.forward
        text = f"{target(form.unpack, outputs)} = {call(self.kind, template, self.found.arguments, ports)}"
        space = {"torch": torch, "F": functional, "nn": nn, "m": self.module, "float": float, "__builtins__": {}}
        space |= {f"x_{name}": tensor for name, tensor in self.tensors.items()}
        exec(text, space)
        made = {port: space[name] for port, name in outputs.items() if name in space}
        self.outputs = {port: tensor for port, tensor in made.items() if isinstance(tensor, torch.Tensor)}
        return self.outputs


def trial(
    name: str, params: Mapping[str, Value], types: Mapping[str, TensorType], training: bool = False, seed: int = 0
) -> Trial:
    """The kind with these wires; its module is made where its sizes are known."""
    kind = KINDS[name]
    found = shapes_of(kind, tuple(sorted(params.items())), types)
    made = Trial(kind, found, {port: tensor_of(item) for port, item in types.items()}, training=training)
    if kind.module and all(
        found.arguments.get(p.name) is not None for p in kind.params if p.inferred and not p.optional
    ):
        torch.manual_seed(seed)
        made.module = module_of(kind, found)
        assert made.module is not None
        made.module.train(training)
    return made


def agrees(name: str, params: Mapping[str, Value], types: Mapping[str, TensorType]) -> Trial | None:
    """Assert that formula and torch say the same: the shapes, dtypes and parameters, or that it does not fit.

    Returns what was tried, or None where both refuse.
    """
    told = (name, params, {port: str(item.full) for port, item in types.items()})
    try:
        made = trial(name, params, types)
        results = made.run()
    except REFUSED:
        found = shapes_of(KINDS[name], tuple(sorted(params.items())), types)
        assert found.error is not None, told
        assert found.error.fix, told
        return None
    assert made.found.error is None, (told, str(made.found.error))
    assert made.found.shaped is not None
    for port, tensor in results.items():
        said = made.found.shaped.outputs[port]
        assert tuple(tensor.shape) == concrete(said), (told, port)
        assert str(tensor.dtype) == f"torch.{said.dtype}", (told, port)
    assert set(made.found.shaped.outputs) == set(results), told
    counted = sum(item.numel() for item in made.module.parameters()) if made.module is not None else 0
    assert made.found.shaped.parameters == counted, told
    return made


def refusal(name: str, params: Mapping[str, Value], types: Mapping[str, TensorType]) -> str:
    """What the user is told where it does not fit."""
    error = shapes_of(KINDS[name], tuple(sorted(params.items())), types).error
    if error is None:
        pytest.fail(f"{name} fits")
    assert error.wanted
    assert error.came
    assert error.fix
    return str(error)
