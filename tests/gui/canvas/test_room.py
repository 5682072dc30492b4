"""The texts of every kind's card keep apart from the names of its ports, in both themes' real letters."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QFontMetricsF

from core import planning
from core.catalog import KINDS
from core.catalog.kind import LayerKind
from core.layout import arrange
from core.project import Project
from gui.canvas.card import Card, card
from gui.canvas.geometry import HEADER, INSET, STRIP
from gui.canvas.look import Look
from gui.fonts import load_fonts
from gui.theme import Themes

DROPPED = [kind for kind in KINDS.values() if kind.role != "structure"]
WITH_ALL = {"MultiheadAttention": {"need_weights": True}, "MaxPool2d": {"return_indices": True}}
"""Parameters with which a kind has all its ports."""


def dropped(kind: LayerKind) -> Card:
    project, made = planning.add(Project(), kind.name, (0, 0))
    for name, value in WITH_ALL.get(kind.name, {}).items():
        project = planning.set_param(project, made, name, value)
    return card(project, project.graph.node(made), (), None)


def boxes(shown: Card, look: Look) -> list[tuple[str, float, float, float]]:
    """Every text of the body with its left and right end and its middle, as the card draws it."""
    rows = {*shown.frame.inputs.values(), *shown.frame.outputs.values()}
    lines = (38.0, 60.0) if rows & {38.0, 39.0} else (40.0, 56.5)
    body, mono = QFontMetricsF(look.body).horizontalAdvance, QFontMetricsF(look.mono).horizontalAdvance
    right = shown.frame.width - INSET
    found = [
        (text, INSET, INSET + (mono if place else body)(text), lines[place]) for place, text in enumerate(shown.left)
    ]
    found += [(text, right - mono(text), right, lines[place]) for place, text in enumerate(shown.right)]
    found += [(p.name, INSET, INSET + body(p.name), shown.frame.inputs[p.name]) for p in shown.inputs if p.labelled]
    found += [(p.name, right - body(p.name), right, shown.frame.outputs[p.name]) for p in shown.outputs if p.labelled]
    return [box for box in found if box[0]]


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_no_text_meets_another_on_any_card_with_named_ports(qapp: object, theme: str) -> None:
    load_fonts()
    look = Look(Themes(theme).current)
    for kind in DROPPED:
        shown = dropped(kind)
        if not any(port.labelled for port in (*shown.inputs, *shown.outputs)):
            continue
        texts = boxes(shown, look)
        for text, start, end, middle in texts:
            assert end <= shown.frame.width - INSET + 1, (kind.name, text)
            assert start >= INSET - 1, (kind.name, text)
            assert HEADER + 6 <= middle <= shown.frame.height - STRIP - 6, (kind.name, text)
            beside = [other for other in texts if other[0] != text and abs(other[3] - middle) < 10]
            assert not any(start < other[2] and other[1] < end for other in beside), (kind.name, text, beside)


def test_texts_stand_above_the_ports_where_they_have_no_room_beside() -> None:
    lstm, add = dropped(KINDS["LSTM"]), dropped(KINDS["Subtract"])
    assert lstm.left[0] == "LSTM"
    assert min(lstm.frame.inputs.values()) > 60
    assert (add.left[0], add.right[0]) == ("", "Subtract")
    assert add.frame.height == 92
    wide = dropped(KINDS["TransformerDecoderLayer"])
    assert 146 < wide.frame.width <= 220
    assert list(wide.frame.outputs.values()) == [47]


def test_cards_that_no_canvas_measured_have_room_for_their_ports() -> None:
    project = Project()
    for name in ("LSTM", "LSTM", "TransformerDecoderLayer"):
        project, _made = planning.add(project, name, (0, 0))
    tops = sorted(place[1] for place in arrange(project.graph).values())
    heights = [dropped(KINDS[name]).frame.height for name in ("LSTM", "LSTM")]
    assert all(below - above > tall for above, below, tall in zip(tops, tops[1:], heights, strict=False))
