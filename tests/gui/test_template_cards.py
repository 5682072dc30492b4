"""The cards of every template in the window, with the previews of their data."""

from itertools import combinations

from core.commands.opening import templates
from gui.app import App
from tests.gui.conftest import opened


def test_no_card_of_a_template_lies_on_another_once_the_data_is_shown(app: App, qtbot) -> None:
    on_each_other = []
    for name in templates():
        opened(app, qtbot, name)
        assert app.workspace is not None
        cards = app.workspace.canvas.scene.nodes.values()
        on_each_other += [
            (name, a.card.name, b.card.name) for a, b in combinations(cards, 2) if a.rect.intersects(b.rect)
        ]
    assert on_each_other == []
