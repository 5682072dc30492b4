"""What is looked for on the machine, and what is done about what is lacking."""

import os
import shutil
import sys

import pytest

from tools.setup import machine
from tools.setup.errors import SetupError
from tools.setup.machine import OFFSCREEN, SCREEN, VIRTUAL_DISPLAY, Need

POLICY = """\
libglib2.0-0t64:
  Installed: (none)
  Candidate: 2.84.4-3~deb13u1
  Version table:
     2.84.4-3~deb13u1 500
        500 http://deb.debian.org/debian trixie/main amd64 Packages
libglib2.0-0:
  Installed: (none)
  Candidate: (none)
  Version table:
libegl1:
  Installed: (none)
  Candidate: 1.7.0-1+b2
"""


def test_a_package_without_a_candidate_is_not_one():
    assert machine.candidates(POLICY) == {"libglib2.0-0t64", "libegl1"}


def test_the_renamed_package_is_taken_where_the_release_has_it():
    glib = [need for need in OFFSCREEN if need.name == "libglib-2.0.so.0"]
    assert machine.packages(glib, frozenset({"libglib2.0-0t64"})) == ("libglib2.0-0t64",)
    assert machine.packages(glib, frozenset({"libglib2.0-0"})) == ("libglib2.0-0",)
    assert machine.packages(glib, frozenset()) == ("libglib2.0-0",)


def test_only_what_the_target_needs_is_looked_for():
    assert machine.needs(screen=False, tests=False, platform="linux") == OFFSCREEN
    assert machine.needs(screen=True, tests=False, platform="linux") == OFFSCREEN + SCREEN
    assert machine.needs(screen=False, tests=True, platform="linux") == OFFSCREEN + SCREEN + VIRTUAL_DISPLAY
    assert machine.needs(screen=True, tests=True, platform="darwin") == ()


@pytest.mark.parametrize(
    ("environment", "platform", "expected"),
    [
        ({}, "linux", False),
        ({"DISPLAY": ""}, "linux", False),
        ({"DISPLAY": ":0"}, "linux", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        ({}, "darwin", True),
        ({}, "win32", True),
    ],
)
def test_a_display_is_known_by_the_environment(environment, platform, expected):
    assert machine.has_display(environment, platform) is expected


def test_a_library_is_present_if_it_loads():
    assert not machine.is_present(Need("library", "libno-such-thing.so.7", ("none",)))
    if sys.platform.startswith("linux"):
        assert machine.is_present(Need("library", "libc.so.6", ("libc6",)))


def test_a_program_is_present_if_it_is_on_the_path(tmp_path, monkeypatch):
    need = Need("program", "a-display", ("a",))
    assert not machine.is_present(need)
    program = tmp_path / "a-display"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert machine.is_present(need)


def test_a_font_is_present_if_any_folder_holds_one(tmp_path, monkeypatch):
    need = OFFSCREEN[-1]
    monkeypatch.setattr(machine, "FONT_FOLDERS", (str(tmp_path),))
    assert not machine.is_present(need)
    (tmp_path / "truetype").mkdir()
    (tmp_path / "truetype" / "A.ttf").touch()
    assert machine.is_present(need)


def test_only_what_is_lacking_is_named():
    assert machine.missing(OFFSCREEN, lambda need: need.name != "libEGL.so.1") == (OFFSCREEN[1],)


def test_an_equipped_machine_is_left_alone(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda _: pytest.fail("nothing is to be looked for"))
    machine.equip(())


def fake_apt(folder, monkeypatch, *, uid, install_code=0):
    """A machine whose apt-get writes down what it was asked; its PATH has nothing else."""
    log = folder / "log"
    for name, body in (
        ("apt-get", f'echo "$@" >> {log}\nfor a in "$@"; do [ "$a" = install ] && exit {install_code}; done\nexit 0'),
        ("apt-cache", "exit 0"),
        ("env", 'shift; exec "$@"'),
    ):
        (folder / name).write_text(f"#!/bin/sh\n{body}\n")
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr(os, "geteuid", lambda: uid)
    return log


def test_root_installs_what_is_lacking(tmp_path, monkeypatch, capsys):
    log = fake_apt(tmp_path, monkeypatch, uid=0)
    machine.equip((SCREEN[0], VIRTUAL_DISPLAY[0]))
    assert log.read_text().splitlines() == ["install -y -qq --no-install-recommends libxcb-cursor0 xvfb"]
    assert "libxcb-cursor0 xvfb" in capsys.readouterr().out


def test_an_old_package_list_is_renewed_and_a_failure_told(tmp_path, monkeypatch):
    log = fake_apt(tmp_path, monkeypatch, uid=0, install_code=100)
    with pytest.raises(SetupError, match="sudo apt-get update && sudo apt-get install") as caught:
        machine.equip((VIRTUAL_DISPLAY[0],))
    assert "Xvfb" in caught.value.wanted
    assert [line.split()[0] for line in log.read_text().splitlines()] == ["install", "update", "install"]


def test_without_root_and_sudo_the_line_to_type_is_told(tmp_path, monkeypatch):
    log = fake_apt(tmp_path, monkeypatch, uid=1000)
    with pytest.raises(SetupError) as caught:
        machine.equip((SCREEN[2],))
    assert machine.apt_line(["libxcb-icccm4"]) in caught.value.fix
    assert not log.exists()


def test_a_machine_without_apt_is_told_what_it_lacks(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SetupError, match=r"libxcb-icccm\.so\.4"):
        machine.equip((SCREEN[2],))
