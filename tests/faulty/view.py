"""What the Doctor may see of a case: the network as a list of layers, its settings, and the arrays."""

from __future__ import annotations

from typing import Any, TypedDict

from numpy.typing import NDArray

Layer = list[Any]
"""A word and its numbers: `["linear", 16]`, `["res", [...]]`."""


class View(TypedDict):
    """A case without its name, recipe, label or cure."""

    id: str
    arch: list[Layer]
    init: dict[str, Any]
    train: dict[str, Any]
    task: str
    n_out: int
    X_train: NDArray[Any]
    y_train: NDArray[Any]
    X_val: NDArray[Any]
    y_val: NDArray[Any]
