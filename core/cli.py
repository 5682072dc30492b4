"""The command line: the same work without a window. `chainrule --help` lists the commands."""

from __future__ import annotations

import argparse
import os
import sys
import textwrap
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import MappingProxyType
from typing import NoReturn, Protocol

from core.commands import (
    check,
    code,
    data,
    doctor,
    evaluate,
    export,
    import_,
    layers,
    predict,
    rate,
    shot,
    train,
    watch,
    window,
)
from core.commands.opening import closest, templates
from core.commands.telling import one_line
from core.errors import ChainruleError, FileError, KindError, ParameterError


class Command(Protocol):
    """What the module of a command has."""

    SUMMARY: str
    """What `chainrule --help` says of it."""
    HELP: str
    """What its own help begins with."""

    def add(self, parser: argparse.ArgumentParser) -> None:
        """Add the command's arguments."""

    def run(self, options: argparse.Namespace) -> int:
        """Do it; the exit code."""


COMMANDS: Mapping[str, Command] = MappingProxyType(
    {
        "open": window,
        "train": train,
        "check": check,
        "code": code,
        "data": data,
        "layers": layers,
        "evaluate": evaluate,
        "export": export,
        "import": import_,
        "predict": predict,
        "rate": rate,
        "watch": watch,
        "doctor": doctor,
        "shot": shot,
    }
)
"""Every command by its word."""
FAILED, MISUSED, INTERRUPTED, BROKEN_PIPE = 1, 2, 130, 141
"""Exit codes; those of signals are 128 and the signal's number, as shells have them."""


class Help(argparse.HelpFormatter):
    """Help that is broken at spaces only, so that a name with a hyphen stays whole."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        words = " ".join(text.split())
        return textwrap.fill(words, width, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False)


class Parser(argparse.ArgumentParser):
    """A parser that tells what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        """End with exit code 2."""
        self.exit(MISUSED, f"{self.prog}: {message}. See “{self.prog} --help”.\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the arguments say; 0, 1 for a problem of the network or the run, 2 for a wrong call or file."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]  # a terminal without × or “ shall not end us
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        code = _run(given)
        sys.stdout.flush()
    except (FileError, ParameterError, KindError) as error:
        return _told(error, MISUSED)
    except ChainruleError as error:
        return _told(error, FAILED)
    except BrokenPipeError:
        # Whoever read us has enough. Python would complain once more while it closes standard output.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE
    except KeyboardInterrupt:
        return INTERRUPTED
    return code


def parser() -> argparse.ArgumentParser:
    """The parser of all commands."""
    top = Parser(
        prog="chainrule",
        formatter_class=Help,
        description="Draw a neural network, train it, and watch every gradient while it learns.",
        usage="chainrule [FILE] | chainrule COMMAND ...",
        epilog="“chainrule FILE” opens the window. FILE is a .chain file, an exported picture, the folder of a run, "
        + "or a template: "
        + ", ".join(templates())
        + ". “chainrule COMMAND --help” tells more.",
    )
    top.add_argument("--version", action="version", version=f"chainrule {_version()}")
    commands = top.add_subparsers(
        dest="command", metavar="COMMAND", title="commands", parser_class=Parser, prog="chainrule"
    )
    for word, module in COMMANDS.items():
        module.add(commands.add_parser(word, help=module.SUMMARY, description=module.HELP))
    return top


def _run(arguments: list[str]) -> int:
    options = parser().parse_args(_completed(arguments))
    return COMMANDS[options.command].run(options)


def _completed(arguments: list[str]) -> list[str]:
    """The arguments with the word `open` where it is left out; raises ParameterError for an unknown word."""
    if not arguments:
        return ["open"]
    first = arguments[0]
    if first.startswith("-") or first in COMMANDS:
        return arguments
    if first in templates() or Path(first).exists() or Path(first).suffix:
        return ["open", *arguments]
    fix = f"Did you mean {near}?" if (near := closest(first, (*COMMANDS, *templates()))) else "See “chainrule --help”."
    raise ParameterError("a command, a project file or a template's name was wanted", f"“{first}” came", fix=fix)


def _told(error: ChainruleError, code: int) -> int:
    print(f"chainrule: {one_line(error)}", file=sys.stderr)
    return code


def _version() -> str:
    try:
        return version("chainrule")
    except PackageNotFoundError:
        return "(not installed)"


if __name__ == "__main__":
    sys.exit(main())
