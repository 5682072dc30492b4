"""Plan to readable Python: classes that need only torch, written as a person would write them."""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from core.code.classes import class_title
from core.code.lines import WIDTH, Line, blank, text_of
from core.code.losses import compared, loss_lines
from core.code.model import field_names, network, own_classes
from core.code.tree import body_of, field_arguments
from core.plan import Plan, Step
from core.project import Project
from core.python.text import is_writable
from core.python.text import written as python_blocks
from core.shapes import Analysis

STANDARD = (
    ("argparse", "import argparse"),
    ("copy", "import copy"),
    ("json", "import json"),
    ("math", "import math"),
    ("Path", "from pathlib import Path"),
)
LIBRARIES = (
    ("np", "import numpy as np"),
    ("torch", "import torch"),
    ("nn", "from torch import nn"),
    ("F", "from torch.nn import functional as F"),
    ("swa_utils", "from torch.optim import swa_utils"),
)
"""What written code may need, by the name it uses."""
_NAMES = {name: re.compile(rf"(?<![\w.]){name}\b") for name, _line in (*STANDARD, *LIBRARIES)}
_USES = {name: re.compile(rf"(?<![\w.]){name}[.(]") for name in _NAMES}
_WORDS = frozenset("\"'#")
_PAUSE = 64
"""Lines between two pauses of writing."""


@dataclass(frozen=True, slots=True)
class Code:
    """A text of Python, and the nodes behind its lines."""

    lines: tuple[Line, ...]

    @classmethod
    def of_comment(cls, words: str) -> Code:
        """These words as a comment, which is no code but fits in its place."""
        return cls(tuple(Line(f"# {line}") for line in textwrap.wrap(words, WIDTH - 2)))

    @property
    def text(self) -> str:
        """The whole text."""
        return text_of(self.lines)

    @property
    def is_comment(self) -> bool:
        """Whether there is nothing to run."""
        return all(line.text.startswith("#") for line in self.lines)

    def places(self, *nodes: str) -> tuple[int, ...]:
        """The numbers of the lines that any of these nodes stands behind, from 0."""
        wanted = frozenset(nodes)
        found = enumerate(self.lines) if wanted else ()
        return tuple(place for place, line in found if line.nodes and not wanted.isdisjoint(line.nodes))


def source(project: Project, plan: Plan, analysis: Analysis) -> str:
    """The network as classes, and its loss as a function where there is one."""
    return written(project, plan, analysis).text


def written(project: Project, plan: Plan, analysis: Analysis) -> Code:
    """The same, with the nodes behind its lines."""
    return finished(writing(project, plan, analysis))


def finished(work: Generator[None, None, Code]) -> Code:
    """What the writing comes to, without a pause."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            made: Code = end.value
            return made


def writing(project: Project, plan: Plan, analysis: Analysis) -> Generator[None, None, Code]:
    """The same, with pauses in which a window can answer; the code of thousands of layers takes a while."""
    wanted = compared(plan, plan.losses, analysis) if plan.losses else plan.predictions()
    needed = dict.fromkeys((*plan.reaching(wanted).steps, *plan.losses))
    steps = tuple(step for step in needed if step.path in analysis.arguments and is_writable(step))
    own = own_classes(steps)
    blocks = python_blocks(steps, (class_name(project), "loss", *class_names(own)))
    yield
    plan = with_steps(plan, blocks.steps)
    fields = field_names(field_arguments(plan))
    yield
    body = body_of(project, plan, analysis, wanted)
    own = (*own, *(tuple(map(Line, text.splitlines())) for text in blocks.texts))
    yield
    parts: list[Sequence[Line]] = []
    for part in network(project, analysis, {"forward": body}, class_name(project), fields, class_names(own)):
        parts.append((yield from _taken(part)))
    if lines := tuple(loss_lines(plan, plan.losses, body, analysis, fields)):
        parts.append(lines)
    return Code(joined((*own, *parts), blocks.imports, len(needed) - len(steps)))


def _taken(part: Iterable[Line]) -> Generator[None, None, list[Line]]:
    """The lines, as they are written."""
    lines = []
    for line in part:
        lines.append(line)
        if len(lines) % _PAUSE == 0:
            yield
    return lines


def class_name(project: Project) -> str:
    """The project's name as a class is called: LeNet5."""
    return class_title(project.name)


def class_names(parts: Iterable[Sequence[Line]]) -> Iterator[str]:
    """What the classes in these parts are called."""
    for part in parts:
        yield from (node.name for node in ast.parse(text_of(part)).body if isinstance(node, ast.ClassDef))


def with_steps(plan: Plan, steps: Sequence[Step]) -> Plan:
    """The plan with these steps in place of those at their paths."""
    others = {step.path: step for step in steps}
    changed = tuple(others.get(step.path, step) for step in plan.steps)
    return replace(plan, steps=changed, by_path={step.path: step for step in changed}, origin=None)


def joined(parts: Sequence[Sequence[Line]], more: Sequence[str] = (), missing: int = 0) -> tuple[Line, ...]:
    """A whole file: the imports that are used, more of them, and the parts, two empty lines between them."""
    lines = [Line(text) for text in imports([line.text for part in parts for line in part], more)]
    if missing:
        lines += [Line(""), Line(f"# {missing} of the nodes are left out: their shapes are not known yet.")]
    for part in parts:
        is_code = part[0].text.startswith(("class ", "def ", "@", "if "))
        lines += [*blank(2 if is_code else 1), *part]
    return tuple(lines)


def imports(texts: Sequence[str], more: Sequence[str] = ()) -> Iterator[str]:
    """The import statements that these texts need, sorted as is the custom, and those that were asked for."""
    used = used_names("\n".join(texts))
    future = [line for line in more if line.startswith("from __future__")]
    standard = [line for name, line in STANDARD if name in used]
    libraries = [line for name, line in LIBRARIES if name in used]
    libraries += [line for line in more if line not in (*future, *standard, *libraries)]
    groups = [group for group in (future, standard, libraries) if group]
    for place, group in enumerate(groups):
        yield from ("",) if place else ()
        yield from group


def used_names(text: str) -> set[str]:
    """Of the names for which there are imports, those that the text uses.

    Where each is there in plain lines that hold no text and no comment, Python need not read it to say so.
    """
    found = {name for name, pattern in _NAMES.items() if name in text and pattern.search(text)}
    if '"""' not in text and all(_is_plainly_used(name, text) for name in found):
        return found
    return {node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)}


def _is_plainly_used(name: str, text: str) -> bool:
    """Whether one of the lines that seem to use it is plain."""
    return any(_is_plain(_line_at(text, match.start())) for match in _USES[name].finditer(text))


def _line_at(text: str, place: int) -> str:
    """The line around a place in a text."""
    end = text.find("\n", place)
    return text[text.rfind("\n", 0, place) + 1 : end if end >= 0 else len(text)]


def _is_plain(line: str) -> bool:
    return _WORDS.isdisjoint(line) and not line.lstrip().startswith(("class ", "def "))


def state_key(path: str) -> str:
    """How a weight of the app is called in the written classes: encoder[2].conv1.weight is encoder.2.conv1.weight."""
    return re.sub(r"\[(\d+)\]", r".\1", path)
