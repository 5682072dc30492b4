"""Which axis of an output the units of a step lie along, and between which values it is not saturated."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from chainrule.outputs import outside
from core.catalog.kind import Arguments
from core.plan import Plan, Step

_LIMITS: Mapping[str, tuple[float, float]] = MappingProxyType(
    {"Tanh": (-1.0, 1.0), "Softsign": (-1.0, 1.0), "Sigmoid": (0.0, 1.0), "Hardsigmoid": (0.0, 1.0)}
)
_CHANNELS_FIRST = frozenset({"Convolution", "Pooling"})
_FEATURES_LAST = frozenset({"Recurrent", "Attention", "Linear"})
_TURNING = frozenset({"Permute", "Transpose"})
_BY_CHANNEL = ("BatchNorm", "InstanceNorm", "GroupNorm")


def limits(step: Step, arguments: Arguments) -> tuple[float, float] | None:
    """Outside which values the step's output is saturated: of a sigmoid 0.03 and 0.97; None where it has no bounds."""
    if step.kind.name == "Hardtanh":
        low, high = (float(str(arguments[name])) for name in ("min_val", "max_val"))
    elif step.kind.name in _LIMITS:
        low, high = _LIMITS[step.kind.name]
    else:
        return None
    return outside(low, high)


def unit_axis(plan: Plan, step: Step) -> int:
    """The axis of the step's output that its units lie along: 1, as of maps (N, C, H, W), or -1, as of (N, L, F)."""
    turned = False
    while True:
        turned ^= step.kind.name in _TURNING
        if step.kind.category in _CHANNELS_FIRST or step.kind.name.startswith(_BY_CHANNEL):
            return -1 if turned else 1
        before = next(step.values(), None)
        if step.kind.category in _FEATURES_LAST or before is None or step.kind.role == "source":
            return 1 if turned else -1
        step = plan.by_path[before.path]
