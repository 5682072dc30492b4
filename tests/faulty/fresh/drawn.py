"""What is drawn: a network with a fault and the same without, or a healthy one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.faulty.case import HEALTHY, Spec, merge
from tests.faulty.fresh.luck import Luck


@dataclass(frozen=True)
class Drawn:
    """A network, not trained yet."""

    label: str
    spec: Spec
    twin: Spec
    """The same without the fault; of a healthy one itself."""
    note: str
    also: tuple[str, ...] = ()


Family = Callable[[Luck, bool], Drawn]
"""Draws one; the second argument asks for a mild or masked fault, or for a healthy network that looks odd."""


def faulty(label: str, twin: Spec, fault: dict[str, Any], note: str, also: tuple[str, ...] = ()) -> Drawn:
    """The twin with a fault laid over it."""
    return Drawn(label, merge(twin, fault), twin, note, also)


def healthy(spec: Spec, note: str) -> Drawn:
    """A healthy network."""
    return Drawn(HEALTHY, spec, spec, note)


def measured(spec: Spec, metric: str) -> Spec:
    """The spec with another score."""
    return {**spec, "metric": metric}
