"""Python blocks on the command line: their code runs only where the user has trusted it, here or in the window."""

from __future__ import annotations

import argparse

from core.project import Project
from core.python.questions import Oracle, Question, Told
from core.python.trust import Trust, codes, not_trusted

HELP = "trust the project's own Python code, from now on: read it before"


def add_trust(parser: argparse.ArgumentParser) -> None:
    """The argument --trust."""
    parser.add_argument("--trust", action="store_true", help=HELP)


def oracle(file: Project, project: Project | None = None, *, trust: bool = False) -> Oracle | None:
    """Who answers for the Python blocks of a project, as the file has it and as it was changed on the command line.

    None where there are none, so that torch is not loaded; raises FileError where trust cannot be kept.
    """
    changed = project if project is not None else file
    wanted = codes(changed)
    if not wanted:
        return None
    known = Trust()
    if trust or not known.untrusted(file):  # what the user has typed here needs no more trust than the file
        known.remember((*codes(file), *wanted))
    if known.untrusted(changed):
        return lambda question: _refused(known, question)
    from core.python.probing import engine_oracle

    return engine_oracle()


def _refused(trust: Trust, question: Question) -> Told | None:
    return None if trust.covers(question.code) else Told(error=not_trusted(), is_final=False)
