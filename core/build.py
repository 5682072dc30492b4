"""Plan to modules: ordinary torch modules at their instance paths, made in Plan order from the seed."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import nn

from core.catalog.initialization import Start, begun_bias, begun_state, kept_bias, start
from core.catalog.kind import Arguments, LayerKind
from core.errors import CheckError, CodeError
from core.expressions import given, is_left_out
from core.plan import Plan, Step
from core.python.execution import made
from core.python.questions import code_of


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """A plan with its modules; `root.state_dict()` is keyed by instance path, as `encoder[2].conv1.weight`."""

    plan: Plan
    arguments: Mapping[str, Arguments]
    root: nn.Module
    modules: Mapping[str, nn.Module]
    """By module path; linked steps have one in common."""

    def module(self, step: Step) -> nn.Module | None:
        """The module that the step calls; None for a function."""
        return self.modules.get(step.module)


def build(plan: Plan, arguments: Mapping[str, Arguments], seed: int) -> Network:
    """The modules that the plan's losses need, or its outputs where there is no loss; seeds torch's generator.

    Raises CheckError where a size is not known, CodeError where a Python block may not run or fails.
    """
    needed = plan.for_training() if plan.losses else plan.for_inference()
    torch.manual_seed(seed)
    root = nn.Module()
    modules: dict[str, nn.Module] = {}
    for step in in_order_of_making([step for step in needed.steps if step.kind.module]):
        if step.module not in modules:
            modules[step.module] = place(root, step.module, _made(step, _known(step, arguments)))
    return Network(needed, arguments, root, modules)


def in_order_of_making(steps: Sequence[Step]) -> list[Step]:
    """The steps in Plan order, what lies in one block together where its first step stands.

    They differ only where a later instance of a linked block calls a layer that the first does without.
    """
    first: dict[str, int] = {}
    keys: dict[str, tuple[int, ...]] = {}
    for step in steps:
        if step.module not in keys:
            keys[step.module] = tuple(_places(step.module, first))
    return sorted(steps, key=lambda step: keys[step.module])


def _places(module: str, first: dict[str, int]) -> Iterator[int]:
    path = ""
    for part in module.split("."):
        name, _, repetition = part.rstrip("]").partition("[")
        yield first.setdefault(f"{path}{name}", len(first))
        yield int(repetition or 0)
        path = f"{path}{part}."


def _known(step: Step, arguments: Mapping[str, Arguments]) -> Arguments:
    values = arguments.get(step.path)
    if values is None:
        raise CheckError(
            "a network whose sizes are all known was wanted", "this one's are not", step.path, "Wire all its inputs."
        )
    return values


def _made(step: Step, values: Arguments) -> nn.Module:
    opaque = step.kind.opaque
    module = _of_source(step, values) if opaque else _class(step.kind)(**dict(_arguments(step.kind, values)))
    if (begin := start(values)) is not None:
        _begin(module, begin)
    if (state := begun_state(values)) is not None:
        _keep(module, *state)
    if (bias := begun_bias(values)) is not None:
        nn.init.constant_(module.get_parameter("bias"), bias)
    if (gate := kept_bias(values)) is not None:
        _open(module, *gate)
    if values.get("frozen"):
        module.requires_grad_(False)
    return module


def _of_source(step: Step, values: Arguments) -> nn.Module:
    """The module of a Python block; raises CodeError where it is not trusted or fails."""
    try:
        return made(code_of(step.params), str(values["settings"]))
    except CodeError as error:
        raise type(error).at_line(type(error)(error.wanted, error.came, step.path, error.fix), error.line) from error


def _arguments(kind: LayerKind, values: Arguments) -> Iterator[tuple[str, object]]:
    """The arguments of the constructor: parameters by their names, and what the kind fixes, as `batch_first=True`."""
    for item in kind.arguments:
        name, _, literal = item.partition("=")
        if literal:
            yield name, ast.literal_eval(literal)
            continue
        param, value = kind.param(name), values[name]
        if param.tensor:
            yield param.tensor, None if value is None else torch.tensor(value)
        elif not is_left_out(param, value, values):
            yield name, given(param, value)
    if kind.bundle is not None and (bundled := kind.bundled(values)) is not None:
        yield kind.bundle.name, getattr(nn, kind.bundle.maker.removeprefix("nn."))(**dict(bundled))


def _class(kind: LayerKind) -> Callable[..., nn.Module]:
    home, _, name = kind.module.rpartition(".")
    room = nn if kind.is_torchs else importlib.import_module(f"core.parts.{home}")
    found: Callable[..., nn.Module] = getattr(room, name)
    return found


def _open(module: nn.Module, value: float, first: int, end: int) -> None:
    """Start the bias of the keeping gates of every layer and direction with this value."""
    for name, parameter in module.named_parameters():
        if name.startswith("bias_ih"):
            nn.init.constant_(parameter[first:end], value)


def _keep(module: nn.Module, gain: float, hidden: int) -> None:
    """Start the matrices between states as orthogonal ones, each gate's by itself."""
    for name, parameter in module.named_parameters():
        if name.startswith("weight_hh"):
            for gate in torch.split(parameter, hidden):
                nn.init.orthogonal_(gate, gain)


def _begin(module: nn.Module, begin: Start) -> None:
    """Start the weights: biases at zero, matrices and kernels as chosen; scales of normalization stay at one."""
    for name, parameter in module.named_parameters():
        if "bias" in name:
            nn.init.zeros_(parameter)
        elif parameter.dim() > 1:
            getattr(nn.init, begin.function)(parameter, **dict(begin.arguments))


def place(root: nn.Module, path: str, module: nn.Module) -> nn.Module:
    """The module, put at its path, within modules that stand for the blocks around it."""
    *blocks, name = path.split(".")
    for block in blocks:
        if not hasattr(root, block):
            root.add_module(block, nn.Module())
        root = root.get_submodule(block)
    root.add_module(name, module)
    return module
