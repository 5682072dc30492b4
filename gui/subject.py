"""Which network is asked, and what is known of it before it answers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from core.catalog.kind import TensorType
from core.files import to_text
from core.plan import Plan, Step, Value
from core.prediction.inputs import Input, inputs_of
from core.prediction.meanings import Form, Meaning, form, meanings, output_name
from core.project import Project
from core.shapes import Analysis

_THROUGH = frozenset({"Flatten", "Reshape", "Squeeze", "Unsqueeze", "Identity"})
"""Kinds that a linear model may hold beside its one layer."""


@dataclass(frozen=True)
class Output:
    """One answer of a network."""

    name: str
    meaning: Meaning
    shape: tuple[int, ...]
    """Of one sample; empty where it is not known."""

    @property
    def form(self) -> Form:
        """How it is shown."""
        return form(self.meaning, self.shape)


@dataclass(frozen=True)
class Subject:
    """A network with weights; `weights` is their file, or empty for those of the engine's run."""

    project: Project
    plan: Plan
    analysis: Analysis
    weights: str = ""

    @cached_property
    def inputs(self) -> dict[str, Input]:
        """What it reads, by name."""
        return inputs_of(self.plan)

    @cached_property
    def outputs(self) -> tuple[Output, ...]:
        """What it answers."""
        known = meanings(self.plan)
        return tuple(
            Output(output_name(value), known[output_name(value)], self._shape(value))
            for value in self.plan.predictions()
        )

    @cached_property
    def linear(self) -> Step | None:
        """The one Linear layer of a linear model, which lies between the only input and an output; else None."""
        steps = [step for step in self.plan.for_inference().steps if step.kind.role == "layer"]
        own = [step for step in steps if step.kind.name == "Linear"]
        others = {step.kind.name for step in steps if step.kind.name != "Linear"}
        return own[0] if len(own) == 1 and len(self.inputs) == 1 and others <= _THROUGH else None

    @cached_property
    def text(self) -> str:
        """The project as the text of its file."""
        return to_text(self.project)

    @property
    def source(self) -> str:
        """The data set of the first input: its source's name; empty where there is none."""
        first = next(iter(self.inputs.values()), None)
        settings = self.project.data.get(first.dataset) if first is not None else None
        return settings.source if settings is not None else ""

    def _shape(self, value: Value) -> tuple[int, ...]:
        found: TensorType | None = self.analysis.types.get(value)
        return found.features if found is not None else ()
