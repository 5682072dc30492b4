"""A batch walked through step by step: forward from the data to the loss, then backward from the loss to the data."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

from core.engine.traces import Incoming, Stage, Traced

Direction = Literal["forward", "backward"]


class Moment(NamedTuple):
    """One stop of the walk."""

    direction: Direction
    stage: Stage


class Link(NamedTuple):
    """One factor of the chain rule: the step, and what it does to the gradient that comes back to it."""

    path: str
    factor: float


@dataclass(frozen=True)
class Walk:
    """All stops of one trace."""

    traced: Traced

    @cached_property
    def moments(self) -> tuple[Moment, ...]:
        """Every step on the way forward, then those that a gradient comes back to."""
        forward = [Moment("forward", stage) for stage in self.traced.stages]
        back = [Moment("backward", stage) for stage in reversed(self.traced.stages) if gradient(stage) is not None]
        return (*forward, *back)

    @cached_property
    def turn(self) -> int:
        """The place of the first stop on the way back."""
        return len(self.traced.stages)

    def place(self, path: str, direction: Direction) -> int | None:
        """Where the walk stops at a step; None where it does not in this direction."""
        found = (
            place
            for place, moment in enumerate(self.moments)
            if moment.stage.path == path and moment.direction == direction
        )
        return next(found, None)

    def chain(self, path: str) -> tuple[Link, ...]:
        """The factors from the loss to this step's output, each time along the wire by which the most comes back."""
        links: list[Link] = []
        seen = {path}
        while (strongest := self._strongest(path)) is not None:
            stage, wire = strongest
            if wire.factor is None or stage.path in seen:
                break
            links.append(Link(stage.path, wire.factor))
            seen.add(stage.path)
            path = stage.path
        return tuple(reversed(links))

    def is_product(self, path: str) -> bool:
        """Whether the factors of `chain` multiply to the gradient that comes back to this step's output.

        They do where the way to the loss never parts; else what comes back by several wires is added.
        """
        ways = [self._back.get(path, [])]
        for link in self.chain(path)[:0:-1]:
            ways.append(self._back.get(link.path, []))
        return all(len(way) <= 1 for way in ways)

    def _strongest(self, path: str) -> tuple[Stage, Incoming] | None:
        ways = self._back.get(path, [])
        return max(ways, key=lambda way: way[1].gradient or 0.0) if ways else None

    @cached_property
    def _back(self) -> Mapping[str, list[tuple[Stage, Incoming]]]:
        """By step the wires by which a gradient comes back to it, and where they come from."""
        found: dict[str, list[tuple[Stage, Incoming]]] = {}
        for stage in self.traced.stages:
            for wire in stage.incoming:
                if wire.gradient is not None:
                    found.setdefault(wire.path, []).append((stage, wire))
        return found


def gradient(stage: Stage) -> float | None:
    """The rms of what comes back to a step's outputs; None where nothing does."""
    found = [output.gradient for output in stage.outputs if output.gradient is not None]
    return math.hypot(*found) if found else None


def product(links: tuple[Link, ...]) -> float:
    """The factors multiplied."""
    return math.prod(link.factor for link in links)
