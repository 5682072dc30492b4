"""The minimap draws anew only what has changed: it must look as if all of it were drawn."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from PySide6.QtGui import QImage

from benchmarks.scenes.graphs import chain
from core import planning
from gui.canvas import minimap
from gui.canvas.canvas import Canvas
from gui.canvas.health import Health
from gui.canvas.minimap import Minimap


def shown(canvas: Canvas) -> QImage:
    return canvas.minimap.grab().toImage()


def drawn_anew(canvas: Canvas) -> QImage:
    canvas.minimap._drawn = None
    return shown(canvas)


@pytest.mark.parametrize("many", [300, 20])
def test_what_changes_is_drawn_over_and_nothing_beside_it_goes(
    open_canvas: Callable[..., Canvas], monkeypatch: pytest.MonkeyPatch, many: int
) -> None:
    monkeypatch.setattr(minimap, "MANY", many)
    canvas, chance = open_canvas(chain(60)), random.Random(many)
    canvas.set_minimap(True)
    canvas.view.show_at(canvas.scene.bounds().center(), 1.0)
    before = shown(canvas)
    for _round in range(12):
        node = f"n{chance.randrange(1, 59)}"
        canvas.set_health({node: Health(10.0 ** -chance.randint(0, 12))})
        canvas.readings.refresh()
        at = canvas.scene.nodes[node].pos()
        project = planning.move(canvas.document.project, {node: (at.x() + 9, at.y() + 12)})
        canvas.document.edit("Move", project)
        assert shown(canvas) == drawn_anew(canvas)
    assert shown(canvas) != before


def test_only_the_cards_that_changed_are_drawn(
    open_canvas: Callable[..., Canvas], monkeypatch: pytest.MonkeyPatch
) -> None:
    canvas = open_canvas(chain(60))
    canvas.set_minimap(True)
    canvas.view.show_at(canvas.scene.bounds().center(), 1.0)
    canvas.set_health({key: Health(1e-3) for key in canvas.scene.nodes})
    shown(canvas)
    asked: list[str] = []
    ink = Minimap._ink
    monkeypatch.setattr(Minimap, "_ink", lambda self, node: asked.append(node) or ink(self, node))
    canvas.set_health({"n30": Health(1e-9)})
    canvas.readings.refresh()
    shown(canvas)
    assert "n30" in asked
    assert len(asked) < 12


def test_a_bypassed_layer_is_faint_there_too(lenet_canvas: Canvas) -> None:
    canvas = lenet_canvas
    assert canvas.minimap._ink("tanh1") != canvas.scene.look.color("line3")
    canvas.document.edit("Bypass", planning.with_bypass(canvas.document.project, ("tanh1",), True))
    assert canvas.minimap._ink("tanh1") == canvas.scene.look.color("line3")
