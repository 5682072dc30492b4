"""`chainrule code FILE`: the network as a Python module that needs only torch."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.codegen import source
from core.commands.allowing import add_allow, allow
from core.commands.opening import FILE_HELP, opened
from core.commands.trusting import add_trust, oracle
from core.exchange.script import write_script_of, written_script
from core.files import write_atomically
from core.reading import read

SUMMARY = "the network as PyTorch source"
HELP = (
    "Print the network as a Python module, and its loss as a function; they need only torch. With --script the whole "
    "training: data, phases, loop and validation. Its losses are those of the app, bit for bit."
)


def add(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("file", metavar="FILE", help=FILE_HELP)
    parser.add_argument("--script", action="store_true", help="the whole training, which gives the app's losses")
    parser.add_argument("-o", "--output", metavar="PATH", help="write it there, and the data that a script reads")
    add_trust(parser)
    add_allow(parser)


def run(options: argparse.Namespace) -> int:
    """Print the source."""
    file = opened(options.file)
    project = file.project
    known = read(project, oracle=oracle(project, trust=options.trust))
    if options.output:
        path = Path(options.output)
        if options.script:
            allow(file, options)
        made = write_script_of(known, path) if options.script else (path,)
        if not options.script:
            write_atomically(path, source(known.project, known.plan, known.analysis))
        print(*made, sep="\n")
        return 0
    text = written_script(known).text if options.script else source(known.project, known.plan, known.analysis)
    print(text, end="")
    return 0
