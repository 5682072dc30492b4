"""What each step of augmentation costs on a batch of 32 pictures of 3×32×32, on one processor.

    python -m benchmarks.augmentation

The figure is the least of several blocks: what it takes when nothing else is in the way.
"""

from __future__ import annotations

import sys
from pathlib import Path
from time import perf_counter

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import torch

from core.data.augmentation import Roles, read_steps
from core.data.augmentation_kinds import AUGMENTATIONS
from core.data.augmented import augment

SHAPE = (32, 3, 32, 32)
BLOCKS, ROUNDS = 20, 10
LISTS = ("horizontal_flip, crop", *(name for name, kind in AUGMENTATIONS.items() if kind.acts != "rows"))


def cost(text: str) -> float:
    """Seconds of a list on one batch, the least of several blocks."""
    generator = torch.Generator().manual_seed(0)
    batch, roles = torch.rand(SHAPE, generator=generator), Roles(("image",), ("image",), (), (), ("label",))
    steps, least = read_steps(text), float("inf")
    for _ in range(BLOCKS):
        began = perf_counter()
        for _ in range(ROUNDS):
            augment({"image": batch}, steps, roles, generator)
        least = min(least, (perf_counter() - began) / ROUNDS)
    return least


def main() -> None:
    """Print the table."""
    torch.set_num_threads(1)
    for text in LISTS:
        print(f"{text:24} {cost(text) * 1e3:6.2f} ms")


if __name__ == "__main__":
    main()
