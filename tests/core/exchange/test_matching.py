"""Weights of a file for a network that is there: what matches how, and that nothing is lost unsaid."""

from __future__ import annotations

from core.exchange.matching import matched

OURS = {"conv1.weight": (4, 1, 3, 3), "conv1.bias": (4,), "layers[0].fc.weight": (2, 4), "layers[1].fc.weight": (2, 2)}


def test_names_match_in_the_spelling_of_other_programs() -> None:
    theirs = {
        "module.layers.0.fc.weight": (2, 4),
        "module.conv1.weight": (4, 1, 3, 3),
        "module.conv1.bias": (4,),
        "module.layers.1.fc.weight": (2, 2),
    }
    found = matched(OURS, theirs)
    assert found.pairs["layers[0].fc.weight"] == "module.layers.0.fc.weight"
    assert len(found.by_name) == 4
    assert (found.by_order, found.wrong, found.missing, found.unused) == ((), (), (), ())


def test_what_has_no_name_in_common_matches_by_order_and_shape_of_one_sort() -> None:
    theirs = {"a.bias": (4,), "a.weight": (4, 1, 3, 3), "b.weight": (2, 4), "c.scale": (2, 2), "d.weight": (7,)}
    found = matched(OURS, theirs)
    assert found.by_order == (
        ("conv1.weight", "a.weight"),
        ("conv1.bias", "a.bias"),
        ("layers[0].fc.weight", "b.weight"),
    )
    assert found.missing == ("layers[1].fc.weight",)
    assert found.unused == ("c.scale", "d.weight")


def test_a_wrong_shape_under_the_right_name_is_told_and_not_taken() -> None:
    found = matched(OURS, {"conv1.bias": (5,), "x.bias": (4,)})
    assert found.wrong == (("conv1.bias", "4 wanted, 5 came"),)
    assert "conv1.bias" not in found.pairs
    assert found.unused == ("x.bias",)
