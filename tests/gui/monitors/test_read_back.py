"""Every monitor, in every mode that it offers, has a test that reads its numbers off the screen."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from PySide6.QtCore import QObject

from core.telemetry.heat_scales import SCALES
from gui.monitors.choice import Choice
from gui.monitors.controls import Segmented, SmoothingSlider
from gui.monitors.made import made
from gui.monitors.panel import Monitor
from gui.widgets import IconButton

ROOT = Path(__file__).resolve().parents[3]
PAGE = ROOT / "docs" / "screen-numbers.md"
LINE = re.compile(r"^\| (?P<monitor>[^|]+) \| (?P<mode>[^|]+) \| `(?P<test>[^`]+)` \|$", re.MULTILINE)
ALL = ("as it opens", "at the pointer", "in the light theme")
"""Modes of every monitor."""
MENU = {"What am I looking at?", "Copy picture", "Copy numbers", "Save as…", "Fit view", ""}
"""What every menu has, and what changes no number."""


@pytest.fixture
def monitors(qtbot, feed, themes):
    owner = QObject()
    found = made(feed, themes, owner)
    for monitor in found.values():
        qtbot.addWidget(monitor)
    yield found
    owner.deleteLater()


def lines() -> list[tuple[str, str, str]]:
    return [(found["monitor"], found["mode"], found["test"]) for found in LINE.finditer(PAGE.read_text("utf-8"))]


@cache
def sources(path: Path) -> dict[str, str]:
    """The tests of a file with their text."""
    text = path.read_text("utf-8")
    return {
        node.name: ast.get_source_segment(text, node) or ""
        for node in ast.parse(text).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


def modes(monitor: Monitor) -> set[str]:
    """What can be chosen in the head and in the menu."""
    found = {action.text() for action in monitor.header.menu.actions()} - MENU
    for part in monitor.header.findChildren(QObject):
        if isinstance(part, Segmented):
            found |= set(part._buttons)
        elif isinstance(part, SmoothingSlider):
            found.add("Smoothing")
        elif isinstance(part, IconButton) and part.isCheckable():
            found.add(part.accessibleName())
        elif isinstance(part, Choice):
            name = part.accessibleName()
            titles = (
                {scale.title for scale in SCALES.values()}
                if monitor.objectName() == "monitor-gradient-heatmap"
                else set(part._listed().values())
            )
            found |= titles if name == "Quantity" else {name}
    return found | set(ALL) | ({"zoomed"} if monitor.plot.has_steps else set())


def test_every_mode_of_every_monitor_is_read_back(monitors):
    told = {(monitor, mode) for monitor, mode, _test in lines()}
    for name, monitor in monitors.items():
        missing = modes(monitor) - {mode for owner, mode in told if owner == name}
        assert not missing, f"{name}: {sorted(missing)} stands in no line of {PAGE.name}"


def test_every_test_of_the_page_is_there_and_those_of_the_light_theme_use_it():
    assert len(lines()) > 100
    for monitor, mode, test in lines():
        file, _, name = test.partition("::")
        assert name in sources(ROOT / file), f"{monitor}, {mode}: there is no {test}"
        if mode == "in the light theme":
            assert re.search(r"LOOKS|look", sources(ROOT / file)[name]), test


def test_no_line_tells_of_a_choice_that_is_gone(monitors):
    """Words with a capital are those of a choice, the others a state in which the monitor may be."""
    for owner, mode, _test in lines():
        if owner in monitors and mode[0].isupper():
            assert mode in modes(monitors[owner]), (owner, mode)
