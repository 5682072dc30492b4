"""A batch after the steps of a data set's list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from core.data import augmenting
from core.data.augmentation import Augmentation, Roles, in_order, mixing
from core.data.augmentation_kinds import AUGMENTATIONS


@dataclass(frozen=True, slots=True, eq=False)
class Mixed:
    """With which sample each was mixed, and the share that each keeps."""

    partner: Tensor
    share: float


def augment(
    batch: dict[str, Tensor], steps: Sequence[Augmentation], roles: Roles, generator: torch.Generator
) -> Mixed | None:
    """Change the fields (N, ...) of a batch in place of what they were; what labels are to be mixed with, or None.

    Where several steps mix, one of them is drawn first.
    """
    mixes = mixing(steps)
    turn = int(torch.randint(len(mixes), (), generator=generator)) if len(mixes) > 1 else 0
    found = None
    for step in (*in_order(steps)[: -len(mixes) or None], *mixes[turn : turn + 1]):
        found = _act(batch, step, roles, generator)
    return found


def _act(batch: dict[str, Tensor], step: Augmentation, roles: Roles, generator: torch.Generator) -> Mixed | None:
    kind = AUGMENTATIONS[step.name]
    names, function = roles.of(kind.acts), getattr(augmenting, step.name)
    if not names:
        return None
    if kind.way == "change":
        for name in names:
            batch[name] = function(batch[name], generator, **step.values)
        return None
    made = function(batch[names[0]], generator, **step.values)
    move, partner, share = made if kind.way == "mix" else (made, None, 1.0)
    for name in names:
        batch[name] = move(batch[name])
    if kind.moves_masks:
        for name in roles.masks:
            batch[name] = augmenting.of_mask(move, batch[name])
        for name in roles.boxes:
            batch[name] = augmenting.of_boxes(move, batch[name])
            batch |= {other: augmenting.held(batch[name], batch[other]) for other in roles.held}
    return Mixed(partner, share) if partner is not None else None
