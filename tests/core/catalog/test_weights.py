"""Weights of every kind can be started in a chosen way and kept as they are."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import pytest

from core.catalog import KINDS
from core.catalog.initialization import FROZEN, WEIGHT_PARAMS
from core.catalog.kind import LayerKind
from core.shapes import shapes_of
from tests.core.catalog.test_every_kind import RUNNING, ids, inputs_of

VECTORS = "its weights are vectors, one number for a feature: Xavier, Kaiming and orthogonal starts ask for matrices"
NOT_STARTED: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "GroupNorm", "LayerNorm", "RMSNorm"), VECTORS),
        "LayerScale": f"{VECTORS}; `value` says what it begins with",
        "LearnableTensor": "it may have any shape, and `std` says how it begins",
        "PReLU": f"{VECTORS}; `init` says what it begins with",
    }
)
"""The kinds with weights that have no weight_init, and why."""


def parameters(kind: LayerKind) -> int:
    found = shapes_of(kind, kind.example_params, inputs_of(kind, kind.example))
    return found.shaped.parameters if found.shaped is not None else 0


WITH_WEIGHTS = [kind for kind in RUNNING if parameters(kind) > 0]


@pytest.mark.parametrize("kind", WITH_WEIGHTS, ids=ids(WITH_WEIGHTS))
def test_what_has_weights_can_start_them_and_freeze_them(kind: LayerKind) -> None:
    assert FROZEN in kind.params
    if kind.name not in NOT_STARTED:
        assert set(WEIGHT_PARAMS) <= set(kind.params)


def test_the_exceptions_are_kinds_with_weights_and_without_a_start() -> None:
    names = {kind.name for kind in WITH_WEIGHTS}
    for name in NOT_STARTED:
        assert name in names
        assert not any(param.name == "weight_init" for param in KINDS[name].params)


def test_what_has_no_weights_offers_to_freeze_none() -> None:
    without = [kind for kind in RUNNING if not parameters(kind) and not kind.opaque]
    offering = {kind.name for kind in without if FROZEN in kind.params}
    assert offering == {"InstanceNorm1d", "InstanceNorm2d", "InstanceNorm3d"}, "these have weights with affine"
