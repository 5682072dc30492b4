import sys

from core.commands.process import call


def test_the_exit_code_is_that_of_the_program(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert call("core.cli", ["--version"]) == 0
    assert call("core.cli", ["check", "nothing"]) == 2


def test_a_folder_of_the_user_does_not_hide_ours(tmp_path, monkeypatch):
    (tmp_path / "core").mkdir()
    (tmp_path / "core" / "__init__.py").write_text("raise SystemExit(7)")
    monkeypatch.chdir(tmp_path)
    assert call("core.cli", ["--version"]) == 0


def test_a_signal_is_told_as_shells_do(tmp_path, monkeypatch):
    (tmp_path / "dies.py").write_text("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert call("dies", []) == 137
    assert sys.executable
