"""The network as one torch module of named inputs and outputs, which torch.export and ONNX read."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from core.build import Network, build, place
from core.catalog.kind import TensorType
from core.exchange.interface import Interface, draws, interface
from core.expressions import builtins, call, target
from core.lowering import lower
from core.plan import Plan, Step, Value
from core.project import Project
from core.python.probing import engine_oracle
from core.shapes import Analysis, analyse
from core.training.checkpoint import load_weights, read_weights

EXAMPLE_BATCH = 3
"""Samples that go through while a network is traced; 0 and 1 would be taken for the only size."""


class ExportedNetwork(nn.Module):
    """A project's network in evaluation mode: takes its inputs in order, gives a dict of its outputs.

    Its state dict is keyed by instance path, as the app's own weights are.
    """

    interface: Interface
    built: Network
    """What it was made of."""

    def __init__(self, network: Network, shown: Interface) -> None:
        super().__init__()
        self.interface = shown
        self.built = network
        modules: dict[str, nn.Module] = {}
        for step in shown.plan.steps:
            if step.module in network.modules and step.module not in modules:
                modules[step.module] = place(self, step.module, network.modules[step.module])
        self.forward = _Writer(network, shown, modules).compiled()
        self.eval()

    @property
    def draws(self) -> bool:
        """Whether it draws random numbers, so that two calls differ."""
        given = {value.path for port in self.interface.inputs for value in port.values}
        return any(draws(step) and step.path not in given for step in self.interface.plan.sources)

    def example(self, samples: int = EXAMPLE_BATCH) -> tuple[Tensor, ...]:
        """Inputs of zeros, with which the network can be traced."""
        return tuple(_zeros(port.type, samples) for port in self.interface.inputs)

    def trial(self, samples: int) -> tuple[Tensor, ...]:
        """Normal random inputs, and where whole numbers are wanted 0, 1, 0, 1: nearly every table has both.

        All 0 where one has not. Of a text that is nothing but padding attention may give NaN or not, as it likes.
        """
        zeros = self.example(samples)
        mixed = tuple(torch.randn_like(value) if value.is_floating_point() else _turns(value) for value in zeros)
        try:
            with torch.no_grad():
                self(*mixed)
        except IndexError:
            return tuple(one if one.is_floating_point() else zero for one, zero in zip(mixed, zeros, strict=True))
        return mixed


def _turns(zeros: Tensor) -> Tensor:
    return (torch.arange(zeros.numel()) % 2).reshape(zeros.shape).to(zeros.dtype)


def network(project: Project, weights: Path | Mapping[str, Tensor] | None) -> Network:
    """The project's modules with these weights, or as its seed starts them; torch's generator is left as it was.

    Raises CheckError for a network that is not whole, FileError for weights of another one.
    """
    return _made(*_read(project), project.training.seed, weights)


def exported(project: Project, weights: Path | Mapping[str, Tensor] | None) -> ExportedNetwork:
    """The project's network for other programs; raises what `network` raises."""
    plan, analysis, shown = _read(project)
    return ExportedNetwork(_made(plan, analysis, shown, project.training.seed, weights), shown)


def _read(project: Project) -> tuple[Plan, Analysis, Interface]:
    plan = lower(project)
    analysis = analyse(plan, oracle=engine_oracle())
    return plan, analysis, interface(plan, analysis)


def _made(
    plan: Plan, analysis: Analysis, shown: Interface, seed: int, weights: Path | Mapping[str, Tensor] | None
) -> Network:
    """Built as training builds it, so that fresh weights are the same; without losses that are not whole."""
    trains = plan.losses and all(step.path in analysis.arguments for step in plan.for_training().steps)
    with torch.random.fork_rng(devices=[]):
        made = build(plan if trains else shown.plan, analysis.arguments, seed)
    if weights is not None:
        tensors = read_weights(weights) if isinstance(weights, Path) else weights
        load_weights(made.root, tensors, str(weights) if isinstance(weights, Path) else "Weights", plan)
    return made


@contextmanager
def undisturbed() -> Iterator[None]:
    """Without gradients, and with random numbers that are put back: a run may be under way."""
    with torch.no_grad(), torch.random.fork_rng(devices=[]):
        yield


def _zeros(kind: TensorType, samples: int) -> Tensor:
    sizes = [dim if isinstance(dim, int) else samples * dim.multiple for dim in kind.shape]
    return torch.zeros(sizes, dtype=getattr(torch, kind.dtype))


class _Writer:
    """The forward pass being written: our templates, names that are made here, and literals of checked values."""

    def __init__(self, made: Network, shown: Interface, modules: Mapping[str, nn.Module]) -> None:
        self._arguments, self._shown, self._modules = made.arguments, shown, modules
        self._places = {path: f"m{index}" for index, path in enumerate(modules)}
        self._names = {value: f"x{index}" for index, port in enumerate(shown.inputs) for value in port.values}

    def compiled(self) -> Callable[..., dict[str, Tensor]]:
        """The function of the inputs, in their order."""
        lines = [f"    {line}" for line in self._lines()]
        arguments = ", ".join(f"x{index}" for index in range(len(self._shown.inputs)))
        results = ", ".join(self._names[port.values[0]] for port in self._shown.outputs)
        text = "\n".join([f"def run({arguments}):", "    batch = x0.shape[0]", *lines, f"    return ({results},)"])
        space: dict[str, Any] = {"__builtins__": builtins(), "float": float, "torch": torch, "F": functional}
        space |= {name: self._modules[path] for path, name in self._places.items()}
        exec(compile(text, "<exported network>", "exec"), space)
        return _named(space["run"], self._shown)

    def _lines(self) -> Iterator[str]:
        for index, step in enumerate(self._shown.plan.steps):
            if not step.kind.forward or Value(step.path, step.outputs[0]) in self._names:
                continue
            outputs = {port: f"v{index}_{place}" for place, port in enumerate(step.outputs)}
            self._names |= {Value(step.path, port): name for port, name in outputs.items()}
            form = step.kind.form(self._arguments[step.path])
            yield f"{target(form.unpack, outputs)} = {self._expression(step, form.forward)}"

    def _expression(self, step: Step, template: str) -> str:
        names: dict[str, str | tuple[str, ...]] = {"training": "False", "batch": "batch"}
        names["self"] = self._places.get(step.module, "")
        for (port, values), spec in zip(step.inputs, step.kind.inputs, strict=True):
            known = tuple(self._names[value] for value in values)
            names[port] = known if spec.variadic else (known[0] if known else "None")
        return call(step.kind, template, self._arguments[step.path], names)


def _named(run: Callable[..., tuple[Tensor, ...]], shown: Interface) -> Callable[..., dict[str, Tensor]]:
    """The function with the names of the inputs in its signature, which torch.export takes over, and of the outputs."""
    outputs = [port.name for port in shown.outputs]

    def forward(*inputs: Tensor) -> dict[str, Tensor]:
        return dict(zip(outputs, run(*inputs), strict=True))

    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    parameters = [inspect.Parameter(port.name, kind) for port in shown.inputs]
    forward.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # every function can have one
    return forward
