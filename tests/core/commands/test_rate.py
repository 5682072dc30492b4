"""`chainrule rate`: what it prints is the range test itself."""

from __future__ import annotations

import json

import pytest

from core.cli import main
from core.commands.opening import opened
from core.data.load import load
from core.training.rate_finder import find_rate
from core.training.run import Job


def test_it_prints_the_test_and_its_suggestion(capsys):
    assert main(["rate", "iris", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    project = opened("iris").project
    data = {key: load(settings) for key, settings in project.data.items()}
    found = find_rate(Job(project, data), None, lambda _text, _share: None)
    assert told["losses"] == list(found.losses)
    assert told["suggested"] == found.suggested
    assert main(["rate", "iris"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["rate", "loss,", "smoothed"]
    assert len(lines) == 15
    assert lines[-1].startswith(f"Suggested: {found.suggested:.1e}")


def test_a_setting_counts_and_where_no_rate_stands_out_that_is_said(capsys):
    assert main(["rate", "iris", "--set", "batch_size=1", "--steps", "40"]) == 0  # a scatter that hides every fall
    assert "No rate stands out" in capsys.readouterr().out


@pytest.mark.parametrize("steps", ["few", "3"])
def test_steps_that_cannot_be_are_refused(capsys, steps):
    assert main(["rate", "iris", "--steps", steps]) == 2
    assert "steps" in capsys.readouterr().err
