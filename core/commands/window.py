"""`chainrule [FILE]`: opens the window, which takes this process over."""

from __future__ import annotations

import argparse
import os
import sys

from core.commands.opening import FILE_HELP, found
from core.commands.process import become
from core.errors import EngineError

SUMMARY = "open the window (the word may be left out)"
HELP = "Open the window with this file, or on the start page."


def add(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("file", metavar="FILE", nargs="?", help=FILE_HELP)


def run(options: argparse.Namespace) -> int:
    """Open the window and wait until it is closed."""
    file = () if options.file is None else (str(found(options.file)),)
    ensure_display()
    return become("gui", file)


def ensure_display() -> None:
    """Raise EngineError where there is nothing to open a window on."""
    if not _has_display():
        raise EngineError(
            "a display to open the window on was wanted",
            "there is none",
            fix="Use “chainrule train” or “chainrule shot”, which need none; “chainrule --help” lists all commands.",
        )


def _has_display() -> bool:
    """Whether Qt will find a display; it would end the program with a dump where not."""
    known = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    return not sys.platform.startswith("linux") or any(os.environ.get(name) for name in known)
