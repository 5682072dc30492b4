"""What evaluating and predicting have in common: a project that can run, and its trained weights."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.checks import faults, raise_first
from core.commands.allowing import add_allow
from core.commands.opening import FILE_HELP, Opened
from core.commands.trusting import add_trust, oracle
from core.errors import FileError
from core.files import file_hash, weights_path
from core.reading import Reading, read


def add_file(parser: argparse.ArgumentParser) -> None:
    """The arguments FILE and --weights."""
    parser.add_argument("file", metavar="FILE", help=FILE_HELP)
    add_trust(parser)
    add_allow(parser)
    parser.add_argument("--weights", metavar="SAFETENSORS", type=Path, help="weights other than those beside FILE")


def checked(file: Opened, trust: bool = False) -> Reading:
    """The project with its plan; raises the first error that keeps it from running. `trust` its Python code first."""
    known = read(file.project, oracle=oracle(file.project, trust=trust))
    raise_first(faults(known.problems))
    return known


def weights(file: Opened, given: Path | None) -> Path:
    """The weights to use: those given, else those beside the file; raises FileError where it is untrained."""
    if given is not None:
        if not given.is_file():
            raise FileError("a file of weights was wanted", "there is none", str(given), "Choose another.")
        return given
    beside, known = weights_path(file.path), file.project.weights
    fix = "Train it: “chainrule train FILE --out DIR”, then use DIR as FILE."
    if known is None:
        raise FileError("a trained project was wanted", "it is untrained", str(file.path), fix)
    if not beside.is_file():
        raise FileError("the trained weights beside the project were wanted", "they are missing", str(beside), fix)
    if file_hash(beside) != known.sha256:
        raise FileError(
            "the weights that the project names were wanted", "these are others", str(beside), "Name them by --weights."
        )
    return beside
