"""The walk goes forward through every step and back along the gradient, and its factors multiply to what arrives."""

from __future__ import annotations

import pytest

from core.engine.traces import Incoming, Output, Spread, Stage, Traced
from core.walk import Walk, gradient, product

SPREAD = Spread(count=1)


def stage(path: str, back: float | None, *wires: tuple[str, float | None, float | None]) -> Stage:
    return Stage(
        path=path,
        node=path,
        module=path,
        kind="Linear",
        category="Linear",
        outputs=[Output(port="output", shape=[1], spread=SPREAD, numbers=[], gradient=back)],
        incoming=[
            Incoming(port="input", path=source, source="output", gradient=by, factor=factor)
            for source, by, factor in wires
        ],
        weights=[],
    )


ROW = Walk(
    Traced(
        step=3,
        samples=4,
        loss=0.5,
        stages=[
            stage("data", None),
            stage("one", 0.125, ("data", None, None)),
            stage("two", 0.25, ("one", 0.125, 0.5)),
            stage("loss", 1.0, ("two", 0.25, 0.25), ("data", None, None)),
        ],
    )
)
PARTED = Walk(
    Traced(
        step=3,
        samples=4,
        loss=0.5,
        stages=[
            stage("one", 1.1),
            stage("two", 1.0, ("one", 0.3, 0.3)),
            stage("add", 1.0, ("one", 0.8, 0.8), ("two", 1.0, 1.0)),
        ],
    )
)


def test_forward_through_all_and_back_where_a_gradient_comes():
    assert [(moment.direction, moment.stage.path) for moment in ROW.moments] == [
        ("forward", "data"),
        ("forward", "one"),
        ("forward", "two"),
        ("forward", "loss"),
        ("backward", "loss"),
        ("backward", "two"),
        ("backward", "one"),
    ]
    assert ROW.turn == 4
    assert (ROW.place("one", "forward"), ROW.place("one", "backward"), ROW.place("data", "backward")) == (1, 6, None)


def test_factors_along_a_row_multiply_to_what_arrives():
    links = ROW.chain("one")
    assert links == (("loss", 0.25), ("two", 0.5))
    assert ROW.is_product("one")
    assert product(links) == pytest.approx(gradient(ROW.traced.stages[1]) or 0.0)
    assert ROW.chain("loss") == ()


def test_where_the_way_parts_the_strongest_wire_is_followed_and_no_product_is_claimed():
    assert PARTED.chain("one") == (("add", 0.8),)
    assert not PARTED.is_product("one")
    assert PARTED.is_product("two")
