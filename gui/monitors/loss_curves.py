"""What the monitor of the loss draws: its curves as steps, values and pixels, and their names."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from PySide6.QtGui import QColor

from core.telemetry.column import Column
from core.telemetry.record import RunRecord
from gui.monitors import ticks
from gui.monitors.lines import NO_PICTURE, Picture
from gui.monitors.scale import Doubles


def nothing() -> Doubles:
    """No points."""
    return np.empty(0)


@dataclass
class Curve:
    """A line as steps and values, and as what it is drawn with."""

    x: Doubles = field(default_factory=nothing)
    y: Doubles = field(default_factory=nothing)
    drawn: tuple[Doubles, Doubles] = field(default_factory=lambda: (nothing(), nothing()))
    """Its pixels."""
    pieces: Doubles = field(default_factory=lambda: np.empty((0, 4)))


@dataclass
class Raw:
    """Every step's loss: the smallest and largest of the steps at each x."""

    x: Doubles = field(default_factory=nothing)
    low: Doubles = field(default_factory=nothing)
    high: Doubles = field(default_factory=nothing)
    columns: Doubles = field(default_factory=lambda: np.empty((0, 4)))
    picture: Picture = NO_PICTURE
    """The columns as they look, which is drawn far sooner."""
    pieces: Doubles = field(default_factory=lambda: np.empty((0, 4)))


class Name(NamedTuple):
    """A curve in the row above the plot; a value of None is not told."""

    words: str
    color: QColor
    value: float | None
    dashed: bool = False


def terms_of(record: RunRecord) -> Mapping[str, Column]:
    """The losses of a run that has several, by the path of each."""
    return {path: record.column("loss", path) for path in record.loss_paths}


def validation_of(record: RunRecord) -> Curve:
    """The losses on the validation part."""
    points = record.validations
    return Curve(
        np.array([point.step for point in points], np.float64),
        np.array([point.loss for point in points], np.float64),
    )


def chance_name(chance: float) -> str:
    """What stands at the loss of a uniform guess over n classes: ln n."""
    classes = round(math.exp(chance))
    exact = abs(math.log(max(classes, 1)) - chance) < 1e-6
    return f"{f'ln {classes}' if exact else ticks.reading(chance)} = uniform guess"
