"""The compiled sums, made as an installation makes them, for tests that hold both ways of summing to one oracle."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "chainrule" / "squares.c"


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> ctypes.CDLL:
    """The functions of chainrule/squares.c, compiled here and now."""
    compiler = shutil.which("cc")
    if compiler is None or sys.platform == "win32":
        pytest.skip("there is no C compiler")
    made = tmp_path_factory.mktemp("compiled") / "squares.so"
    options = ["-O3", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC"]
    subprocess.run([compiler, *options, SOURCE, "-o", made], check=True)
    return ctypes.CDLL(str(made))
