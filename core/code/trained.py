"""All that the script's second half is made of, and what follows from it for each phase."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.code.augmenting import WrittenAugmentation
from core.code.losses import Other, is_summed, target_arguments
from core.code.optimizing import WrittenPhase
from core.code.reading import WrittenData
from core.code.tree import Argument, Body
from core.data.settings import split_sizes
from core.plan import Plan, Value
from core.shapes import Analysis
from core.training.mixing import chains
from core.training.settings import TrainingSettings


@dataclass(frozen=True, slots=True, eq=False)
class Trained:
    """All that the script's second half is made of."""

    settings: TrainingSettings
    plan: Plan
    analysis: Analysis
    name: str
    """The main network's class."""
    whole: Body
    phases: tuple[tuple[WrittenPhase, str, Body], ...]
    """Each with the method of the main network that it calls."""
    fields: Mapping[Argument, str]
    data: tuple[WrittenData, ...]
    frozen: tuple[str, ...] = ()
    """The parts of the network that keep their weights, as they are called in it."""
    augmented: tuple[WrittenAugmentation, ...] = ()

    @property
    def updates(self) -> int:
        """Batches of one step."""
        return max(phase.settings.steps for phase, _method, _body in self.phases)

    @property
    def held_out(self) -> bool:
        """Whether there are samples to validate with."""
        return min(split_sizes(data.settings)[1] for data in self.data) > 0

    @property
    def judge(self) -> str:
        """The function that judges the network: where some losses are means and others sums, one of its own."""
        return "validation_loss" if len({is_summed(step) for step in self.plan.losses}) > 1 else "loss"

    def loss(self, place: int) -> str:
        """The function that sums a phase's losses."""
        name = "loss" if self.phases[place][1] == "forward" else f"{self.phases[place][1]}_loss"
        return f"mixed_{name}" if self.mixed(place) else name

    def augmentation(self, place: int) -> tuple[WrittenAugmentation, ...]:
        """How what a phase reads is augmented."""
        needed = self.plan.reaching(Value(step.path, "loss") for step in self.phases[place][0].losses)
        read = chains(needed, {data.dataset: data.settings for data in self.data})
        return tuple(item for item in self.augmented if item.data.dataset in read)

    def mixed(self, place: int) -> dict[str, Other]:
        """By variable the labels of a phase that are mixed with another."""
        losses = self.phases[place][0].losses
        read = [self.fields[argument] for argument in target_arguments(self.plan, losses, self.analysis)]
        items = [(name, item) for item in self.augmentation(place) for name in item.mixed]
        return {name: Other(item.mixed[name], item.share) for name, item in items if name in read}
