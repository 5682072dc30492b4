"""The folder .venv: made once, filled as pyproject.toml and constraints-cpu.txt say, and left alone while they stay."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from tools.setup import machine
from tools.setup.downloads import Download, downloads, refusal, summary
from tools.setup.errors import SetupError

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
STAMP = VENV / "installed.json"
SOURCES = (ROOT / "pyproject.toml", ROOT / "constraints-cpu.txt", ROOT / "chainrule" / "squares.c")
OLDEST_PYTHON = (3, 11)
OLDEST_PIP = (24, 0)  # older ones fetch whole files only to resolve
PYTHON_NAMES = ("python3.14", "python3.13", "python3.12", "python3.11")


def venv_python() -> str:
    """The path of the environment's interpreter."""
    return str(VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python"))


def python_version(python: str) -> tuple[int, int]:
    """The (major, minor) version of an interpreter, (0, 0) if it does not run."""
    try:
        code = "import sys; print(*sys.version_info[:2])"
        told = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    except OSError:
        return (0, 0)
    numbers = told.stdout.split()
    return (int(numbers[0]), int(numbers[1])) if len(numbers) == 2 else (0, 0)


def choose_python(
    names: Sequence[str] = (sys.executable, *PYTHON_NAMES), version: Callable[[str], tuple[int, int]] = python_version
) -> str:
    """The first interpreter that is new enough; raises SetupError if there is none."""
    for name in names:
        if version(name) >= OLDEST_PYTHON:
            return name
    major, minor = OLDEST_PYTHON
    raise SetupError(
        f"Chainrule needs Python {major}.{minor} or newer",
        f"{names[0]} is Python {'.'.join(map(str, version(names[0])))} and no newer one is on the PATH",
        "looking for Python",
        f"Install one (Debian, Ubuntu: sudo apt-get install python{major}.{minor}), then give the command again; "
        "make PYTHON=/path/to/python3 run chooses one by hand.",
    )


def stamp_digest(sources: Iterable[Path], python: tuple[int, int]) -> str:
    """A digest of everything that decides what stands in the environment."""
    digest = hashlib.sha256(repr(python).encode())
    for source in sources:
        digest.update(source.read_bytes())
    return digest.hexdigest()


def is_current(stamp: Path, digest: str, extras: Iterable[str]) -> bool:
    """Whether the environment was filled from the same sources, with at least these extras."""
    try:
        told = json.loads(stamp.read_text())
    except (OSError, ValueError):
        return False
    return bool(told["digest"] == digest) and set(extras) <= set(told["extras"])


def pip(*arguments: str, capture: bool = False) -> subprocess.CompletedProcess[str]:
    """Run the environment's pip."""
    command = [venv_python(), "-m", "pip", "--disable-pip-version-check", *arguments]
    return subprocess.run(command, capture_output=capture, text=True, check=False, cwd=ROOT)


def pip_version() -> tuple[int, int]:
    """The version of the environment's pip, (0, 0) if it has none."""
    words = pip("--version", capture=True).stdout.split()
    return tuple(int(part) for part in words[1].split(".")[:2]) if len(words) > 1 else (0, 0)  # type: ignore[return-value]  # two parts


def make_venv() -> None:
    """Make .venv unless a working one stands there; raises SetupError where that cannot be done."""
    if Path(venv_python()).exists() and python_version(venv_python()) >= OLDEST_PYTHON and pip_version() > (0, 0):
        return
    python = choose_python()
    print(f"Making {VENV.name} with Python {'.'.join(map(str, python_version(python)))}")
    if has_module(python, "ensurepip"):
        done = subprocess.run([python, "-m", "venv", "--clear", str(VENV)], check=False).returncode == 0
    elif has_module(python, "pip") and has_module(python, "venv"):
        done = make_venv_with_outer_pip(python)
    else:
        major, minor = python_version(python)
        machine.equip((), (f"python{major}.{minor}-venv",))
        done = subprocess.run([python, "-m", "venv", "--clear", str(VENV)], check=False).returncode == 0
    if not done:
        shutil.rmtree(VENV, ignore_errors=True)
        raise SetupError(
            "an environment was to be made", "Python could not make one", str(VENV), "Its own message stands above."
        )


def has_module(python: str, name: str) -> bool:
    """Whether an interpreter can import a module."""
    return subprocess.run([python, "-c", f"import {name}"], capture_output=True, check=False).returncode == 0


def make_venv_with_outer_pip(python: str) -> bool:
    """Make .venv where Debian has left out ensurepip: the pip that is there puts one in."""
    bare = subprocess.run([python, "-m", "venv", "--clear", "--without-pip", str(VENV)], check=False)
    if bare.returncode:
        return False
    outer = [python, "-m", "pip", "--python", venv_python(), "install", "--quiet", "pip"]
    return subprocess.run(outer, check=False).returncode == 0


def resolve(requirement: str) -> tuple[Download, ...]:
    """What pip would fetch for a requirement; raises SetupError if it cannot say."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.json")
        asked = ("install", "--dry-run", "--quiet", "--report", str(report), "-c", SOURCES[1].name, "-e", requirement)
        done = pip(*asked, capture=True)
        if done.returncode:
            raise SetupError(
                "pip was to resolve what to install",
                f"it failed: {done.stderr.strip().splitlines()[-1] if done.stderr.strip() else 'it said nothing'}",
                "resolving what to install",
                "Is the network up? .venv/bin/pip install -e . says more.",
            )
        told: dict[str, Any] = json.loads(report.read_text())
    return downloads(told)


def file_sizes(found: Sequence[Download]) -> dict[str, int]:
    """The sizes in bytes by address, as far as the servers tell."""
    asked = subprocess.run(
        [venv_python(), str(Path(__file__).with_name("sizes.py"))],
        input="\n".join(item.url for item in found),
        capture_output=True,
        text=True,
        check=False,
    )
    sizes: dict[str, int] = json.loads(asked.stdout) if asked.returncode == 0 else {}
    return sizes


def install(extras: Sequence[str], target: str, allow_cuda: bool) -> None:
    """Fill .venv; at once if nothing has changed since the last time. Raises SetupError."""
    make_venv()
    digest = stamp_digest(SOURCES, python_version(venv_python()))
    if is_current(STAMP, digest, extras):
        return
    if pip_version() < OLDEST_PIP:
        pip("install", "-qq", "--upgrade", "pip")
    requirement = f".[{','.join(extras)}]" if extras else "."
    print("Resolving what to install ...", flush=True)
    found = resolve(requirement)
    sizes = file_sizes(found)
    if refused := refusal(found, sizes, machine.has_nvidia_gpu(), allow_cuda, target):
        raise refused
    print(summary(found, sizes), flush=True)
    print("Fetching and installing ...", flush=True)
    verbosity = () if sys.stdout.isatty() else ("-qq",)  # in a terminal pip shows how far it is
    if pip("install", *verbosity, "-c", SOURCES[1].name, "-e", requirement).returncode:
        raise SetupError(
            "pip was to install the packages above", "it failed", str(VENV), "Its own message stands above."
        )
    STAMP.write_text(json.dumps({"digest": digest, "extras": list(extras)}))
