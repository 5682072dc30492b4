"""`--set phases=2` and `--set phase2.losses=a,b`: the phases of a training on the command line."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

from core import phasing
from core.errors import ParameterError
from core.phrases import parsed
from core.project import Project
from core.training.fields import Field, checked
from core.training.optimizers import OPTIMIZER_FIELDS, switched
from core.training.settings import PHASE_STEPS, SHARE, Phase, TrainingSettings

_COUNT = Field("phases", int, "Phases", "How many there are.", 1, 100)
_KEY = re.compile(r"phase([1-9]\d?)\.(\w+)")
_OPTIMIZER: Mapping[str, Field] = MappingProxyType(
    {("optimizer" if field.name == "name" else field.name): field for field in OPTIMIZER_FIELDS}
)
NAMES = ("losses", "trains", PHASE_STEPS.name, *_OPTIMIZER)
"""What can be set of one phase."""
Chosen = Callable[[tuple[str, ...], str], str]
"""The choice that a text means, whatever its letters' size."""


def shared(project: Project, path: str, text: str) -> TrainingSettings:
    """The settings with this share of the learning rate for a block or layer; that of what it lies in takes it back."""
    share = checked(SHARE, parsed(text), path)
    assert isinstance(share, float)  # so says the field
    return phasing.with_share(project.training, path, share)


def phased(project: Project, key: str, text: str, chosen: Chosen) -> TrainingSettings | None:
    """The settings with so many phases, or with one changed; None where the key is about something else."""
    if key == _COUNT.name:
        return _counted(project.training, text)
    found = _KEY.fullmatch(key)
    if found is None or project.graph.by_name(f"phase{found[1]}") is not None:
        return None
    place, name, training = int(found[1]) - 1, found[2], project.training
    if place >= len(training.phases):
        wanted = f"one of {len(training.phases)} phases was wanted"
        raise ParameterError(wanted, f"phase {place + 1} came", fix=f"Write phases={place + 1} before it.")
    if name not in NAMES:
        wanted = "a setting of a phase was wanted"
        raise ParameterError(wanted, f"“{name}” came", fix=f"Choose one of {', '.join(NAMES)}.")
    return phasing.with_phase(training, place, _changed(project, training.phases[place], name, text, chosen))


def _counted(training: TrainingSettings, text: str) -> TrainingSettings:
    count = checked(_COUNT, parsed(text))
    while len(training.phases) < int(count):
        training = phasing.with_more(training)
    return replace(training, phases=training.phases[: int(count)])


def _changed(project: Project, phase: Phase, name: str, text: str, chosen: Chosen) -> Phase:
    if name == "losses":
        return replace(phase, losses=tuple(_loss(project, one) for one in _listed(text)))
    if name == "trains":
        return replace(phase, trains=_listed(text))
    if name == PHASE_STEPS.name:
        return replace(phase, steps=int(checked(PHASE_STEPS, parsed(text), "Phases")))
    field = _OPTIMIZER[name]
    value = checked(field, chosen(field.choices, text) if field.choices else parsed(text), "Optimizer")
    if field.name == "name":
        return replace(phase, optimizer=switched(phase.optimizer, str(value)))
    return replace(phase, optimizer=replace(phase.optimizer, **{field.name: value}))  # type: ignore[arg-type]  # checked


def _listed(text: str) -> tuple[str, ...]:
    """What stands between commas; nothing for `all`."""
    return () if text.lower() == "all" else tuple(part.strip() for part in text.split(",") if part.strip())


def _loss(project: Project, name: str) -> str:
    node = project.graph.by_name(name)
    if node is None:
        raise ParameterError("a loss of this project was wanted", f"“{name}” came", fix="Name a loss of the graph.")
    return node.id
