"""The command line runs a project's own code only where it is told to, once."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.files import save
from core.python.trust import Trust
from tests.core.commands.conftest import Call
from tests.core.python.projects import HIDDEN, malicious, python, with_block


@pytest.fixture
def stranger(tmp_path: Path) -> tuple[Path, Path]:
    """A project file with code that makes a file, and that file."""
    path, target = tmp_path / "stranger.chain", tmp_path / "ran"
    save(with_block(python("bad", malicious(target)), epochs=1), path)
    return path, target


@pytest.mark.parametrize("command", ["train", "check", "code"])
def test_without_trust_nothing_runs(call: Call, stranger: tuple[Path, Path], command: str) -> None:
    path, target = stranger
    result = call(command, path)
    assert not target.exists()
    if command == "code":
        assert result.code == 0
        assert "class Bad(nn.Module):" in result.out
        return
    assert result.code == 1
    told = (result.out + result.err).replace("\n", " ")
    assert "bad: Python code that you trust was wanted, but this project's code is not trusted yet" in told
    assert "--trust" in told


@pytest.mark.parametrize("command", ["train", "check", "code"])
def test_trust_is_given_once(call: Call, stranger: tuple[Path, Path], command: str) -> None:
    path, target = stranger
    call(command, path, "--trust")
    assert target.exists()
    target.unlink()
    assert call("check", path).code == 0
    assert target.exists()


def test_what_is_typed_on_the_command_line_needs_no_trust_of_its_own(call: Call, tmp_path: Path) -> None:
    path = tmp_path / "mine.chain"
    project = with_block(python("hidden", HIDDEN), epochs=1)
    save(project, path)
    result = call("train", path, "--set", 'hidden.settings={"size": 3}')
    assert result.code == 1
    Trust().remember(Trust().untrusted(project))
    assert call("train", path, "--set", 'hidden.settings={"size": 3}').code == 0


def test_the_code_of_trusted_blocks_is_whole(call: Call, tmp_path: Path) -> None:
    path = tmp_path / "mine.chain"
    save(with_block(python("hidden", HIDDEN)), path)
    assert "left out" in call("code", path).out
    assert "self.fc = nn.Linear(16, 10)" in call("code", path, "--trust").out
