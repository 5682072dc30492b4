"""Data outside a project's folder on the command line: read only where the user allows it, here or in the window."""

from __future__ import annotations

import argparse
from contextlib import suppress

from core.commands.opening import Opened
from core.datatrust import DataTrust, not_allowed
from core.errors import FileError

HELP = "let the project read the files outside its folder that it names, from now on"


def add_allow(parser: argparse.ArgumentParser) -> None:
    """The argument --allow-data."""
    parser.add_argument("--allow-data", action="store_true", help=HELP)


def allow(file: Opened, options: argparse.Namespace, keeps: bool = False) -> None:
    """Go on where the project may read what it names; raises DataError where it may not, FileError.

    Where `keeps` its run is kept in a folder of its own, from which the same files shall be read without a question.
    """
    named = [item.path for item in file.project.data.values() if item.path]
    if not named:
        return
    known = DataTrust()
    missing = known.missing(file.project, file.path.parent)
    if missing and options.allow_data:
        known.remember(missing)
    elif missing:
        raise not_allowed(missing)
    if keeps:
        with suppress(FileError):  # it only spares a question later
            known.remember(named)
