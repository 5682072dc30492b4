"""`chainrule watch [RUN]`: the monitors on a run that somebody else writes, live."""

from __future__ import annotations

import argparse

from core.commands.process import become
from core.commands.runs import RUN_HELP, run_folder
from core.commands.window import ensure_display

SUMMARY = "the monitors on a run, live"
HELP = (
    "Open the window on a run that a script with “chainrule.watch”, or “chainrule train --out”, writes or has written. "
    "It follows the run and changes nothing of it."
)


def add(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("run", metavar="RUN", nargs="?", help=RUN_HELP)


def run(options: argparse.Namespace) -> int:
    """Open the window and wait until it is closed."""
    folder = run_folder(options.run)
    ensure_display()
    return become("gui", (str(folder.absolute()),))
