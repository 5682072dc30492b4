"""The plan of a graph: blocks flattened, steps in running order; what shapes, builder and code generator read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain
from typing import NamedTuple

from core.catalog.kind import LayerKind
from core.data.sources import FieldSpec
from core.graph import BLOCK_OUTPUT, Graph, Parameters
from core.project import Project
from core.wiring import Wiring


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


class Bypass(NamedTuple):
    """A bypassed node, at its place: what it hands on, and what it would do."""

    path: str
    node: str
    passed: tuple[Value, ...]
    """The value at its first input; none where that is loose."""
    outputs: Mapping[str, tuple[Value, ...]]
    """What it would give by each port."""
    steps: tuple[Step, ...]
    """Those that are left out because of it; they are in no plan."""


@dataclass(frozen=True)
class Plan:
    """Every step in running order; what lies in or behind a cycle is left out and named."""

    steps: tuple[Step, ...]
    by_path: Mapping[str, Step]
    left_out: tuple[str, ...] = ()
    """Ids of nodes in or behind a cycle, of unknown kind or block, or of a block that cannot be unfolded."""
    bypassed: tuple[Bypass, ...] = ()
    """The bypassed nodes, in running order; what lies within one is no part of the plan."""
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

    @property
    def idle(self) -> frozenset[str]:
        """The module paths that are left out because of bypassed nodes."""
        return frozenset(step.module for bypass in self.bypassed for step in bypass.steps)

    @property
    def sharing(self) -> dict[str, str]:
        """By instance path of every step whose weights are another's, bypassed or not, the path of their module."""
        steps = (*self.steps, *(step for bypass in self.bypassed for step in bypass.steps))
        return {step.path: step.module for step in steps if step.path != step.module}

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


class Scope(NamedTuple):
    """One graph that is being lowered: where it stands, what comes in, and which module paths it shares."""

    graph: Graph
    prefix: str
    module: str
    shown: str
    inputs: Mapping[str, tuple[Value, ...]]


class Piece(NamedTuple):
    """What one node comes to."""

    steps: tuple[Step, ...]
    outputs: Mapping[str, tuple[Value, ...]]
    left_out: tuple[str, ...] = ()
    inside: tuple[Lowered, ...] = ()
    """Of a block: its graph, once a repetition."""
    bypassed: tuple[Bypass, ...] = ()


class Lowered(NamedTuple):
    """A graph, lowered node by node."""

    scope: Scope
    wiring: Wiring
    modules: Mapping[str, str]
    """By node with a link: the path of the module that it calls."""
    pieces: Mapping[str, Piece]

    def gathered(self) -> tuple[tuple[Step, ...], tuple[str, ...], tuple[Bypass, ...]]:
        """In running order all steps, the nodes that have none though they should, and those that are bypassed."""
        pieces = self.pieces
        ordered = [pieces[node_id] for node_id in self.wiring.order]
        return (
            tuple(chain.from_iterable([piece.steps for piece in ordered])),
            (*self.wiring.cyclic, *chain.from_iterable([piece.left_out for piece in ordered])),
            tuple(chain.from_iterable([piece.bypassed for piece in ordered])),
        )

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
    lowered: Lowered
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
