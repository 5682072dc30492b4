"""Graph to Plan: every node becomes steps of the plan, blocks are flattened, bypassed nodes let their input through.

After an edit, lowering keeps what did not change: a node is lowered again where it, a wire into it, or what comes in by
its wires differs. The plan is the same as the one that is made anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import chain

from core.catalog import KINDS, kind_of
from core.catalog.kind import LayerKind
from core.catalog.sources import DATASET
from core.differing import differing
from core.graph import BLOCK, BLOCK_INPUT, BLOCK_OUTPUT, Block, Edge, Node
from core.plan import Bypass, Lowered, Origin, Piece, Plan, Scope, Step, Value, changes, readers
from core.ports import dataset_fields, output_ports, passing_port, same_fields
from core.project import Project
from core.unfolding import holding, unfolding
from core.wiring import Wiring, wired


def lower(project: Project, before: Plan | None = None) -> Plan:
    """The plan of the project's main graph; never fails: what cannot run is left out and named.

    With the plan of the project before an edit, costs what the edit changes.
    """
    origin = before.origin if before is not None else None
    lowering = _Lowering(project, origin)
    lowered = lowering.graph(Scope(project.graph, "", "", "", {}), origin.lowered if origin is not None else None)
    steps, left_out, bypassed = lowered.gathered()
    plan = Plan(steps, {step.path: step for step in steps}, tuple(dict.fromkeys(left_out)), bypassed)
    if origin is None or before is None:
        return replace(plan, origin=Origin(project, lowering.unfolded, lowered, readers(plan)))
    differing = changes(plan, before)
    known = readers(plan, origin.readers, differing)
    return replace(plan, origin=Origin(project, lowering.unfolded, lowered, known, before.steps, differing))


class _Lowering:
    """Turns the graphs of one project into steps, keeping what an earlier plan has of them."""

    def __init__(self, project: Project, before: Origin | None) -> None:
        self.project = project
        self.unfolded = unfolding(project).blocks
        self._stale = _stale_blocks(project, self.unfolded, before) if before is not None else frozenset()
        self._keeps = before is not None and same_fields(project, before.project)

    def graph(self, scope: Scope, old: Lowered | None) -> Lowered:
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
        return Lowered(scope, wiring, modules, pieces)

    def _stale_nodes(self, scope: Scope, wiring: Wiring, modules: Mapping[str, str], old: Lowered | None) -> set[str]:
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
        scope: Scope,
        node: Node,
        inputs: Mapping[str, tuple[Value, ...]],
        modules: Mapping[str, str],
        old: Piece | None,
    ) -> Piece:
        piece = self._running(scope, node, inputs, modules, old)
        entry = passing_port(self.project, node) if node.bypassed else ""
        if not entry:
            return piece
        passed = inputs.get(entry, ())[:1]
        within = tuple([step for item in piece.bypassed for step in item.steps])
        bypass = Bypass(f"{scope.prefix}{node.name}", node.id, passed, piece.outputs, (*piece.steps, *within))
        outputs = dict.fromkeys([port.name for port in output_ports(self.project, node)], passed)
        return Piece((), outputs, (), piece.inside, (bypass,))

    def _running(
        self,
        scope: Scope,
        node: Node,
        inputs: Mapping[str, tuple[Value, ...]],
        modules: Mapping[str, str],
        old: Piece | None,
    ) -> Piece:
        module = modules.get(node.id) or f"{scope.module}{node.name}"
        if node.kind == BLOCK_INPUT:
            return Piece((), {"output": scope.inputs.get(node.name, ())})
        if node.kind == BLOCK_OUTPUT:
            return Piece((), {"output": inputs.get("input", ())})
        if node.kind == BLOCK:
            return self._block(scope, node, inputs, module, old)
        if node.kind not in KINDS:
            return Piece((), {}, (node.id,))
        step = self._step(scope, node, kind_of(node), inputs, module)
        return Piece((step,), {port: (Value(step.path, port),) for port in step.outputs})

    def _step(
        self, scope: Scope, node: Node, kind: LayerKind, inputs: Mapping[str, tuple[Value, ...]], module: str
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
        self, scope: Scope, node: Node, inputs: Mapping[str, tuple[Value, ...]], module: str, old: Piece | None
    ) -> Piece:
        block = self.project.blocks.get(node.block)
        if block is None or node.block not in self.unfolded:
            return Piece((), {}, (node.id,))
        values = inputs
        inside: list[Lowered] = []
        for index in range(node.repeat):
            mark = f"[{index}]" if node.repeat > 1 else ""
            known = old.inside[index] if old is not None and index < len(old.inside) else None
            lowered = self.graph(_inside(scope, node, block, values, (mark, module)), known)
            inside.append(lowered)
            values = {**values, **_stacked(block, lowered.results)} if index + 1 < node.repeat else lowered.results
        gathered = [lowered.gathered() for lowered in inside]
        steps = tuple(chain.from_iterable([part[0] for part in gathered]))
        left_out = tuple(chain.from_iterable([part[1] for part in gathered]))
        bypassed = tuple(chain.from_iterable([part[2] for part in gathered]))
        return Piece(steps, values, left_out, tuple(inside), bypassed)


def _stale_blocks(project: Project, unfolded: frozenset[str], before: Origin) -> frozenset[str]:
    """The blocks that differ, or hold one that does."""
    old = before.project.blocks
    differing = {key for key in project.blocks.keys() | old.keys() if project.blocks.get(key) is not old.get(key)}
    differing |= unfolded ^ before.unfolded
    return frozenset(holding(project, differing)) if differing else frozenset()


def _modules(scope: Scope, wiring: Wiring) -> dict[str, str]:
    """By node with a link, the path of the first of its link in running order."""
    nodes = scope.graph.nodes
    if {node.link for node in nodes.values()} <= {""}:
        return {}
    first: dict[tuple[str, str, str], str] = {}
    linked = [nodes[node_id] for node_id in wiring.order if nodes[node_id].link]
    linked.sort(key=lambda node: node.bypassed)  # weights have their names from one that runs
    return {
        node.id: first.setdefault((node.kind, node.block, node.link), f"{scope.module}{node.name}") for node in linked
    }


def _inside(
    scope: Scope,
    node: Node,
    block: Block,
    inputs: Mapping[str, tuple[Value, ...]],
    place: tuple[str, str],
) -> Scope:
    mark, module = place
    return Scope(
        block.graph,
        f"{scope.prefix}{node.name}{mark}.",
        f"{module}{mark}.",
        scope.shown or node.id,
        inputs,
    )


def _gathered(edges: Iterable[Edge], pieces: Mapping[str, Piece]) -> dict[str, tuple[Value, ...]]:
    """The values at each input port, variadic ones by their wires' order."""
    inputs: dict[str, tuple[Value, ...]] = {}
    for source, output, _target, port, _order in edges:
        found = pieces[source].outputs.get(output, ())
        inputs[port] = (*inputs[port], *found) if port in inputs else found
    return inputs


def _stacked(block: Block, results: Mapping[str, tuple[Value, ...]]) -> Mapping[str, tuple[Value, ...]]:
    """What the next repetition gets anew: each input port the output port at the same place; others keep theirs."""
    return {name: results.get(output, ()) for name, output in zip(block.inputs(), block.outputs(), strict=False)}
