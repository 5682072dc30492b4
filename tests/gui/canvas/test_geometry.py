from __future__ import annotations

import itertools
import random

from PySide6.QtCore import QPointF, QRectF

from gui.canvas.geometry import RectIndex, frame
from gui.canvas.routing import Ends, Turns, drawn, in_lanes, turns

CARD = QRectF(0, 0, 146, 92)


def ends(source: QRectF, target: QRectF, label: bool = False) -> Ends:
    start = QPointF(source.right(), source.top() + 47)
    return Ends(start, QPointF(target.left(), target.top() + 47), source, target, label)


def near(*cards: QRectF):  # type: ignore[no-untyped-def]  # a small closure for the tests
    return lambda area: [card for card in cards if card.intersects(area)]


def test_one_port_stands_at_47_and_several_22_apart() -> None:
    assert frame(["input"], ["output"]).inputs == {"input": 47}
    heights = list(frame([], ["output", "h", "c"]).outputs.values())
    assert [b - a for a, b in itertools.pairwise(heights)] == [22, 22]
    assert frame(["input"], ["output"]).height == 92


def test_every_port_lies_within_its_card() -> None:
    for count in range(1, 12):
        card = frame([f"i{n}" for n in range(count)], ["output"])
        assert max(card.inputs.values()) < card.height - 24
    data = frame([], ["image", "label"], (148, 58))
    assert data.outputs["image"] < data.outputs["label"] < data.height
    assert data.preview is not None
    assert data.preview[1] + data.preview[3] <= data.height - 24


def test_a_wire_to_the_right_is_a_curve() -> None:
    target = CARD.translated(216, 0)
    assert turns(ends(CARD, target), near(CARD, target)) is None


def test_a_wire_back_runs_through_the_middle_of_the_gutter() -> None:
    source, target = CARD.translated(864, 0), CARD.translated(0, 168)
    way = turns(ends(source, target), near(source, target))
    assert way == Turns((864 + 146 + 12, -12), ((92 + 168) / 2,))


def test_a_wire_over_a_card_goes_around_it() -> None:
    between, target = CARD.translated(216, 0), CARD.translated(432, 0)
    found = ends(CARD, target)
    way = turns(found, near(CARD, between, target))
    assert way is not None
    path = drawn(found, way).path
    inner = between.adjusted(1, 1, -1, -1)
    assert not any(inner.contains(path.pointAtPercent(share / 200)) for share in range(201))


def test_a_label_over_two_rows_goes_outside_of_all_cards() -> None:
    cards = [CARD.translated(216 * column, 168 * row) for row in range(3) for column in range(4)]
    found = ends(cards[0], cards[11], label=True)
    way = turns(found, near(*cards))
    assert way is not None
    assert min(way.xs) == -20
    path = drawn(found, way).path
    inner = [card.adjusted(1, 1, -1, -1) for card in cards]
    assert not any(card.contains(path.pointAtPercent(share / 500)) for card in inner for share in range(501))


def test_a_label_back_over_rows_stays_clear_of_the_wires_that_come_back_there() -> None:
    cards = [CARD.translated(216 * column, 168 * row) for row in range(3) for column in range(4)]
    found = ends(cards[0], cards[8], label=True)
    way = turns(found, near(*cards))
    assert way is not None
    returning = turns(ends(cards[3], cards[4]), near(*cards))
    assert returning is not None
    assert way.xs[-1] < returning.xs[-1]


def test_wires_in_one_gutter_get_lanes_labels_outside() -> None:
    way = Turns((500.0, 0.0), (130.0,))
    lanes = in_lanes({"tensor": (way, False), "label": (way, True), "far": (Turns((900.0, 600.0), (130.0,)), False)})
    assert lanes["tensor"].ys == lanes["far"].ys == (130.0,)
    assert lanes["label"].ys == (118.0,)


def test_the_index_finds_what_a_plain_search_finds() -> None:
    chance, index = random.Random(1), RectIndex()
    rects: dict[str, QRectF] = {}
    for step in range(300):
        key = f"r{chance.randrange(120)}"
        if step % 5 == 4:
            index.remove(key)
            rects.pop(key, None)
        else:
            rects[key] = QRectF(chance.uniform(-2000, 2000), chance.uniform(-2000, 2000), 146, chance.uniform(50, 400))
            index.put(key, rects[key])
    for _ in range(100):
        wide, high = chance.choice([(1, 1), (300, 200), (5000, 5000)])
        area = QRectF(chance.uniform(-2000, 2000), chance.uniform(-2000, 2000), wide, high)
        assert index.touching(area) == sorted(key for key, rect in rects.items() if rect.intersects(area))


def test_the_shape_on_a_short_wire_stands_above_its_middle_with_a_point_as_without() -> None:
    start, end = QPointF(146, 47), QPointF(216, 47)
    cards = QRectF(0, 0, 146, 92), QRectF(216, 0, 146, 92)
    plain = drawn(Ends(start, end, *cards), None)
    for via in (QPointF(170, 47), QPointF(200, 47)):
        led = drawn(Ends(start, end, *cards, via=(via,)), None)
        assert led.above
        assert abs(led.pill.x() - plain.pill.x()) < 1
        assert led.pill.y() == plain.pill.y()
    far = drawn(Ends(start, end, *cards, via=(QPointF(400, 200),)), None)
    assert far.pill.x() > end.x()  # there is room at its long leg
