"""The one table of what a run measures: what each quantity is called and means, when it is measured, and where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Where = Literal["network", "weight", "output", "sequence", "profile"]
"""Once for the whole network, at every step of the plan with a weight, at every measured output, at every recurrent
layer, or there in several columns `NAME[K]:PATH`, one for each stretch of the sequence."""
Schedule = Literal["every step", "sampled", "seldom"]
"""At every step; as often as the budget allows; or at the first step, and then as seldom as its own cost asks for."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """One thing that is measured; its name is that of its columns: `NAME`, or `NAME:PATH` at a step of the plan."""

    name: str
    title: str
    unit: str
    """Empty for a plain number; a share is from 0 to 1."""
    sentence: str
    """What one looks at."""
    schedule: Schedule
    where: Where
    of: tuple[str, ...] = ()
    """The columns that it is worked out from, where it has none of its own."""


_TABLE = (
    Quantity("loss", "Loss", "", "What training makes small.", "every step", "network"),
    Quantity("metric", "Metric", "", "How good the batch's predictions are.", "every step", "network"),
    Quantity("learning_rate", "Learning rate", "", "How far a step goes.", "every step", "network"),
    Quantity(
        "gradient_norm",
        "Gradient norm",
        "",
        "The length of the gradient of all weights, after accumulation, unscaled and before clipping.",
        "every step",
        "network",
    ),
    Quantity(
        "clip",
        "Clip factor",
        "share",
        "What clipping leaves of the gradient's length: 1 where it was short enough.",
        "every step",
        "network",
    ),
    Quantity(
        "cosine",
        "Turn",
        "",
        "The cosine between this step's gradient and that of the step before: below 0 it leads back.",
        "sampled",
        "network",
    ),
    Quantity(
        "alpha",
        "Alpha",
        "",
        "Where the step ends in the valley along it: -1 it has hardly moved, 0 at the lowest point, 1 as high on the "
        "other side.",
        "seldom",
        "network",
    ),
    Quantity(
        "noise_scale",
        "Noise scale",
        "samples",
        "The batch size at which the gradient's noise is as large as the gradient itself, by how far two halves of a "
        "batch agree: uncertain beyond ten batches, and not told where noise hides the gradient.",
        "seldom",
        "network",
    ),
    Quantity(
        "seconds", "Step time", "s", "How long a step lately takes at which nothing is sampled.", "sampled", "network"
    ),
    Quantity("memory", "Memory", "bytes", "What the program that trains holds.", "sampled", "network"),
    Quantity(
        "gradient",
        "Weight gradient",
        "",
        "The length of the gradient of a layer's weights.",
        "every step",
        "weight",
    ),
    Quantity("weight", "Weight norm", "", "The length of a layer's weights before the step.", "every step", "weight"),
    Quantity("update", "Update", "", "How far the step moved a layer's weights.", "every step", "weight"),
    Quantity(
        "gradient_rms",
        "Weight gradient, rms",
        "",
        "The gradient of a typical weight of a layer, however many it has.",
        "every step",
        "weight",
        ("gradient",),
    ),
    Quantity(
        "update_ratio",
        "Update / weight",
        "",
        "How far the step moved a layer's weights, measured by these: about 0.001 is usual.",
        "every step",
        "weight",
        ("update", "weight"),
    ),
    Quantity(
        "alike",
        "Alikeness",
        "share",
        "The mean |cosine| between the weights of two units: where it is 1, all units do the same.",
        "seldom",
        "weight",
    ),
    Quantity(
        "output",
        "Output gradient",
        "",
        "The rms of the loss's gradient by a layer's output, times the batch size: where it falls towards the input, "
        "gradients vanish.",
        "sampled",
        "output",
    ),
    Quantity("forward", "Time forward", "s", "How long a layer takes to compute its output.", "sampled", "output"),
    Quantity("backward", "Time backward", "s", "How long a layer takes on the way back.", "sampled", "output"),
    Quantity("mean", "Mean", "", "The mean of all numbers of a layer's output.", "sampled", "output"),
    Quantity("std", "Deviation", "", "The standard deviation of all numbers of a layer's output.", "sampled", "output"),
    Quantity("zero", "Zeros", "share", "The numbers of a layer's output that are exactly 0.", "sampled", "output"),
    Quantity(
        "dead",
        "Dead units",
        "share",
        "The units of a layer that gave 0 for each of the last 256 samples or more, at first of those seen so far.",
        "sampled",
        "output",
    ),
    Quantity(
        "saturated",
        "Saturation",
        "share",
        "The numbers beyond 97 % of a squashing function's range, where next to no gradient comes through.",
        "sampled",
        "output",
    ),
    Quantity(
        "unit_std",
        "Deviation of a unit",
        "",
        "How much a unit's output differs from sample to sample, the mean over a layer's units.",
        "sampled",
        "output",
    ),
    Quantity(
        "rank",
        "Effective rank",
        "",
        "How many directions a layer's outputs fill: few where it tells samples apart by little.",
        "seldom",
        "output",
    ),
    Quantity(
        "through_time",
        "Through time",
        "",
        "The gradient that reaches the first step of a sequence, divided by that of the last.",
        "sampled",
        "sequence",
    ),
    Quantity(
        "time",
        "Along the sequence",
        "",
        "The rms of the loss's gradient by a recurrent layer's input, times the batch size, from the first steps of "
        "the sequence (0) to the last.",
        "sampled",
        "profile",
    ),
)
QUANTITIES: Mapping[str, Quantity] = MappingProxyType({quantity.name: quantity for quantity in _TABLE})
"""By name, in the order in which they are offered."""


def names_at(where: Where) -> tuple[str, ...]:
    """The names of the quantities that are measured there."""
    return tuple(quantity.name for quantity in _TABLE if quantity.where == where)
