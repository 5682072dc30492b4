"""The library of blocks: ours are sound, learn and compute what torch's own do; the user's are files like any other."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from core import blocklib, grouping, planning
from core.build import Network, build
from core.checks import check
from core.errors import FileError
from core.files import load, to_text
from core.graph import BLOCK, Edge
from core.layout import CARD, arrange
from core.lowering import lower
from core.plan import Value
from core.project import Project
from core.shapes import analyse
from core.training.forward import loss_function, output_function
from tests.core.networks import lenet
from tools.make_blocks import BLOCKS, project

OURS = sorted(path.stem for path in blocklib.our_folder().glob("*.chain"))


@pytest.fixture(autouse=True)
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's own folder, empty."""
    folder = tmp_path / "blocks"
    monkeypatch.setattr(blocklib, "own_folder", lambda: folder)
    return folder


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """What is compared bit for bit must be added up in one order."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def ours(name: str) -> Project:
    return load(blocklib.our_folder() / f"{name}.chain")


def network(made: Project) -> Network:
    plan = lower(made)
    return build(plan, analyse(plan).arguments, 0)


def result(made: Network, training: bool = False) -> Tensor:
    """What the first output of the block gives of the example, drawn anew from one seed."""
    function = output_function(made, made.plan, made.plan.predictions()[:1], training)
    torch.manual_seed(5)
    return function.call(4)[0]


def example(made: Project) -> Tensor:
    """The example input that `result` draws, of a block with one input."""
    (reshape,) = (node for node in made.graph.nodes.values() if node.kind == "Reshape")
    torch.manual_seed(5)
    size = next(node.param("size") for node in made.graph.nodes.values() if node.kind == "Noise")
    return torch.randn(4, size).reshape(4, *reshape.param("shape"))  # type: ignore[misc]  # sizes of a file of ours


def test_there_are_those_that_were_promised() -> None:
    titles = {entry.title for entry in blocklib.shelf()[0]}
    assert titles == {
        "Conv-BN-ReLU",
        "Residual",
        "Bottleneck",
        "Inception",
        "Dense layer",
        "U-Net down step",
        "U-Net up step",
        "Transformer encoder layer",
        "Transformer decoder layer",
    }


def test_the_files_are_what_the_script_writes() -> None:
    for title, draw, help_, shapes in BLOCKS:
        made = project(title, draw, help_, shapes)
        path = blocklib.our_folder() / f"{blocklib.stem(title)}.chain"
        assert to_text(made) == path.read_text(encoding="utf-8")
    assert len(OURS) == len(BLOCKS)


@pytest.mark.parametrize("name", OURS)
def test_ours_are_analysed_without_a_problem_at_their_example(name: str) -> None:
    made = ours(name)
    plan = lower(made)
    analysis = analyse(plan)
    assert [problem for problem in check(made, plan, analysis) if problem.code != "E108"] == []
    assert len(analysis.types) >= len(plan.steps)
    assert not plan.left_out
    assert made.description.endswith(".")


@pytest.mark.parametrize("name", OURS)
def test_ours_stand_apart_and_flow_to_the_right(name: str) -> None:
    made = ours(name)
    (block,) = made.blocks.values()
    places = [made.positions[key] for key in block.graph.nodes]
    for index, (x, y) in enumerate(places):
        for left, top in places[:index]:
            assert abs(x - left) >= CARD[0] + 44 or abs(y - top) >= CARD[1] + 24
    edges = block.graph.edges.values()
    back = [edge for edge in edges if made.positions[edge.source][0] >= made.positions[edge.target][0]]
    assert len(back) <= len({top for _left, top in places}) // 2


@pytest.mark.parametrize("name", OURS)
def test_ours_learn(name: str) -> None:
    """A loss against noise falls in ten steps, and every weight has a finite gradient."""
    made = ours(name)
    (block,) = (node for node in made.graph.nodes.values() if node.kind == BLOCK)
    out = lower(made).predictions()[0]
    shape = analyse(lower(made)).types[out].features
    made, target = planning.add(made, "Noise", (0, 900))
    made = planning.set_param(made, target, "size", math.prod(shape))
    made, spread = planning.add(made, "Reshape", (0, 900))
    made = planning.set_param(made, spread, "shape", shape)
    made, loss = planning.add(made, "MSE", (0, 900))
    port = made.blocks[block.block].outputs()[0]
    for edge in (
        Edge(target, "output", spread, "input"),
        Edge(block.id, port, loss, "prediction"),
        Edge(spread, "output", loss, "target"),
    ):
        made = planning.connect(made, edge)
    plan = lower(made)
    trained = build(plan, analyse(plan).arguments, 0)
    function = loss_function(trained, trained.plan, trained.plan.losses)
    optimizer = torch.optim.Adam(trained.root.parameters(), 1e-3)
    losses = []
    for _step in range(10):
        torch.manual_seed(2)
        optimizer.zero_grad()
        total = function.call(4)[0]
        total.backward()
        optimizer.step()
        losses.append(total.item())
    for weight, parameter in trained.root.named_parameters():
        assert parameter.grad is not None, weight
        assert parameter.grad.isfinite().all(), weight
    assert losses[-1] < losses[0]


def test_the_encoder_layer_is_torchs_own() -> None:
    made = ours("transformer_encoder_layer")
    built = network(made)
    theirs = nn.TransformerEncoderLayer(128, 4, 512, 0.1, batch_first=True).eval()
    names = {"self_attn": "attention", "linear1": "fc1", "linear2": "fc2", "norm1": "norm1", "norm2": "norm2"}
    for attribute, name in names.items():
        getattr(theirs, attribute).load_state_dict(built.modules[f"transformer_encoder_layer.{name}"].state_dict())
    with torch.no_grad():
        assert torch.allclose(result(built), theirs(example(made)), atol=1e-6)
    assert analyse(lower(made)).total_parameters == sum(parameter.numel() for parameter in theirs.parameters())


def test_the_decoder_layer_is_torchs_own() -> None:
    made = ours("transformer_decoder_layer")
    built = network(made)
    theirs = nn.TransformerDecoderLayer(128, 4, 512, 0.1, batch_first=True).eval()
    names = {"self_attn": "attention", "multihead_attn": "cross", "linear1": "fc1", "linear2": "fc2"}
    names |= {name: name for name in ("norm1", "norm2", "norm3")}
    for attribute, name in names.items():
        getattr(theirs, attribute).load_state_dict(built.modules[f"transformer_decoder_layer.{name}"].state_dict())
    torch.manual_seed(5)
    target, memory = torch.randn(4, 12 * 128).reshape(4, 12, 128), torch.randn(4, 10 * 128).reshape(4, 10, 128)
    with torch.no_grad():
        wanted = theirs(target, memory, nn.Transformer.generate_square_subsequent_mask(12))
        assert torch.allclose(result(built), wanted, atol=1e-6)
    assert analyse(lower(made)).total_parameters == sum(parameter.numel() for parameter in theirs.parameters())


class Plain(nn.Module):
    """ResNet's two blocks as a person writes them."""

    def __init__(self, modules: dict[str, nn.Module], convs: tuple[str, ...]) -> None:
        super().__init__()
        self.parts, self.convs = modules, convs

    def forward(self, x: Tensor) -> Tensor:
        out = x
        for number, name in enumerate(self.convs, 1):
            out = self.parts[f"bn{number}"](self.parts[name](out))
            out = torch.relu(out if number < len(self.convs) else out + x)
        return out


@pytest.mark.parametrize(
    ("name", "convs", "count"),
    [
        ("residual", ("conv1", "conv2"), 73_984),
        ("bottleneck", ("reduce", "conv", "expand"), 70_400),
    ],
)
def test_the_blocks_of_resnet_are_those_of_the_paper(name: str, convs: tuple[str, ...], count: int) -> None:
    made = ours(name)
    built = network(made)
    (prefix,) = {path.split(".")[0] for path in built.modules}
    plain = Plain({path.removeprefix(f"{prefix}."): module for path, module in built.modules.items()}, convs)
    built.root.eval()
    with torch.no_grad():
        assert torch.equal(result(built), plain(example(made)))
    assert analyse(lower(made)).total_parameters == count


def test_inception_has_the_parameters_of_the_papers_3a() -> None:
    """Weights of table 1's row inception (3a), 159K, with their biases."""
    analysis = analyse(lower(ours("inception")))
    weights = 192 * 64 + 192 * 96 + 96 * 128 * 9 + 192 * 16 + 16 * 32 * 25 + 192 * 32
    assert round(weights / 1000) == 163
    assert analysis.total_parameters == weights + 64 + 96 + 128 + 16 + 32 + 32


def test_a_stacked_dense_layer_grows_by_its_channels() -> None:
    made = ours("dense_layer")
    (block,) = (node for node in made.graph.nodes.values() if node.kind == BLOCK)
    stacked = lower(grouping.set_repeat(made, block.id, "", 4))
    types = analyse(stacked).types
    last = types[Value(f"{block.name}[3].concat", "output")]
    assert str(last) == f"{64 + 4 * 32}×16×16"


def test_the_two_steps_of_a_unet_fit_together() -> None:
    project_, node = blocklib.brought(Project(), "library:ours/u_net_down_step")
    project_, down = planning.add(project_, node, (0, 0))
    project_, node = blocklib.brought(project_, "library:ours/u_net_up_step")
    project_, up = planning.add(project_, node, (500, 0))
    project_, noise = planning.add(project_, "Noise", (0, 0))
    project_ = planning.set_param(project_, noise, "size", 3 * 256)
    project_, image = planning.add(project_, "Reshape", (0, 0))
    project_ = planning.set_param(project_, image, "shape", (3, 16, 16))
    for edge in (
        Edge(noise, "output", image, "input"),
        Edge(image, "output", down, "input"),
        Edge(down, "output", up, "input"),
        Edge(down, "skip", up, "skip"),
    ):
        project_ = planning.connect(project_, edge)
    plan = lower(project_)
    analysis = analyse(plan)
    assert analysis.problems == ()
    assert str(analysis.types[plan.predictions()[0]]) == "64×16×16"


def test_all_of_ours_come_into_one_project_with_ids_of_their_own() -> None:
    made = Project()
    for name in (*OURS, *OURS):
        made, kind = blocklib.brought(made, f"library:ours/{name}")
        made, _node = planning.add(made, kind, (0, 0))
    assert len(made.blocks) == len(OURS)
    assert len(made.all_nodes()) == sum(len(block.graph.nodes) for block in made.blocks.values()) + 2 * len(OURS)
    assert set(made.positions) == set(made.all_nodes())


def test_a_block_is_brought_once_and_a_changed_one_under_another_name() -> None:
    first, kind = blocklib.brought(lenet(), "library:ours/residual")
    assert blocklib.brought(first, "library:ours/residual") == (first, kind)
    (conv,) = (node for node in first.blocks["residual"].graph.nodes.values() if node.name == "conv1")
    changed = planning.set_param(first, conv.id, "out_channels", 8)
    both, other = blocklib.brought(changed, "library:ours/residual")
    assert other != kind
    assert [block.name for block in both.blocks.values()] == ["Residual", "Residual 2"]
    assert len(both.all_nodes()) == sum(len(block.graph.nodes) for block in both.blocks.values()) + len(
        both.graph.nodes
    )
    assert set(both.blocks["residual1"].graph.nodes) <= set(both.positions)


def test_a_saved_block_comes_back_with_the_blocks_in_it(own: Path) -> None:
    made = planning.move(lenet(), arrange(lenet().graph))
    made, inner = grouping.group(made, ["tanh1", "pool1"])
    made, outer = grouping.group(made, ["conv1", inner])
    made = grouping.rename_block(made, made.graph.nodes[outer].block, "Conv stage")
    path = blocklib.save_block(made, made.graph.nodes[outer].block)
    assert path == own / "conv_stage.chain"
    (mine, *_ours) = blocklib.shelf()[0]
    assert (mine.key, mine.title, mine.is_mine) == ("mine/conv_stage", "Conv stage", True)
    other, kind = blocklib.brought(Project(), mine.kind)
    other, node = planning.add(other, kind, (0, 0))
    assert [step.path for step in lower(other).steps] == [
        f"{other.graph.nodes[node].name}.{path}" for path in ("conv1", "block1.tanh1", "block1.pool1")
    ]
    again, same = blocklib.brought(made, mine.kind)
    assert again is made
    assert same == f"block:{made.graph.nodes[outer].block}"


def test_a_name_that_the_library_has_is_replaced_only_when_asked(own: Path) -> None:
    made, node = grouping.group(lenet(), ["conv1"])
    block = made.graph.nodes[node].block
    path = blocklib.save_block(made, block)
    before = path.read_bytes()
    changed = planning.set_param(made, "conv1", "out_channels", 9)
    with pytest.raises(FileError, match="there already") as caught:
        blocklib.save_block(changed, block)
    assert caught.value.fix
    assert path.read_bytes() == before
    blocklib.save_block(changed, block, overwrite=True)
    assert path.read_bytes() != before
    assert list(own.iterdir()) == [path]


def test_files_that_hold_no_block_are_told_of_and_hide_no_other(own: Path) -> None:
    own.mkdir()
    (own / "text.chain").write_text("import os")
    (own / "network.chain").write_text(to_text(lenet()))
    found, wrong = blocklib.shelf()
    assert len(found) == len(OURS)
    assert {Path(error.where).name for error in wrong} == {"text.chain", "network.chain"}
    assert all(error.wanted and error.came and error.fix for error in wrong)


@pytest.mark.parametrize("key", ["ours/nothing", "../residual", "mine/../../residual", "/etc/passwd"])
def test_only_what_is_listed_is_opened(key: str) -> None:
    with pytest.raises(FileError, match="there is no"):
        blocklib.brought(Project(), f"library:{key}")


def test_a_folder_that_cannot_be_made_is_an_error_of_ours(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    made, node = grouping.group(lenet(), ["conv1"])
    with pytest.raises(FileError, match="folder"):
        blocklib.save_block(made, made.graph.nodes[node].block, tmp_path / "file" / "blocks")
