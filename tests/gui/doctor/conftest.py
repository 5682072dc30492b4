"""Findings by hand, and the window of a deep network of sigmoids that is trained until the Doctor has spoken."""

from __future__ import annotations

import pytest

from core.diagnosis.finding import Curve, Evidence, Finding, Plot
from gui.app import App
from gui.main_window import dress
from gui.theme import Themes
from tests.gui.conftest import opened

RATIOS = (1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0)
NAMES = tuple(f"fc{index}" for index in range(1, 10))
LONG = 60_000


@pytest.fixture
def themes(dressed) -> Themes:
    made = Themes("dark")
    dress(made.current)
    made.changed.connect(dress)
    return made


@pytest.fixture
def vanishing(app: App, qtbot) -> App:
    """The window, its run paused once vanishing gradients were found."""
    opened(app, qtbot, "mlp12-sigmoid")
    app.window.resize(1600, 1000)
    assert app.workspace is not None
    run, doctor = app.workspace.run, app.workspace.doctor
    assert doctor is not None
    run.train_steps(160)
    qtbot.waitUntil(lambda: run.state.phase == "paused" and run.state.step >= 160, timeout=LONG)
    qtbot.waitUntil(lambda: bool(doctor.standing.shown) and doctor.standing.step == 160, timeout=10_000)
    return app


def vanishing_finding(step: int = 900, ratio: float = 1e-8) -> Finding:
    """As the Doctor finds it in nine layers."""
    profile = Plot(
        "profile",
        (Curve("gradient", (ratio, *RATIOS[1:])),),
        NAMES,
        1e-3,
        logarithmic=True,
        y_title="gradient relative to fc9, by layer",
    )
    text = f"The gradient at fc1 is {ratio:.1g} of that at fc9."
    return Finding(
        "VANISHING_GRADIENT",
        "critical",
        "Gradients vanish",
        NAMES[:5],
        NAMES[:5],
        (Evidence(text, ratio, 1e-3, "output", profile),),
        "Each sigmoid passes on at most a quarter.",
        "The chain rule multiplies one slope per layer. A sigmoid's is at most 0.25. It is harmless here. ReLU helps.",
        "Hochreiter 1991",
        step,
        "flow",
        ("NOT_LEARNING", "LR_TOO_LOW"),
    )


def flat_finding() -> Finding:
    """A warning with a line over steps."""
    line = Plot("line", (Curve("loss", (2.4, 2.31, 2.3), (0.0, 10.0, 20.0)),), limit=2.303, y_title="loss")
    evidence = Evidence("The loss is 2.303 = ln 10.", 2.303, 2.303, "loss", line)
    why = "It guesses. That hurts. It may be early. Mend the rest first."
    return Finding("NOT_LEARNING", "warning", "Loss flat", (), (), (evidence,), "No signal.", why, "", 900)
