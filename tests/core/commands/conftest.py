"""The command line as a function, and golden texts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from core.cli import main

GOLDEN = Path(__file__).with_name("golden")


@dataclass(frozen=True)
class Result:
    """What a command has said, and its exit code."""

    code: int
    out: str
    err: str


Call = Callable[..., Result]
Golden = Callable[[str, str], None]


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Call:
    """Run a command in this process."""

    def run(*arguments: object) -> Result:
        capsys.readouterr()
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as end:  # how argparse ends: --help, --version and wrong arguments
            code = int(str(end.code or 0))
        found = capsys.readouterr()
        return Result(code, found.out, found.err)

    return run


@pytest.fixture
def golden(tmp_path: Path) -> Golden:
    """Compare a text with a file in golden/; what came is kept, so that a wanted change is one copy."""

    def compare(name: str, text: str) -> None:
        came = tmp_path / name
        came.write_text(text, encoding="utf-8")
        wanted = GOLDEN / name
        known = wanted.read_text(encoding="utf-8") if wanted.exists() else ""
        assert text == known, f"If this change is wanted: cp {came} {wanted}"

    return compare


@pytest.fixture(autouse=True)
def own_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Training sets the number of threads in the environment: put it back."""
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        monkeypatch.setenv(name, "1")
