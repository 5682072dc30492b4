"""A row of the record: a step of the plan at which something is measured."""

from __future__ import annotations

from core.build import Network
from core.engine.messages import RowInfo
from core.plan import Step
from core.training.phases import row_weights


def row_of(network: Network, path: str, step: Step) -> RowInfo:
    """What the reader of the rows must know of a step, or of the module at a path."""
    module = network.modules.get(step.module) if step.kind.weighted else None
    numel = sum(weight.numel() for weight in row_weights(module)) if module is not None else 0
    return RowInfo(path=path, node=step.shown, kind=step.kind.name, category=step.kind.category, numel=numel)
