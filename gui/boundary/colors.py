"""The colours of what a network says over a plane, and of the samples on it; what its legend says."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor

from core.prediction.meanings import class_names, two_names
from gui.boundary.legend import Key
from gui.subject import Output
from gui.theme import Theme, mix


def sample_color(theme: Theme, kind: int, output: Output) -> QColor:
    """The ink of samples of a class, darker or lighter than the ground that says the same."""
    of_two = is_of_two(output) or output.form == "values"
    return mix(class_color(theme, kind, of_two), theme.color("text"), 0.35 if theme.dark else 0.3)


def class_color(theme: Theme, kind: int, of_two: bool) -> QColor:
    """The colour of a class."""
    return theme.class_color(kind) if of_two and kind < 2 else theme.series(kind)


def said_colors(theme: Theme, output: Output, values: NDArray[Any], is_discrete: bool) -> NDArray[np.uint8]:
    """What is said (H, W, ...) as colours (H, W, 3): of the class, the paler the less sure."""
    flat = values.reshape(*values.shape[:2], -1).astype(np.float64)
    middle = _rgb(theme.class_middle)
    if is_of_two(output) or output.form == "values":
        share = _towards_second(output, flat)
        share = np.sign(share) if is_discrete else share
        ends = [_rgb(theme.class_color(at)) for at in (0, 1)]
        colors = middle + np.clip(-share, 0, 1)[..., None] * (ends[0] - middle)
        colors += np.clip(share, 0, 1)[..., None] * (ends[1] - middle)
        return colors.round().astype(np.uint8)
    table = np.array([_rgb(class_color(theme, at, False)) for at in range(flat.shape[2])])
    best = flat.argmax(axis=2)
    if output.meaning.prediction == "scores":
        sure = np.full(best.shape, 0.75)
    else:
        sure = np.clip((flat.max(axis=2) - 1 / flat.shape[2]) / (1 - 1 / flat.shape[2]), 0, 1)
    strength = np.full(best.shape, 0.75) if is_discrete else 0.75 * sure
    painted: NDArray[np.float64] = middle + strength[..., None] * (table[best] - middle)
    return painted.round().astype(np.uint8)


def names_of(output: Output) -> list[str]:
    """What the classes of an output are called; of values, what lies on either side of the middle."""
    if is_of_two(output):
        return list(two_names(output.meaning))
    if output.form == "classes":
        return class_names(output.meaning, output.shape[0] if output.shape else len(output.meaning.classes))
    return ["below the median", "above it"] if output.form == "values" else []


def keys(theme: Theme, output: Output, has_held: bool) -> list[Key]:
    """What the legend says."""
    found = [Key(name, sample_color(theme, kind, output), kind) for kind, name in enumerate(names_of(output))]
    if output.form == "sign" and output.meaning.margin:
        found.append(Key("margin", theme.color("text"), line=True, hollow=True))
    return [*found, Key("held out", theme.color("text2"), 0, hollow=True)] if has_held else found


def is_of_two(output: Output) -> bool:
    """Whether it decides between two classes."""
    return output.form in ("yes or no", "sign") or (output.form == "classes" and output.shape == (2,))


def _towards_second(output: Output, flat: NDArray[np.float64]) -> NDArray[np.float64]:
    """From −1, surely the first class, to 1, surely the second; for values from the least to the most."""
    if output.form == "yes or no":
        return 2 * flat[..., 0] - 1
    if output.form == "sign":
        return flat[..., 0] / (2 * (output.meaning.margin or 1.0))
    if output.form == "classes":
        return flat[..., 1] - flat[..., 0]
    low, high = float(flat[..., 0].min()), float(flat[..., 0].max())
    share: NDArray[np.float64] = 2 * (flat[..., 0] - low) / ((high - low) or 1.0) - 1
    return share


def _rgb(color: QColor) -> NDArray[np.float64]:
    return np.array([color.red(), color.green(), color.blue()], np.float64)
