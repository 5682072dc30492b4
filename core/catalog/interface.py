"""What a Python source says of its block without being run: its class, its inputs and its outputs.

The source is read as a syntax tree and never executed, so a stranger's file can be drawn, saved and written as code.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from types import MappingProxyType

from core.catalog.kind import PortSpec

_KNOWN = 256
"""Sources whose interfaces are kept at hand: ports are asked for at every paint."""
_FORWARD = re.compile(r"def\s+forward\s*\(\s*self\s*,?([^()]*)\)")
_RETURN = re.compile(r"^[ \t]+return[ \t]+(\w+(?:[ \t]*,[ \t]*\w+)+)[ \t]*$", re.MULTILINE)
_MOST = 64
"""Ports of one side."""
INFERRED: Mapping[str, int] = MappingProxyType({"in_features": -1, "in_channels": 1})
"""Arguments of a constructor that the first input's size in this dimension is given to, as torch's layers name them."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a source is no block, and in which of its lines; 0: in none of them."""

    wanted: str
    came: str
    fix: str
    line: int = 0


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of forward after self."""

    name: str
    optional: bool = False
    keyword: bool = False
    """Whether it is given by its name."""
    variadic: bool = False


@dataclass(frozen=True, slots=True)
class Interface:
    """A block as it looks from outside."""

    class_name: str
    arguments: tuple[Argument, ...] = (Argument("input"),)
    outputs: tuple[str, ...] = ("output",)
    fault: Fault | None = None
    infers: tuple[str, ...] = ()
    """The constructor's arguments that follow from the wire: those of INFERRED."""

    @property
    def inputs(self) -> tuple[PortSpec, ...]:
        """The input ports: forward's arguments."""
        return tuple(
            PortSpec(item.name, "any", optional=item.optional, variadic=item.variadic) for item in self.arguments
        )

    @property
    def output_ports(self) -> tuple[PortSpec, ...]:
        """The output ports: what forward returns."""
        return tuple(PortSpec(name, "any") for name in self.outputs)

    @property
    def call(self) -> str:
        """The template of the call; an optional input that is loose is left out of it."""
        by_name = [item for item in self.arguments if (item.optional or item.keyword) and not item.variadic]
        by_place = [item for item in self.arguments if item not in by_name]
        names = [f"{{?{item.name}}}" for item in by_place] + [f"{{?{item.name}:{item.name}=}}" for item in by_name]
        return f"{{self}}({''.join(names)})"

    @property
    def unpack(self) -> str:
        """The target of the assignment where there are several outputs."""
        return ", ".join(f"{{{name}}}" for name in self.outputs) if len(self.outputs) > 1 else ""


@lru_cache(_KNOWN)
def interface(source: str) -> Interface:
    """The block that the source defines; never fails: what is wrong with it stands in `fault`."""
    try:
        with warnings.catch_warnings(action="ignore"):  # as “\d” in a text, which is the engine's to tell
            return _of_tree(ast.parse(source))
    except SyntaxError as error:
        fault = Fault("Python that can be read was wanted", _told(error), "Correct this line.", error.lineno or 0)
        return _guessed(source, fault)
    except (ValueError, RecursionError, MemoryError):
        came = "it is nested too deeply or holds what is no text"
        return Interface("", fault=Fault("Python that can be read was wanted", came, "Write it in simpler statements."))


def _told(error: SyntaxError) -> str:
    return f"line {error.lineno} has this: {error.msg}" if error.lineno else error.msg


def _of_tree(tree: ast.Module) -> Interface:
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    if not classes:
        fix = "Write “class MyBlock(nn.Module):”; the last class of the source is the block."
        return Interface("", fault=Fault("a class that derives from nn.Module was wanted", "there is no class", fix))
    block = classes[-1]
    family = tuple(_family(block, {node.name: node for node in classes}))
    forward = _inherited(family, "forward")
    if forward is None:
        fix = f"Write “def forward(self, x):” in {block.name}."
        fault = Fault("a method forward was wanted", f"{block.name} has none", fix, block.lineno)
        return Interface(block.name, fault=fault)
    found = Interface(block.name, tuple(_arguments(forward)), infers=_inferred(family))
    declared = next((value for node in family if (value := _declared(node)) is not None), None)
    if declared is None:
        return _judged(replace(found, outputs=_returned(forward)), forward.lineno)
    names, line = declared
    return _judged(replace(found, outputs=names), line)


def _judged(found: Interface, line: int) -> Interface:
    """The interface, with what makes its ports unusable."""
    sides = (tuple(item.name for item in found.arguments), found.outputs)
    fix = "Give every output a name of its own, a valid Python name, and at most 64 of them."
    for names in sides:
        usable = all(name.isidentifier() for name in names) and len(set(names)) == len(names)
        if not usable or len(names) > _MOST:
            came = f"{', '.join(map(repr, names[:4]))} came"
            fault = Fault("names for the ports were wanted", came, fix, line)
            return Interface(found.class_name, found.arguments[:_MOST], ("output",), fault)
    if not found.outputs:
        return replace(found, outputs=("output",), fault=Fault("an output was wanted", "none is named", fix, line))
    return found


def _family(node: ast.ClassDef, classes: dict[str, ast.ClassDef]) -> Iterator[ast.ClassDef]:
    """The class and those of the same source from which it derives, the nearest first."""
    waiting, seen = [node], set[str]()
    while waiting:
        current = waiting.pop(0)
        if current.name in seen:
            continue
        seen.add(current.name)
        yield current
        waiting += [classes[base.id] for base in current.bases if isinstance(base, ast.Name) and base.id in classes]


def _inherited(family: tuple[ast.ClassDef, ...], name: str) -> ast.FunctionDef | None:
    """The method of the nearest class that has it."""
    for node in family:
        found = [item for item in node.body if isinstance(item, ast.FunctionDef) and item.name == name]
        if found:
            return found[-1]
    return None


def _arguments(forward: ast.FunctionDef) -> Iterator[Argument]:
    given = forward.args
    plain = [item.arg for item in (*given.posonlyargs, *given.args)]
    defaults = len(plain) - len(given.defaults)
    only_by_place = len(given.posonlyargs)
    for place, name in enumerate(plain[1:], 1):
        # What stands before *others is given by its place, so that it cannot be left out.
        optional = place >= defaults and given.vararg is None and place >= only_by_place
        yield Argument(name, optional)
    if given.vararg is not None:
        yield Argument(given.vararg.arg, optional=True, variadic=True)
    for item, default in zip(given.kwonlyargs, given.kw_defaults, strict=True):
        yield Argument(item.arg, optional=default is not None, keyword=True)


def _inferred(family: tuple[ast.ClassDef, ...]) -> tuple[str, ...]:
    """The arguments of the constructor whose values follow from the wire."""
    begin = _inherited(family, "__init__")
    given = (*begin.args.posonlyargs, *begin.args.args, *begin.args.kwonlyargs) if begin is not None else ()
    return tuple(item.arg for item in given if item.arg in INFERRED)


def _declared(node: ast.ClassDef) -> tuple[tuple[str, ...], int] | None:
    """The class attribute `outputs = (...)`, and its line."""
    for item in node.body:
        if not isinstance(item, ast.Assign | ast.AnnAssign) or item.value is None:
            continue
        targets = item.targets if isinstance(item, ast.Assign) else [item.target]
        if not any(isinstance(target, ast.Name) and target.id == "outputs" for target in targets):
            continue
        parts = item.value.elts if isinstance(item.value, ast.Tuple | ast.List) else [item.value]
        names = [part.value if isinstance(part, ast.Constant) else None for part in parts]
        return tuple(name if isinstance(name, str) else "" for name in names), item.lineno
    return None


def _returned(forward: ast.FunctionDef) -> tuple[str, ...]:
    """The names in the last `return a, b`; output, output2 and so on in the place of what has no name."""
    returns = sorted(_returns(forward.body), key=lambda item: item.lineno)
    value = returns[-1].value if returns else None
    if not isinstance(value, ast.Tuple) or any(isinstance(part, ast.Starred) for part in value.elts):
        return ("output",)
    if len(value.elts) < 2:
        return ("output",)
    names = [part.id if isinstance(part, ast.Name) else "" for part in value.elts]
    once = [name if name and names.count(name) == 1 else "" for name in names]
    return tuple(name or (f"output{place}" if place > 1 else "output") for place, name in enumerate(once, 1))


def _returns(body: list[ast.stmt]) -> Iterator[ast.Return]:
    """Every return of a function, those of functions within it left out."""
    waiting: list[ast.AST] = list(body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Return):
            yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            waiting += ast.iter_child_nodes(node)


def _guessed(source: str, fault: Fault) -> Interface:
    """What a source that cannot be read seems to mean: its wires stay where they are while a line is being typed."""
    classes = re.findall(r"^class\s+(\w+)", source, re.MULTILINE)
    heads = _FORWARD.findall(source)
    parts = [part.strip() for part in heads[-1].split(",")] if heads else ["input"]
    names = [(re.match(r"\*?(\w+)", part), part) for part in parts if part]
    inputs = tuple(
        Argument(found[1], "=" in part or part.startswith("*"), variadic=part.startswith("*"))
        for found, part in names
        if found is not None and found[1].isidentifier()
    )
    returns = _RETURN.findall(source)
    outputs = tuple(name.strip() for name in returns[-1].split(",")) if returns else ("output",)
    usable = len({item.name for item in inputs}) == len(inputs) <= _MOST and len(set(outputs)) == len(outputs) <= _MOST
    name = classes[-1] if classes else ""
    return Interface(name, inputs, outputs, fault) if usable else Interface(name, fault=fault)
