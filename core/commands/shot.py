"""`chainrule shot FILE -o PNG`: a picture of the real window, rendered without a display."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from core.commands.opening import FILE_HELP, found
from core.commands.process import call
from core.commands.runs import is_run
from core.runs.layout import PROJECT

SUMMARY = "a picture of the window"
HELP = "Render the real window with this file into a picture; needs no display."
STABLE = {"QT_QPA_PLATFORM": "offscreen", "QT_FONT_DPI": "96", "QT_SCALE_FACTOR": "1"}
"""One rendering everywhere."""
SMALLEST, LARGEST = 320, 16_384
WELCOME = "welcome"
"""The word for the start page, in the place of FILE."""


def add(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("file", metavar="FILE", help=f"{FILE_HELP}, or “{WELCOME}” for the start page")
    parser.add_argument("-o", "--output", metavar="PNG", required=True, type=_picture, help="where the picture goes")
    parser.add_argument("--size", metavar="WxH", default="1600x1000", type=_size, help="of the window (1600x1000)")
    parser.add_argument("--theme", choices=("dark", "light"), default="dark", help="the window's colours (dark)")
    parser.add_argument("--train", metavar="STEPS", default=0, type=_steps, help="train so many steps first")
    parser.add_argument("--scale", metavar="S", default=1.0, type=_scale, help="pixels of a point, 0.5 to 4 (1)")


def run(options: argparse.Namespace) -> int:
    """Render the picture in a program of its own."""
    settings = ("--size", options.size, "--theme", options.theme, "--train", str(options.train))
    target = ("-o", str(options.output), *settings, "--scale", f"{options.scale:g}")
    file = _shown(options.file)
    return call("gui.shot", (file, *target), STABLE)


def _shown(name: str) -> str:
    """What the window is to show: the start page, the run of a script, or a project."""
    path = Path(name)
    if name == WELCOME or (is_run(path) and not (path / PROJECT).is_file()):
        return name
    return str(found(name))


def _picture(text: str) -> Path:
    path = Path(text)
    if path.suffix.lower() != ".png":
        raise argparse.ArgumentTypeError(f"a file that ends in .png was wanted, “{text}” came")
    if not path.absolute().parent.is_dir():
        raise argparse.ArgumentTypeError(f"a folder that exists was wanted, “{path.parent}” came")
    return path


def _size(text: str) -> str:
    found_sizes = re.fullmatch(r"(\d{1,6})x(\d{1,6})", text)
    if not found_sizes or not all(SMALLEST <= int(side) <= LARGEST for side in found_sizes.groups()):
        raise argparse.ArgumentTypeError(f"WxH from {SMALLEST} to {LARGEST} was wanted, “{text}” came")
    return text


def _steps(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise argparse.ArgumentTypeError(f"a number of steps was wanted, “{text}” came")
    return int(text)


def _scale(text: str) -> float:
    try:
        scale = float(text)
    except ValueError:
        scale = 0.0
    if not 0.5 <= scale <= 4.0:
        raise argparse.ArgumentTypeError(f"a scale from 0.5 to 4 was wanted, “{text}” came")
    return scale
