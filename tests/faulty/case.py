"""A case: a network with one fault, or a healthy one that tempts a naive rule, and what cures it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.faulty.data import make_data
from tests.faulty.view import View

Spec = dict[str, Any]
"""`data`, `arch`, `init`, `train`, and `metric` where it is not the usual one."""
HEALTHY = "HEALTHY"


@dataclass(frozen=True)
class Case:
    """A network, its fault, and the scores before and after its cures."""

    id: str
    label: str
    spec: Spec
    note: str
    also: tuple[str, ...] = ()
    """Other labels that count as right."""
    where: str = ""
    """What a person would point at."""
    fixes: tuple[tuple[str, Spec], ...] = ()
    """Cures by their name, each a patch; the first is the one that is meant."""
    bad: float = float("inf")
    """With the fault the score is at most this."""
    good: float = float("-inf")
    """With every cure, or without a fault, it is at least this."""

    @property
    def is_hard(self) -> bool:
        """Whether it is mild, borderline or two faults at once."""
        return self.id[0] in "RS"

    @property
    def right(self) -> frozenset[str]:
        """The labels that count as right."""
        return frozenset({self.label, *self.also})


def healthy(name: str, spec: Spec, trap: str, good: float) -> Case:
    """A case without a fault; `trap` is what tempts a naive rule."""
    return Case(name, HEALTHY, spec, trap, good=good)


def merge(spec: Mapping[str, Any], patch: Mapping[str, Any]) -> Spec:
    """The spec with the patch laid over it, inner ones too; lists replace, None takes away."""
    merged = dict(spec)
    for name, value in patch.items():
        if isinstance(value, Mapping) and isinstance(merged.get(name), Mapping):
            merged[name] = merge(merged[name], value)
        elif value is None:
            merged.pop(name, None)
        else:
            merged[name] = value
    return merged


def view_of(case: Case, name: str, seed: int = 0) -> View:
    """What the Doctor may see of it: network, settings and arrays, under a name that gives nothing away."""
    data = make_data(case.spec["data"], seed)
    return View(
        id=name,
        arch=case.spec["arch"],
        init=dict(case.spec.get("init", {})),
        train=dict(case.spec["train"]),
        task=data.task,
        n_out=data.outputs,
        X_train=data.x.numpy(),
        y_train=data.y.numpy(),
        X_val=data.held_x.numpy(),
        y_val=data.held_y.numpy(),
    )
