"""Graph to Plan: blocks flattened, steps in running order; what shapes, builder and code generator read."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from core.catalog import KINDS
from core.catalog.kind import LayerKind
from core.catalog.sources import DATASET
from core.data.sources import FieldSpec
from core.graph import BLOCK, BLOCK_INPUT, BLOCK_OUTPUT, Block, Edge, Graph, Node, Parameters
from core.ports import dataset_fields
from core.project import Project

MAX_DEPTH = 32
MAX_STEPS = 1_000_000


class Value(NamedTuple):
    """A tensor that a step makes: the step's path and the output port."""

    path: str
    port: str


@dataclass(frozen=True, slots=True)
class Step:
    """One call: a layer, operation, source or loss, at its place in the running order."""

    path: str
    """The instance path, as `encoder[2].conv1`: the row in records and the prefix in the state dict."""
    node: str
    """The id of the node that is called."""
    shown: str
    """The id of the node of the main graph in which it lies: the node itself, or the outermost block."""
    kind: LayerKind
    params: Parameters
    inputs: tuple[tuple[str, tuple[Value, ...]], ...]
    """By input port the values that come in: one, several for a variadic port, none for a loose one."""
    module: str
    """The path of the module that is called, and of its weights: the step's own, or that of the first of its link."""
    dataset: str = ""
    fields: tuple[FieldSpec, ...] = ()
    """For a data node: what its data set offers."""

    @property
    def outputs(self) -> tuple[str, ...]:
        """The names of the output ports."""
        return tuple(item.name for item in self.fields or self.kind.outputs)

    def values(self) -> Iterator[Value]:
        """Everything that comes in, port after port."""
        for _port, values in self.inputs:
            yield from values


@dataclass(frozen=True, slots=True)
class Plan:
    """Every step in running order; what lies in or behind a cycle is left out and named."""

    steps: tuple[Step, ...]
    by_path: Mapping[str, Step]
    left_out: tuple[str, ...] = ()
    """Ids of nodes in or behind a cycle, or of unknown kind or block."""

    @property
    def losses(self) -> tuple[Step, ...]:
        """The steps that are losses."""
        return tuple(step for step in self.steps if step.kind.role == "loss")

    @property
    def sources(self) -> tuple[Step, ...]:
        """The steps at which tensors begin."""
        return tuple(step for step in self.steps if step.kind.role == "source")

    def predictions(self) -> tuple[Value, ...]:
        """The network's outputs: what feeds the losses' first port, else what nobody reads."""
        fed = [values[0] for step in self.losses for _port, values in step.inputs[:1] if values]
        if fed:
            return tuple(dict.fromkeys(fed))
        read = {value for step in self.steps for value in step.values()}
        ends = [Value(step.path, port) for step in self.steps if step.kind.role == "layer" for port in step.outputs[:1]]
        return tuple(value for value in ends if value not in read)

    def reaching(self, wanted: Iterable[Value]) -> Plan:
        """The part that these values need, in the same order."""
        needed = {value.path for value in wanted}
        for step in reversed(self.steps):
            if step.path in needed:
                needed.update(value.path for value in step.values())
        return self.only(needed)

    def for_training(self) -> Plan:
        """The part that the losses need."""
        return self.reaching(Value(step.path, "loss") for step in self.losses)

    def for_inference(self) -> Plan:
        """The part from the sources to the outputs; it holds no loss."""
        return self.reaching(self.predictions())

    def only(self, paths: set[str]) -> Plan:
        """The steps with these paths, in the same order."""
        steps = tuple(step for step in self.steps if step.path in paths)
        return replace(self, steps=steps, by_path={step.path: step for step in steps})


class _Scope(NamedTuple):
    """One graph that is being lowered: where it stands, what comes in, and which module paths it shares."""

    graph: Graph
    prefix: str
    module: str
    shown: str
    inputs: Mapping[str, tuple[Value, ...]]
    depth: int
    within: tuple[str, ...] = ()


def lower(project: Project) -> Plan:
    """The plan of the project's main graph; never fails: what cannot run is left out and named."""
    lowering = _Lowering(project)
    lowering.graph(_Scope(project.graph, "", "", "", {}, 0))
    steps = tuple(lowering.steps)
    return Plan(steps, {step.path: step for step in steps}, tuple(dict.fromkeys(lowering.left_out)))


def running_order(graph: Graph) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Node ids so that every wire goes forward, ties in the file's order; and those in or behind a cycle."""
    place = {node_id: index for index, node_id in enumerate(graph.nodes)}
    ids = tuple(graph.nodes)
    waiting = dict.fromkeys(ids, 0)
    readers: dict[str, list[str]] = {}
    for edge in graph.edges.values():
        waiting[edge.target] += 1
        readers.setdefault(edge.source, []).append(edge.target)
    ready = [place[node_id] for node_id in ids if not waiting[node_id]]
    ordered: list[str] = []
    while ready:
        node_id = ids[heapq.heappop(ready)]
        ordered.append(node_id)
        for reader in readers.get(node_id, ()):
            waiting[reader] -= 1
            if not waiting[reader]:
                heapq.heappush(ready, place[reader])
    done = set(ordered)
    return tuple(ordered), tuple(node_id for node_id in ids if node_id not in done)


class _Lowering:
    """Walks the graphs and gathers the steps."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.steps: list[Step] = []
        self.left_out: list[str] = []
        self._links: dict[tuple[str, str, str], str] = {}

    def graph(self, scope: _Scope) -> Mapping[str, tuple[Value, ...]]:
        """Lower one graph; the values at its BlockOutput nodes, by name."""
        order, cyclic = running_order(scope.graph)
        self.left_out += cyclic
        wires: dict[str, list[Edge]] = {}
        for edge in scope.graph.edges.values():
            wires.setdefault(edge.target, []).append(edge)
        made: dict[tuple[str, str], tuple[Value, ...]] = {}
        results: dict[str, tuple[Value, ...]] = {}
        for node_id in order:
            node = scope.graph.nodes[node_id]
            inputs = _gathered(wires.get(node_id, ()), made)
            if node.kind == BLOCK_OUTPUT:
                results[node.name] = inputs.get("input", ())
            else:
                made.update(self._node(scope, node, inputs))
        return results

    def _node(
        self, scope: _Scope, node: Node, inputs: Mapping[str, tuple[Value, ...]]
    ) -> dict[tuple[str, str], tuple[Value, ...]]:
        if node.kind == BLOCK_INPUT:
            return {(node.id, "output"): scope.inputs.get(node.name, ())}
        if node.kind == BLOCK:
            return self._block(scope, node, inputs)
        kind = KINDS.get(node.kind)
        if kind is None:
            self.left_out.append(node.id)
            return {}
        step = self._step(scope, node, kind, inputs)
        self.steps.append(step)
        return {(node.id, port): (Value(step.path, port),) for port in step.outputs}

    def _step(self, scope: _Scope, node: Node, kind: LayerKind, inputs: Mapping[str, tuple[Value, ...]]) -> Step:
        path = f"{scope.prefix}{node.name}"
        is_data = node.kind == DATASET
        return Step(
            path,
            node.id,
            scope.shown or node.id,
            kind,
            node.params,
            tuple((port.name, inputs.get(port.name, ())) for port in kind.inputs),
            self._module(scope, node),
            str(node.param("dataset", "")) if is_data else "",
            dataset_fields(self.project, node) if is_data else (),
        )

    def _module(self, scope: _Scope, node: Node) -> str:
        own = f"{scope.module}{node.name}"
        if not node.link:
            return own
        return self._links.setdefault((node.kind, node.block, f"{scope.module}{node.link}"), own)

    def _block(
        self, scope: _Scope, node: Node, inputs: Mapping[str, tuple[Value, ...]]
    ) -> dict[tuple[str, str], tuple[Value, ...]]:
        block = self.project.blocks.get(node.block)
        if block is None or node.block in scope.within or scope.depth >= MAX_DEPTH or len(self.steps) > MAX_STEPS:
            self.left_out.append(node.id)
            return {}
        values = inputs
        for index in range(node.repeat):
            mark = f"[{index}]" if node.repeat > 1 else ""
            results = self.graph(self._inside(scope, node, block, values, mark))
            values = {**values, **_stacked(block, results)} if index + 1 < node.repeat else results
        return {(node.id, port): found for port, found in values.items()}

    def _inside(
        self, scope: _Scope, node: Node, block: Block, inputs: Mapping[str, tuple[Value, ...]], mark: str
    ) -> _Scope:
        module = self._module(scope, node)
        return _Scope(
            block.graph,
            f"{scope.prefix}{node.name}{mark}.",
            f"{module}{mark}.",
            scope.shown or node.id,
            inputs,
            scope.depth + 1,
            (*scope.within, node.block),
        )


def _gathered(edges: Iterable[Edge], made: Mapping[tuple[str, str], tuple[Value, ...]]) -> dict[str, tuple[Value, ...]]:
    """The values at each input port, variadic ones by their wires' order."""
    inputs: dict[str, tuple[Value, ...]] = {}
    for edge in sorted(edges, key=lambda wire: (wire.input, wire.order)):
        found = made.get((edge.source, edge.output), ())
        inputs[edge.input] = (*inputs.get(edge.input, ()), *found)
    return inputs


def _stacked(block: Block, results: Mapping[str, tuple[Value, ...]]) -> Mapping[str, tuple[Value, ...]]:
    """What the next repetition gets anew: each input port the output port at the same place; others keep theirs."""
    return {name: results.get(output, ()) for name, output in zip(block.inputs(), block.outputs(), strict=False)}
