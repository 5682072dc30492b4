"""`python3 -m tools.setup run | test | lint | install`: what the Makefile's targets do. Needs Python alone."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence

from tools.setup import machine
from tools.setup.environment import ROOT, choose_python, install, venv_python
from tools.setup.errors import SetupError

TEMPLATE = "resources/templates/lenet5.chain"
FIRST_RUN = "build/first-run"
# One rendering everywhere: no screen, 96 dots an inch, no scaling, texts in UTF-8.
STABLE = (
    ("QT_QPA_PLATFORM", "offscreen"),
    ("QT_FONT_DPI", "96"),
    ("QT_SCALE_FACTOR", "1"),
    ("LC_ALL", "C.UTF-8"),
)
CHECKS = (("ruff", "check", "."), ("ruff", "format", "--check", "."), ("mypy",))


def call(*arguments: str, stable: bool = False) -> int:
    """Run a module with the environment's Python in the project's folder; its exit code."""
    environment = {**os.environ, **dict(STABLE)} if stable else None
    return subprocess.run([venv_python(), "-m", *arguments], check=False, cwd=ROOT, env=environment).returncode


def prepare(target: str, tests: bool) -> None:
    """Everything that must be there before the target's own work; at once where it is. Raises SetupError."""
    choose_python()
    machine.equip(machine.missing(machine.needs(machine.has_display(os.environ), tests)))
    install(("test",) if tests else (), target, cuda_asked())


def cuda_asked() -> bool:
    """Whether the user asked for PyTorch's GPU build: `make run CUDA=1`."""
    return os.environ.get("CUDA") == "1"


def run() -> int:
    """Open the window on the start page; without a display, train LeNet-5 here and draw the window to a file."""
    prepare("run", tests=False)
    if machine.has_display(os.environ):
        return call("gui")
    print("No display here, so LeNet-5 trains in this terminal and the window is drawn to a file.", flush=True)
    picture = f"{FIRST_RUN}/window.png"
    (ROOT / FIRST_RUN).mkdir(parents=True, exist_ok=True)
    failed = call("core.cli", "train", TEMPLATE, "--out", FIRST_RUN)
    failed = failed or call("core.cli", "shot", TEMPLATE, "-o", picture, "--train", "200", stable=True)
    if not failed:
        print(f"Picture of the window: {picture}")
    return failed


def checks() -> int:
    """Style, layout and types: all three, so that one run shows everything."""
    return max([call(*check) for check in CHECKS])


def lint() -> int:
    """The checks alone; they need no system libraries."""
    choose_python()
    install(("test",), "lint", cuda_asked())
    return checks()


def test() -> int:
    """The whole suite, offscreen, then style, layout and types."""
    prepare("test", tests=True)
    suite = call("pytest", *sys.argv[2:], stable=True)
    return checks() or suite


def only_install() -> int:
    """The set-up alone."""
    prepare("install", tests=False)
    return 0


def main(arguments: Sequence[str]) -> int:
    """Do what the first argument says; 1 with one clear message where that cannot be."""
    targets = {"run": run, "test": test, "lint": lint, "install": only_install}
    if not arguments or arguments[0] not in targets:
        print(f"usage: python3 -m tools.setup {' | '.join(targets)}", file=sys.stderr)
        return 2
    try:
        return targets[arguments[0]]()
    except SetupError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
