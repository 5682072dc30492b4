"""What the Makefile's targets do once everything is set up."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from core import cli
from tools.setup import __main__ as targets
from tools.setup.environment import ROOT
from tools.setup.errors import SetupError

Call = tuple[str, ...]


@pytest.fixture
def calls(monkeypatch, tmp_path) -> list[Call]:
    """The programs that would be started, on a machine where nothing is lacking."""
    made: list[Call] = []
    monkeypatch.setattr(targets, "prepare", lambda target, tests: None)
    monkeypatch.setattr(targets, "install", lambda *_: None)
    monkeypatch.setattr(targets, "call", lambda *arguments, stable=False: made.append(arguments) or 0)
    monkeypatch.setattr(targets, "ROOT", tmp_path)
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    return made


def test_with_a_display_the_window_is_opened(calls, monkeypatch):
    monkeypatch.setenv("DISPLAY", ":0")
    assert targets.main(["run"]) == 0
    assert calls == [("gui",)]


def test_without_a_display_one_line_says_so_and_the_main_job_is_done(calls, capsys):
    assert targets.main(["run"]) == 0
    first, last = capsys.readouterr().out.splitlines()
    assert first.startswith("No display here")
    assert last == "Picture of the window: build/first-run/window.png"
    assert [call[:2] for call in calls] == [("core.cli", "train"), ("core.cli", "shot")]


def test_the_command_line_understands_what_is_asked_of_it(calls, monkeypatch, tmp_path):
    targets.main(["run"])
    monkeypatch.chdir(tmp_path)
    train, shot = (cli.parser().parse_args(call[1:]) for call in calls)
    assert (ROOT / train.file).is_file()
    assert train.file == shot.file
    assert Path(train.out) == shot.output.parent
    assert shot.train > 0


def test_a_training_that_failed_is_the_result(calls, monkeypatch):
    monkeypatch.setattr(targets, "call", lambda *arguments, stable=False: calls.append(arguments) or 3)
    assert targets.main(["run"]) == 3
    assert len(calls) == 1


@pytest.mark.parametrize("failing", [None, "pytest", "ruff", "mypy"])
def test_every_check_runs_and_any_failure_counts(calls, monkeypatch, failing):
    monkeypatch.setattr(targets, "call", lambda *asked, stable=False: calls.append(asked) or int(asked[0] == failing))
    assert targets.main(["test"]) == (0 if failing is None else 1)
    assert [call[0] for call in calls] == ["pytest", "ruff", "ruff", "mypy"]


def test_a_refusal_is_told_on_standard_error(calls, monkeypatch, capsys):
    def refuse(*_, **__):
        raise SetupError("a thing was wanted", "another came", "here", "Do this.")

    monkeypatch.setattr(targets, "prepare", refuse)
    assert targets.main(["run"]) == 1
    assert capsys.readouterr().err == "here: a thing was wanted, but another came. Do this.\n"
    assert calls == []


@pytest.mark.parametrize("arguments", [[], ["sing"]])
def test_an_unknown_target_is_told_what_there_is(calls, capsys, arguments):
    assert targets.main(arguments) == 2
    assert "run | test | lint | install" in capsys.readouterr().err


def test_the_set_up_needs_nothing_but_python():
    code = "import tools.setup.__main__, sys; print(*sorted({name.split('.')[0] for name in sys.modules}))"
    told = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r}); {code}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert set(told.stdout.split()) <= sys.stdlib_module_names | {"__main__", "tools", "core"}


@pytest.mark.parametrize(
    "path", [*sorted((ROOT / "tools/setup").glob("[!s]*.py")), ROOT / "core/errors.py"], ids=lambda path: path.name
)
def test_an_older_python_can_read_the_set_up_because_it_must_say_that_it_is_too_old(path):
    ast.parse(path.read_text(), feature_version=(3, 8))


def test_every_target_of_the_makefile_is_one():
    named = re.findall(r"-m tools\.setup (\w+)", (ROOT / "Makefile").read_text())
    assert sorted(named) == ["install", "lint", "run", "test"]


def test_continuous_integration_runs_what_everybody_runs():
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert script.read_text().splitlines()[-1] == "make test"
