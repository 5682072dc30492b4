"""Batch norms that meet another number of dimensions name the one that takes it."""

from __future__ import annotations

import pytest

from core.catalog import KINDS
from core.catalog.kind import Batch, TensorType
from core.shapes import shapes_of


@pytest.mark.parametrize(
    ("used", "shape", "named"),
    [
        ("BatchNorm2d", (6,), "BatchNorm1d"),
        ("BatchNorm1d", (6, 4, 4), "BatchNorm2d"),
        ("BatchNorm2d", (6, 4, 4, 4), "BatchNorm3d"),
        ("BatchNorm3d", (6, 4), "BatchNorm1d"),
    ],
)
def test_the_norm_that_is_named_takes_what_came(used: str, shape: tuple[int, ...], named: str) -> None:
    came = {"input": TensorType((Batch(), *shape))}
    error = shapes_of(KINDS[used], (), came).error
    assert error is not None
    assert error.fix == f"Use {named} here."
    assert shapes_of(KINDS[named], (), came).error is None
