"""What is known of the data a network reads, worked out where the tensors are and sent as a plain value."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldFacts:
    """What is known of one field of a data set; figures are of the training part where nothing else is said.

    NaN stands for what such a field does not have, or what was not worked out.
    """

    dataset: str
    field: str
    samples: int
    held: int = 0
    """Samples of the validation part."""
    nonfinite: int = 0
    """Samples of both parts in which a number is NaN or infinite."""
    first_nonfinite: int = -1
    """The number of the first of these in the data set."""
    low: float = float("nan")
    high: float = float("nan")
    mean: float = float("nan")
    std: float = float("nan")
    rms: float = float("nan")
    spread: float = float("nan")
    """The largest deviation of a feature over the median one."""
    offset: float = float("nan")
    """The largest distance of a feature's mean from zero, in its deviations; nearly constant features left out."""
    shift: float = float("nan")
    """The median distance of a feature's mean in the validation part from that in training, in deviations."""
    scale: float = float("nan")
    """The median of a feature's deviation in the validation part over that in training."""
    classes: tuple[int, ...] = ()
    """Samples of each class in training."""
    held_classes: tuple[int, ...] = ()
    """Samples of each class in the validation part."""
    names: tuple[str, ...] = ()
    """What the classes are called."""
    batch_entropy: float = float("nan")
    """The median entropy, in nats, of the labels of a batch as training takes them."""
    random_entropy: float = float("nan")
    """The same of batches that are drawn at random."""
    neighbours_agree: float = float("nan")
    """How often a sample's nearest neighbour in training has its label; of a number, the share of its variance that
    neighbours explain."""
    agree_by_chance: float = float("nan")
    """How often it would if labels had nothing to do with inputs."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of all data that a network reads."""

    fields: tuple[FieldFacts, ...] = ()
    leaks: tuple[tuple[str, int], ...] = ()
    """By data set how many samples of the validation part stand in training too."""

    def of(self, dataset: str, field: str) -> FieldFacts | None:
        """What is known of this field; None where it was not looked at."""
        return next((one for one in self.fields if (one.dataset, one.field) == (dataset, field)), None)
