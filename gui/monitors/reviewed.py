"""Samples that the engine has judged, as columns: put in order and counted without asking again."""

from __future__ import annotations

import math

import msgspec
import numpy as np
from numpy.typing import NDArray

from core.engine.reviews import Reviewed
from core.prediction.verdicts import Verdicts, ranked
from core.telemetry.sheet import Sheet, fixed
from gui.numbers import percent, plain, signed

CLASSES = ("classes", "yes or no", "sign")
"""The forms of answers that are one class."""
PLACES = ("mask", "tokens", "labels")
"""Those that are many classes a sample."""
LONGEST = "> 99.99 %"
"""As a share is written at the most."""
COLUMNS = ("places", "numbers", "losses", "said", "right", "sure", "lead", "apart", "wrong")
"""What holds a number for each sample."""


class Judgement:
    """All samples of one answer."""

    def __init__(self, told: Reviewed, is_of_file: bool = False) -> None:
        self.told, self._is_of_file = told, is_of_file
        self.places = np.frombuffer(told.places, "<i4")
        self.numbers = np.frombuffer(told.numbers, "<i4")
        self.losses = np.frombuffer(told.losses, "<f4")
        said, right = (np.frombuffer(column, "<i4") for column in (told.said, told.right))
        sure, lead, apart = (np.frombuffer(column, "<f4") for column in (told.sure, told.lead, told.apart))
        self.found = Verdicts(said, right, sure, lead, apart, np.frombuffer(told.wrong, "u1").astype(bool))

    def __len__(self) -> int:
        return len(self.places)

    @property
    def has_classes(self) -> bool:
        """Whether each sample is of one class that is known."""
        return self.told.form in CLASSES and bool((self.found.right >= 0).any())

    @property
    def has_wrong(self) -> bool:
        """Whether a sample can be wrong at all."""
        return self.has_classes or (self.told.form in PLACES and not np.isnan(self.found.apart).all())

    def ordered(self, order: str, only_wrong: bool, of_class: int, as_class: int) -> NDArray[np.int64]:
        """The samples that are listed, in this order."""
        of, said = (of_class, as_class) if self.has_classes else (-1, -1)
        return ranked(order, self.losses, self.found, only_wrong and self.has_wrong, of, said)

    def name(self, kind: int) -> str:
        """What a class is called."""
        classes = self.told.classes
        return classes[kind] if 0 <= kind < len(classes) else str(kind)

    @property
    def words(self) -> str:
        """Of which step and of how many samples this is, and how they did."""
        told = self.told
        before = "weights of the file" if self._is_of_file else "before the first step"
        moment = f"step {told.step:,}" if told.step else before
        kind = "held-out" if told.part == "validation" else "training"
        of = f"{len(self):,}" if len(self) == told.size else f"the first {len(self):,} of {told.size:,}"
        mean = float(np.nanmean(self.losses)) if len(self) and not np.isnan(self.losses).all() else float("nan")
        many = f"{of} {kind} samples"
        if not self.has_wrong:
            return f"{moment}: {many}, mean loss {plain(mean, 4)}"
        count = int(self.found.wrong.sum())
        how = f"{count:,} wrong ({percent(count / max(len(self), 1))})"
        if told.form in PLACES:
            how = f"{percent(float(np.nanmean(self.found.apart)))} of {_places(told.form)} wrong"
        return f"{moment}: {many}, {how}"

    def cost(self, index: int) -> str:
        """What a sample costs."""
        return plain(float(self.losses[index]), 3)

    def off(self, index: int) -> str:
        """How far a sample is off: an error, or a share that is wrong."""
        apart = float(self.found.apart[index])
        if math.isnan(apart):
            return ""
        if self.told.form in PLACES:
            return percent(apart)
        return signed(apart, 3) if self.told.form == "values" else plain(apart, 3)

    def certainty(self, index: int) -> str:
        """How sure the network is of what it says."""
        sure = float(self.found.sure[index])
        if math.isnan(sure):
            return ""
        return percent(sure) if self.told.is_share else plain(sure, 3)

    def sheet(self, listed: NDArray[np.int64]) -> Sheet:
        """A row a sample, in the order in which they are listed."""
        found = self.found
        names, columns = ["sample", "loss"], [self.numbers[listed], self.losses[listed]]
        if self.has_classes:
            names += ["is", "said"]
            columns += [np.array([self.name(int(one)) for one in part[listed]]) for part in (found.right, found.said)]
        if not np.isnan(found.sure).all():
            names.append("sure")
            columns.append(found.sure[listed])
        if not np.isnan(found.apart).all():
            names.append("off")
            columns.append(found.apart[listed])
        if self.has_wrong:
            names.append("wrong")
            columns.append(found.wrong[listed].astype(int))
        return fixed(names, columns)


def joined(one: Reviewed, other: Reviewed) -> Reviewed:
    """The samples of both, of which the latter follow the former."""
    columns = {name: getattr(one, name) + getattr(other, name) for name in COLUMNS}
    return msgspec.structs.replace(one, rows=[*one.rows, *other.rows], **columns)


def _places(form: str) -> str:
    return {"mask": "pixels", "tokens": "tokens", "labels": "labels"}[form]
