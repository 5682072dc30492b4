"""Pictures without a window: `python -m gui.exchange FILE -o OUT`, which `chainrule export` calls."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from PySide6.QtWidgets import QApplication

from core.commands.opening import opened
from core.commands.trusting import oracle
from core.errors import ChainruleError
from core.files import replaced
from core.reading import read
from gui.exchange.picture import Picture, Style
from gui.front import application


def main(arguments: list[str]) -> int:
    """Draw as the arguments say; the exit code."""
    parser = argparse.ArgumentParser(prog="chainrule export")
    parser.add_argument("file")
    parser.add_argument("-o", "--output", required=True, type=Path)
    parser.add_argument("--format", choices=("svg", "png", "pdf"), default="png")
    parser.add_argument("--theme", default="light")
    parser.add_argument("--scale", type=float, default=2.0)
    parser.add_argument("--background", choices=("theme", "white", "none"), default="theme")
    options = parser.parse_args(arguments)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    held = QApplication.instance() or application(["chainrule"])
    try:
        project = opened(options.file).project
        style = Style(options.theme, options.background, options.scale)
        content = Picture(read(project, oracle=oracle(project)), style).drawn(options.format)
        replaced(options.output, lambda aside: aside.write_bytes(content))
    except ChainruleError as error:
        print(error, file=sys.stderr)  # noqa: T201  # the program's words to its caller
        return 1
    return 0 if held is not None else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
