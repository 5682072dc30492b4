"""The text of Python blocks for exported code: every distinct source once, its imports on top, no name twice."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from core.catalog.interface import interface
from core.catalog.python_block import MODULE, source_of
from core.errors import ParameterError
from core.plan import Step
from core.python.questions import code_of, read_settings


class Written(NamedTuple):
    """Steps as code calls them, and what stands above the class that calls them."""

    steps: tuple[Step, ...]
    imports: tuple[str, ...]
    texts: tuple[str, ...]


def is_writable(step: Step) -> bool:
    """Whether code can hold the step: a Python block whose source or settings cannot be read has no text."""
    if not step.kind.opaque:
        return True
    code = code_of(step.params)
    try:
        read_settings(code.settings)
    except ParameterError:
        return False
    return interface(code.source).fault is None


def written(steps: tuple[Step, ...], taken: Iterable[str]) -> Written:
    """The texts of the steps' sources, their names told apart from one another and from those that are taken."""
    names, renamed, imports, texts = set(taken), dict[str, str](), list[str](), list[str]()
    for source in dict.fromkeys(source_of(step.params) for step in steps if step.kind.opaque):
        tree = ast.parse(source)
        other = {name: _free(name, names) for name in _defined(tree) if name in names}
        text, above = _parted(source, tree)
        names.update(other.get(name, name) for name in _defined(tree))
        class_name = interface(source).class_name
        renamed[source] = other.get(class_name, class_name)
        imports += above
        texts.append(_renamed(text, other).strip("\n") if other else text.strip("\n"))
    called = tuple(_called(step, renamed) for step in steps)
    return Written(called, tuple(dict.fromkeys(imports)), tuple(texts))


def _called(step: Step, renamed: Mapping[str, str]) -> Step:
    if not step.kind.opaque:
        return step
    return step._replace(kind=replace(step.kind, module=f"{MODULE}{renamed[source_of(step.params)]}"))


def _defined(tree: ast.Module) -> Iterator[str]:
    """The names that a source gives to classes, functions and values of its own."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name
        if not isinstance(node, ast.Assign | ast.AnnAssign):
            continue
        for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
            yield from (part.id for part in ast.walk(target) if isinstance(part, ast.Name))


def _free(name: str, taken: set[str]) -> str:
    return next(other for count in range(2, len(taken) + 3) if (other := f"{name}{count}") not in taken)


def _parted(source: str, tree: ast.Module) -> tuple[str, list[str]]:
    """The text without the imports at its top level, and these."""
    lines = source.replace("\r\n", "\n").replace("\r", "\n").split("\n")  # as Python counts them
    above: list[str] = []
    for node in tree.body:
        if not isinstance(node, ast.Import | ast.ImportFrom):
            continue
        above.append(ast.unparse(node))
        for number in range(node.lineno - 1, node.end_lineno or node.lineno):
            lines[number] = ""
    return "\n".join(lines), above


def _renamed(text: str, names: Mapping[str, str]) -> str:
    """The text with other names; attributes of these names keep theirs."""
    lines = text.splitlines(keepends=True)
    places: list[tuple[int, int, str]] = []
    before = ""
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.NAME and token.string in names and before != ".":
            places.append((token.start[0] - 1, token.start[1], token.string))
        before = token.string
    for line, start, name in reversed(places):
        lines[line] = f"{lines[line][:start]}{names[name]}{lines[line][start + len(name) :]}"
    return "".join(lines)
