"""Hypothesis makes graphs that no careful person would: random kinds, wires, settings, blocks; whole and broken."""

from __future__ import annotations

import math
from random import Random
from types import MappingProxyType

from hypothesis import strategies as st

from core.catalog import KINDS
from core.catalog.kind import LayerKind, Param, PortSpec
from core.data.settings import DatasetSettings
from core.graph import BLOCK, BLOCK_INPUT, BLOCK_OUTPUT, Block, Edge, Graph, Node, Value
from core.lowering import lower
from core.ports import input_ports, output_ports
from core.project import Project
from core.shapes import analyse
from core.training.optimizers import Optimizer
from core.training.settings import Phase, TrainingSettings

SCORES = MappingProxyType({"digits": 10, "iris": 3, "diabetes": 1, "spiral": 1})
DATA = tuple(SCORES)
LAYERS = tuple(kind for kind in KINDS.values() if kind.role in ("layer", "source") and kind.name != "Dataset")
LOSSES = tuple(kind for kind in KINDS.values() if kind.role == "loss")
STRANGE: tuple[Value, ...] = (None, True, -1, 0, 10**9, 10**300, 0.5, math.nan, math.inf, -1e308, "", "x", (), (0,))


def rarely(random: Random, times: int) -> bool:
    """Whether something happens that does once in so many times."""
    return random.randrange(times) == 0


def legal(random: Random, param: Param) -> Value:
    """A value that the parameter takes, a small one mostly."""
    low, high = max(param.minimum, -3), min(param.maximum, 12)

    def whole() -> int:
        return random.randint(math.ceil(low), math.floor(high)) if low <= high else math.ceil(low)

    if param.type in ("int", "size", "sizes"):
        count = random.randint(1, 4) if param.type == "sizes" else random.choice((1, param.dims))
        return whole() if count == 1 and param.type != "sizes" else tuple(whole() for _size in range(count))
    if param.type == "float":
        return random.choice((random.uniform(max(param.minimum, -9), min(param.maximum, 9)), param.default))
    if param.type == "choice":
        return random.choice(param.choices)
    return random.random() < 0.5 if param.type == "bool" else param.default


def bounds(param: Param) -> list[Value]:
    """The ends of what is legal, and just beyond."""
    ends = [end for end in (param.minimum, param.maximum) if math.isfinite(end)]
    return [int(end) + by for end in ends for by in (-1, 0, 1)] or [2**20]


def params(random: Random, kind: LayerKind) -> tuple[tuple[str, Value], ...]:
    """Some of the kind's parameters, most of them legal; now and then one that it has not."""
    found: dict[str, Value] = dict(kind.example_params)
    wild = rarely(random, 4)
    for param in kind.params:
        how = random.choice("------llllb?" if wild else "--l")
        if how == "l" and not param.inferred:
            found[param.name] = legal(random, param)
        elif how == "b" and param.type in ("int", "size", "float"):
            found[param.name] = random.choice(bounds(param))
        elif how == "?" and random.random() < 0.5:
            found[param.name] = random.choice(STRANGE)
    if wild and rarely(random, 40):
        found["nonsense"] = random.choice(STRANGE)
    return tuple(sorted(found.items()))


class Draft:
    """A graph being drawn: nodes, wires, and the outputs that can be wired on."""

    def __init__(self, random: Random, project: Project, prefix: str) -> None:
        self.random = random
        self.project = project
        self.prefix = prefix
        self.nodes: list[Node] = []
        self.edges: list[Edge] = []
        self.ends: list[tuple[str, str]] = []

    def add(self, kind: str, given: tuple[tuple[str, Value], ...] = (), block: str = "", name: str = "") -> Node:
        """A node whose inputs are wired to what is there, the newest mostly."""
        made = f"{self.prefix}{len(self.nodes)}"
        repeat = self.random.choice((1, 1, 2, 3)) if kind == BLOCK else 1
        node = Node(made, kind, name or made, given, block, repeat=repeat)
        for port in input_ports(self.project, node):
            self.wire(node, port)
        self.nodes.append(node)
        new = [(node.id, port.name) for port in output_ports(self.project, node)]
        self.ends += new[:: self.random.choice((1, 1, -1))]
        return node

    def add_fitting(self) -> None:
        """A layer of a kind that takes what is there, if one of a handful does."""
        for kind in self.random.choices(LAYERS, k=12):
            if kind.name == "Input":  # without data, and so without training
                continue
            before = (self.nodes[:], self.edges[:], self.ends[:])
            self.add(kind.name, params(self.random, kind))
            grown = Project("grown", Graph.of(self.nodes, self.edges), self.project.blocks, data=self.project.data)
            if not analyse(lower(grown)).problems:
                return
            self.nodes, self.edges, self.ends = before

    def wire(self, node: Node, port: PortSpec) -> None:
        """One wire, several at a variadic port, sometimes none."""
        if not self.ends or rarely(self.random, 30) or (port.optional and self.random.random() < 0.5):
            return
        for order in range(self.random.randint(1, 3) if port.variadic else 1):
            source = self.random.choice(self.ends) if rarely(self.random, 4) else self.ends[-1]
            self.edges.append(Edge(*source, node.id, port.name, order))

    def broken(self) -> Graph:
        """The graph, sometimes with a wire that cannot be."""
        if self.nodes and rarely(self.random, 15):
            one, other = (self.random.choice(self.nodes).id for _end in range(2))
            output, port = self.random.choices(("output", "input", "inputs", "logits", "nowhere"), k=2)
            self.edges.append(Edge(one, output, other, port, self.random.randint(0, 2)))
        return Graph.of(self.nodes, self.edges)


def projects() -> st.SearchStrategy[Project]:
    """Graphs on a data set, with blocks and a loss."""
    return st.randoms(use_true_random=True).map(project_of)


def project_of(random: Random) -> Project:
    """A data set, blocks, some layers and a loss, wired and set at random."""
    data = random.choice(DATA)
    project = Project("broken", data=MappingProxyType({"data": DatasetSettings(data)}))
    for index in range(random.choice((0, 0, 0, 1, 2))):
        project = with_block(random, project, f"b{index}")
    draft = Draft(random, project, "n")
    draft.add("Dataset", (("dataset", "none" if rarely(random, 20) else "data"),))
    target = draft.ends[1:]
    del draft.ends[1:]
    grow(draft, random.randint(1, 4))
    if not rarely(random, 3):
        draft.add("Flatten")
        draft.add("Linear", (("out_features", random.choice((*(SCORES[data],) * 3, 1, 3, 10))),))
    suited = {"digits": "CrossEntropy", "iris": "CrossEntropy", "diabetes": "MSE"}.get(data, "BCEWithLogits")
    kind = random.choice((KINDS[suited], KINDS[suited], *LOSSES))
    loss = draft.add(kind.name, params(random, kind))
    if target:
        draft.edges = [edge for edge in draft.edges if (edge.target, edge.input) != (loss.id, kind.inputs[-1].name)]
        end = target[-1] if not rarely(random, 5) else random.choice(target)
        draft.edges.append(Edge(*end, loss.id, kind.inputs[-1].name))
    optimizer = Optimizer(random.choice(("SGD", "Momentum", "Adam", "AdamW")), random.uniform(0, 1e6))
    training = TrainingSettings(batch_size=random.choice((1, 4, 7)), phases=(Phase(optimizer=optimizer),))
    return Project(project.name, draft.broken(), project.blocks, data=project.data, training=training)


def with_block(random: Random, project: Project, name: str) -> Project:
    """With a block more, which may hold the ones before, or itself."""
    draft = Draft(random, project, f"{name}n")
    draft.add(BLOCK_INPUT, name="inside")
    grow(draft, random.randint(1, 2))
    if rarely(random, 20):
        draft.nodes.append(Node(f"{name}self", BLOCK, "itself", (), name))
    draft.add(BLOCK_OUTPUT, name="outside")
    made = Block(name, name, draft.broken())
    return Project(project.name, blocks=MappingProxyType({**project.blocks, name: made}), data=project.data)


def grow(draft: Draft, count: int) -> None:
    """Layers and instances of blocks, one after the other."""
    fitting = not rarely(draft.random, 3)
    for _layer in range(count):
        blocks = list(draft.project.blocks)
        if blocks and rarely(draft.random, 2):
            draft.add(BLOCK, (), draft.random.choice(blocks))
        elif fitting:
            draft.add_fitting()
        else:
            kind = draft.random.choice(LAYERS)
            draft.add(kind.name, params(draft.random, kind))
