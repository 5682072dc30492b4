"""The score of a Doctor: which labels it says first, and whether what it offers cures."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.faulty.case import HEALTHY, Case, merge, view_of
from tests.faulty.cases.data import DATA
from tests.faulty.cases.flow import FLOW
from tests.faulty.cases.hard import HARD
from tests.faulty.cases.healthy import HEALTHY as SOUND
from tests.faulty.cases.model import MODEL
from tests.faulty.cases.settings import SETTINGS
from tests.faulty.training import evaluate
from tests.faulty.view import View

CASES: tuple[Case, ...] = (*FLOW, *SETTINGS, *DATA, *MODEL, *SOUND, *HARD)
DATA_CURES = frozenset({"restandardize", "y_standardize", "drop_nan", "clip_outliers"})
"""What a patch may do to the data."""
Patch = Mapping[str, Any]
Said = tuple[str, Patch | None]
"""A label, and the patch that is offered for it."""
Diagnose = Callable[[View], Sequence[Said]]


def opaque(cases: Iterable[Case] = CASES) -> dict[str, Case]:
    """The cases by names that give nothing away."""
    ordered = sorted(cases, key=lambda case: hashlib.sha256(case.id.encode()).hexdigest())
    return {f"case_{place:03d}": case for place, case in enumerate(ordered)}


def evaluate_patch(case: Case, patch: Patch, seed: int = 0) -> float:
    """The score of a case after a patch to its network, start, training or, in four ways, its data."""
    said = {key: value for key, value in patch.items() if key in ("arch", "init", "train", "data")}
    said["data"] = {key: value for key, value in said.get("data", {}).items() if key in DATA_CURES}
    return evaluate(merge(case.spec, said), seed)


@dataclass(frozen=True)
class Row:
    """What was said of one case with one seed."""

    case: Case
    seed: int
    labels: tuple[str, ...]
    cured: bool | None = None
    """None where nothing was offered or tried."""
    found_after: float = float("nan")
    """The part of the run after which the right label stood first."""

    @property
    def is_healthy(self) -> bool:
        """Whether there was nothing to find."""
        return self.case.label == HEALTHY

    @property
    def verdict(self) -> str:
        """How good that was, in a word."""
        if self.is_healthy:
            return "false alarm" if self.labels else "ok"
        if not self.labels:
            return "missed"
        if self.labels[0] in self.case.right:
            return "first"
        return "in three" if self.case.right & set(self.labels[:3]) else "wrong"


def judged(case: Case, seed: int, said: Sequence[Said], cures: bool = False) -> Row:
    """The row of what was said; with `cures` the first patch is tried."""
    patch = next((patch for _label, patch in said if patch is not None), None)
    cured = None
    if cures and patch is not None and case.label != HEALTHY:
        cured = evaluate_patch(case, patch, seed) >= case.good
    return Row(case, seed, tuple(label for label, _patch in said), cured)


def score(diagnose: Diagnose, cases: Iterable[Case] = CASES, seeds: Sequence[int] = (0,)) -> list[Row]:
    """What a Doctor says of every case, and whether the first patch it offers cures."""
    return [
        judged(case, seed, diagnose(view_of(case, name, seed)), cures=True)
        for name, case in opaque(cases).items()
        for seed in seeds
    ]


def share(rows: Iterable[Row], holds: Callable[[Row], bool]) -> float:
    """The part of the rows for which something holds; NaN of none."""
    found = [holds(row) for row in rows]
    return sum(found) / len(found) if found else float("nan")
