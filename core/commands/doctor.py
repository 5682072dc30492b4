"""`chainrule doctor [RUN]`: what the Doctor finds in a run, or in a project before it trains."""

from __future__ import annotations

import argparse
import re
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from core.commands.allowing import add_allow, allow
from core.commands.opening import Opened, opened
from core.commands.runs import RUN_HELP, is_run, run_folder
from core.commands.telling import json_line, plural, problem_json, problem_text
from core.diagnosis.doctor import diagnose, examine
from core.diagnosis.facts import Facts
from core.diagnosis.finding import Finding
from core.diagnosis.remedies import offering
from core.diagnosis.scripts import diagnose_script
from core.diagnosis.words import WORDS
from core.engine.messages import Failed, Said
from core.problems import Problem
from core.project import Project
from core.reading import read
from core.runs.following import FollowedRun
from core.runs.layout import PROJECT

SUMMARY = "what is wrong with a run, and why"
HELP = (
    "Print what the Doctor finds: the cause first, with its evidence, its likely cause, why it matters and what helps. "
    "Ends with exit code 1 when something is found that is more than a hint."
)
WIDTH = 100
REMEDIES = 3
"""Remedies that are told, of a project."""
NONE: Mapping[str, str] = MappingProxyType({})


class Examined(NamedTuple):
    """What was found, and in what."""

    title: str
    findings: Sequence[Finding]
    project: Project | None
    """Where remedies can be told for it."""
    facts: Facts
    unseen: Sequence[str] = ()
    """What a watch has said that it cannot see."""
    errors: Sequence[Problem] = ()
    """What keeps a project from training at all."""


def add(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument(
        "run", metavar="RUN", nargs="?", help=f"{RUN_HELP}; or a project or a template, before it trains"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object instead of text")
    add_allow(parser)


def run(options: argparse.Namespace) -> int:
    """Print the findings; 1 where there is more than hints."""
    found = _examined(options)
    print(_plain(found) if options.json else _text(found))
    return 1 if found.errors or any(finding.shown for finding in found.findings) else 0


def _examined(options: argparse.Namespace) -> Examined:
    if options.run is not None and not is_run(Path(options.run)) and not Path(options.run).is_dir():
        file = opened(options.run)
        facts, known = _facts(file, options), read(file.project)
        found = () if known.errors else examine(file.project, facts, known.plan, known.analysis)
        return Examined(file.project.name, found, file.project, facts, errors=known.errors)
    followed = FollowedRun(run_folder(options.run))
    record, project = followed.record(), followed.project()
    title = f"{project.name}, {plural(record.last_step - record.first_step, 'step')}"
    if followed.sketch is not None:
        findings = diagnose_script(project, record)
        called = [_called(one, followed.sketch.paths) for one in findings]
        unseen = [event.text for event in followed.run.events if isinstance(event, Said)]
        return Examined(title, called, None, Facts(), unseen)
    facts = _facts(Opened(project, followed.folder / PROJECT), options)
    failed = next((event for event in reversed(followed.run.events) if isinstance(event, Failed)), None)
    return Examined(title, diagnose(project, facts, record, failed=failed), project, facts)


def _facts(file: Opened, options: argparse.Namespace) -> Facts:
    """What is known of the project's data, which is read for it."""
    allow(file, options)
    from core.data.load import load
    from core.training.facts import facts_of

    data = {key: load(settings) for key, settings in file.project.data.items()}
    return facts_of(data, file.project.training)


def _called(finding: Finding, paths: Mapping[str, str]) -> Finding:
    """The finding with layers called as in their script."""
    other = {name: path for name, path in paths.items() if name != path}
    if not other:
        return finding
    pattern = re.compile(rf"\b({'|'.join(map(re.escape, other))})\b")

    def told(text: str) -> str:
        return pattern.sub(lambda match: other[match[0]], text)

    return replace(
        finding,
        where=tuple(other.get(path, path) for path in finding.where),
        evidence=tuple(replace(one, text=told(one.text)) for one in finding.evidence),
        cause=told(finding.cause),
    )


def _text(found: Examined) -> str:
    shown = [finding for finding in found.findings if finding.shown]
    count = plural(len(shown), "finding") if shown else "nothing but hints" if found.findings else "nothing found"
    unseen = ["\n".join(_wrapped("Not all was seen: ", text)) for text in found.unseen]
    if found.errors:
        what = f"{plural(len(found.errors), 'error')} must go before it can train"
        return "\n\n".join([f"{found.title}: {what}.", *map(problem_text, found.errors)])
    return "\n\n".join([f"{found.title}: {count}.", *unseen, *(_paragraph(one, found) for one in found.findings)])


def _paragraph(finding: Finding, found: Examined) -> str:
    where = f" ({', '.join(finding.where)})" if finding.where else ""
    lines = [*_wrapped("", f"{finding.severity.upper()}  {finding.title}{where}")]
    lines += [line for one in finding.evidence for line in _wrapped("  · ", one.text)]
    lines += _wrapped("  Cause: ", finding.cause)
    lines += _wrapped("  Why: ", f"{finding.why} [{finding.source}]")
    if found.project is not None:
        offered = offering(found.project, finding, found.facts, others=found.findings)
        for remedy in islice(offered, REMEDIES):
            lines += _wrapped("  → ", f"{remedy.label}. {remedy.effect}")
    if finding.explains:
        lines += _wrapped("  Follows from it: ", "; ".join(WORDS[code].title for code in finding.explains))
    return "\n".join(lines)


def _wrapped(head: str, text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=head, subsequent_indent=" " * min(len(head), 4))


def _plain(found: Examined) -> str:
    errors = [problem_json(error) for error in found.errors]
    return json_line(
        {"name": found.title, "errors": errors, "findings": [asdict(finding) for finding in found.findings]}
    )
