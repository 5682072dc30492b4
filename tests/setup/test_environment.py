"""Which Python is taken, and when the environment is filled anew."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tools.setup import environment, machine
from tools.setup.errors import SetupError


def test_the_first_python_that_is_new_enough_is_taken():
    versions = {"python3": (3, 9), "python3.14": (0, 0), "python3.12": (3, 12), "python3.11": (3, 11)}
    assert environment.choose_python(tuple(versions), versions.__getitem__) == "python3.12"


def test_without_a_new_python_all_four_parts_are_told():
    with pytest.raises(SetupError) as caught:
        environment.choose_python(("python3",), lambda _: (3, 9))
    assert "3.11" in caught.value.wanted
    assert "3.9" in caught.value.came
    assert caught.value.where
    assert "apt-get install python3.11" in caught.value.fix


def test_the_version_of_a_python_is_asked_of_itself(tmp_path):
    broken = tmp_path / "python3"
    broken.write_text("#!/bin/sh\necho not installed >&2; exit 127\n")
    broken.chmod(0o755)
    assert environment.python_version(sys.executable) == sys.version_info[:2]
    assert environment.python_version(str(broken)) == (0, 0)
    assert environment.python_version(str(tmp_path / "none")) == (0, 0)


@pytest.fixture
def sources(tmp_path) -> tuple[Path, Path]:
    paths = (tmp_path / "pyproject.toml", tmp_path / "constraints-cpu.txt")
    for path in paths:
        path.write_text("as it was")
    return paths


def test_the_stamp_holds_while_nothing_changes(sources, tmp_path):
    digest = environment.stamp_digest(sources, (3, 11))
    stamp = tmp_path / "installed.json"
    stamp.write_text(json.dumps({"digest": digest, "extras": ["test"]}))
    assert environment.is_current(stamp, digest, ("test",))
    assert environment.is_current(stamp, digest, ())


def test_a_stamp_without_the_tests_does_not_serve_the_tests(tmp_path):
    stamp = tmp_path / "installed.json"
    stamp.write_text(json.dumps({"digest": "d", "extras": []}))
    assert not environment.is_current(stamp, "d", ("test",))


@pytest.mark.parametrize("changed", [0, 1])
def test_a_changed_source_makes_another_stamp(sources, changed):
    before = environment.stamp_digest(sources, (3, 11))
    sources[changed].write_text("changed")
    assert environment.stamp_digest(sources, (3, 11)) != before


def test_another_python_makes_another_stamp(sources):
    assert environment.stamp_digest(sources, (3, 11)) != environment.stamp_digest(sources, (3, 12))


@pytest.mark.parametrize("content", [None, "", "{", "\0"])
def test_a_missing_or_broken_stamp_is_none(tmp_path, content):
    stamp = tmp_path / "installed.json"
    if content is not None:
        stamp.write_text(content)
    assert not environment.is_current(stamp, "d", ())


@pytest.mark.slow
def test_an_environment_is_made_without_ensurepip(tmp_path, monkeypatch):
    """Debian leaves ensurepip out; the pip that is there fills the gap, and no package is asked for."""
    monkeypatch.setattr(environment, "VENV", tmp_path / "venv")
    modules = environment.has_module
    monkeypatch.setattr(environment, "has_module", lambda python, name: name != "ensurepip" and modules(python, name))
    monkeypatch.setattr(machine, "equip", lambda *_: pytest.fail("nothing is to be installed"))
    calls = []

    def offline(command, **options):
        calls.append(command)
        if "--python" in command:  # stands for the fetching of pip: no test needs the network
            return subprocess.CompletedProcess(command, 0)
        return run(command, **options)

    run = subprocess.run
    monkeypatch.setattr(subprocess, "run", offline)
    environment.make_venv()
    assert calls[-1][-3:] == ["install", "--quiet", "pip"]
    assert environment.python_version(environment.venv_python()) >= environment.OLDEST_PYTHON


def test_without_ensurepip_and_pip_the_package_is_installed(tmp_path, monkeypatch):
    monkeypatch.setattr(environment, "VENV", tmp_path / "venv")
    monkeypatch.setattr(environment, "has_module", lambda *_: False)
    asked = []

    def refuse(_, packages):
        asked.extend(packages)
        raise SetupError("x must be installed", "it cannot be")

    monkeypatch.setattr(machine, "equip", refuse)
    with pytest.raises(SetupError):
        environment.make_venv()
    major, minor = environment.python_version(environment.choose_python())
    assert asked == [f"python{major}.{minor}-venv"]
