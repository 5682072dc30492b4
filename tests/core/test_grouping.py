"""Blocks made and unmade: the network stays the same, and so does the project around it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace

import hypothesis.strategies as st
import pytest
import torch
from hypothesis import given, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from core import grouping, pasting, planning
from core.build import build
from core.checks import check, errors
from core.document import Document
from core.errors import ChainruleError, GraphError, ParameterError
from core.files import from_text, to_text
from core.graph import BLOCK, Edge, Graph, InputKey, Node
from core.instances import PORTS, instances, needed, unused
from core.layout import CARD, arrange
from core.lowering import lower
from core.ports import input_ports, output_ports
from core.project import Project
from core.shapes import analyse
from core.training.forward import loss_function
from core.training.settings import Phase, TrainingSettings
from core.ungrouping import ungroup
from core.wiring import running_order
from tests.core.networks import LENET, lenet
from tests.core.training.projects import gan

NAMES = [name for _kind, name, _params in LENET]
Numbers = dict[str, torch.Tensor]


def placed(project: Project) -> Project:
    return planning.move(project, arrange(project.graph))


def residual() -> Project:
    """LeNet's beginning with a way past its second convolution."""
    project = lenet()
    nodes = [Node("same", "Conv2d", "same", (("kernel_size", 3), ("out_channels", 6), ("padding", 1)))]
    nodes.append(Node("sum", "Add", "sum"))
    graph = project.graph.add_nodes(nodes).connect_all(
        [
            Edge("tanh1", "output", "same", "input"),
            Edge("tanh1", "output", "sum", "inputs", 0),
            Edge("same", "output", "sum", "inputs", 1),
            Edge("sum", "output", "pool1", "input"),
        ]
    )
    return placed(replace(project, graph=graph))


def trained_step(project: Project, weights: Numbers | None = None) -> tuple[Numbers, Numbers]:
    """Weights, and loss, prediction and gradients of one batch, by the id of the node they belong to."""
    plan = lower(project)
    network = build(plan, analyse(plan).arguments, 0)
    named: Numbers = {}
    for step in network.plan.steps:
        for name, tensor in network.modules[step.module].named_parameters() if step.module in network.modules else ():
            named[f"{step.node}.{name}"] = tensor
    with torch.no_grad():
        for name, tensor in (weights or {}).items():
            named[name].copy_(tensor)
    function = loss_function(network, network.plan, network.plan.losses)
    torch.manual_seed(1)
    batch = {"image": torch.rand(4, 1, 28, 28), "label": torch.randint(0, 10, (4,))}
    total, _parts, prediction, _target, *_rest = function.call(4, *(batch[field.name] for field in function.fields))
    total.backward()
    found = {"loss": total.detach(), "prediction": prediction.detach()}
    for name, tensor in named.items():
        assert tensor.grad is not None
        found[name] = tensor.grad
    return {name: tensor.detach().clone() for name, tensor in named.items()}, found


@pytest.fixture
def single_thread() -> Iterator[None]:
    """What is compared bit for bit must be added up in one order."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.mark.usefixtures("single_thread")
@pytest.mark.parametrize(
    ("project", "chosen"),
    [
        (lenet(), ["conv2"]),
        (lenet(), ["conv2", "tanh2", "pool2"]),
        (lenet(), ["flatten", "fc1", "tanh3", "fc2"]),
        (lenet(), ["data", "conv1", "tanh1"]),
        (lenet(), ["fc3", "loss"]),
        (lenet(), [*NAMES]),
        (lenet(), ["data", *NAMES, "loss"]),
        (residual(), ["same", "sum"]),
        (residual(), ["tanh1", "same", "sum", "pool1"]),
        (residual(), ["conv1", "tanh1", "same", "sum", "pool1", "conv2"]),
    ],
    ids=str,
)
def test_a_folded_network_computes_the_same_to_the_last_bit(project: Project, chosen: list[str]) -> None:
    weights, before = trained_step(project)
    folded, node_id = grouping.group(placed(project), chosen)
    assert {step.shown for step in lower(folded).steps if step.node in chosen} == {node_id}
    again, after = trained_step(folded, weights)
    assert again.keys() == weights.keys()
    assert after.keys() == before.keys()
    for name, tensor in before.items():
        assert torch.equal(tensor, after[name]), name
    plan = lower(folded)
    assert errors(check(folded, plan, analyse(plan))) == ()


def leads_back(graph: Graph, chosen: set[str]) -> bool:
    """Whether a way leaves the chosen nodes and comes back, by walking every way that leaves them."""
    waiting = [edge.target for edge in graph.edges.values() if edge.source in chosen and edge.target not in chosen]
    seen: set[str] = set()
    while waiting:
        node = waiting.pop()
        if node in chosen:
            return True
        if node not in seen:
            seen.add(node)
            waiting += [edge.target for edge in graph.out_of(node)]
    return False


@given(st.data())
@settings(max_examples=80, deadline=None)
def test_folding_and_unfolding_gives_the_project_back(data: st.DataObject) -> None:
    project = data.draw(st.sampled_from([placed(lenet()), residual()]))
    chosen = data.draw(st.lists(st.sampled_from(list(project.graph.nodes)), min_size=1, unique=True))
    try:
        folded, node_id = grouping.group(project, chosen)
    except GraphError:
        assert leads_back(project.graph, set(chosen))
        return
    assert not leads_back(project.graph, set(chosen))
    assert running_order(folded.graph)[1] == ()
    again, inner = ungroup(folded, [node_id])
    assert set(inner) == set(chosen)
    assert replace(again, positions=project.positions) == project
    wires = [edge for edge in project.graph.edges.values() if edge.source in chosen and edge.target in chosen]
    at = project.positions
    if all(at[edge.source][0] < at[edge.target][0] for edge in wires):
        assert again.positions == at


@pytest.mark.parametrize(
    ("chosen", "inputs", "outputs"),
    [
        (["conv1", "tanh1"], ("image",), ("output",)),
        (["conv2"], ("input",), ("output",)),
        (["same", "sum"], ("input",), ("output",)),
        (["sum"], ("inputs1", "inputs2"), ("output",)),
        (["tanh1", "same"], ("input",), ("output1", "output2")),
        (["fc3", "loss"], ("input", "label"), ()),
    ],
)
def test_ports_are_what_crosses_the_wall_by_names_that_say_so(
    chosen: list[str], inputs: tuple[str, ...], outputs: tuple[str, ...]
) -> None:
    folded, node_id = grouping.group(residual(), chosen)
    block = folded.blocks[folded.graph.nodes[node_id].block]
    assert (block.inputs(), block.outputs()) == (inputs, outputs)


def test_layers_that_are_not_wired_yet_get_ports_for_their_loose_ends() -> None:
    project, conv = planning.add(Project(), "Conv2d", (0, 0))
    project, relu = planning.add(project, "ReLU", (216, 0))
    project = planning.connect(project, Edge(conv, "output", relu, "input"))
    folded, node_id = grouping.group(project, [conv, relu])
    assert [port.name for port in input_ports(folded, folded.graph.nodes[node_id])] == ["input"]
    assert [port.name for port in output_ports(folded, folded.graph.nodes[node_id])] == ["output"]


def test_the_block_stands_in_the_middle_and_its_ports_left_and_right() -> None:
    project = placed(lenet())
    folded, node_id = grouping.group(project, ["conv1", "tanh1", "pool1"])
    assert folded.positions[node_id] == project.positions["tanh1"]
    block = folded.blocks[folded.graph.nodes[node_id].block].graph
    entry, *layers, leaving = (folded.positions[key] for key in block.nodes)
    assert folded.positions[node_id] == project.positions["tanh1"]
    assert layers == [project.positions[key] for key in ("conv1", "tanh1", "pool1")]
    assert entry[0] + CARD[0] < layers[0][0]
    assert leaving[0] > layers[-1][0] + CARD[0]
    assert entry[1] == layers[0][1] == leaving[1]


def test_layers_of_several_rows_are_laid_out_anew_inside_and_the_block_takes_the_place_of_one() -> None:
    project = placed(lenet())
    chosen = ["conv2", "tanh2", "pool2", "flatten"]
    assert len({project.positions[key][1] for key in chosen}) == 2
    folded, node_id = grouping.group(project, chosen)
    assert folded.positions[node_id] in [project.positions[key] for key in chosen]
    inside = folded.blocks[folded.graph.nodes[node_id].block].graph
    for edge in inside.edges.values():
        assert folded.positions[edge.source][0] + CARD[0] < folded.positions[edge.target][0]
        assert folded.positions[edge.source][1] == folded.positions[edge.target][1]


@pytest.mark.parametrize(
    ("chosen", "came"),
    [
        (["tanh1", "sum"], "a wire leads out to same and back in"),
        (["conv1", "pool1"], "a wire leads out to tanh1 and back in"),
        ([], "none are selected"),
    ],
)
def test_what_would_feed_itself_is_not_folded(chosen: list[str], came: str) -> None:
    with pytest.raises(GraphError, match=came) as caught:
        grouping.group(residual(), chosen)
    assert caught.value.fix


def test_weights_shared_across_the_wall_keep_layers_from_being_folded() -> None:
    project = residual()
    graph = project.graph.replace_node(replace(project.graph.nodes["fc1"], link="a"))
    graph = graph.replace_node(replace(project.graph.nodes["fc2"], link="a"))
    project = replace(project, graph=graph)
    with pytest.raises(GraphError, match="shares them with fc2") as caught:
        grouping.group(project, ["fc1"])
    assert caught.value.where == "fc1"
    assert grouping.group(project, ["fc1", "tanh3", "fc2"])


def test_the_phases_go_on_to_train_what_they_trained() -> None:
    phases = (Phase(trains=("conv1", "fc1")), Phase(trains=("fc2",)))
    settings_ = TrainingSettings(phases=phases, rates=(("conv1", 0.1), ("fc1", 0.0)))
    project = replace(placed(lenet()), training=settings_)
    folded, node_id = grouping.group(project, ["conv1", "tanh1"])
    name = folded.graph.nodes[node_id].name
    assert [phase.trains for phase in folded.training.phases] == [(f"{name}.conv1", "fc1"), ("fc2",)]
    assert folded.training.rates == ((f"{name}.conv1", 0.1), ("fc1", 0.0))
    inside = folded.blocks[folded.graph.nodes[node_id].block].graph.by_name("conv1")
    other = planning.rename(planning.rename(folded, node_id, "stem"), inside.id, "first")
    assert [phase.trains for phase in other.training.phases] == [("stem.first", "fc1"), ("fc2",)]
    assert other.training.rates == (("stem.first", 0.1), ("fc1", 0.0))
    assert ungroup(folded, [node_id])[0] == project
    whole = replace(folded, training=TrainingSettings(phases=(Phase(trains=(name, "fc1")),)))
    assert ungroup(whole, [node_id])[0].training.phases[0].trains == ("conv1", "tanh1", "fc1")


def stacked() -> tuple[Project, str]:
    """LeNet with its third dense layer in a block of 84 to 84, ready to be stacked."""
    project = placed(lenet())
    project = planning.set_param(project, "fc2", "out_features", 84)
    project = planning.insert(project, "Linear", InputKey("fc3", "input"), (("out_features", 84),))[0]
    (linear,) = (node.id for node in project.graph.nodes.values() if node.id not in lenet().graph.nodes)
    return grouping.group(project, [linear])


def test_a_repeated_block_unfolds_to_as_many_layers_in_a_row() -> None:
    project, node_id = stacked()
    project = grouping.set_repeat(project, node_id, "", 3)
    count = analyse(lower(project)).total_parameters
    flat, inner = ungroup(project, [node_id])
    assert len(inner) == 3
    assert not flat.blocks
    assert analyse(lower(flat)).total_parameters == count == analyse(lower(lenet())).total_parameters + 3 * 84 * 85
    places = [flat.positions[key] for key in inner]
    assert all(b[0] - a[0] >= CARD[0] for a, b in itertools.pairwise(places))


def test_a_repetition_that_is_no_count_is_refused() -> None:
    project, node_id = stacked()
    for wrong in (0, -1, 100_001):
        with pytest.raises(ParameterError):
            grouping.set_repeat(project, node_id, "", wrong)
    closed, only = grouping.group(placed(lenet()), ["fc3", "loss"])
    with pytest.raises(GraphError, match="2 inputs and 0 outputs"):
        grouping.set_repeat(closed, only, "", 2)


def with_second(project: Project, node_id: str, kind: str = "block") -> tuple[Project, str]:
    """With another instance behind the first."""
    block = project.graph.nodes[node_id].block
    project, other = planning.add(project, f"{kind}:{block}", (0, 900))
    (edge,) = project.graph.out_of(node_id)
    return planning.splice(project, other, edge.key), other


def test_another_instance_has_weights_of_its_own_until_it_is_linked() -> None:
    project, first = stacked()
    project, second = with_second(project, first)
    own = analyse(lower(project)).total_parameters
    shared = grouping.link(project, second, "", first)
    assert analyse(lower(shared)).total_parameters == own - 84 * 85
    assert grouping.unlink(shared, first, "").graph.nodes[second].link == ""
    assert analyse(lower(grouping.unlink(shared, second, ""))).total_parameters == own
    project, third = with_second(project, second, "linked")
    assert project.graph.nodes[third].link == project.graph.nodes[second].link != ""
    assert analyse(lower(project)).total_parameters == own


def test_linked_instances_are_repeated_together_and_unfold_to_linked_layers() -> None:
    project, first = stacked()
    project, second = with_second(project, first, "linked")
    project = grouping.set_repeat(project, second, "", 2)
    assert [project.graph.nodes[key].repeat for key in (first, second)] == [2, 2]
    count = analyse(lower(project)).total_parameters
    with pytest.raises(GraphError, match="which stays a block"):
        ungroup(project, [first])
    flat, inner = ungroup(project, [first, second])
    assert len(inner) == 4
    assert analyse(lower(flat)).total_parameters == count


def test_an_edit_inside_reaches_every_instance_but_those_that_were_parted() -> None:
    project, first = stacked()
    project, second = with_second(project, first)
    project, third = with_second(project, second)
    parted = grouping.part(project, third, "")
    block = parted.graph.nodes[first].block
    (layer,) = (node for node in parted.blocks[block].graph.nodes.values() if node.kind == "Linear")
    changed = planning.set_param(parted, layer.id, "bias", False)
    plan = lower(changed)
    names = [changed.graph.nodes[key].name for key in (first, second, third)]
    found = analyse(plan).parameters
    assert [found[f"{name}.{layer.name}"] for name in names] == [84 * 84, 84 * 84, 84 * 85]
    assert {block.name for block in parted.blocks.values()} == {"Block 1", "Block 2"}
    assert grouping.part(parted, third, "") is parted


def test_a_port_takes_its_wires_along_when_it_is_renamed_and_away_when_it_goes() -> None:
    project, node_id = stacked()
    block = project.blocks[project.graph.nodes[node_id].block]
    entry = next(node for node in block.graph.nodes.values() if node.kind == "BlockInput")
    renamed = planning.rename(project, entry.id, "sequence")
    assert [edge.input for edge in renamed.graph.into(node_id)] == ["sequence"]
    assert from_text(to_text(renamed)) == renamed
    gone = planning.delete(project, [entry.id])
    assert list(gone.graph.into(node_id)) == []
    assert from_text(to_text(gone)) == gone


def test_a_block_inside_itself_is_refused_in_four_parts() -> None:
    project, node_id = stacked()
    block = project.graph.nodes[node_id].block
    outer, outer_id = grouping.group(project, [node_id])
    for attempt in (
        lambda: planning.add(outer, f"block:{block}", (0, 0), block),
        lambda: planning.add(outer, f"block:{outer.graph.nodes[outer_id].block}", (0, 0), block),
        lambda: pasting.paste(outer, pasting.extract(outer, [outer_id]), (0, 0), block),
    ):
        with pytest.raises(GraphError, match="hold itself") as caught:
            attempt()
        assert all((caught.value.wanted, caught.value.came, caught.value.where, caught.value.fix))


def test_ports_belong_inside_a_block() -> None:
    with pytest.raises(GraphError, match="main graph"):
        planning.add(Project(), "BlockInput", (0, 0))
    project, node_id = stacked()
    block = project.graph.nodes[node_id].block
    project, port = planning.add(project, "BlockInput", (0, 0), block)
    assert len(input_ports(project, project.graph.nodes[node_id])) == 2
    with pytest.raises(GraphError, match="main graph"):
        pasting.paste(project, pasting.extract(project, [port], block))


def test_a_block_is_renamed_unless_the_name_is_taken() -> None:
    project, node_id = stacked()
    block = project.graph.nodes[node_id].block
    assert grouping.rename_block(project, block, "  Dense   pair ").blocks[block].name == "Dense pair"
    other, _second = grouping.group(project, ["conv1"])
    for wrong in ("", "Block 2"):
        with pytest.raises(GraphError):
            grouping.rename_block(other, block, wrong)


def test_unused_blocks_are_those_that_the_main_graph_does_not_reach() -> None:
    project, node_id = stacked()
    outer, outer_id = grouping.group(project, [node_id])
    assert unused(outer) == ()
    loose = planning.delete(outer, [outer_id])
    assert set(unused(loose)) == set(outer.blocks)
    cleared = grouping.delete_unused(loose)
    assert not cleared.blocks
    assert set(cleared.positions) == set(cleared.graph.nodes)


def test_a_block_is_pasted_into_another_project_once_however_often_it_comes() -> None:
    project, node_id = stacked()
    clip = from_text(to_text(pasting.extract(project, [node_id])), "clipboard")
    other = placed(lenet())
    other, _first = pasting.paste(other, clip, (0, 0))
    other, _second = pasting.paste(other, clip, (0, 0))
    assert len(other.blocks) == 1
    changed = planning.delete(project, list(project.blocks["block1"].graph.nodes)[:1])
    other, _third = pasting.paste(other, pasting.extract(changed, [node_id]), (0, 0))
    assert [block.name for block in other.blocks.values()] == ["Block 1", "Block 2"]


def test_what_the_discriminator_shares_stays_shared_when_both_its_uses_are_folded() -> None:
    project = gan()
    project = planning.move(project, arrange(project.graph))
    count = analyse(lower(project)).total_parameters
    blocks = [node.id for node in project.graph.nodes.values() if node.kind == BLOCK]
    flat, _inner = ungroup(project, blocks)
    assert analyse(lower(flat)).total_parameters == count


class RandomUser(RuleBasedStateMachine):
    """Folds, unfolds, enters, edits and undoes in any order; the project stays sound and leads back to the first."""

    def __init__(self) -> None:
        super().__init__()
        self.first = residual()
        self.document = Document(self.first)

    def scope(self, number: int) -> str:
        names = ["", *self.document.project.blocks]
        return names[number % len(names)]

    def pick(self, scope: str, number: int) -> Node | None:
        nodes = list(self.document.project.scope(scope).nodes.values())
        return nodes[number % len(nodes)] if nodes else None

    def attempt(self, change: Callable[[], Project]) -> None:
        try:
            project = change()
        except ChainruleError:
            return
        self.document.edit("random", project)

    @rule(scope=st.integers(0, 9), numbers=st.lists(st.integers(0, 30), min_size=1, max_size=5))
    def group(self, scope: int, numbers: list[int]) -> None:
        place = self.scope(scope)
        chosen = {node.id for number in numbers if (node := self.pick(place, number)) is not None}
        self.attempt(lambda: grouping.group(self.document.project, chosen, place)[0])

    @precondition(lambda self: self.document.project.blocks)
    @rule(scope=st.integers(0, 9), number=st.integers(0, 9))
    def ungroup(self, scope: int, number: int) -> None:
        place = self.scope(scope)
        blocks = [node.id for node in self.document.project.scope(place).nodes.values() if node.kind == BLOCK]
        if blocks:
            self.attempt(lambda: ungroup(self.document.project, [blocks[number % len(blocks)]], place)[0])

    @precondition(lambda self: self.document.project.blocks)
    @rule(scope=st.integers(0, 9), block=st.integers(0, 9), kind=st.sampled_from(["block", "linked"]))
    def place(self, scope: int, block: int, kind: str) -> None:
        blocks = list(self.document.project.blocks)
        name = f"{kind}:{blocks[block % len(blocks)]}"
        self.attempt(lambda: planning.add(self.document.project, name, (0, 0), self.scope(scope))[0])

    @rule(scope=st.integers(0, 9), number=st.integers(0, 30), repeat=st.integers(-1, 3))
    def change(self, scope: int, number: int, repeat: int) -> None:
        place = self.scope(scope)
        node = self.pick(place, number)
        if node is None:
            return
        project = self.document.project
        if repeat > 0:
            self.attempt(lambda: grouping.set_repeat(project, node.id, place, repeat))
        elif repeat == 0:
            self.attempt(lambda: grouping.part(project, node.id, place))
        else:
            self.attempt(lambda: grouping.unlink(project, node.id, place))

    @rule(scope=st.integers(0, 9), a=st.integers(0, 30), b=st.integers(0, 30))
    def connect(self, scope: int, a: int, b: int) -> None:
        place, project = self.scope(scope), self.document.project
        source, target = self.pick(place, a), self.pick(place, b)
        if source is None or target is None:
            return
        outputs, inputs = output_ports(project, source), input_ports(project, target)
        if outputs and inputs:
            edge = Edge(source.id, outputs[0].name, target.id, inputs[-1].name)
            self.attempt(lambda: planning.connect(project, edge))

    @rule(scope=st.integers(0, 9), number=st.integers(0, 30), how=st.sampled_from([planning.delete, planning.dissolve]))
    def remove(self, scope: int, number: int, how: Callable[[Project, list[str]], Project]) -> None:
        node = self.pick(self.scope(scope), number)
        if node is not None:
            self.attempt(lambda: how(self.document.project, [node.id]))

    @rule(scope=st.integers(0, 9), number=st.integers(0, 30), name=st.sampled_from(["stem", "head", "tail"]))
    def rename(self, scope: int, number: int, name: str) -> None:
        node = self.pick(self.scope(scope), number)
        if node is not None:
            self.attempt(lambda: planning.rename(self.document.project, node.id, name))

    @rule(scope=st.integers(0, 9), number=st.integers(0, 30), into=st.integers(0, 9))
    def copy(self, scope: int, number: int, into: int) -> None:
        place, project = self.scope(scope), self.document.project
        node = self.pick(place, number)
        if node is not None:
            clip = pasting.extract(project, [node.id], place)
            self.attempt(lambda: pasting.paste(project, clip, None, self.scope(into))[0])

    @rule()
    def clear(self) -> None:
        self.attempt(lambda: grouping.delete_unused(self.document.project))

    @rule()
    def undo(self) -> None:
        self.document.undo()

    @rule()
    def redo(self) -> None:
        self.document.redo()

    @invariant()
    def sound(self) -> None:
        project = self.document.project
        assert set(project.positions) == set(project.all_nodes())
        for scope, graph in (("", project.graph), *((key, block.graph) for key, block in project.blocks.items())):
            assert running_order(graph)[1] == ()
            assert len({node.name for node in graph.nodes.values()}) == len(graph.nodes)
            assert scope or not any(node.kind in PORTS for node in graph.nodes.values())
            for key, edge in graph.edges.items():
                assert key == edge.key
                assert edge.output in {port.name for port in output_ports(project, graph.nodes[edge.source])}
                assert edge.input in {port.name for port in input_ports(project, graph.nodes[edge.target])}
        for block in project.blocks:
            for scope, _node in instances(project, block):
                assert not scope or scope not in needed(project, block)

    def teardown(self) -> None:
        assert from_text(to_text(self.document.project)) == self.document.project
        lower(self.document.project)
        while self.document.undo():
            pass
        assert self.document.project is self.first


RandomUser.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestRandomUser = RandomUser.TestCase


def test_the_plan_gives_a_repeated_block_its_other_inputs_every_time() -> None:
    """A decoder layer reads the memory in every repetition, not in the first alone."""
    project = Project()
    project, noise = planning.add(project, "Noise", (0, 0))
    project, memory = planning.add(project, "Noise", (0, 200))
    project, add = planning.add(project, "Add", (216, 0))
    for source in (noise, memory):
        project = planning.connect(project, Edge(source, "output", add, "inputs"))
    project, node_id = grouping.group(project, [add])
    project = grouping.set_repeat(project, node_id, "", 2)
    plan = lower(project)
    first, second = (step for step in plan.steps if step.kind.name == "Add")
    assert [value.path for value in first.values()] == ["noise1", "noise2"]
    assert [value.path for value in second.values()] == [first.path, "noise2"]
