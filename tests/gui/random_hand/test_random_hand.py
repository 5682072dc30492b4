"""Several hundred gestures in a row, drawn by hypothesis: the window mirrors the document after each, undo leads back.

Quick and the same at every run here; `CHAINRULE_HAND=20 python -m pytest tests/gui/random_hand` makes so many new runs.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from gui.app import App
from tests.gui.random_hand.adding import Adding
from tests.gui.random_hand.blocks import Blocks
from tests.gui.random_hand.cards import Cards
from tests.gui.random_hand.panels import Panels
from tests.gui.random_hand.states import States
from tests.gui.random_hand.wires import Wires

RUNS = int(os.environ.get("CHAINRULE_HAND", "0"))
STEPS = int(os.environ.get("CHAINRULE_HAND_STEPS", "300"))


@pytest.mark.slow
@pytest.mark.timeout(300 * max(RUNS, 1))
def test_a_random_hand_leaves_the_window_an_exact_mirror_and_undo_leads_back(app: App) -> None:
    app.window.resize(1600, 1000)
    app.filing.ask_stop = lambda _name: True  # a run that the hand has begun ends with its project

    class RandomHand(Adding, Wires, Cards, Blocks, Panels, States):
        """All that a hand can do, in this window."""

    RandomHand.app = app
    quick = settings(
        max_examples=RUNS or 1,
        stateful_step_count=STEPS,
        derandomize=not RUNS,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
    run_state_machine_as_test(RandomHand, settings=quick)
    assert RandomHand.done > STEPS / 2, "most gestures find what they work on"
