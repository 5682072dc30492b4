"""Every number that a rule compares with, in one table, each with where it comes from."""

from __future__ import annotations

from types import MappingProxyType
from typing import NamedTuple


class Threshold(NamedTuple):
    """A number to compare with, what it means, and its source."""

    value: float
    meaning: str
    source: str


_MEASURED = "measured here on small faulty and healthy networks, docs/doctor.md"
THRESHOLDS = MappingProxyType(
    {
        "warm_up": Threshold(0.05, "the share of a run before which nothing that develops is judged", _MEASURED),
        "warm_up_steps": Threshold(20, "the steps before which nothing that develops is judged", _MEASURED),
        "learning": Threshold(0.3, "the share by which a loss falls in a run that learns", _MEASURED),
        "vanishing": Threshold(
            1e-3, "gradient of the first layer's output over that of the last", "AutoTrainer (Zhang et al. 2021)"
        ),
        "vanishing_factor": Threshold(0.3, "what a layer passes on of its gradient where it vanishes", _MEASURED),
        "vanishing_layers": Threshold(3, "layers with weights below which there is no depth to vanish in", _MEASURED),
    }
)


def limit(name: str) -> float:
    """The number of this name."""
    return THRESHOLDS[name].value
