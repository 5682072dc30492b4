"""Graph to Plan: blocks flattened, steps in running order; what shapes, builder and code generator read.

After an edit, lowering keeps what did not change: a node is lowered again where it, a wire into it, or what comes in by
its wires differs. The plan is the same as the one that is made anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain
from typing import NamedTuple

from core.catalog import KINDS, kind_of
from core.catalog.kind import LayerKind
from core.catalog.sources import DATASET
from core.data.sources import FieldSpec
from core.differing import differing
from core.graph import BLOCK, BLOCK_INPUT, BLOCK_OUTPUT, Block, Edge, Graph, Node, Parameters
from core.ports import dataset_fields
from core.project import Project
from core.unfolding import holding, unfolding
from core.wiring import Wiring, wired


class Value(NamedTuple):
    """A tensor that a step makes: the step's path and the output port."""

    path: str
    port: str


class Step(NamedTuple):
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
        return tuple([item.name for item in self.fields or self.kind.outputs_with(self.params)])

    def values(self) -> Iterator[Value]:
        """Everything that comes in, port after port."""
        for _port, values in self.inputs:
            yield from values


@dataclass(frozen=True)
class Plan:
    """Every step in running order; what lies in or behind a cycle is left out and named."""

    steps: tuple[Step, ...]
    by_path: Mapping[str, Step]
    left_out: tuple[str, ...] = ()
    """Ids of nodes in or behind a cycle, of unknown kind or block, or of a block that cannot be unfolded."""
    origin: Origin | None = field(default=None, compare=False, repr=False)
    """How it was made, for the next plan after an edit."""

    @cached_property
    def losses(self) -> tuple[Step, ...]:
        """The steps that are losses."""
        return tuple(step for step in self.steps if step.kind.role == "loss")

    @property
    def sources(self) -> tuple[Step, ...]:
        """The steps at which tensors begin."""
        return tuple(step for step in self.steps if step.kind.role == "source")

    def predictions(self) -> tuple[Value, ...]:
        """The network's outputs: what feeds the first port of losses that judge an answer, else the last layers."""
        judging = [step for step in self.losses if step.kind.prediction != "none"] or self.losses
        fed = [values[0] for step in judging for _port, values in step.inputs[:1] if values]
        if fed:
            return tuple(dict.fromkeys(fed))
        read = {value.path for step in self.steps for value in step.values()}
        ends = [step for step in self.steps if step.kind.role == "layer" and step.path not in read]
        return tuple(Value(step.path, port) for step in ends for port in step.outputs[:1])

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
        return replace(self, steps=steps, by_path={step.path: step for step in steps}, origin=None)


class _Scope(NamedTuple):
    """One graph that is being lowered: where it stands, what comes in, and which module paths it shares."""

    graph: Graph
    prefix: str
    module: str
    shown: str
    inputs: Mapping[str, tuple[Value, ...]]


class _Piece(NamedTuple):
    """What one node comes to."""

    steps: tuple[Step, ...]
    outputs: Mapping[str, tuple[Value, ...]]
    left_out: tuple[str, ...] = ()
    inside: tuple[_Lowered, ...] = ()
    """Of a block: its graph, once a repetition."""


class _Lowered(NamedTuple):
    """A graph, lowered node by node."""

    scope: _Scope
    wiring: Wiring
    modules: Mapping[str, str]
    """By node with a link: the path of the module that it calls."""
    pieces: Mapping[str, _Piece]

    @property
    def steps(self) -> tuple[Step, ...]:
        """All steps, in running order."""
        pieces = self.pieces
        return tuple(chain.from_iterable([pieces[node_id].steps for node_id in self.wiring.order]))

    @property
    def left_out(self) -> Iterator[str]:
        """The nodes that have no steps though they should."""
        pieces = self.pieces
        return chain(self.wiring.cyclic, *[pieces[node_id].left_out for node_id in self.wiring.order])

    @property
    def results(self) -> dict[str, tuple[Value, ...]]:
        """The values at the BlockOutput nodes, by name."""
        nodes = self.scope.graph.nodes
        ends = [node_id for node_id in self.wiring.order if nodes[node_id].kind == BLOCK_OUTPUT]
        return {nodes[node_id].name: self.pieces[node_id].outputs.get("output", ()) for node_id in ends}


Readers = Mapping[Value, tuple[str, ...]]
"""By value the paths of the steps that read it, once a wire, in no order."""


class Origin(NamedTuple):
    """The project a plan was made of, its graphs as they were lowered, and who reads what."""

    project: Project
    unfolded: frozenset[str]
    """The blocks that could be unfolded."""
    lowered: _Lowered
    readers: Readers
    since: tuple[Step, ...] = ()
    """The steps of the plan before the edit, and how these differ from them."""
    differing: Changes | None = None


class Changes(NamedTuple):
    """How the steps of a plan differ from those of an earlier one."""

    new: tuple[Step, ...]
    """In running order."""
    gone: tuple[Step, ...]
    """Those that are there no more, and those in whose place others stand."""


def changes(plan: Plan, before: Plan | None) -> Changes:
    """What is new in the plan, and what is gone; everything is new where there was none."""
    if before is None:
        return Changes(plan.steps, ())
    if plan.origin is not None and plan.origin.differing is not None and plan.origin.since is before.steps:
        return plan.origin.differing
    old = before.by_path
    new = tuple([step for step in plan.steps if old.get(step.path) is not step])
    gone = [old[step.path] for step in new if step.path in old]
    if len(old) != len(plan.steps) or len(gone) != len(new):
        gone += [old[path] for path in old.keys() - plan.by_path.keys()]
    return Changes(new, tuple(gone))


def readers(plan: Plan, before: Readers | None = None, differing: Changes | None = None) -> Readers:
    """Who reads what in this plan; with what was so before these changes, costs what they change."""
    if before is None:
        return _all_readers(plan)
    found: dict[Value, tuple[str, ...]] = dict(before)
    for step in differing.gone if differing is not None else ():
        for value in step.values():
            left = tuple([path for path in found.pop(value, ()) if path != step.path])
            if left:
                found[value] = left
    for step in differing.new if differing is not None else ():
        for _port, values in step.inputs:
            for value in values:
                found[value] = (*found[value], step.path) if value in found else (step.path,)
    return found


def _all_readers(plan: Plan) -> Readers:
    found: dict[Value, list[str]] = {}
    for step in plan.steps:
        for _port, values in step.inputs:
            for value in values:
                found.setdefault(value, []).append(step.path)
    return {value: tuple(paths) for value, paths in found.items()}


def lower(project: Project, before: Plan | None = None) -> Plan:
    """The plan of the project's main graph; never fails: what cannot run is left out and named.

    With the plan of the project before an edit, costs what the edit changes.
    """
    origin = before.origin if before is not None else None
    lowering = _Lowering(project, origin)
    lowered = lowering.graph(_Scope(project.graph, "", "", "", {}), origin.lowered if origin is not None else None)
    steps = lowered.steps
    left_out = tuple(dict.fromkeys(lowered.left_out))
    plan = Plan(steps, {step.path: step for step in steps}, left_out)
    if origin is None or before is None:
        return replace(plan, origin=Origin(project, lowering.unfolded, lowered, readers(plan)))
    differing = changes(plan, before)
    known = readers(plan, origin.readers, differing)
    return replace(plan, origin=Origin(project, lowering.unfolded, lowered, known, before.steps, differing))


def running_order(graph: Graph) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Node ids so that every wire goes forward, ties in the file's order; and those in or behind a cycle."""
    wiring = wired(graph)
    return wiring.order, wiring.cyclic


class _Lowering:
    """Turns the graphs of one project into steps, keeping what an earlier plan has of them."""

    def __init__(self, project: Project, before: Origin | None) -> None:
        self.project = project
        self.unfolded = unfolding(project).blocks
        self._stale = _stale_blocks(project, self.unfolded, before) if before is not None else frozenset()
        self._keeps = before is not None and _keeps(project, before.project)

    def graph(self, scope: _Scope, old: _Lowered | None) -> _Lowered:
        """Lower one graph."""
        if old is not None and not (self._keeps and old.scope[1:4] == scope[1:4]):
            old = None
        wiring = wired(scope.graph, old.wiring if old is not None else None)
        modules = _modules(scope, wiring)
        stale = self._stale_nodes(scope, wiring, modules, old)
        kept = old.pieces if old is not None else {}
        pieces, nodes = dict(kept), scope.graph.nodes
        for node_id in wiring.order if stale else ():
            if node_id in stale:
                inputs = _gathered(wiring.into.get(node_id, ()), pieces)
                known = kept.get(node_id)
                piece = pieces[node_id] = self._piece(scope, nodes[node_id], inputs, modules, known)
                if old is not None and (known is None or known.outputs != piece.outputs):
                    stale.update(wiring.readers.get(node_id, ()))
        if len(pieces) > len(wiring.order):
            pieces = {node_id: pieces[node_id] for node_id in wiring.order}
        return _Lowered(scope, wiring, modules, pieces)

    def _stale_nodes(self, scope: _Scope, wiring: Wiring, modules: Mapping[str, str], old: _Lowered | None) -> set[str]:
        """The nodes that are to be lowered again, as far as that is known beforehand."""
        if old is None:
            return set(wiring.order)
        nodes, before = scope.graph.nodes, old.scope.graph.nodes
        stale = set(wiring.changed)
        if nodes is not before:
            stale.update(differing(before, nodes))
        if wiring.order is not old.wiring.order:
            known = old.pieces
            stale.update([node_id for node_id in wiring.order if node_id not in known])
        if modules or old.modules:
            both = modules.keys() | old.modules.keys()
            stale.update(node_id for node_id in both if modules.get(node_id) != old.modules.get(node_id))
        if self._stale:
            stale.update(node_id for node_id, node in nodes.items() if node.block in self._stale)
        if scope.inputs != old.scope.inputs:
            stale.update(node_id for node_id, node in nodes.items() if node.kind == BLOCK_INPUT)
        return stale

    def _piece(
        self,
        scope: _Scope,
        node: Node,
        inputs: Mapping[str, tuple[Value, ...]],
        modules: Mapping[str, str],
        old: _Piece | None,
    ) -> _Piece:
        module = modules.get(node.id) or f"{scope.module}{node.name}"
        if node.kind == BLOCK_INPUT:
            return _Piece((), {"output": scope.inputs.get(node.name, ())})
        if node.kind == BLOCK_OUTPUT:
            return _Piece((), {"output": inputs.get("input", ())})
        if node.kind == BLOCK:
            return self._block(scope, node, inputs, module, old)
        if node.kind not in KINDS:
            return _Piece((), {}, (node.id,))
        step = self._step(scope, node, kind_of(node), inputs, module)
        return _Piece((step,), {port: (Value(step.path, port),) for port in step.outputs})

    def _step(
        self, scope: _Scope, node: Node, kind: LayerKind, inputs: Mapping[str, tuple[Value, ...]], module: str
    ) -> Step:
        is_data = node.kind == DATASET
        return Step(
            f"{scope.prefix}{node.name}",
            node.id,
            scope.shown or node.id,
            kind,
            node.params,
            tuple([(port.name, inputs.get(port.name, ())) for port in kind.inputs]),
            module,
            str(node.param("dataset", "")) if is_data else "",
            dataset_fields(self.project, node) if is_data else (),
        )

    def _block(
        self, scope: _Scope, node: Node, inputs: Mapping[str, tuple[Value, ...]], module: str, old: _Piece | None
    ) -> _Piece:
        block = self.project.blocks.get(node.block)
        if block is None or node.block not in self.unfolded:
            return _Piece((), {}, (node.id,))
        values = inputs
        inside: list[_Lowered] = []
        for index in range(node.repeat):
            mark = f"[{index}]" if node.repeat > 1 else ""
            known = old.inside[index] if old is not None and index < len(old.inside) else None
            lowered = self.graph(_inside(scope, node, block, values, (mark, module)), known)
            inside.append(lowered)
            values = {**values, **_stacked(block, lowered.results)} if index + 1 < node.repeat else lowered.results
        steps = tuple(chain.from_iterable([lowered.steps for lowered in inside]))
        left_out = tuple(chain.from_iterable([lowered.left_out for lowered in inside]))
        return _Piece(steps, values, left_out, tuple(inside))


def _keeps(project: Project, before: Project) -> bool:
    """Whether steps of the one stand for the other: its data sets offer the same fields."""
    if project.data is before.data:
        return True
    sources = [{key: settings.source for key, settings in item.data.items()} for item in (project, before)]
    return sources[0] == sources[1]


def _stale_blocks(project: Project, unfolded: frozenset[str], before: Origin) -> frozenset[str]:
    """The blocks that differ, or hold one that does."""
    old = before.project.blocks
    differing = {key for key in project.blocks.keys() | old.keys() if project.blocks.get(key) is not old.get(key)}
    differing |= unfolded ^ before.unfolded
    return frozenset(holding(project, differing)) if differing else frozenset()


def _modules(scope: _Scope, wiring: Wiring) -> dict[str, str]:
    """By node with a link, the path of the first of its link in running order."""
    nodes = scope.graph.nodes
    if {node.link for node in nodes.values()} <= {""}:
        return {}
    first: dict[tuple[str, str, str], str] = {}
    linked = [nodes[node_id] for node_id in wiring.order if nodes[node_id].link]
    return {
        node.id: first.setdefault((node.kind, node.block, node.link), f"{scope.module}{node.name}") for node in linked
    }


def _inside(
    scope: _Scope,
    node: Node,
    block: Block,
    inputs: Mapping[str, tuple[Value, ...]],
    place: tuple[str, str],
) -> _Scope:
    mark, module = place
    return _Scope(
        block.graph,
        f"{scope.prefix}{node.name}{mark}.",
        f"{module}{mark}.",
        scope.shown or node.id,
        inputs,
    )


def _gathered(edges: Iterable[Edge], pieces: Mapping[str, _Piece]) -> dict[str, tuple[Value, ...]]:
    """The values at each input port, variadic ones by their wires' order."""
    inputs: dict[str, tuple[Value, ...]] = {}
    for source, output, _target, port, _order in edges:
        found = pieces[source].outputs.get(output, ())
        inputs[port] = (*inputs[port], *found) if port in inputs else found
    return inputs


def _stacked(block: Block, results: Mapping[str, tuple[Value, ...]]) -> Mapping[str, tuple[Value, ...]]:
    """What the next repetition gets anew: each input port the output port at the same place; others keep theirs."""
    return {name: results.get(output, ()) for name, output in zip(block.inputs(), block.outputs(), strict=False)}
