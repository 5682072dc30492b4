"""The calls of a network, graph by graph: what a method of each block's class takes, does and returns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from core.catalog.kind import TensorType
from core.catalog.sources import DATASET, INPUT
from core.code.forms import form_of
from core.graph import BLOCK, BLOCK_INPUT, BLOCK_OUTPUT, Block, Edge, Graph, Node
from core.plan import Plan, Step, Value
from core.ports import output_ports, passing_port
from core.project import Project
from core.python.text import is_writable
from core.shapes import Analysis
from core.wiring import wired


class Argument(NamedTuple):
    """What a method is handed: a block's input, a field of a data set, or the batch size.

    An Input node is a field of no data set, called by its path.
    """

    role: Literal["input", "field", "batch"]
    name: str = ""
    dataset: str = ""


BATCH = Argument("batch")


class Output(NamedTuple):
    """What a node of the same graph gave: the node's name, the port, and which repetition where it is not the last."""

    name: str
    port: str
    repetition: int = -1


Source = Argument | Output
Feeds = Mapping[Argument, Source]


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """A step that is called."""

    step: Step
    name: str
    inputs: tuple[tuple[str, tuple[Source, ...]], ...]
    batch: Source | None
    """The tensor whose first size is the number of samples, or that number, where the call needs it."""


@dataclass(frozen=True, slots=True, eq=False)
class Stack:
    """An instance of a block that is called, once a repetition; None for one that nothing needs."""

    node: Node
    bodies: tuple[Body | None, ...]
    feeds: tuple[Feeds, ...]


class LeftOut(NamedTuple):
    """A bypassed node: before which item it would stand, its name, what it is, and its id."""

    place: int
    name: str
    title: str
    node: str


@dataclass(frozen=True, slots=True, eq=False)
class Body:
    """What is done in one graph: its calls in order, between what it is handed and what it returns."""

    block: str
    path: str
    """The instance path with a dot behind it; empty for the main graph."""
    module: str
    """The same of the modules that are called."""
    items: tuple[Call | Stack, ...]
    arguments: tuple[Argument, ...]
    results: tuple[tuple[str, Source], ...]
    """By name of the block's output, or by path and port of what is wanted from inside."""
    values: Mapping[Source, Value]
    """What each source is in the plan."""
    bypassed: tuple[LeftOut, ...] = ()

    def inside(self) -> Iterator[Body]:
        """The bodies of its blocks, and of theirs, innermost first."""
        for item in self.items:
            for body in item.bodies if isinstance(item, Stack) else ():
                if body is not None:
                    yield from body.inside()
                    yield body


def body_of(project: Project, plan: Plan, analysis: Analysis, wanted: Sequence[Value]) -> Body:
    """The calls that these values of the plan need, as the body of the main graph, which returns them in this order."""
    return _Walk(project, plan.reaching(wanted), analysis, wanted).main()


def field_arguments(plan: Plan) -> tuple[Argument, ...]:
    """The fields that the plan's steps read, in its order; two nodes on one data set bring one field once."""
    read = {value for step in plan.steps for value in step.values()} | set(plan.predictions())
    return tuple(
        dict.fromkeys(
            field_argument(step, port)
            for step in plan.steps
            for port in step.outputs
            if is_given(step) and Value(step.path, port) in read
        )
    )


def is_given(step: Step) -> bool:
    """Whether the step's values come from outside: a data set's, or those of an Input node."""
    return step.kind.name in (DATASET, INPUT)


def field_argument(step: Step, port: str) -> Argument:
    """What a data node's port, or an Input node, is as an argument."""
    return Argument("field", port if step.kind.name == DATASET else step.path, step.dataset)


class _Walk:
    """Goes through the graphs of a project as they are run."""

    def __init__(self, project: Project, plan: Plan, analysis: Analysis, wanted: Sequence[Value]) -> None:
        self.project = project
        self.types = analysis.types
        self.wanted = tuple(dict.fromkeys(wanted))
        self.alive = {step.path: step for step in plan.steps if step.path in analysis.arguments and is_writable(step)}
        self.templates = {
            path: form_of(step.kind, analysis.arguments[path]).forward for path, step in self.alive.items()
        }
        self.modules = _prefixes(self.alive.values())
        sources = [step for step in self.alive.values() if is_given(step)]
        fields = [field_argument(step, port) for step in sources for port in step.outputs]
        self.order = {argument: place for place, argument in enumerate(dict.fromkeys(fields))}

    def main(self) -> Body:
        """The body of the main graph."""
        return self.body(self.project.graph, None, "", {})

    def body(self, graph: Graph, block: Block | None, path: str, given: Mapping[Argument, Value]) -> Body:
        """The body of one graph at its path, handed these arguments."""
        scope = _Scope(graph, path, dict(given.items()))
        wiring = wired(graph)
        for node_id in wiring.order:
            self._node(scope, graph.nodes[node_id], wiring.into.get(node_id, ()))
        results = [(node, scope.sources.get(node.id)) for node in graph.nodes.values() if node.kind == BLOCK_OUTPUT]
        named = {node.name: source for node, source in results if source is not None} if block is not None else {}
        known = {scope.values[source] for source in named.values()}
        for value in self.wanted:
            source = scope.known.get(value)
            if source is not None and value not in known and (not path or value.path.startswith(path)):
                named[f"{value.path.removeprefix(path)}:{value.port}"] = source
        return Body(
            block.id if block is not None else "",
            path,
            self.modules.get(path, ""),
            tuple(scope.items),
            self._arguments(block, scope, named),
            tuple(named.items()),
            scope.values,
            tuple(scope.bypassed),
        )

    def _arguments(self, block: Block | None, scope: _Scope, results: Mapping[str, Source]) -> tuple[Argument, ...]:
        used = [source for item in scope.items for source in reads(item)]
        needed = {source for source in (*used, *results.values()) if isinstance(source, Argument)}
        inputs = [Argument("input", name) for name in (block.inputs() if block is not None else ())]
        fields = sorted((item for item in needed if item.role == "field"), key=self._place)
        return (*(item for item in inputs if item in needed), *fields, *((BATCH,) if BATCH in needed else ()))

    def _place(self, argument: Argument) -> int:
        return self.order.get(argument, 0)

    def _node(self, scope: _Scope, node: Node, edges: Sequence[Edge]) -> None:
        path = f"{scope.path}{node.name}"
        if node.kind == BLOCK_INPUT:
            scope.learn(node, "output", Argument("input", node.name), scope.given.get(Argument("input", node.name)))
        elif node.kind == BLOCK_OUTPUT:
            for edge in edges:
                if (source := scope.at(edge)) is not None:
                    scope.sources[node.id] = source
        elif node.bypassed and (entry := passing_port(self.project, node)):
            self._bypassed(scope, node, [edge for edge in edges if edge.input == entry])
        elif node.kind == BLOCK:
            self._block(scope, node, {edge.input: source for edge in edges if (source := scope.at(edge)) is not None})
        elif path in self.alive:
            self._call(scope, node, self.alive[path], edges)

    def _bypassed(self, scope: _Scope, node: Node, edges: Sequence[Edge]) -> None:
        """A bypassed node hands on what comes in first."""
        source = scope.at(edges[0]) if edges else None
        if source is None:
            return
        for port in output_ports(self.project, node):
            scope.learn(node, port.name, source, scope.values[source])
        scope.bypassed.append(LeftOut(len(scope.items), node.name, self._title(node), node.id))

    def _title(self, node: Node) -> str:
        block = self.project.blocks.get(node.block)
        return block.name if block is not None else node.kind

    def _call(self, scope: _Scope, node: Node, step: Step, edges: Sequence[Edge]) -> None:
        if is_given(step):
            for port in step.outputs:
                scope.learn(node, port, field_argument(step, port), Value(step.path, port))
            return
        for port in step.outputs:
            scope.learn(node, port, Output(node.name, port), Value(step.path, port))
        found: dict[str, list[Source]] = {port: [] for port, _values in step.inputs}
        for edge in edges:
            if (source := scope.at(edge)) is not None:
                found[edge.input].append(source)
        batch = self._batch(scope) if "{batch}" in self.templates[step.path] else None
        inputs = tuple((port, tuple(sources)) for port, sources in found.items())
        scope.items.append(Call(step, node.name, inputs, batch))

    def _batch(self, scope: _Scope) -> Source:
        """A tensor that was handed in and holds one row a sample; else the batch size itself."""
        fields = [item for item in scope.given if item.role == "field"] if scope.path else list(self.order)
        for argument in (*(item for item in scope.given if item.role == "input"), *fields):
            value = scope.given.get(argument)
            kind = self.types.get(value) if value is not None else None
            if (argument in self.order and not scope.path) or (kind is not None and _has_batch_first(kind)):
                return argument
        return BATCH

    def _block(self, scope: _Scope, node: Node, inputs: Mapping[str, Source]) -> None:
        block = self.project.blocks.get(node.block)
        paths = [f"{scope.path}{node.name}{f'[{k}]' if node.repeat > 1 else ''}." for k in range(node.repeat)]
        if block is None:
            return
        if not any(path in self.modules for path in paths):
            self._passed(scope, node, block, inputs)
            return
        feeds, outputs = dict(inputs), dict[str, Source]()
        bodies: list[Body | None] = []
        handed: list[Feeds] = []
        pairs = tuple(zip(block.inputs(), block.outputs(), strict=False))
        for place, path in enumerate(paths):
            body = self._repetition(scope, block, path, feeds)
            bodies.append(body)
            handed.append(
                {item: self._fed(scope, feeds, item) for item in (body.arguments if body is not None else ())}
            )
            outputs = self._outputs(scope, node, body, place)
            feeds.update({name: outputs[output] for name, output in pairs if output in outputs})
        for name in block.outputs():
            if name in outputs:
                scope.learn(node, name, outputs[name], scope.values[outputs[name]])
        scope.items.append(Stack(node, tuple(bodies), tuple(handed)))

    def _repetition(self, scope: _Scope, block: Block, path: str, feeds: Mapping[str, Source]) -> Body | None:
        given = {Argument("input", name): scope.values[source] for name, source in feeds.items()}
        return self.body(block.graph, block, path, given) if path in self.modules else None

    def _outputs(self, scope: _Scope, node: Node, body: Body | None, place: int) -> dict[str, Source]:
        if body is None:
            return {}
        mark = place if place + 1 < node.repeat else -1
        return {name: scope.add(Output(node.name, name, mark), body.values[source]) for name, source in body.results}

    def _fed(self, scope: _Scope, feeds: Mapping[str, Source], argument: Argument) -> Source:
        if argument.role == "input":
            return feeds[argument.name]
        return self._batch(scope) if argument.role == "batch" else argument

    def _passed(self, scope: _Scope, node: Node, block: Block, inputs: Mapping[str, Source]) -> None:
        """A block that does nothing hands on what comes in."""
        ways = _ways(self.project, block)
        stacked = dict(zip(block.inputs(), block.outputs(), strict=False))
        for output in block.outputs():
            name = ways.get(output)
            for _ in range(node.repeat - 1):
                name = ways.get(stacked[name], None) if name in stacked else name
            if name is not None and name in inputs:
                scope.learn(node, output, inputs[name], scope.values[inputs[name]])
        place, idle = len(scope.items), [inner for inner in block.graph.nodes.values() if inner.bypassed]
        scope.bypassed += [LeftOut(place, f"{node.name}.{item.name}", self._title(item), item.id) for item in idle]


class _Scope:
    """One graph on the way: what is known so far, and what was called."""

    def __init__(self, graph: Graph, path: str, given: Mapping[Argument, Value]) -> None:
        self.graph = graph
        self.path = path
        self.given = given
        self.items: list[Call | Stack] = []
        self.bypassed: list[LeftOut] = []
        self.sources: dict[str, Source] = {}
        """By BlockOutput node."""
        self.values: dict[Source, Value] = {}
        self.known: dict[Value, Source] = {}
        self._ports: dict[tuple[str, str], Source] = {}

    def learn(self, node: Node, port: str, source: Source, value: Value | None) -> None:
        """Where the node's output comes from."""
        if value is not None:
            self._ports[node.id, port] = self.add(source, value)

    def add(self, source: Source, value: Value) -> Source:
        """The source, known to be this value of the plan."""
        self.values[source] = value
        self.known.setdefault(value, source)
        return source

    def at(self, edge: Edge) -> Source | None:
        """What the wire brings; None where it is not known."""
        return self._ports.get((edge.source, edge.output))


def reads(item: Call | Stack) -> Iterator[Source]:
    """Everything that the item reads, once a wire."""
    if isinstance(item, Call):
        for _port, sources in item.inputs:
            yield from sources
        if item.batch is not None:
            yield item.batch
        return
    for feeds in item.feeds:
        yield from feeds.values()


def type_of(body: Body, source: Source, analysis: Analysis) -> TensorType | None:
    """What the source carries; None where it is no tensor."""
    value = body.values.get(source)
    return analysis.types.get(value) if value is not None else None


def _has_batch_first(kind: TensorType) -> bool:
    return kind.batched and str(kind.shape[0]) == "B"


def _prefixes(steps: Iterable[Step]) -> dict[str, str]:
    """By instance path of every block, the path of its modules, both with a dot behind them."""
    found: dict[str, str] = {}
    for step in steps:
        path, module = step.path.split(".")[:-1], step.module.split(".")[:-1]
        while path:
            found[f"{'.'.join(path)}."] = f"{'.'.join(module)}."
            path, module = path[:-1], module[:-1]
    return found


def _ways(project: Project, block: Block) -> dict[str, str]:
    """Of a block in which nothing is called: the input whose value each output hands on."""
    at: dict[tuple[str, str], str] = {}
    found: dict[str, str] = {}
    wiring = wired(block.graph)
    for node_id in wiring.order:
        node = block.graph.nodes[node_id]
        into = {
            edge.input: at[edge.source, edge.output]
            for edge in wiring.into.get(node_id, ())
            if (edge.source, edge.output) in at
        }
        if node.bypassed and (entry := passing_port(project, node)):
            at.update({(node_id, port.name): into[entry] for port in output_ports(project, node) if entry in into})
        elif node.kind == BLOCK_INPUT:
            at[node_id, "output"] = node.name
        elif node.kind == BLOCK_OUTPUT and "input" in into:
            found[node.name] = into["input"]
        elif node.kind == BLOCK and node.block in project.blocks:
            for output, name in _ways(project, project.blocks[node.block]).items():
                if name in into:
                    at[node_id, output] = into[name]
    return found
