"""`chainrule code FILE`: the network as a Python module that needs only torch."""

from __future__ import annotations

import argparse

from core.codegen import source
from core.commands.opening import FILE_HELP, opened
from core.commands.trusting import add_trust, oracle
from core.reading import read

SUMMARY = "the network as PyTorch source"
HELP = "Print the network as a Python module, and its loss as a function; they need only torch."


def add(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("file", metavar="FILE", help=FILE_HELP)
    add_trust(parser)


def run(options: argparse.Namespace) -> int:
    """Print the source."""
    project = opened(options.file).project
    known = read(project, oracle=oracle(project, trust=options.trust))
    print(source(known.project, known.plan, known.analysis), end="")
    return 0
