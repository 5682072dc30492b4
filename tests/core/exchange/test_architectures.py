"""Well-known networks, written as people write them: imported, rebuilt, and equal in what they give."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest
import torch
from torch import nn

from core.exchange.modules import Example
from tests.core.exchange.architectures import classic, residual, sequences
from tests.core.exchange.rebuilding import assert_same, assert_whole, imported, shown, stirred

Case = tuple[Callable[[], nn.Module], Mapping[str, Example]]
TOKENS = Example((9,), "int64", 31)
CASES: dict[str, Case] = {
    "AlexNet": (classic.AlexNet, {"x": Example((3, 224, 224))}),
    "VGG-11": (classic.VGG11, {"x": Example((3, 32, 32))}),
    "autoencoder": (classic.Autoencoder, {"picture": Example((1, 16, 16))}),
    "functional LeNet": (classic.FunctionalLeNet, {"x": Example((1, 28, 28))}),
    "ResNet-18": (residual.ResNet18, {"x": Example((3, 64, 64))}),
    "DenseNet": (residual.DenseNet, {"x": Example((3, 16, 16))}),
    "Inception": (residual.InceptionNet, {"x": Example((3, 33, 33))}),
    "MobileNet-V2": (residual.MobileNetV2, {"x": Example((3, 32, 32))}),
    "U-Net": (residual.UNet, {"x": Example((1, 22, 18))}),
    "EfficientNet": (residual.EfficientNet, {"x": Example((3, 32, 32))}),
    "ConvNeXt": (residual.ConvNeXt, {"x": Example((3, 32, 32))}),
    "ViT-Tiny": (sequences.ViTTiny, {"x": Example((3, 32, 32))}),
    "GPT-2-tiny": (sequences.GPT2Tiny, {"idx": TOKENS}),
    "seq2seq": (sequences.Seq2Seq, {"src": Example((7,), "int64", 23), "tgt": Example((5,), "int64", 23)}),
    "einsum attention": (sequences.EinsumAttention, {"x": Example((3, 4, 5))}),
    "shared tower": (
        sequences.SharedTower,
        {"left": Example((1, 8, 8)), "right": Example((1, 8, 8)), "steps": Example((5, 4))},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_an_imported_network_gives_what_the_module_gives(name: str) -> None:
    make, examples = CASES[name]
    torch.manual_seed(0)
    module = stirred(make())
    made = imported(module, examples, name)
    assert made.report.opaque == ()
    assert made.report.notes == ()
    assert_whole(module, made)
    assert_same(module, made, examples)


def test_resnets_stages_are_blocks_of_blocks() -> None:
    project = imported(residual.ResNet18(), {"x": Example((3, 64, 64))}).project
    assert shown(project)[1:] == [
        "conv1: Conv2d",
        "bn1: BatchNorm2d",
        "relu: ReLU",
        "maxpool: MaxPool2d",
        "layer1: Basic Block x2",
        "layer2: Layer2",
        "layer3: Layer3",
        "layer4: Layer4",
        "avgpool: AdaptiveAvgPool2d",
        "flatten1: Flatten",
        "fc: Linear",
    ]
    basic = project.graph.by_name("layer1")
    assert basic is not None
    inside = ["conv1: Conv2d", "bn1: BatchNorm2d", "relu: ReLU", "conv2: Conv2d", "bn2: BatchNorm2d", "add1: Add"]
    assert shown(project, basic.block) == ["input: BlockInput", *inside, "relu1: ReLU", "output: BlockOutput"]


def test_a_loop_over_layers_is_one_block_repeated() -> None:
    project = imported(sequences.ViTTiny(), {"x": Example((3, 32, 32))}).project
    assert "blocks: Encoder Block x3" in shown(project)
    assert set(project.positions) == set(project.all_nodes())
    params = {node.name: dict(node.params) for node in project.graph.nodes.values()}
    assert params["head"] == {"out_features": 10}
    assert params["norm"] == {}
    assert params["cls_token"] == {"shape": (1, 1, 16)}


def test_a_module_that_is_called_twice_is_linked() -> None:
    _make, examples = CASES["shared tower"]
    project = imported(sequences.SharedTower(), examples).project
    towers = [node for node in project.graph.nodes.values() if node.kind == "Block"]
    assert [node.name for node in towers] == ["tower", "tower1"]
    assert len({(node.block, node.link) for node in towers}) == 1
    assert towers[0].link
