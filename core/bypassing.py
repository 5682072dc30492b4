"""Bypass nodes: they stay where they are and let their first input through; where shapes do not allow it, say why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from core.catalog import KINDS
from core.catalog.kind import TensorType
from core.errors import ChainruleError, GraphError, ShapeError
from core.graph import Node
from core.lowering import lower
from core.plan import Bypass, Plan
from core.planning import scope_of, with_bypass
from core.ports import output_ports, passing_port
from core.problems import Problem, StopBypass
from core.project import Project
from core.shapes import Analysis, analyse, tried

_FIX = "Bypass a layer that keeps the shape; others can be deleted and their wire healed."
_ROLES: Mapping[str, str] = {
    "source": "is a source, at which nothing comes in",
    "loss": "is a loss, from which nothing goes on",
    "structure": "is a port of its block",
}


class Passing(NamedTuple):
    """What comes into a bypassed node, what it would give by each port where it ran, and what keeps it from that."""

    came: TensorType | None
    gives: Mapping[str, TensorType]
    error: ChainruleError | None

    def fits(self, port: str) -> bool:
        """Whether what goes out there is of the type that the node would give, as far as that is known."""
        return self.came is None or self.gives.get(port, self.came) == self.came


def passing(bypass: Bypass, analysis: Analysis) -> Passing:
    """What a bypassed node hands on, beside what it would give."""
    came = analysis.types.get(bypass.passed[0]) if bypass.passed else None
    found = tried(bypass.steps, analysis)
    ends = [(port, values[0]) for port, values in bypass.outputs.items() if values]
    known = [(port, found.types.get(value) or analysis.types.get(value)) for port, value in ends]
    gives = {port: tensor for port, tensor in known if tensor is not None}
    return Passing(came, gives, found.error)


def bypass_problems(project: Project, plan: Plan, analysis: Analysis) -> Iterator[Problem]:
    """The nodes that are bypassed though they change the shape, each with the fix to let it run."""
    for bypass in plan.bypassed:
        node = _node(project, bypass.node)
        error = _unequal(project, node, passing(bypass, analysis))
        if error is not None:
            fixes = (StopBypass(f"Stop bypassing {node.name}", node.id),)
            yield Problem("E115", "error", error, node.id, bypass.path if "." in bypass.path else "", fixes=fixes)


def bypassed(project: Project, node_ids: Iterable[str], known: Analysis) -> tuple[Project, tuple[ChainruleError, ...]]:
    """With those of these nodes bypassed that can be, and why the others cannot; where all are, they run again.

    `known` is the analysis of this project. Raises GraphError or ShapeError where none can be.
    """
    nodes = [_node(project, node_id) for node_id in node_ids]
    if nodes and all(node.bypassed for node in nodes):
        return with_bypass(project, [node.id for node in nodes], False), ()
    able = [node for node in nodes if passing_port(project, node)]
    errors: list[ChainruleError] = [_unable(node) for node in nodes if node not in able]
    wished = with_bypass(project, [node.id for node in able], True)
    plan = lower(wished, known.plan)
    refused = _refused(wished, plan, analyse(plan, known), [node for node in able if not node.bypassed])
    errors += refused.values()
    if len(errors) == len(nodes) and errors:
        raise errors[0]
    return with_bypass(wished, refused, False), tuple(errors)


def _refused(project: Project, plan: Plan, analysis: Analysis, nodes: Iterable[Node]) -> dict[str, ChainruleError]:
    """By node that cannot be bypassed, the reason."""
    found: dict[str, ChainruleError] = {}
    for node in nodes:
        ways = [passing(bypass, analysis) for bypass in plan.bypassed if bypass.node == node.id]
        reasons = [error for way in ways if (error := _unequal(project, node, way) or _unknown(node, way)) is not None]
        if reasons or not ways:
            found[node.id] = reasons[0] if reasons else _unrun(node)
    return found


def _unequal(project: Project, node: Node, way: Passing) -> ShapeError | None:
    """Why what comes in cannot stand for what is read of the node; None where it can."""
    graph = project.scope(scope_of(project, node.id))
    ports = [port.name for port in output_ports(project, node)]
    read = {edge.output for edge in graph.out_of(node.id)} or set(ports[:1])
    port = next((port for port in ports if port in read and not way.fits(port)), None)
    if port is None or way.came is None:
        return None
    at = f" at {port}" if len(ports) > 1 else ""
    came = f"{_told(way.came, way.gives[port])} comes in and {_told(way.gives[port], way.came)} goes out{at}"
    return ShapeError("a layer that gives what comes in was wanted, to bypass it", came, node.name, _FIX)


def _unrun(node: Node) -> GraphError:
    wanted, came = "a layer that runs was wanted, to bypass it", "nothing leads to this one"
    return GraphError(wanted, came, node.name, "Wire it, or place the block in which it lies.")


def _unknown(node: Node, way: Passing) -> GraphError | None:
    """Why nothing can be said of the shapes; None where they are known."""
    if way.came is not None and way.gives:
        return None
    came = "what comes in is not known yet" if way.came is None else "what goes out is not known"
    came = f"{came}: {way.error.came}" if way.error is not None else came
    fix = "Wire it, or mend what keeps it from running."
    return GraphError("a layer of known shapes was wanted, to bypass it", came, node.name, fix)


def _unable(node: Node) -> GraphError:
    role = KINDS[node.kind].role if node.kind in KINDS else "structure"
    came = f"{node.name} {_ROLES.get(role, 'lacks one')}"
    return GraphError("a layer with an input and an output was wanted, to bypass it", came, node.name, _FIX)


def _told(tensor: TensorType, other: TensorType) -> str:
    """The shape, with the dtype where that is what differs."""
    return f"{tensor.full} {tensor.dtype}" if tensor.dtype != other.dtype else tensor.full


def _node(project: Project, node_id: str) -> Node:
    return project.scope(scope_of(project, node_id)).node(node_id)
