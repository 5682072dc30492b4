"""The network as classes: imports, one class a block that is built alike, and the main one."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from core.catalog.initialization import begun_bias, begun_state, kept_bias, start
from core.catalog.kind import Arguments, LayerKind
from core.code.classes import Classes, ClassPlan, attribute_of, classes
from core.code.lines import WIDTH, Line, blank, docstring, statement, text_of
from core.code.methods import is_sequential, method, runs
from core.code.tree import Argument, Body, Stack
from core.expressions import constructor, literal
from core.parttext import class_text
from core.plan import Step
from core.project import Project
from core.shapes import Analysis


def class_lines(found: Classes, plan: ClassPlan, project: Project, fields: Mapping[Argument, str]) -> Iterator[Line]:
    """One class."""
    main = plan.instances[0].module == ""
    yield Line(f"class {plan.name}(nn.Module):")
    if main and project.description:
        yield from docstring(project.description, 1)
        yield from blank()
    made = list(_construction(found, plan))
    if made or not main:
        yield from _initializer(plan, made)
    for place, (name, bodies) in enumerate(plan.methods):
        yield from blank() if place or made else ()
        yield from method(found, name, bodies, fields, main)


def _initializer(plan: ClassPlan, made: Sequence[Line]) -> Iterator[Line]:
    if made:
        yield from statement(f"def __init__({', '.join(('self', *plan.arguments))}):", 1)
        yield Line("        super().__init__()")
        yield from made


def _construction(found: Classes, plan: ClassPlan) -> Iterator[Line]:
    first = plan.instances[0]
    for name in first.order:
        if name in first.layers:
            step = first.layers[name]
            variables = {item: text for (slot, _place, item), text in plan.slots.items() if slot == name}
            yield from layer_lines(step, found.analysis.arguments[step.path], name, variables)
        else:
            nodes = tuple(dict.fromkeys(stack.node.id for stack in _stacks(plan, name)))
            yield from statement(f"self.{name} = {_stacked(found, plan, name)}", 2, "", nodes)


def _stacks(plan: ClassPlan, name: str) -> Iterator[Stack]:
    for _method, bodies in plan.methods:
        for item in bodies[0].items:
            if isinstance(item, Stack) and attribute_of(item) == name:
                yield item


def _stacked(found: Classes, plan: ClassPlan, name: str) -> str:
    """The construction of a block, or of its repetitions."""
    first = plan.instances[0]
    count = first.repeats[name]
    texts = [_made(found, plan, name, place) for place in range(count)]
    if count == 1:
        return texts[0]
    calls = [(body, item) for _name, (body, *_rest) in plan.methods for item in body.items if isinstance(item, Stack)]
    mine = [(body, item) for body, item in calls if attribute_of(item) == name]
    parts = list(runs(texts))
    if all(is_sequential(found, body, item) for body, item in mine):
        return f"nn.Sequential({', '.join(parts)})"
    alone = len(parts) == 1 and parts[0].startswith("*(")
    return f"nn.ModuleList({parts[0][2:-1]})" if alone else f"nn.ModuleList([{', '.join(parts)}])"


def _made(found: Classes, plan: ClassPlan, name: str, place: int) -> str:
    module = plan.instances[0].stacks[name].get(place)
    if module is None:
        return "nn.Identity()"
    given = found.given(module)
    handed = [plan.slots.get((name, place, key), literal(value)) for key, value in given.items()]
    return f"{found.by_module[module].name}({', '.join(handed)})"


def layer_lines(step: Step, arguments: Arguments, name: str, variables: Mapping[str, str]) -> Iterator[Line]:
    """The construction of one layer, how its weights begin, and whether they stand still."""
    nodes = (step.node,)
    yield from statement(f"self.{name} = {constructor(step.kind, arguments, variables)}", 2, "", nodes)
    for depth, text in _start(step.kind, arguments, name):
        yield from statement(text, 2 + depth, "", nodes)
    if arguments.get("frozen"):
        yield from statement(f"self.{name}.requires_grad_(False)", 2, "", nodes)


def _start(kind: LayerKind, arguments: Arguments, name: str) -> Iterator[tuple[int, str]]:
    yield from _weights(kind, arguments, name)
    state, bias = begun_state(arguments), begun_bias(arguments)
    if state is not None:
        gain, hidden = state
        yield 0, f"for name, parameter in self.{name}.named_parameters():"
        yield 1, 'if name.startswith("weight_hh"):'
        yield 2, f"for gate in parameter.split({hidden}):"
        yield 3, f"nn.init.orthogonal_(gate, {gain!r})"
    if bias is not None:
        yield 0, f"nn.init.constant_(self.{name}.bias, {bias!r})"
    gate = kept_bias(arguments)
    if gate is not None:
        value, first, end = gate
        yield 0, f"for name, parameter in self.{name}.named_parameters():"
        yield 1, 'if name.startswith("bias_ih"):'
        yield 2, f"nn.init.constant_(parameter[{first}:{end}], {value!r})"


def _weights(kind: LayerKind, arguments: Arguments, name: str) -> Iterator[tuple[int, str]]:
    begin = start(arguments)
    if begin is None:
        return
    if kind.many_weights:
        yield 0, f"for name, parameter in self.{name}.named_parameters():"
        yield 1, 'if "bias" in name:'
        yield 2, "nn.init.zeros_(parameter)"
        yield 1, "elif parameter.dim() > 1:"
        yield 2, begin.text("parameter")
        return
    yield 0, begin.text(f"self.{name}.weight")
    if arguments.get("bias"):
        yield 0, f"nn.init.zeros_(self.{name}.bias)"


def field_names(arguments: Iterable[Argument], taken: Iterable[str] = ("batch",)) -> dict[Argument, str]:
    """What the fields of data sets are called: by name, or with their data set's where two share it."""
    others = {*taken}
    known = tuple(arguments)
    ports = [attribute(argument.name) for argument in known]
    names: dict[Argument, str] = {}
    for argument, port in zip(known, ports, strict=True):
        alone = ports.count(port) == 1 or not argument.dataset
        name = port if alone else attribute(f"{argument.dataset}_{argument.name}")
        names[argument] = f"{name}_" if name in others else name
        others.add(names[argument])
    return names


def attribute(path: str) -> str:
    """A path as one name: encoder_2_conv1."""
    name = re.sub(r"\W+", "_", path).strip("_")
    return name if not name or name[0].isalpha() else f"data_{name}"


def own_classes(steps: Iterable[Step]) -> tuple[tuple[Line, ...], ...]:
    """The classes that torch.nn lacks, each once."""
    texts = dict.fromkeys(text for step in steps if (text := _own_class(step)))
    return tuple(map(laid_out, texts))


def _own_class(step: Step) -> str:
    """The text of the class that the step's module has, where torch has none; else nothing."""
    return class_text(step.kind.module) if _is_own(step.kind) else ""


def laid_out(text: str) -> tuple[Line, ...]:
    """A text of one statement a line, as `ast.unparse` gives it, as a formatter would leave it; else as it is."""
    made = tuple(_laid_out(text))
    try:
        same = _meaning(text_of(made)) == _meaning(text)
    except SyntaxError:
        same = False
    return made if same else tuple(map(Line, text.splitlines()))


def _meaning(text: str) -> str:
    """What the text does, whatever its docstrings look like."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:]
    return ast.dump(tree)


def _laid_out(text: str) -> Iterator[Line]:
    for line in text.splitlines():
        bare = line.lstrip()
        depth = (len(line) - len(bare)) // 4
        if len(bare) > 6 and bare.startswith('"""') and bare.endswith('"""') and len(line) > WIDTH:
            yield from docstring(bare[3:-3], depth)
        elif bare.startswith('"""'):
            yield Line(line)
        elif bare:
            yield from statement(_spelled(bare), depth)
        else:
            yield Line("")


def _spelled(text: str) -> str:
    """A statement with double quotes, and blanks around the colon of a slice whose end is an expression."""
    quoted = re.sub(r"'([^'\"\\]*)'", r'"\1"', text)
    begun = re.sub(r"(?<=[\[ ]):(?=\w+(?:\.\w+| \*))", ": ", quoted)
    return re.sub(r"(\* [\w.]+):(?=\])", r"\1 :", begun)


def _is_own(kind: LayerKind) -> bool:
    return bool(kind.module) and not kind.is_torchs and not kind.opaque


def network(
    project: Project,
    analysis: Analysis,
    mains: Mapping[str, Body],
    name: str,
    fields: Mapping[Argument, str],
    taken: Iterable[str] = (),
) -> Iterator[Iterator[Line]]:
    """Every class by itself, innermost first, its lines as they are asked for."""
    found = classes(project, analysis, mains, name, taken)
    for plan in found.plans:
        yield class_lines(found, plan, project, fields)
