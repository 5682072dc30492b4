"""What fresh networks learn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.faulty.case import Spec
from tests.faulty.fresh.luck import Luck


@dataclass(frozen=True)
class Task:
    """A recipe of data with what a network for it must know."""

    data: Spec
    outputs: int
    """Classes; 1 for a number."""
    shape: str
    """`points` (a few numbers), `features`, `pictures`, `sequence` or `tokens`."""
    is_number: bool = False
    is_bent: bool = True
    """Whether a linear network is far from enough."""
    effort: float = 1.0
    """How many times the usual steps it takes."""

    def with_data(self, **more: Any) -> Task:
        """The same with more said of its data."""
        return Task({**self.data, **more}, self.outputs, self.shape, self.is_number, self.is_bent, self.effort)

    @property
    def is_flat(self) -> bool:
        """Whether a sample is a row of numbers."""
        return self.shape in ("points", "features")


def task(luck: Luck, shapes: Sequence[str] = ("points", "features"), **wanted: bool) -> Task:
    """A task of one of these shapes, its attributes as wanted."""
    while True:
        found = _drawn(luck, luck.one(shapes))
        if all(getattr(found, name) == value for name, value in wanted.items()):
            return found


def _drawn(luck: Luck, shape: str) -> Task:
    makers = {"points": _points, "features": _features, "pictures": _pictures, "sequence": _sequence, "tokens": _tokens}
    return makers[shape](luck)


def _points(luck: Luck) -> Task:
    count = luck.whole(6, 16) * 100
    scaled = {"n": count, "standardize": True}
    classes = luck.whole(2, 4)
    around = [[4 * (place % 3) - 4, 4 * (place // 3) - 2 + (place % 2)] for place in range(6)]
    drawn: list[Mapping[str, Any]] = [
        {"data": {"name": "moons", "noise": luck.even(0.08, 0.22), **scaled}, "outputs": 2},
        {"data": {"name": "circles", "noise": luck.even(0.05, 0.1), **scaled}, "outputs": 2},
        {"data": {"name": "rings", "noise": luck.even(0.03, 0.08), **scaled}, "outputs": 2},
        {"data": {"name": "xor", "noise": luck.even(0.02, 0.1), **scaled}, "outputs": 2},
        {"data": {"name": "checker", "squares": 3, **scaled}, "outputs": 2, "effort": 2.0},
        {"data": {"name": "stripes", "k": classes, **scaled}, "outputs": classes, "effort": 1.5},
        {
            "data": {"name": "spirals", "k": luck.one((2, 3)), "noise": luck.even(0.06, 0.14), **scaled},
            "outputs": 3,
            "effort": 2.5,
        },
        {"data": {"name": "quantiles", "f": luck.whole(2, 6), "k": 3, **scaled}, "outputs": 3, "effort": 1.5},
        {
            "data": {"name": "blobs", "centers": around, "std": luck.even(0.5, 0.9), **scaled},
            "outputs": 6,
            "is_bent": False,
        },
        {"data": {"name": "sine", "noise": luck.even(0.05, 0.15), "n": count}, "outputs": 1, "is_number": True},
        {"data": {"name": "bowl", "noise": luck.even(0.02, 0.1), "n": count}, "outputs": 1, "is_number": True},
        {"data": {"name": "waves", "f": luck.whole(2, 5), "n": count}, "outputs": 1, "is_number": True},
    ]
    said = dict(luck.one(drawn))
    if said["data"]["name"] == "spirals":
        said["outputs"] = said["data"]["k"]
    return Task(shape="points", **said)


def _features(luck: Luck) -> Task:
    count, scaled = luck.whole(6, 14) * 100, {"standardize": True}
    number = {"n": count, "y_standardize": True, **scaled}
    classes, width = luck.whole(2, 6), luck.whole(8, 24)
    drawn: list[Mapping[str, Any]] = [
        {"data": {"name": "digits", **scaled}, "outputs": 10, "is_bent": False},
        {"data": {"name": "wine", **scaled}, "outputs": 3, "is_bent": False},
        {"data": {"name": "cancer", **scaled}, "outputs": 2, "is_bent": False},
        {"data": {"name": "features", "f": width, "k": classes, "n": count, **scaled}, "outputs": classes},
        {"data": {"name": "counts", "f": 30, "k": 4, "n": count, **scaled}, "outputs": 4, "is_bent": False},
        {"data": {"name": "friedman", "noise": luck.even(0.3, 1.0), **number}, "outputs": 1, "is_number": True},
        {"data": {"name": "product", "f": luck.whole(4, 8), **number}, "outputs": 1, "is_number": True},
        {"data": {"name": "circuit", **number}, "outputs": 1, "is_number": True},
        {
            "data": {"name": "linear", "f": luck.whole(6, 14), "noise": 4.0, "n": count, **scaled},
            "outputs": 1,
            "is_number": True,
            "is_bent": False,
        },
    ]
    return Task(shape="features", **luck.one(drawn))


def _pictures(luck: Luck) -> Task:
    if luck.chance(0.5):
        return Task({"name": "digits_img"}, 10, "pictures", is_bent=False)
    return Task({"name": "shapes", "n": luck.whole(10, 16) * 100, "noise": luck.even(0.1, 0.3)}, 4, "pictures")


def _sequence(luck: Luck) -> Task:
    count = luck.whole(8, 14) * 100
    drawn: list[Mapping[str, Any]] = [
        {"data": {"name": "pitch", "T": luck.whole(16, 30), "n": count}, "outputs": 3},
        {"data": {"name": "majority", "T": luck.whole(9, 17), "n": count}, "outputs": 2},
        {"data": {"name": "digits_rows"}, "outputs": 10},
        {"data": {"name": "runsum", "T": luck.whole(8, 16), "n": count}, "outputs": 1, "is_number": True},
        {"data": {"name": "adding", "T": luck.whole(6, 10), "n": count}, "outputs": 1, "is_number": True, "effort": 2},
        {"data": {"name": "recall", "T": luck.whole(6, 14), "k": 3, "n": count}, "outputs": 3},
    ]
    return Task(shape="sequence", **luck.one(drawn))


def _tokens(luck: Luck) -> Task:
    words, classes = luck.whole(15, 35) * 10, luck.whole(3, 4)
    said = {"name": "tokens", "n": luck.whole(12, 18) * 100, "V": words, "T": luck.whole(8, 14), "k": classes}
    return Task(said, classes, "tokens")
