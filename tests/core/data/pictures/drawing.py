"""Folders of small pictures, drawn for a test."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image


def save(path: Path, pixels: np.ndarray, **options: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, **options)  # type: ignore[arg-type]  # what Pillow takes
    return path


def noise(number: int, height: int = 12, width: int = 12) -> np.ndarray:
    return np.random.default_rng(number).integers(0, 256, (height, width, 3), np.uint8)


def classes(root: Path, count: int = 6, names: tuple[str, ...] = ("cat", "dog", "emu")) -> Path:
    """So many noisy pictures of each class, PNG, of the size that is read."""
    for place, name in enumerate(names):
        for number in range(count):
            save(root / name / f"{number}.png", noise(100 * place + number))
    return root
