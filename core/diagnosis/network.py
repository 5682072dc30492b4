"""What rules look at before a run: the network, its plan and shapes, and what is known of its data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from core.data.settings import split_kind
from core.diagnosis.facts import Facts, FieldFacts
from core.diagnosis.objective import PASSING, Objective, objectives
from core.plan import Plan, Readers, Step, Value, readers
from core.project import Project
from core.shapes import Analysis
from core.training.reach import STOPS_GRADIENT, losses_of


@dataclass(frozen=True, eq=False)
class Network:
    """A project with its plan, its shapes and what is known of its data."""

    project: Project
    plan: Plan
    analysis: Analysis
    facts: Facts

    @cached_property
    def is_contest(self) -> bool:
        """Whether phases make different losses smaller, so that one may well stand or rise while both sides learn."""
        return len({losses_of(self.plan, phase) for phase in self.project.training.phases}) > 1 and not self.apart

    @cached_property
    def apart(self) -> tuple[Plan, ...]:
        """The part of the plan that each loss needs, where there are several and none has weights that another has."""
        parts = [self.plan.reaching([Value(loss.path, "loss")]) for loss in self.plan.losses]
        weights = [{step.module for step in part.steps if step.kind.weighted} for part in parts]
        shared = sum(map(len, weights)) > len(set().union(*weights))
        return () if shared or len(parts) < 2 or not all(weights) else tuple(parts)

    def shown(self, paths: Iterable[str]) -> tuple[str, ...]:
        """The ids of the nodes of the main graph in which these steps lie, once each."""
        known = (self.plan.by_path.get(path) for path in paths)
        return tuple(dict.fromkeys(step.shown for step in known if step is not None))

    @cached_property
    def objectives(self) -> tuple[Objective, ...]:
        """What each loss compares."""
        return tuple(objectives(self.plan, self.facts))

    @cached_property
    def readers(self) -> Readers:
        """By value the paths of the steps that read it."""
        return self.plan.origin.readers if self.plan.origin is not None else readers(self.plan)

    @cached_property
    def fields_read(self) -> tuple[FieldFacts, ...]:
        """What is known of the fields that the losses need."""
        needed = {value for step in self.trained for value in step.values()}
        values = [Value(step.path, port) for step in self.trained if step.dataset for port in step.outputs]
        known = [self.facts.of(self.plan.by_path[v.path].dataset, v.port) for v in values if v in needed]
        return tuple(dict.fromkeys(field for field in known if field is not None))

    def readers_of(self, field: FieldFacts) -> list[str]:
        """The steps that read this field, forms that only pass it on left out."""
        found: list[str] = []
        waiting = [Value(step.path, field.field) for step in self.trained if step.dataset == field.dataset]
        while waiting:
            for path in self.readers.get(waiting.pop(), ()):
                step = self.plan.by_path[path]
                if step.kind.name in PASSING:
                    waiting += [Value(path, port) for port in step.outputs]
                else:
                    found.append(path)
        return list(dict.fromkeys(found))

    def behind(self, value: Value, passing: frozenset[str]) -> Iterator[str]:
        """The steps behind a value, on through those of these kinds."""
        waiting, known = [value], {value}
        while waiting:
            for path in self.readers.get(waiting.pop(0), ()):
                yield path
                step = self.plan.by_path[path]
                more = [Value(path, port) for port in step.outputs] if step.kind.name in passing else []
                waiting += [one for one in more if one not in known]
                known.update(more)

    def is_hidden(self, step: Step) -> bool:
        """Whether another layer with weights, or one that bends, stands between it and every loss."""
        last = {objective.answer.path for objective in self.objectives if objective.answer is not None}
        return step.path not in last and not all(
            self.plan.by_path[path].kind.role == "loss" or (path in last and not self.plan.by_path[path].kind.weighted)
            for port in step.outputs[:1]
            for path in self.behind(Value(step.path, port), PASSING)
        )

    def width_before(self, step: Step) -> int:
        """How many features or channels come into a step; 0 where that is not known."""
        value = next(step.values(), None)
        found = self.analysis.types.get(value) if value is not None else None
        if found is None or not found.features:
            return 0
        return found.features[0] if len(found.features) > 2 else found.features[-1]

    def is_input(self, field: FieldFacts) -> bool:
        """Whether a layer reads it, and not a loss alone."""
        return any(self.plan.by_path[path].kind.role != "loss" for path in self.readers_of(field))

    def numbers(self, field: FieldFacts) -> int:
        """How many numbers a sample of this field has; 0 where that is not known."""
        types = [self.analysis.types.get(Value(step.path, field.field)) for step in self.trained if step.dataset]
        return next((found.numel for found in types if found is not None), 0)

    def is_in_time(self, field: FieldFacts) -> bool:
        """Whether the samples of its data set follow one another, so that later ones may well be others."""
        settings = self.project.data.get(field.dataset)
        if settings is None or split_kind(settings) != "time":
            return False
        return settings.found is None or not settings.found.held

    @cached_property
    def hidden_activations(self) -> tuple[Step, ...]:
        """The activations that are not the network's answer, nor what it hands on without a way back."""
        last = {objective.answer.path for objective in self.objectives if objective.answer is not None}
        bends = (step for step in self.trained if step.kind.category == "Activation" and step.path not in last)
        return tuple(step for step in bends if not self._is_handed_on(step))

    def _is_handed_on(self, step: Step) -> bool:
        """Whether it is a thing that was made, as of a generator: its gradient stops on one of the ways from it."""
        behind = self.behind(Value(step.path, step.outputs[0]), PASSING)
        return any(self.plan.by_path[path].kind.name in STOPS_GRADIENT for path in behind)

    @cached_property
    def scale_free(self) -> frozenset[str]:
        """The layers right behind which a normalization stands: how large their weights are makes no difference."""
        return frozenset(
            step.path
            for step in self.trained
            if step.kind.weighted
            for path in self.readers.get(Value(step.path, step.outputs[0]), ())
            if self.plan.by_path[path].kind.category == "Normalization" and self.plan.by_path[path].kind.weighted
        )

    def ends_branch(self, step: Step) -> bool:
        """Whether what it gives is only added to something else, so that it may well begin at nothing."""
        following = self.readers.get(Value(step.path, step.outputs[0]), ())
        return bool(following) and all(self.plan.by_path[path].kind.name in ("Add", "LayerScale") for path in following)

    @cached_property
    def trained(self) -> tuple[Step, ...]:
        """The steps that the losses need, in running order."""
        return self.plan.for_training().steps
