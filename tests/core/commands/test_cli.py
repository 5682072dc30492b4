import os
import subprocess
import sys

import pytest

from core.cli import COMMANDS, parser
from core.commands.opening import templates
from core.commands.process import ROOT
from core.training.optimizers import OPTIMIZER_FIELDS
from core.training.settings import FIELDS


def python(*arguments, **options):
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, check=False, **options
    )


def test_the_help_names_every_command_and_template(call):
    result = call("--help")
    assert result.code == 0
    assert all(word in result.out for word in (*COMMANDS, *templates()))


@pytest.mark.parametrize("word", COMMANDS)
def test_every_command_has_a_short_help(call, word):
    result = call(word, "--help")
    assert result.code == 0
    assert result.out.startswith(f"usage: chainrule {word}")
    assert COMMANDS[word].HELP.split()[0] in result.out
    assert len(result.out.splitlines()) < 40


def test_the_version_is_told(call):
    result = call("--version")
    assert result.code == 0
    assert result.out.startswith("chainrule ")


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["trian"], "Did you mean train?"),
        (["lenet"], "Did you mean lenet5?"),
        (["nothing.chain"], "there is none of this name"),
        (["check"], "FILE"),
        (["check", "lenet5", "--fast"], "--fast"),
        (["check", "lenet6"], "Did you mean the template lenet5?"),
        (["layers", "Conv2b"], "Did you mean Conv2d?"),
        (["shot", "lenet5"], "--output"),
        (["shot", "lenet5", "-o", "picture.jpg"], ".png"),
        (["shot", "lenet5", "-o", "/nowhere/picture.png"], "/nowhere"),
        (["shot", "lenet5", "-o", "p.png", "--size", "12x12"], "12x12"),
        (["shot", "lenet5", "-o", "p.png", "--scale", "9"], "from 0.5 to 4"),
        (["shot", "lenet5", "-o", "p.png", "--train", "-1"], "--train"),
        (["train", "lenet5", "--epochs", "many"], "'many'"),
        (["train", "lenet5", "--resume"], "--out"),
        (["predict", "lenet5"], "--input"),
    ],
)
def test_a_wrong_call_is_one_line_and_exit_code_2(call, arguments, part):
    result = call(*arguments)
    assert result.code == 2
    assert result.out == ""
    assert result.err.count("\n") == 1
    assert part in result.err


def test_no_display_is_told_before_qt_ends_the_program(call, monkeypatch):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    result = call("lenet5")
    assert result.code == 1
    assert "display" in result.err


def test_what_needs_no_torch_loads_none():
    code = "import sys; from core.cli import main; main(['check', 'lenet5']); main(['layers']); main(['code', 'iris'])"
    result = python("-c", f"{code}; print([name for name in sys.modules if name in ('torch', 'PySide6')])")
    assert result.stdout.endswith("[]\n")


def test_a_reader_that_has_enough_ends_us_quietly():
    reader, writer = os.pipe()
    os.close(reader)
    try:
        line = [sys.executable, "-m", "core.cli", "layers"]
        result = subprocess.run(line, cwd=ROOT, stdout=writer, stderr=subprocess.PIPE, check=False)
    finally:
        os.close(writer)
    assert (result.returncode, result.stderr) == (141, b"")


def test_a_terminal_without_our_letters_gets_question_marks(monkeypatch):
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    result = python("-m", "core.cli", "check", "iris")
    assert result.returncode == 0
    assert "B?4" in result.stdout


def test_the_documentation_names_every_command_option_and_setting():
    text = (ROOT / "docs" / "command-line.md").read_text(encoding="utf-8")
    (subparsers,) = (action for action in parser()._actions if isinstance(action.choices, dict))
    for word, command in subparsers.choices.items():
        assert word == "open" or f"chainrule {word}" in text
        for action in command._actions:
            assert (
                action.dest == "help"
                or not action.option_strings
                or action.option_strings[-1] in text
                or (action.option_strings[0] in text)
            ), (word, action.option_strings)
    names = [field.name for field in (*FIELDS, *OPTIMIZER_FIELDS) if field.name != "name"]
    assert all(f"`{name}`" in text for name in (*names, *templates()))
