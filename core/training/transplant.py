"""A run that goes on with an edited network: the weights, memory and place in the data that still fit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import torch
from torch import Tensor

from core.training.carrying import Carried, carried, taken
from core.training.checkpoint import Saved, load_weights, read_checkpoint, read_weights, restore_place
from core.training.optimizers import Optimizer
from core.training.phases import Group
from core.training.run import Run

BEGINS: Mapping[str, str] = MappingProxyType({"step_size": "learning_rate", "sum": "initial_accumulator"})
"""What of an optimizer's memory does not begin at 0 but at one of its settings (Rprop, Adagrad)."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a parameter lies: its group, and from where to where in it."""

    group: Group
    begin: int
    end: int


def transplant(run: Run, before: Run) -> Carried:
    """Give the run what its job says of the one before: from a checkpoint, from weights, or the first ones of the seed.

    `before` was just made of the earlier project. Raises FileError where a file is damaged or of another network.
    """
    found = carried(before.job.project, before.network, run.job.project, run.network)
    job = run.job
    if job.resume is not None:
        _go_on(run, before, job.resume, found)
        return found
    tensors = before.own_weights()
    if job.weights is not None:
        load_weights(before.network.root, read_weights(job.weights), str(job.weights), before.plan)
        tensors = before.own_weights()
    _put(run, found, tensors)
    return found


def _go_on(run: Run, before: Run, path: Path, found: Carried) -> None:
    saved = read_checkpoint(path)
    load_weights(before.network.root, saved.under("weights/"), saved.file, before.plan)
    _put(run, found, before.own_weights())
    with saved.whole():
        _remember(run, before, found, saved)
        _average(run, before, found, saved)
        restore_place(run, saved)
        if _same_batches(run, before):
            run.batches.go_to(saved.under("permutation/"), saved.facts["place"])
            run.step_number = saved.facts["step"]
            run.metric_sums = (saved.facts["metric"][0], saved.facts["metric"][1])
        else:
            run.step_number = run.epoch * run.steps_per_epoch


def _put(run: Run, found: Carried, tensors: Mapping[str, Tensor]) -> None:
    own = run.network.root.state_dict()
    run.network.root.load_state_dict(taken(found, tensors, own))


def _same_batches(run: Run, before: Run) -> bool:
    """Whether an epoch has the same samples in batches of the same size, so that the place in it means the same."""
    mine, theirs = run.batches, before.batches
    alike = (mine.lengths, mine.size, mine.count) == (theirs.lengths, theirs.size, theirs.count)
    alike = alike and mine.shuffle == theirs.shuffle
    return alike and run.steps_per_epoch == before.steps_per_epoch


def _remember(run: Run, before: Run, found: Carried, saved: Saved) -> None:
    """What the optimizers know of every kept weight; of new ones they know nothing yet."""
    for index, (phase, old) in enumerate(zip(run.phases, before.phases, strict=False)):
        settings = phase.part.settings.optimizer
        if settings.name != old.part.settings.optimizer.name:
            continue
        memory: dict[int, dict[str, Tensor]] = {id(group): {} for group in old.groups}
        for (owner, place, key), tensor in saved.memory():
            if owner == index:
                memory[id(old.groups[place])][key] = tensor
        for group in phase.groups:
            state = _joined(group, _pairs(run, before, found, group), memory, settings)
            if state:
                phase.optimizer.state[group.flat.weights].update(state)


def _average(run: Run, before: Run, found: Carried, saved: Saved) -> None:
    """The running average of every kept weight; new ones begin theirs as they are."""
    old = {id(group): tensor for group, tensor in zip(before.groups, saved.under("average/").values(), strict=False)}
    run.average.begin()
    for group, average in zip(run.groups, run.average.tensors, strict=False):
        for mine, theirs in _pairs(run, before, found, group):
            if id(theirs.group) in old:
                average[mine.begin : mine.end] = old[id(theirs.group)][theirs.begin : theirs.end].to(average.device)


def _pairs(run: Run, before: Run, found: Carried, group: Group) -> list[tuple[_Place, _Place]]:
    """Where each kept weight of a new group lies, and where it lay."""
    theirs = _places(before)
    return [
        (place, theirs[source])
        for name, place in _places(run).items()
        if place.group is group and (source := found.sources.get(name, "")) in theirs
    ]


def _joined(
    group: Group, pairs: list[tuple[_Place, _Place]], memory: Mapping[int, Mapping[str, Tensor]], settings: Optimizer
) -> dict[str, Tensor]:
    """The memory of a new group: slices of the old ones' where a weight was kept, and what does not go by weights."""
    state: dict[str, Tensor] = {}
    for mine, theirs in pairs:
        for key, old in memory.get(id(theirs.group), {}).items():
            if old.shape != theirs.group.flat.weights.shape:
                state.setdefault(key, old.clone())
                continue
            begin = float(getattr(settings, BEGINS[key])) if key in BEGINS else 0.0
            whole = state.setdefault(key, torch.full_like(group.flat.weights.detach(), begin, dtype=old.dtype))
            whole[mine.begin : mine.end] = old[theirs.begin : theirs.end].to(whole.device)
    return state


def _places(run: Run) -> dict[str, _Place]:
    """By name where every trained parameter lies."""
    names = {id(parameter): name for name, parameter in run.network.root.named_parameters()}
    found: dict[str, _Place] = {}
    for group in run.groups:
        for parameter, begin in zip(group.flat.parameters, group.flat.places, strict=True):
            found[names[id(parameter)]] = _Place(group, begin, begin + parameter.numel())
    return found
