"""The catalog offers every module class of torch.nn, or says why not; and its page tells the same."""

from __future__ import annotations

from pathlib import Path

from torch import nn

from core.catalog import CATEGORIES, KINDS
from core.catalog.left_out import LEFT_OUT
from core.catalog.listing import page

PAGE = Path(__file__).parents[3] / "docs" / "layers.md"
PUBLIC = {
    name
    for name, found in vars(nn).items()
    if not name.startswith("_") and isinstance(found, type) and issubclass(found, nn.Module)
}
OFFERED = {kind.offers.removeprefix("nn.") for kind in KINDS.values() if kind.offers}


def test_torch_has_the_classes_that_are_counted() -> None:
    assert len(PUBLIC) > 150
    assert set(nn.modules.__all__) - {"factory_kwargs"} <= PUBLIC | NO_MODULES


NO_MODULES = {"LinearCrossEntropyOptions"}
"""What torch.nn.modules names that is no module."""


def test_every_module_class_of_torch_is_offered_or_left_out_with_a_reason() -> None:
    assert PUBLIC - OFFERED - set(LEFT_OUT) == set()


def test_what_is_left_out_is_torchs_and_is_not_offered() -> None:
    assert set(LEFT_OUT) - PUBLIC == set()
    assert set(LEFT_OUT) & OFFERED == set()
    assert all(why.endswith(".") and len(why) > 20 for why in LEFT_OUT.values())


def test_what_kinds_offer_is_torchs() -> None:
    assert set() == OFFERED - PUBLIC
    assert all(not (kind.like and kind.is_torchs) for kind in KINDS.values())


def test_the_kind_that_a_reason_names_exists() -> None:
    named = [why.partition(" ")[0] for why in LEFT_OUT.values() if "does the same" in why]
    assert len(named) == sum(name.startswith("Lazy") for name in PUBLIC)
    assert set(named) <= set(KINDS)
    assert {"LearnableTensor", "NLL", "BatchNorm2d"} <= set(KINDS)


def test_the_page_of_layers_is_that_of_the_catalog() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run python tools/make_layers.py"


def test_the_page_tells_every_kind_under_its_category() -> None:
    parts = {part.partition(" (")[0]: part for part in page().split("\n## ")[1:]}
    assert [name for name in parts if name in CATEGORIES] == [
        name for name in CATEGORIES if any(kind.category == name for kind in KINDS.values())
    ]
    for kind in KINDS.values():
        assert f"| {kind.name} | " in parts[kind.category]
