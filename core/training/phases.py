"""Which losses train which parameters with which optimizer: one phase as a rule, two for a GAN."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import torch
from torch import Tensor, nn

from chainrule.measuring import FlatParameters, Meter
from chainrule.meters import meter
from core.build import Network
from core.data.settings import DatasetSettings
from core.errors import TrainingError
from core.plan import Plan, Step, Value
from core.training.direct import stepping
from core.training.forward import Field, Function, loss_function
from core.training.measuring.sequences import walks
from core.training.mixing import mixed_labels
from core.training.optimizers import KINDS, Optimizer, torch_arguments
from core.training.reach import STOPS_GRADIENT, asked, losses_of, reached, shares
from core.training.settings import Phase


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """What a phase is in the plan: its losses, what they need, and what it trains."""

    settings: Phase
    plan: Plan
    losses: tuple[Step, ...]
    reached: frozenset[Value]
    """The values whose gradient the losses have."""
    trained: tuple[str, ...]
    """The module paths whose parameters it trains, in Plan order: asked for, reached and not frozen."""


@dataclass(slots=True, eq=False)
class Group:
    """Parameters that the same phases train: one flat tensor, its norms, and the module path of each row."""

    flat: FlatParameters
    meter: Meter
    rows: tuple[str, ...]
    share: float = 1.0
    """The part of the learning rate that its steps are made with."""


@dataclass(slots=True, eq=False)
class LivePhase:
    """A phase that trains: its functions, flat parameters and optimizer."""

    part: Part
    forward: Function
    observed: Function
    outputs: tuple[Value, ...]
    """The values that the observed function keeps."""
    walked: tuple[str, ...]
    """The paths of recurrent steps, whose inputs it keeps behind them."""
    groups: tuple[Group, ...]
    optimizer: torch.optim.Optimizer
    step: Callable[[], object]
    """The optimizer's step."""
    only: tuple[Tensor, ...]
    """The parameters that backward stops at, where others are reached too that another phase trains; else empty."""
    parameters: tuple[Tensor, ...]
    """What it trains, in the network's order."""
    set_rate: float
    """The learning rate that was set; its steps are made with a share of it where there is a schedule."""

    rate: float
    """That of its next step, of which every group takes its share."""

    seen: Function | None = None
    """The forward function that shows every output as it is made, where a run measures them at every step."""

    @property
    def learning_rate(self) -> float:
        """The rate of its next step."""
        return self.rate

    @learning_rate.setter
    def learning_rate(self, value: float) -> None:
        self.rate = value
        for made, group in zip(self.optimizer.param_groups, self.groups, strict=True):
            made["lr"] = value * group.share


def live_phases(
    network: Network,
    settings: Iterable[Phase],
    rates: Iterable[tuple[str, float]] = (),
    data: Mapping[str, DatasetSettings] = MappingProxyType({}),
) -> tuple[LivePhase, ...]:
    """Every phase ready to train, the network's parameters laid out flat; raises TrainingError.

    `data` says which labels are mixed.
    """
    said = shares(network.plan, rates)
    _freeze(network, said)
    parts = tuple(_part(network, phase) for phase in settings)
    groups = _groups(network, parts, said)
    return tuple(
        _live(network, part, tuple(group for (members, _share), group in groups.items() if index in members), data)
        for index, part in enumerate(parts)
    )


def weighted_modules(network: Network) -> dict[str, Step]:
    """By module path the first step of every module that has a weight, in Plan order."""
    found: dict[str, Step] = {}
    for step in network.plan.steps:
        module = network.modules.get(step.module)
        # A Python block may hold whatever it likes: only one with a weight is a row.
        if step.kind.weighted and module is not None and (not step.kind.opaque or row_weights(module)):
            found.setdefault(step.module, step)
    return found


def row_weights(module: nn.Module) -> list[nn.Parameter]:
    """The weights whose norm is the module's row: all that are no vectors."""
    return [parameter for parameter in module.parameters() if parameter.dim() > 1]


def _part(network: Network, phase: Phase) -> Part:
    plan = network.plan
    losses = losses_of(plan, phase)
    if not losses:
        raise TrainingError(
            "a phase with a loss was wanted", "its losses are not wired", "Phases", "Choose its losses."
        )
    needed = plan.reaching(Value(step.path, "loss") for step in losses)
    values = reached(needed, losses)
    able = tuple(path for path in asked(plan, needed, phase, values) if _trainable(network, path))
    if not able:
        raise TrainingError(
            "a phase that trains something was wanted",
            "no weight that is not frozen leads to its losses",
            losses[0].path,
            "Add a layer with weights, or unfreeze one.",
        )
    return Part(phase, needed, losses, values, able)


def _trainable(network: Network, path: str) -> bool:
    module = network.modules.get(path)
    return module is not None and any(parameter.requires_grad for parameter in module.parameters())


def _freeze(network: Network, said: Mapping[str, float]) -> None:
    """Let the weights of a module stay that takes no share of the learning rate."""
    for path, share in said.items():
        module = network.modules.get(path)
        if module is not None and not share:
            module.requires_grad_(requires_grad=False)


def _groups(
    network: Network, parts: tuple[Part, ...], said: Mapping[str, float]
) -> dict[tuple[frozenset[int], float], Group]:
    """One group of parameters for every set of phases that train them with one share of the learning rate."""
    members: dict[tuple[frozenset[int], float], list[str]] = {}
    for path in network.modules:
        phases = frozenset(index for index, part in enumerate(parts) if path in part.trained)
        if phases:
            members.setdefault((phases, said.get(path, 1.0)), []).append(path)
    return {key: _group(network, paths, key[1]) for key, paths in members.items()}


def _group(network: Network, paths: list[str], share: float) -> Group:
    weighted = weighted_modules(network)
    trained = {path: _trained(row_weights(network.modules[path])) for path in paths if path in weighted}
    rows = {path: weights for path, weights in trained.items() if weights}
    in_rows = {id(weight) for weights in rows.values() for weight in weights}
    rest = [
        parameter
        for path in paths
        for parameter in network.modules[path].parameters()
        if parameter.requires_grad and id(parameter) not in in_rows
    ]
    flat = FlatParameters(list(rows.values()), rest)
    return Group(flat, meter(flat), tuple(rows), share)


def _trained(weights: list[nn.Parameter]) -> list[nn.Parameter]:
    """Those that are not frozen: a Python block may freeze some of its own."""
    return [weight for weight in weights if weight.requires_grad]


def _live(network: Network, part: Part, groups: tuple[Group, ...], data: Mapping[str, DatasetSettings]) -> LivePhase:
    outputs = _measured(network, part)
    measured = {value.path for value in outputs}
    walked = tuple(step.path for step in part.plan.steps if step.path in measured and walks(step))
    mixed = [Field(*field) for field in mixed_labels(part.plan, data)] if data else []
    rate = part.settings.optimizer.learning_rate
    parameters = [{"params": [group.flat.weights], "lr": rate * group.share} for group in groups]
    optimizer = make_optimizer(part.settings.optimizer, parameters)
    return LivePhase(
        part,
        loss_function(network, part.plan, part.losses, mixed=mixed),
        loss_function(network, part.plan, part.losses, keep=outputs, timed=True, mixed=mixed, walked=walked),
        outputs,
        walked,
        groups,
        optimizer,
        stepping(optimizer),
        _only(network, part, groups),
        _in_order(network, groups),
        rate,
        rate,
    )


def _in_order(network: Network, groups: tuple[Group, ...]) -> tuple[Tensor, ...]:
    mine = {id(parameter) for group in groups for parameter in group.flat.parameters}
    return tuple(parameter for parameter in network.root.parameters() if id(parameter) in mine)


def _measured(network: Network, part: Part) -> tuple[Value, ...]:
    """The outputs of layers that have a gradient: between a weight and the losses."""
    carrying: set[str] = set()
    found: list[Value] = []
    for step in part.plan.steps:
        stopped = step.kind.name in STOPS_GRADIENT
        if not stopped and (_trainable(network, step.module) or any(value.path in carrying for value in step.values())):
            carrying.add(step.path)
            if step.kind.role == "layer":
                found += [Value(step.path, port) for port in step.outputs if Value(step.path, port) in part.reached]
    return tuple(found)


def _only(network: Network, part: Part, groups: tuple[Group, ...]) -> tuple[Tensor, ...]:
    paths = {value.path for value in part.reached}
    modules = {step.module for step in part.plan.steps if step.path in paths and _trainable(network, step.module)}
    mine = tuple(parameter for group in groups for parameter in group.flat.parameters)
    return () if modules == set(part.trained) else mine


def make_optimizer(settings: Optimizer, parameters: Sequence[Tensor | dict[str, Any]]) -> torch.optim.Optimizer:
    """The optimizer as torch names it, for parameters or groups of them; Momentum is SGD with momentum."""
    made = getattr(torch.optim, KINDS[settings.name].torch)(parameters, **torch_arguments(settings))
    assert isinstance(made, torch.optim.Optimizer)
    return made


def output_rows(phases: Iterable[LivePhase]) -> dict[str, tuple[Value, ...]]:
    """By path of every measured step, in no order, its kept values."""
    rows: dict[str, tuple[Value, ...]] = {}
    for phase in phases:
        for value in phase.outputs:
            rows[value.path] = tuple(dict.fromkeys((*rows.get(value.path, ()), value)))
    return rows


def by_path(network: Network, paths: Mapping[str, object]) -> list[Step]:
    """The steps with these paths, in Plan order."""
    return [step for step in network.plan.steps if step.path in paths]
