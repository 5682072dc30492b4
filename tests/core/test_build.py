"""Plan to modules and straight-line functions: keys, seeds, links, and the same numbers as the modules give."""

from itertools import zip_longest

import pytest
import torch
from torch import nn

from core.build import Network, build
from core.catalog import KINDS
from core.catalog.kind import Batch, LayerKind, TensorType
from core.data.sources import FieldSpec
from core.errors import CheckError
from core.graph import Block, Edge, Graph, Node, is_valid_name
from core.lowering import lower
from core.plan import Plan, Step, Value
from core.project import Project
from core.shapes import analyse, shapes_of
from core.training.forward import Field, loss_function, output_function
from tests.core.training.projects import DIGITS, SPIRAL, chain, classifier, gan, node, project, small_convnet, wire

LAYERS = [kind for kind in KINDS.values() if kind.role == "layer" and not kind.opaque]
BATCH = 6


def network(made: Project, seed: int = 0) -> Network:
    plan = lower(made)
    return build(plan, analyse(plan).arguments, seed)


def nested() -> Project:
    inside = [
        node("x", "BlockInput"),
        node("fc", "Linear", out_features=64),
        node("relu", "ReLU"),
        node("y", "BlockOutput"),
    ]
    block = Block("b", "b", Graph.of(inside, chain(["x", "fc", "relu", "y"])))
    nodes = [
        node("data", "Dataset", dataset="data"),
        node("flatten", "Flatten"),
        node("stack", "Block", block="b", repeat=3),
        node("head", "Linear", out_features=10),
        node("loss", "CrossEntropy"),
    ]
    edges = [
        wire("data.image", "flatten"),
        wire("flatten", "stack.x"),
        wire("stack.y", "head"),
        wire("head", "loss.logits"),
        wire("data.label", "loss.label"),
    ]
    return project(nodes, edges, DIGITS, blocks=(block,))


def test_the_state_dict_is_keyed_by_instance_path():
    keys = set(network(nested()).root.state_dict())
    layers = ("stack[0].fc", "stack[1].fc", "stack[2].fc", "head")
    assert keys == {f"{layer}.{name}" for layer in layers for name in ("weight", "bias")}


def test_weights_are_those_of_a_plain_script_with_the_same_seed():
    torch.manual_seed(7)
    conv, norm, linear = nn.Conv2d(1, 6, 3, padding=1), nn.BatchNorm2d(6), nn.Linear(96, 10)
    made = network(small_convnet(), seed=7)
    for path, module in (("conv", conv), ("bn", norm), ("fc", linear)):
        for name, tensor in module.state_dict().items():
            assert torch.equal(made.root.state_dict()[f"{path}.{name}"], tensor)


def test_every_repetition_has_weights_of_its_own_and_linked_ones_share_them():
    stacked = network(nested())
    assert not torch.equal(stacked.modules["stack[0].fc"].weight, stacked.modules["stack[1].fc"].weight)
    linked = network(gan())
    assert sorted(linked.modules) == ["bent", "gen1", "gen2", "real.bend", "real.hidden", "real.score"]
    steps = [step for step in linked.plan.steps if step.path.endswith(".hidden")]
    assert len(steps) == 3
    assert len({id(linked.module(step)) for step in steps}) == 1


@pytest.mark.parametrize("init", ["xavier_uniform", "kaiming_normal", "orthogonal", "zeros"])
def test_a_chosen_beginning_is_torchs_own_and_biases_are_zero(init):
    layers = [node("flatten", "Flatten"), node("fc", "Linear", out_features=10, weight_init=init)]
    made = network(classifier(layers, DIGITS), seed=3)
    torch.manual_seed(3)
    plain = nn.Linear(64, 10)
    getattr(nn.init, f"{init}_")(plain.weight)
    assert torch.equal(made.modules["fc"].weight, plain.weight)
    assert not made.modules["fc"].bias.any()


def test_a_beginning_is_multiplied_by_its_gain_and_biases_begin_where_they_are_told_to():
    layers = [
        node("flatten", "Flatten"),
        node("fc1", "Linear", out_features=10, weight_init="xavier_normal", init_gain=5 / 3, bias_init=-7.0),
        node("fc2", "Linear", out_features=10, bias_init=0.5),
    ]
    made = network(classifier(layers, DIGITS), seed=3)
    torch.manual_seed(3)
    plain = [nn.Linear(64, 10)]
    nn.init.xavier_normal_(plain[0].weight, gain=5 / 3)
    plain.append(nn.Linear(10, 10))
    assert torch.equal(made.modules["fc1"].weight, plain[0].weight)
    assert torch.equal(made.modules["fc2"].weight, plain[1].weight)
    assert made.modules["fc1"].bias.tolist() == [-7.0] * 10
    assert made.modules["fc2"].bias.tolist() == [0.5] * 10


def test_frozen_weights_need_no_gradient():
    layers = [
        node("flatten", "Flatten"),
        node("fc1", "Linear", out_features=10, frozen=True),
        node("fc2", "Linear", out_features=10),
    ]
    made = network(classifier(layers, DIGITS))
    needed = {name: parameter.requires_grad for name, parameter in made.root.named_parameters()}
    assert needed == {"fc1.weight": False, "fc1.bias": False, "fc2.weight": True, "fc2.bias": True}


def test_no_node_can_have_a_name_that_modules_have_themselves():
    assert [name for name in dir(nn.Module()) if is_valid_name(name)] == []


def test_a_network_whose_sizes_are_not_known_is_refused():
    layers = [node("conv", "Conv2d", kernel_size=50), node("fc", "Linear", out_features=10)]
    with pytest.raises(CheckError, match="sizes"):
        network(classifier(layers, DIGITS))


def sample(kind: TensorType) -> torch.Tensor:
    shape = [BATCH * dim.multiple if isinstance(dim, Batch) else dim for dim in kind.shape]
    if kind.dtype == "int64":
        return torch.randint(0, 3, shape)
    return torch.rand(shape)


def single_step(kind: LayerKind) -> tuple[Plan, dict[str, object], list[torch.Tensor]]:
    """A plan of one layer whose inputs are fields of a made-up data set."""
    ports = kind.inputs
    wired = zip_longest(ports, ((example,) for example in kind.example), fillvalue=())
    places = [(ports[0].name, kind.example)] if ports[0].variadic else [(port.name, held) for port, held in wired]
    names = [f"f{index}" for index in range(len(kind.example))]
    values = iter(Value("data", name) for name in names)
    inputs = tuple((port, tuple(next(values) for _ in examples)) for port, examples in places)
    given = {port: held if ports[0].variadic else held[0] for port, held in places if held}
    arguments = shapes_of(kind, kind.example_params, given).arguments
    data = Step("data", "data", "data", KINDS["Dataset"], (), (), "data", "d", tuple(_field(name) for name in names))
    layer = Step("layer", "layer", "layer", kind, kind.example_params, inputs, "layer")
    plan = Plan((data, layer), {"data": data, "layer": layer})
    return plan, {"layer": arguments, "data": {}}, [sample(example) for example in kind.example]


def _field(name: str) -> FieldSpec:
    return FieldSpec(name, (), "float32", "input")


@pytest.mark.parametrize("kind", [kind for kind in LAYERS if kind.module], ids=lambda kind: kind.name)
@pytest.mark.parametrize("training", [True, False])
def test_the_straight_line_function_gives_what_the_module_gives_bit_for_bit(kind, training):
    plan, arguments, inputs = single_step(kind)
    made = build(plan, arguments, 0)
    made.root.train(training)
    values = tuple(Value("layer", port.name) for port in kind.outputs if not port.needs)
    function = output_function(made, plan, values, training)
    module = made.modules["layer"]
    torch.manual_seed(1)
    attention = kind.module == "nn.MultiheadAttention"
    wanted = module(*inputs * 3, need_weights=False)[:1] if attention else module(*inputs)
    torch.manual_seed(1)
    results = function.call(BATCH, *inputs)
    for mine, plain in zip(results, _flat(wanted), strict=True):
        assert torch.equal(mine, plain)


def _flat(outputs: object) -> list[torch.Tensor]:
    if isinstance(outputs, torch.Tensor):
        return [outputs]
    return [tensor for item in outputs for tensor in _flat(item)]


def test_losses_are_weighted_summed_and_told_apart():
    plan = lower(two_losses())
    made = build(plan, analyse(plan).arguments, 0)
    function = loss_function(made, made.plan, made.plan.losses)
    assert function.fields == (Field("data", "point"), Field("data", "label"), Field("data", "target"))
    point, label = torch.rand(5, 2), torch.tensor([0, 1, 1, 0, 1])
    total, parts, prediction, target, kept, _times = function.call(5, point, label, label.float().reshape(-1, 1))
    scores = made.modules["classes"](point)
    classes = nn.functional.cross_entropy(scores, label, label_smoothing=0.1)
    number = nn.functional.mse_loss(made.modules["number"](point), label.float().reshape(-1, 1), reduction="sum")
    assert torch.equal(parts[0], classes)
    assert torch.equal(parts[1], number)
    assert torch.equal(total, classes + number * 0.5)
    assert torch.equal(prediction, scores)
    assert torch.equal(target, label)
    assert kept == ()


def two_losses() -> Project:
    nodes = [
        node("data", "Dataset", dataset="data"),
        node("classes", "Linear", out_features=2),
        node("number", "Linear", out_features=1),
        node("first", "CrossEntropy", label_smoothing=0.1),
        node("second", "MSE", weight=0.5, reduction="sum"),
    ]
    edges = [
        wire("data.point", "classes"),
        wire("data.point", "number"),
        wire("classes", "first.logits"),
        wire("data.label", "first.label"),
        wire("number", "second.prediction"),
        wire("data.target", "second.target"),
    ]
    return project(nodes, edges, SPIRAL)


def test_a_strangers_names_and_texts_never_enter_the_code():
    evil = "__import__('os').system('true')"
    layers = [node("flatten", "Flatten"), node("evil_name", "Linear", out_features=10)]
    made = classifier(layers, DIGITS)
    nodes = [Node(item.id, item.kind, item.name, item.params, link=evil) for item in made.graph.nodes.values()]
    strange = Project(graph=Graph.of(nodes, made.graph.edges.values()), data=made.data, training=made.training)
    plan = lower(strange)
    text = loss_function(network(strange), network(strange).plan, plan.losses).text
    assert "evil" not in text
    assert "import" not in text


def test_shape_texts_enter_as_numbers_only():
    nodes = [
        node("data", "Dataset", dataset="data"),
        node("shape", "Reshape", shape=(16, 4)),
        node("fc", "Linear", out_features=3),
    ]
    edges: list[Edge] = [wire("data.image", "shape"), wire("shape", "fc")]
    made = network(project(nodes, edges, DIGITS))
    function = output_function(made, made.plan, (Value("shape", "output"),))
    assert function.call(2, torch.rand(2, 1, 8, 8))[0].shape == (2, 16, 4)
