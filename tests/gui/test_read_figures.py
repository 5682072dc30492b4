"""The figures of a run in the bars of the window, read as they are drawn, beside what a clock and a sum give."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication, QWidget

from core.engine.messages import Progress, Started, Validated
from core.telemetry.health import Health as Measured
from gui.action_set import ActionSet
from gui.main_window import dress
from gui.sparkline import GradientLine
from gui.theme import Themes
from gui.training.run import RunState
from gui.training.time_bar import TimeBar
from gui.training.transport import Transport
from tests.core.telemetry.runs import started
from tests.gui.monitors.conftest import pixels
from tests.gui.monitors.seen import said


def texts(widget) -> list[str]:
    """All that is drawn, from the left."""
    return [word.text for word in sorted(said(widget), key=lambda word: word.left)]


def begun() -> Started:
    made = started()
    made.total_steps, made.epochs, made.steps_per_epoch = 2500, 20, 125
    return made


def test_the_transport_draws_step_epoch_share_time_left_speed_and_metric(qtbot, dressed):
    themes = Themes("dark")
    themes.changed.connect(dress)
    dress(themes.current)
    window = QWidget()
    qtbot.addWidget(window)
    transport = Transport(themes, ActionSet(themes, window))
    qtbot.addWidget(transport)
    transport.resize(1700, 48)
    transport.show()
    told = Progress(
        state="training", step=640, epoch=5, samples_per_second=21_437.0, seconds_left=83.2, watching=0.0234
    )
    state = RunState().after([begun(), told, Validated(step=625, epoch=5, loss=0.2, metric=0.9712)])
    for look in ("dark", "light"):
        themes.use(look)
        transport.show_state(state)
        QApplication.processEvents()
        drawn = texts(transport)
        for wanted in ("5 / 20", "640 / 2,500", "26 % · ETA 01:23", "21.4k", "97.1 %", "Training"):
            assert wanted in drawn
        bar = transport.progress
        image = pixels(bar.grab().toImage()).astype(int)
        accent = themes.current.color("accent").getRgb()[:3]
        full = (abs(image[image.shape[0] // 2] - accent).max(axis=1) < 30).mean()
        assert full == pytest.approx(640 / 2500, abs=0.02)
    paused = state.after([Progress(state="paused", step=640, epoch=5, seconds_left=3661.0)])
    transport.show_state(paused)
    assert "26 % · ETA 1:01:01" in texts(transport)
    assert "–" in texts(transport)  # no speed while it stands


def test_the_bar_of_time_travel_draws_the_step_and_stands_at_its_share(qtbot, dressed):
    bar = TimeBar(Themes())
    qtbot.addWidget(bar)
    bar.resize(900, 40)
    bar.show_moment(140, 1, 620, "Step 140 of 620, loss 0.2454")
    QApplication.processEvents()
    assert "Step 140 of 620, loss 0.2454" in texts(bar)
    assert bar.slider.value() == 140
    assert (bar.slider.minimum(), bar.slider.maximum()) == (1, 620)


@pytest.mark.parametrize("look", ["dark", "light"])
def test_the_inspectors_line_of_a_gradient_is_its_logarithm_in_its_colour(qtbot, dressed, look: str):
    themes = Themes(look)
    line = GradientLine(themes)
    qtbot.addWidget(line)
    line.resize(220, 36)
    logs = [-6.0, -5.0, -4.0, -3.0, -2.0]
    line.show_health(Measured("ok", 10.0 ** logs[-1], logs[-1], logs))
    line.show()
    QApplication.processEvents()
    image = pixels(line.grab().toImage()).astype(int)
    ink = themes.current.gradient(-2.0).getRgb()[:3]
    assert tuple(image[18, 4]) == ink
    assert line.text == "1.0e−2"
    heights = []
    for share in (0.125, 0.375, 0.625, 0.875):
        column = abs(image[:, round(18 + share * 200)] - ink).max(axis=1)
        heights.append(int(column.argmin()))
    assert heights == pytest.approx([3 + 30 * (1 - share) for share in (0.125, 0.375, 0.625, 0.875)], abs=1.6)


@pytest.mark.parametrize("wide", [960, 1100, 1250, 1400, 1600])
def test_share_and_time_left_are_never_cut(qtbot, dressed, wide: int):
    themes = Themes("dark")
    dress(themes.current)
    window = QWidget()
    qtbot.addWidget(window)
    transport = Transport(themes, ActionSet(themes, window))
    qtbot.addWidget(transport)
    transport.resize(wide, 48)
    transport.show()
    transport.show_doctor("2 findings", "warning")
    told = Progress(state="training", step=640, epoch=5, samples_per_second=21_437.0, seconds_left=83.2)
    transport.show_state(RunState().after([begun(), told]))
    QApplication.processEvents()
    eta, title = transport._eta, transport._progress_title
    assert "26 % · ETA 01:23" in texts(transport)
    assert eta.width() >= eta.sizeHint().width()
    assert title.isHidden() or title.geometry().right() < eta.geometry().left()
    assert wide < 1600 or not title.isHidden()
