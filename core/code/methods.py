"""The text of a class's methods: names for what is computed, one statement a call, shapes where they change."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from core.catalog.kind import TensorType
from core.code.classes import Classes, attribute_of, tapped
from core.code.forms import form_of
from core.code.lines import Line, statement, tidy
from core.code.tree import BATCH, Argument, Body, Call, LeftOut, Output, Source, Stack, reads, type_of
from core.expressions import call, target

CHAIN = ("x", "out", "y", "h")
"""What a value is called that only the next statement reads: the first of these that is free."""


@dataclass(frozen=True, slots=True, eq=False)
class Statement:
    """One statement of a method: what it reads and makes, and its text once these have names."""

    reads: tuple[Source, ...]
    makes: tuple[Output, ...]
    node: str
    write: Callable[[Mapping[Source, str]], tuple[str, str]]
    """From names to what is assigned to, and the expression."""
    before: Callable[[Mapping[Source, str]], str] | None = None
    """A statement in front of a loop, where one is needed."""
    loop: str = ""
    """The line above, for a statement that is repeated."""
    block: bool = False
    """Whether a block is called, whose outputs have names that say more than its own."""


def method(
    found: Classes, name: str, bodies: Sequence[Body], fields: Mapping[Argument, str], main: bool
) -> Iterator[Line]:
    """A method of a class, from `def` to `return`."""
    body = bodies[0]
    grouped = [tuple(_statements(found, body, item)) for item in body.items]
    statements = [made for group in grouped for made in group]
    starts = list(accumulate(map(len, grouped), initial=0))
    notes = [(starts[item.place], item) for item in body.bypassed]
    names = _names(body, statements, fields)
    arguments = [names[argument] for argument in body.arguments] or (["batch"] if main else [])
    names.setdefault(BATCH, "batch")
    shape = _shape(found, bodies, body.arguments[0]) if len(body.arguments) == 1 else ""
    yield from statement(f"def {name}({', '.join(('self', *arguments))}):", 1, shape)
    results = [names[source] for _key, source in body.results]
    for place, item in enumerate(statements):
        yield from _notes(notes, place)
        goal, expression = item.write(names)
        nodes, shape = (item.node,), _changed_shape(found, bodies, item, names)
        if item.before is not None and (first := item.before(names)):
            yield from statement(first, 2, "", nodes)
        if item.loop:
            yield Line(f"        {item.loop}", nodes)
        elif place == len(statements) - 1 and [goal] == results:
            yield from statement(f"return {expression}", 2, shape, nodes)
            yield from _notes(notes, len(statements))
            return
        depth = 3 if item.loop else 2
        yield from statement(f"{goal} = {expression}", depth, shape, nodes)
    yield from _notes(notes, len(statements))
    yield from statement(f"return {', '.join(results) or 'None'}", 2)


def _notes(notes: Sequence[tuple[int, LeftOut]], place: int) -> Iterator[Line]:
    """What is said before this statement of nodes that are bypassed."""
    for _place, item in (note for note in notes if note[0] == place):
        yield Line(f"        # {item.name} ({item.title}) is bypassed", (item.node,))


def _statements(found: Classes, body: Body, item: Call | Stack) -> Iterator[Statement]:
    if isinstance(item, Call):
        yield _call(found, item)
    elif item.node.repeat == 1:
        yield _once(found, item, 0, f"self.{attribute_of(item)}")
    elif is_sequential(found, body, item):
        inside = item.bodies[0]
        assert inside is not None  # is_sequential has seen them all
        yield _sequence(item, inside)
    elif _loops(found, body, item):
        yield _loop(found, item)
    else:
        for place, inside in enumerate(item.bodies):
            if inside is not None:
                yield _once(found, item, place, f"self.{attribute_of(item)}[{place}]")


def _call(found: Classes, item: Call) -> Statement:
    step, arguments = item.step, found.analysis.arguments[item.step.path]
    form = form_of(step.kind, arguments)
    outputs = {port: Output(item.name, port) for port in step.outputs}

    def write(names: Mapping[Source, str]) -> tuple[str, str]:
        module = f"self.{step.module.rpartition('.')[2]}"
        ports: dict[str, str | tuple[str, ...]] = {"self": module, "training": "self.training"}
        if item.batch is not None:
            ports["batch"] = _size(item.batch, names)
        for (port, sources), spec in zip(item.inputs, step.kind.inputs, strict=True):
            known = tuple(names[source] for source in sources)
            ports[port] = known if spec.variadic else (known[0] if known else "None")
        goal = target(form.unpack, {port: names.get(output, "_") for port, output in outputs.items()})
        return re.sub(r"\((_, )*_\)", "_", goal), tidy(call(step.kind, form.forward, arguments, ports))

    return Statement(tuple(reads(item)), tuple(outputs.values()), step.node, write)


def _size(source: Source, names: Mapping[Source, str]) -> str:
    return names[source] if source == BATCH else f"{names[source]}.shape[0]"


def _once(found: Classes, item: Stack, place: int, called: str) -> Statement:
    """One repetition of a block, called by itself."""
    body, feeds = item.bodies[place], item.feeds[place]
    assert body is not None  # the caller leaves out what nothing needs
    mark = place if place + 1 < item.node.repeat else -1
    outputs = tuple(Output(item.node.name, key, mark) for key, _source in body.results)
    function = found.method(body)
    called = called if function == "forward" else f"{called}.{function}"

    def write(names: Mapping[Source, str]) -> tuple[str, str]:
        given = ", ".join(_handed(argument, feeds[argument], names) for argument in body.arguments)
        return ", ".join(names.get(output, "_") for output in outputs) or "_", f"{called}({given})"

    return Statement(tuple(feeds.values()), outputs, item.node.id, write, block=True)


def _handed(argument: Argument, source: Source, names: Mapping[Source, str]) -> str:
    return _size(source, names) if argument == BATCH else names[source]


def is_sequential(found: Classes, body: Body, item: Stack) -> bool:
    """Whether the repetitions pass one tensor on, so that nn.Sequential says it."""
    if item.node.repeat == 1 or not _loops(found, body, item):
        return False
    inside = item.bodies[0]
    assert inside is not None  # a loop has no gap
    alone = len(inside.arguments) == 1 and len(inside.results) == 1
    plain = alone and inside.arguments[0].role == "input" and found.method(inside) == "forward"
    return plain and isinstance(item.feeds[1][inside.arguments[0]], Output) and _chained(item)


def _chained(item: Stack) -> bool:
    return all(
        isinstance(source, Output) and source.name == item.node.name and source.repetition >= 0
        for feeds in item.feeds[1:]
        for source in feeds.values()
    )


def _loops(found: Classes, body: Body, item: Stack) -> bool:
    """Whether all repetitions are called alike, each with what the one before gives."""
    if None in item.bodies or tapped(body, item):
        return False
    calls = {(found.by_module[inside.module].name, found.method(inside)) for inside in item.bodies if inside}
    shapes = {_feeding(item, place) for place in range(1, item.node.repeat)}
    first = set(item.feeds[0])
    return len(calls) == 1 and len(shapes) == 1 and first == set(item.feeds[1])


def _feeding(item: Stack, place: int) -> object:
    before = place - 1
    return tuple(
        (argument, source.port if _is_from(item, source, before) and isinstance(source, Output) else source)
        for argument, source in item.feeds[place].items()
    )


def _is_from(item: Stack, source: Source, place: int) -> bool:
    return isinstance(source, Output) and source.name == item.node.name and source.repetition == place


def _sequence(item: Stack, inside: Body) -> Statement:
    output = Output(item.node.name, inside.results[0][0])
    (source,) = item.feeds[0].values()

    def write(names: Mapping[Source, str]) -> tuple[str, str]:
        return names.get(output, "_"), f"self.{attribute_of(item)}({names[source]})"

    return Statement((source,), (output,), item.node.id, write)


def _loop(found: Classes, item: Stack) -> Statement:
    body = item.bodies[0]
    assert body is not None  # _loops has seen them all
    outputs = {key: Output(item.node.name, key) for key, _source in body.results}
    carried = {
        argument: outputs[source.port]
        for argument, source in item.feeds[1].items()
        if _is_from(item, source, 0) and isinstance(source, Output)
    }
    function = found.method(body)
    called = "layer" if function == "forward" else f"layer.{function}"

    def write(names: Mapping[Source, str]) -> tuple[str, str]:
        given = [
            names[carried[argument]] if argument in carried else _handed(argument, item.feeds[0][argument], names)
            for argument in body.arguments
        ]
        return ", ".join(names.get(output, "_") for output in outputs.values()) or "_", f"{called}({', '.join(given)})"

    def before(names: Mapping[Source, str]) -> str:
        pairs = [(names[output], names[item.feeds[0][argument]]) for argument, output in carried.items()]
        pairs = [pair for pair in pairs if pair[0] != pair[1]]
        return f"{', '.join(one for one, _ in pairs)} = {', '.join(other for _, other in pairs)}" if pairs else ""

    read = (*item.feeds[0].values(), *(carried.values()))
    loop = f"for layer in self.{attribute_of(item)}:"
    return Statement(read, tuple(outputs.values()), item.node.id, write, before, loop, block=True)


def _names(body: Body, statements: Sequence[Statement], fields: Mapping[Argument, str]) -> dict[Source, str]:
    """What every value is called."""
    names = _argument_names(body, fields)
    readers: dict[Source, list[int]] = {}
    for place, item in enumerate(statements):
        for source in item.reads:
            readers.setdefault(source, []).append(place)
    last = len(statements)
    for _key, source in body.results:
        readers.setdefault(source, []).append(last if len(body.results) == 1 else last + 1)
    chain = _chain_name(names, readers, {item.makes[0].name for item in statements if item.makes})
    taken = {*names.values(), chain, "self", "batch", "layer"}
    for place, item in enumerate(statements):
        used = [output for output in item.makes if output in readers]
        for output in used:
            passing = set(readers[output]) <= {place, place + 1} and len(used) == 1
            names[output] = chain if passing else _variable(output, item, taken)
    return names


def _argument_names(body: Body, fields: Mapping[Argument, str]) -> dict[Source, str]:
    names: dict[Source, str] = {}
    inputs = [argument.name for argument in body.arguments if argument.role == "input"]
    for argument in body.arguments:
        if argument.role == "input":
            plain = "x" if argument.name == "input" and "x" not in inputs else argument.name
            names[argument] = plain if plain != "batch" else "batch_"
        elif argument.role == "field":
            name = fields[argument]
            names[argument] = name if name not in inputs else f"{argument.dataset}_{name}"
        else:
            names[argument] = "batch"
    return names


def _chain_name(names: Mapping[Source, str], readers: Mapping[Source, Sequence[int]], nodes: set[str]) -> str:
    """The name of passing values: not one that an argument has which is still read after the first statement."""
    living = {name for source, name in names.items() if set(readers.get(source, ())) - {0}}
    return next((name for name in CHAIN if name not in living and name not in nodes), "passing")


def _variable(output: Output, item: Statement, taken: set[str]) -> str:
    port = output.port.replace(":output", "")
    several = len({made.port for made in item.makes}) > 1 or output.repetition >= 0
    parts = [output.name, *([str(output.repetition)] if output.repetition >= 0 else []), *([port] if several else [])]
    name = re.sub(r"\W+", "_", "_".join(parts)).strip("_")
    if item.block and several and output.repetition < 0 and port.isidentifier() and port not in {*taken, "output"}:
        name = port
    while name in taken:
        name += "_"
    taken.add(name)
    return name


def _shape(found: Classes, bodies: Sequence[Body], source: Source) -> str:
    """The shape of what the source carries, the same in all bodies; else nothing."""
    types = {type_of(body, source, found.analysis) for body in bodies}
    kind = types.pop() if len(types) == 1 else None
    return written(kind) if kind is not None else ""


def written(kind: TensorType) -> str:
    """A shape as Python's tuples are written: (B, 16, 5, 5)."""
    sizes = [str(size) for size in kind.shape]
    return f"({sizes[0]},)" if len(sizes) == 1 else f"({', '.join(sizes)})"


def _changed_shape(found: Classes, bodies: Sequence[Body], item: Statement, names: Mapping[Source, str]) -> str:
    """The shape of the one value that the statement makes, where it differs from that of the first it reads."""
    made = [output for output in item.makes if output in names]
    shape = _shape(found, bodies, made[0]) if len(made) == 1 else ""
    same = item.reads and shape == _shape(found, bodies, item.reads[0])
    return "" if same else shape


def runs(texts: Sequence[str]) -> Iterator[str]:
    """The elements of a list, many equal ones in a row as a comprehension."""
    starts = [0, *(place + 1 for place, (one, other) in enumerate(pairwise(texts)) if one != other)]
    for start, stop in zip(starts, [*starts[1:], len(texts)], strict=True):
        if stop - start < 3:
            yield from texts[start:stop]
        else:
            yield f"*({texts[start]} for _ in range({stop - start}))"
