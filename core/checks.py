"""Graph to problems: structure and plain mistakes that can be told before training, instantly."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from core.catalog import KINDS
from core.catalog.sources import DATASET
from core.data.sources import FieldSpec
from core.errors import CheckError, GraphError, ShapeError
from core.graph import BLOCK, Edge, Graph, Node
from core.plan import Plan, Step, Value, running_order
from core.ports import dataset_fields, input_ports, output_ports
from core.problems import InsertOn, Problem, RemoveNode, SetParam
from core.project import Project
from core.shapes import Analysis

_KEEPS_LINEAR = frozenset({"Linear", "Conv1d", "Conv2d", "Conv3d", "ConvTranspose2d"})
_TRANSPARENT = frozenset({"AvgPool1d", "AvgPool2d", "AdaptiveAvgPool1d", "AdaptiveAvgPool2d", "Flatten", "Reshape"})


def check(project: Project, plan: Plan, analysis: Analysis) -> tuple[Problem, ...]:
    """Everything that is wrong, errors first; the problems of shapes included."""
    found = [
        *_structure(project, project.graph),
        *(problem for block in project.blocks.values() for problem in _structure(project, block.graph)),
        *analysis.problems,
        *_losses(project, plan),
        *_class_counts(plan, analysis),
        *_loss_inputs(project, plan),
        *_linear_chains(project, plan),
        *_data_hints(plan),
    ]
    rank = {"error": 0, "warning": 1, "hint": 2}
    return tuple(sorted(dict.fromkeys(found), key=lambda problem: rank[problem.severity]))


def errors(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Those that keep the graph from training."""
    return tuple(problem for problem in problems if problem.severity == "error")


def raise_first(problems: Iterable[Problem]) -> None:
    """Raise the first error, if there is one."""
    for problem in errors(problems):
        raise problem.error


def _structure(project: Project, graph: Graph) -> Iterator[Problem]:
    _order, cyclic = running_order(graph)
    for node_id in _on_cycles(graph, cyclic):
        yield _problem(
            "E101",
            graph.nodes[node_id],
            GraphError(
                "wires that lead forward were wanted",
                "they lead in a circle",
                graph.nodes[node_id].name,
                "Remove a wire of the circle.",
            ),
        )
    wired = {(edge.target, edge.input) for edge in graph.edges.values()}
    for node in graph.nodes.values():
        yield from _node_problems(project, node, wired)
    yield from _wrong_ports(project, graph)


def _on_cycles(graph: Graph, cyclic: Iterable[str]) -> tuple[str, ...]:
    """Of the nodes in or behind a cycle those from which no way leads out of the rest: the cycle itself."""
    left = set(cyclic)
    while True:
        leading = {edge.source for edge in graph.edges.values() if edge.source in left and edge.target in left}
        if leading == left:
            return tuple(node_id for node_id in graph.nodes if node_id in left)
        left = leading


def _node_problems(project: Project, node: Node, wired: set[tuple[str, str]]) -> Iterator[Problem]:
    if node.kind == BLOCK and node.block not in project.blocks:
        yield _unknown(node, "a block of this project was wanted", node.block)
        return
    if node.kind not in KINDS:
        yield _unknown(node, "a known layer kind was wanted", node.kind)
        return
    if node.kind == DATASET and not dataset_fields(project, node):
        fix = "Choose a data set in the inspector."
        yield _problem("E106", node, CheckError("a data set was wanted", "none was chosen", node.name, fix))
    for port in input_ports(project, node):
        if not port.optional and (node.id, port.name) not in wired:
            yield _loose(node, port.name)


def _unknown(node: Node, wanted: str, came: str) -> Problem:
    return _problem("E105", node, GraphError(wanted, f"“{came}” came", node.name, "Remove the node."))


def _loose(node: Node, port: str) -> Problem:
    error = CheckError(f"a wire at “{port}” was wanted", "it is loose", node.name, f"Wire an output to {port}.")
    return _problem("E102", node, error, port=port)


def _wrong_ports(project: Project, graph: Graph) -> Iterator[Problem]:
    """Wires whose port is not, or is no longer, there."""
    known = {node.id: node for node in graph.nodes.values() if _is_known(project, node)}
    inputs = {key: {port.name for port in input_ports(project, node)} for key, node in known.items()}
    outputs = {key: {port.name for port in output_ports(project, node)} for key, node in known.items()}
    for edge in graph.edges.values():
        if edge.target in known and edge.input not in inputs[edge.target]:
            yield _wrong_port(known[edge.target], edge, "input", edge.input, inputs[edge.target])
        if edge.source in known and edge.output not in outputs[edge.source]:
            yield _wrong_port(known[edge.source], edge, "output", edge.output, outputs[edge.source])


def _is_known(project: Project, node: Node) -> bool:
    return node.kind in KINDS and (node.kind != BLOCK or node.block in project.blocks)


def _wrong_port(node: Node, edge: Edge, side: str, name: str, ports: set[str]) -> Problem:
    names = ", ".join(sorted(ports)) or "none"
    error = GraphError(f"an {side} of {node.name} was wanted ({names})", f"“{name}” came", node.name, "Wire it anew.")
    return Problem("E107", "error", error, node.id, port=name, edge=edge.key)


def _losses(project: Project, plan: Plan) -> Iterator[Problem]:
    losses = {kind.name for kind in KINDS.values() if kind.role == "loss"}
    if plan.losses or any(node.kind in losses for node in project.all_nodes().values()):
        return
    wanted = "a loss was wanted, to say what training makes small"
    error = CheckError(wanted, "there is none", "", "Add CrossEntropy or MSE at the end.")
    yield Problem("E108", "error", error, next(reversed(tuple(project.graph.nodes)), ""))


def _class_counts(plan: Plan, analysis: Analysis) -> Iterator[Problem]:
    """A classifier needs a score for every class of its data."""
    for step in plan.losses:
        if step.kind.target != "classes":
            continue
        ports = dict(step.inputs)
        logits = next((analysis.types[value] for value in ports["logits"] if value in analysis.types), None)
        field = next((_field(plan, value) for value in ports["label"]), None)
        if logits is None or field is None or not field.classes or len(logits.shape) < 2:
            continue
        scores, wanted = logits.shape[1], len(field.classes)
        if isinstance(scores, int) and scores != wanted:
            yield _scores(plan, step, scores, wanted)


def _scores(plan: Plan, step: Step, scores: int, wanted: int) -> Problem:
    error = ShapeError(
        f"{wanted} scores were wanted, one for each class of the data",
        f"{scores} came",
        step.path,
        f"Let the last layer give {wanted}.",
    )
    last = plan.by_path.get(dict(step.inputs)["logits"][0].path)
    fixes: tuple[SetParam, ...] = ()
    if last is not None and last.kind.name == "Linear":
        fixes = (SetParam(f"Set out_features to {wanted}", last.node, "out_features", wanted),)
    if scores < wanted:
        return Problem("E109", "error", error, step.node, step.path, "logits", fixes=fixes)
    return Problem("W302", "warning", error, step.node, step.path, "logits", fixes=fixes)


def _field(plan: Plan, value: Value) -> FieldSpec | None:
    step = plan.by_path.get(value.path)
    return next((field for field in step.fields if field.name == value.port), None) if step else None


def _loss_inputs(project: Project, plan: Plan) -> Iterator[Problem]:
    """Softmax or sigmoid before a loss that has it inside."""
    doubled = {"CrossEntropy": ("Softmax", "LogSoftmax"), "BCEWithLogits": ("Sigmoid",)}
    for step in plan.losses:
        for value in dict(step.inputs).get("logits", ()):
            before = plan.by_path.get(value.path)
            if before is None or before.kind.name not in doubled.get(step.kind.name, ()):
                continue
            error = CheckError(
                f"raw scores were wanted: {step.kind.name} applies {before.kind.name.lower()} itself",
                f"{before.path} applies it once more",
                before.path,
                f"Remove {before.path}.",
            )
            fixes = (RemoveNode(f"Remove {before.path}", before.node),) if before.node in project.graph.nodes else ()
            yield Problem("W303", "warning", error, before.node, before.path, fixes=fixes)


def _linear_chains(project: Project, plan: Plan) -> Iterator[Problem]:
    """Two weighted layers with nothing bent between them act as one."""
    readers: dict[Value, list[Step]] = {}
    for step in plan.steps:
        for value in step.values():
            readers.setdefault(value, []).append(step)
    for step in plan.steps:
        if step.kind.name in _KEEPS_LINEAR:
            after = _next_linear(step, readers)
            if after is not None:
                yield _linear_pair(project, step, after)


def _next_linear(step: Step, readers: Mapping[Value, list[Step]]) -> Step | None:
    current = step
    while True:
        following = readers.get(Value(current.path, current.outputs[0]), [])
        if len(following) != 1:
            return None
        current = following[0]
        if current.kind.name in _KEEPS_LINEAR:
            return current
        if current.kind.name not in _TRANSPARENT:
            return None


def _linear_pair(project: Project, step: Step, after: Step) -> Problem:
    error = CheckError(
        f"an activation between {step.path} and {after.path} was wanted",
        "there is none, so they act as one linear step",
        step.path,
        "Insert a ReLU between them.",
    )
    edge = next(iter(project.graph.out_of(step.node)), None) if step.node in project.graph.nodes else None
    fixes = (InsertOn(f"Insert ReLU after {step.path}", edge.key, "ReLU"),) if edge is not None else ()
    return Problem("W301", "warning", error, step.node, step.path, fixes=fixes)


def _data_hints(plan: Plan) -> Iterator[Problem]:
    used = {value.path for step in plan.steps for value in step.values()}
    for step in plan.sources:
        if step.path not in used and step.fields:
            error = CheckError("a wire from the data was wanted", "nothing reads it", step.path, "Wire a field of it.")
            yield Problem("I011", "hint", error, step.node, step.path)
    for step in plan.steps:
        if step.kind.role == "layer" and step.path not in used and plan.losses:
            fix = "Wire it, or remove it."
            error = CheckError("a way to a loss was wanted", "nothing reads its output", step.path, fix)
            yield Problem("W304", "warning", error, step.node, step.path)


def _problem(code: str, node: Node, error: GraphError | CheckError, port: str = "") -> Problem:
    return Problem(code, "error", error, node.id, port=port)
