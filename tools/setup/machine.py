"""What the machine itself must have: Qt's system libraries, a font, and for the tests a virtual display.

Everything is looked for before anything is asked for, so that an equipped machine is left alone.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.setup.errors import SetupError

FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.fonts", "~/.local/share/fonts")


@dataclass(frozen=True)
class Need:
    """Something looked for on the machine, and the Debian packages that hold it (the first that exists is taken)."""

    sort: str  # "library", "program" or "font"
    name: str
    packages: tuple[str, ...]


OFFSCREEN = (
    Need("library", "libglib-2.0.so.0", ("libglib2.0-0t64", "libglib2.0-0")),  # t64 since Debian 13, Ubuntu 24.04
    Need("library", "libEGL.so.1", ("libegl1",)),
    Need("library", "libGL.so.1", ("libgl1",)),
    Need("library", "libxkbcommon.so.0", ("libxkbcommon0",)),
    Need("library", "libdbus-1.so.3", ("libdbus-1-3",)),
    Need("library", "libfontconfig.so.1", ("libfontconfig1",)),
    Need("font", "a TrueType or OpenType font", ("fonts-dejavu-core",)),
)
SCREEN = (
    Need("library", "libxcb-cursor.so.0", ("libxcb-cursor0",)),
    Need("library", "libxkbcommon-x11.so.0", ("libxkbcommon-x11-0",)),
    Need("library", "libxcb-icccm.so.4", ("libxcb-icccm4",)),
    Need("library", "libxcb-keysyms.so.1", ("libxcb-keysyms1",)),
    Need("library", "libxcb-shape.so.0", ("libxcb-shape0",)),
)
VIRTUAL_DISPLAY = (
    Need("program", "Xvfb", ("xvfb",)),
    Need("program", "xauth", ("xauth",)),
    Need("program", "xdotool", ("xdotool",)),
)


def has_display(environment: Mapping[str, str], platform: str = sys.platform) -> bool:
    """Whether a window can be opened here."""
    return platform in ("darwin", "win32") or bool(environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"))


def has_nvidia_gpu() -> bool:
    """Whether the NVIDIA driver is at work on this machine."""
    return Path("/proc/driver/nvidia/version").exists() or shutil.which("nvidia-smi") is not None


def needs(screen: bool, tests: bool, platform: str = sys.platform) -> tuple[Need, ...]:
    """What is looked for; nothing on macOS and Windows, whose Qt brings its own."""
    if not platform.startswith("linux"):
        return ()
    return (*OFFSCREEN, *(SCREEN if screen or tests else ()), *(VIRTUAL_DISPLAY if tests else ()))


def is_present(need: Need) -> bool:
    """Whether this machine has it: a library by loading it, as Qt will."""
    if need.sort == "program":
        return shutil.which(need.name) is not None
    if need.sort == "font":
        return any(path.suffix in (".ttf", ".otf", ".ttc") for path in font_files())
    try:
        ctypes.CDLL(need.name)
    except OSError:
        return False
    return True


def font_files() -> Iterable[Path]:
    """Every file below the usual font folders."""
    for folder in FONT_FOLDERS:
        yield from Path(folder).expanduser().rglob("*.*")


def missing(wanted: Sequence[Need], present: Callable[[Need], bool] = is_present) -> tuple[Need, ...]:
    """The needs that are not met."""
    return tuple(need for need in wanted if not present(need))


def candidates(policy: str) -> frozenset[str]:
    """The packages that can be installed, read from the output of `apt-cache policy`."""
    found = set()
    package = ""
    for line in policy.splitlines():
        if line and not line.startswith(" "):
            package = line.rstrip(":")
        elif line.strip().startswith("Candidate:") and line.split(":", 1)[1].strip() != "(none)":
            found.add(package)
    return frozenset(found)


def packages(wanted: Sequence[Need], known: frozenset[str]) -> tuple[str, ...]:
    """The package for each need: the first that this release knows, else the oldest name."""
    return tuple(next((name for name in need.packages if name in known), need.packages[-1]) for need in wanted)


def privilege() -> tuple[str, ...] | None:
    """What to put before a command so that it runs as root; None where we may not."""
    if os.geteuid() == 0:
        return ()
    if (
        shutil.which("sudo")
        and subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0
    ):
        return ("sudo", "-n")
    return None


def equip(lacking: Sequence[Need], optional_packages: Sequence[str] = ()) -> None:
    """Install what is lacking with apt where we may; raises SetupError with the line to type where not."""
    if not lacking and not optional_packages:
        return
    what = ", ".join([*(need.name for need in lacking), *optional_packages])
    if not shutil.which("apt-get"):
        raise SetupError(
            "Qt and the tests need some system libraries and programs",
            f"this machine lacks {what}",
            "looking at the machine",
            "Install them with your system's package manager, then give the command again.",
        )
    names = (*optional_packages, *packages(lacking, known_packages(lacking)))
    prefix = privilege()
    if prefix is None:
        raise SetupError(
            f"{what} must be installed",
            "that needs root's rights, which this account has not without a password",
            "looking at the machine",
            f"Type: {apt_line(names)}  Then give the command again.",
        )
    print(f"Installing system packages: {' '.join(names)}")
    install = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "-y", "-qq"]
    if run_quietly([*install, "--no-install-recommends", *names]):
        return
    run_quietly([*prefix, "apt-get", "update", "-qq"])
    names = (*optional_packages, *packages(lacking, known_packages(lacking)))
    if not run_quietly([*install, "--no-install-recommends", *names], show=True):
        raise SetupError(
            f"{what} must be installed",
            "apt-get could not do so",
            "looking at the machine",
            f"Mend what it says above, or type: {apt_line(names)}",
        )


def known_packages(lacking: Sequence[Need]) -> frozenset[str]:
    """The packages for these needs that the package lists on this machine hold."""
    names = [name for need in lacking for name in need.packages]
    policy = subprocess.run(
        ["apt-cache", "policy", *names], capture_output=True, text=True, check=False, env={**os.environ, "LC_ALL": "C"}
    )
    return candidates(policy.stdout)


def apt_line(names: Sequence[str]) -> str:
    """The one line to type."""
    return f"sudo apt-get update && sudo apt-get install -y --no-install-recommends {' '.join(names)}"


def run_quietly(command: Sequence[str], show: bool = False) -> bool:
    """Whether the command succeeded; its output is shown only if asked and only after a failure."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if show and done.returncode:
        print(done.stdout)
    return done.returncode == 0
