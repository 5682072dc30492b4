"""What an edited network has of the one before it: every weight whose node and shape still match, and why not others.

A node is the same while its id is, whatever it is called and wherever it stands; inside blocks the ids of all instances
on the way count, and the number of the repetition.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from core.build import Network, build
from core.plan import Plan, Step
from core.project import Project
from core.training.run import checked_plan

State = Literal["kept", "new", "gone"]


@dataclass(frozen=True, slots=True)
class Weight:
    """One tensor of either network, and what becomes of it."""

    name: str
    """As in the state dict; of what is gone, the one it had."""
    node: str
    """The id of the node of the main graph in which it lies; empty where that is gone."""
    state: State
    why: str = ""
    numel: int = 0


@dataclass(frozen=True, slots=True)
class Carried:
    """Which tensors of the new network come from which of the old one, and the whole list."""

    sources: Mapping[str, str]
    """By the new name the old one."""
    weights: tuple[Weight, ...]
    """In the order of the new network, then what is gone."""


def carried(before: Project, old: Network, after: Project, new: Network) -> Carried:
    """How the old network's tensors go into the new one's."""
    known = _modules(before, old.plan)
    theirs = old.root.state_dict()
    mine = new.root.state_dict()
    steps = _steps(new.plan)
    came = {module: _came_from(after, new.plan, module, known) for module in new.modules}
    sources: dict[str, str] = {}
    told: list[Weight] = []
    looked_at: set[str] = set()
    for name, tensor in mine.items():
        module = _module_of(name, new)
        source = f"{came[module]}{name[len(module) :]}" if came[module] else ""
        looked_at.add(source)
        why = _why(source, theirs, tensor, old, came[module], steps[module])
        if not why:
            sources[name] = source
        renamed = f"it was {source}" if not why and source != name else ""
        told.append(Weight(name, steps[module].shown, "new" if why else "kept", why or renamed, tensor.numel()))
    return Carried(sources, (*told, *_gone(theirs, looked_at, after, old)))


def compared(before: Project, after: Project) -> Carried:
    """The same of two projects; draws nothing from torch's generator. Raises what keeps either from running."""
    with torch.random.fork_rng(devices=[]):
        networks = []
        for project in (before, after):
            plan, analysis = checked_plan(project)
            networks.append(build(plan, analysis.arguments, project.training.seed))
    return carried(before, networks[0], after, networks[1])


def taken(found: Carried, tensors: Mapping[str, Tensor], own: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The new network's tensors: the old ones where they are kept, and its own."""
    return {name: tensors[found.sources[name]] if name in found.sources else tensor for name, tensor in own.items()}


def identity(project: Project, path: str) -> tuple[str, ...]:
    """The ids of the nodes on the way to a step, each with the number of its repetition."""
    graph, found = project.graph, []
    for part in path.split("."):
        name, bracket, number = part.partition("[")
        node = graph.by_name(name)
        if node is None:
            return (path,)
        found.append(f"{node.id}{bracket}{number}")
        if node.block in project.blocks:
            graph = project.blocks[node.block].graph
    return tuple(found)


def _modules(project: Project, plan: Plan) -> dict[tuple[str, ...], Step]:
    """By the identity of every step that calls a module, the step."""
    return {identity(project, step.path): step for step in plan.steps if step.kind.module or step.kind.opaque}


def _came_from(project: Project, plan: Plan, module: str, known: Mapping[tuple[str, ...], Step]) -> str:
    """The old module of one of the steps that call this one; empty where all of them are new."""
    callers = (step for step in plan.steps if step.module == module)
    found = (known.get(identity(project, step.path)) for step in callers)
    return next((step.module for step in found if step is not None), "")


def _steps(plan: Plan) -> dict[str, Step]:
    """By module path the first step that calls it."""
    found: dict[str, Step] = {}
    for step in plan.steps:
        found.setdefault(step.module, step)
    return found


def _module_of(name: str, network: Network) -> str:
    parts = name.split(".")
    joined = (".".join(parts[:count]) for count in range(len(parts) - 1, 0, -1))
    return next(path for path in joined if path in network.modules)


def _why(source: str, theirs: Mapping[str, Tensor], tensor: Tensor, old: Network, came: str, step: Step) -> str:
    """Why a tensor is not kept; empty where it is."""
    if not came:
        return "the layer is new"
    before = _steps(old.plan)[came].kind.name
    if before != step.kind.name:
        return f"the layer was a {before}"
    if source not in theirs:
        return "the layer had none"
    if theirs[source].shape != tensor.shape:
        return f"it was {_shape(theirs[source])} and is {_shape(tensor)}"
    return ""


def _gone(theirs: Mapping[str, Tensor], looked_at: Collection[str], after: Project, old: Network) -> Iterator[Weight]:
    """What of the old network nothing in the new one stands for."""
    steps = _steps(old.plan)
    for name, tensor in theirs.items():
        if name not in looked_at:
            shown = steps[_module_of(name, old)].shown
            still = shown if shown in after.graph.nodes else ""
            why = "its layer has it no more" if still else "its layer is no longer there"
            yield Weight(name, still, "gone", why, tensor.numel())


def _shape(tensor: Tensor) -> str:
    return "×".join(map(str, tensor.shape)) or "a single number"
