"""Modules in many styles, written by both of torch's exporters, come back as layers that compute the same."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from core.exchange.onnx.reader import read_onnx
from tests.core.exchange.onnx.rebuilding import assert_equal, exported, kinds

Shapes = tuple[tuple[int, ...], ...]


@pytest.fixture(autouse=True)
def seeded() -> None:
    torch.manual_seed(3)


def stirred(module: nn.Module) -> nn.Module:
    """The module with numbers that are nowhere zero or one, so that a lost one shows."""
    for tensor in (*module.parameters(), *module.buffers()):
        if tensor.is_floating_point():
            tensor.data.uniform_(0.2, 0.9) if tensor.ndim < 2 else tensor.data.normal_(0, 0.3)
    return module.eval()


class Residual(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.norm = nn.GroupNorm(2, channels)
        self.act = nn.GELU()

    def forward(self, x: Tensor) -> Tensor:
        return self.act(self.norm(self.conv1(x))) + x


class Pictures(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 4, 3, stride=2, padding=(1, 0), dilation=1)
        self.blocks = nn.Sequential(Residual(4), Residual(4))
        self.scale = nn.Parameter(torch.rand(4, 1, 1))
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(4, 5)

    def forward(self, x: Tensor) -> Tensor:
        x = self.blocks(functional.max_pool2d(functional.hardswish(self.stem(x)), 2)) * self.scale
        return self.fc(torch.flatten(self.pool(x), 1))


class Heads(nn.Module):
    """Attention written by hand, with a class token, positions and a mask."""

    def __init__(self) -> None:
        super().__init__()
        self.token = nn.Parameter(torch.rand(1, 1, 8))
        self.positions = nn.Parameter(torch.rand(1, 6, 8))
        self.norm = nn.LayerNorm(8)
        self.qkv = nn.Linear(8, 24)
        self.out = nn.Linear(8, 8)
        self.register_buffer("mask", torch.ones(6, 6).tril().bool())

    def forward(self, x: Tensor) -> Tensor:
        x = torch.cat([self.token.expand(x.shape[0], -1, -1), x], 1) + self.positions
        batch, steps, wide = x.shape
        q, k, v = self.qkv(self.norm(x)).reshape(batch, steps, 3, 2, 4).permute(2, 0, 3, 1, 4)
        scores = (q @ k.transpose(-2, -1)) * 0.5
        weights = scores.masked_fill(~self.mask, float("-inf")).softmax(-1)
        return x + self.out((weights @ v).transpose(1, 2).reshape(batch, steps, wide))


class Words(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Embedding(11, 6)
        self.layer = nn.TransformerEncoderLayer(6, 2, 12, batch_first=True, activation="gelu")
        self.fc = nn.Linear(6, 3)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(self.layer(self.table(x)).mean(1))


class Memory(nn.Module):
    def __init__(self, kind: str, both: bool = False) -> None:
        super().__init__()
        self.rnn = getattr(nn, kind)(5, 4, num_layers=2, batch_first=True, bidirectional=both)
        self.fc = nn.Linear(8 if both else 4, 2)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(self.rnn(x)[0][:, -1])


class Upside(nn.Module):
    """An encoder and decoder with a skip, and every way to grow."""

    def __init__(self) -> None:
        super().__init__()
        self.down = nn.Conv2d(2, 4, 4, stride=2, padding=1)
        self.up = nn.ConvTranspose2d(4, 4, 3, stride=2, padding=1, output_padding=1)
        self.shuffle = nn.PixelShuffle(2)
        self.prelu = nn.PReLU(4)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        low = self.prelu(self.down(x))
        wide = functional.interpolate(low, scale_factor=2, mode="bilinear", align_corners=False)
        near = functional.interpolate(low, scale_factor=2)
        skip = torch.cat([self.up(low), wide, near, functional.pad(x, (0, 0, 0, 0))], 1)
        return skip, self.shuffle(low)


class Signals(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv1d(3, 6, 5, padding=2, groups=3)
        self.norm = nn.InstanceNorm1d(6, affine=True)
        self.pool = nn.AvgPool1d(3, stride=2, padding=1, ceil_mode=True)

    def forward(self, x: Tensor) -> Tensor:
        x = self.pool(functional.leaky_relu(self.norm(self.conv(x)), 0.2))
        low, high = x.chunk(2, 1)
        return torch.stack([low.amax(2), high.amin(2), torch.sigmoid(low).mean(2)], 1).flatten(1)


class Arithmetic(nn.Module):
    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        z = torch.where(x > 0.1, x * 2 - 1, (1 - y) / 3).clamp(-0.8, 0.9)
        z = z + x.abs().sqrt() + (y**2).sum(-1, keepdim=True) + torch.exp(-x) * torch.sin(y) + 2 / (1 + x**2)
        return torch.cat([z[:, ::2], z[:, 1:4].flip(1), torch.einsum("bi,bi->bi", x, y)[:, :3].cumsum(1)], 1)


class RootMeanSquare(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.rand(6))
        self.gate = nn.Linear(6, 6)

    def forward(self, x: Tensor) -> Tensor:
        normed = x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6) * self.weight
        return functional.silu(self.gate(normed)) * normed


class Convnext(nn.Module):
    """A norm over the channels that is written by hand, over a dimension in the middle."""

    def __init__(self) -> None:
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.rand(4)), nn.Parameter(torch.rand(4))
        self.depthwise = nn.Conv2d(4, 4, 7, padding=3, groups=4)

    def forward(self, x: Tensor) -> Tensor:
        x = self.depthwise(x)
        mean = x.mean(1, keepdim=True)
        spread = (x - mean).pow(2).mean(1, keepdim=True)
        x = (x - mean) / torch.sqrt(spread + 1e-6)
        return functional.mish(self.weight[:, None, None] * x + self.bias[:, None, None])


class Siamese(nn.Module):
    """One module on two inputs: its weights are one."""

    def __init__(self) -> None:
        super().__init__()
        self.arm = nn.Sequential(nn.Linear(5, 4), nn.Tanh(), nn.Linear(4, 3))

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        return (self.arm(x) - self.arm(y)).abs()


MODELS: dict[str, tuple[Callable[[], nn.Module], Shapes]] = {
    "pictures": (Pictures, ((2, 3, 12, 10),)),
    "heads": (Heads, ((2, 5, 8),)),
    "words": (Words, ((2, 7),)),
    "lstm": (lambda: Memory("LSTM"), ((2, 6, 5),)),
    "both ways": (lambda: Memory("LSTM", True), ((2, 6, 5),)),
    "gru": (lambda: Memory("GRU"), ((2, 6, 5),)),
    "upside": (Upside, ((2, 2, 8, 8),)),
    "signals": (Signals, ((2, 3, 11),)),
    "arithmetic": (Arithmetic, ((2, 6), (2, 6))),
    "root mean square": (RootMeanSquare, ((2, 3, 6),)),
    "convnext": (Convnext, ((2, 4, 5, 5),)),
    "siamese": (Siamese, ((2, 5), (2, 5))),
}


Files = Callable[[str, bool], tuple[nn.Module, Path]]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    """A module and its file by name and exporter, written once."""
    home = tmp_path_factory.mktemp("files")

    @cache
    def made(name: str, dynamo: bool) -> tuple[nn.Module, Path]:
        make, shapes = MODELS[name]
        torch.manual_seed(3)
        module = stirred(make())
        path = home / f"{name} {dynamo}.onnx"
        return module, exported(module, path, *shapes, dynamo=dynamo, integer=name == "words")

    return made


BY_DYNAMO = ("pictures", "lstm", "upside")
"""The newer exporter takes seconds, so that it writes those in which it differs most."""
CASES = [(name, False) for name in MODELS] + [(name, True) for name in BY_DYNAMO]


@pytest.mark.parametrize(("name", "dynamo"), CASES, ids=[f"{name} {'new' if new else 'old'}" for name, new in CASES])
def test_a_module_comes_back_with_its_outputs_and_parameters(name: str, dynamo: bool, files: Files) -> None:
    module, path = files(name, dynamo)
    made = assert_equal(path)
    assert made.parameters == sum(parameter.numel() for parameter in module.parameters())


def test_layers_that_are_written_out_come_back_as_layers(files: Files) -> None:
    found = set(kinds(read_onnx(files("pictures", False)[1])))
    assert {"Hardswish", "GroupNorm", "GELU", "Flatten", "LearnableTensor"} <= found
    assert "InstanceNorm1d" not in found
    assert kinds(read_onnx(files("root mean square", False)[1])) == ["RMSNorm", "Linear", "SiLU", "Multiply"]
    assert kinds(read_onnx(files("convnext", False)[1]))[-2:] == ["Permute", "Mish"]
    assert kinds(read_onnx(files("lstm", False)[1])) == ["LSTM", "LSTM", "Select", "Linear"]


@pytest.mark.parametrize("dynamo", [False, True], ids=["traced", "dynamo"])
def test_the_modules_around_a_layer_are_known(dynamo: bool, files: Files) -> None:
    calls = read_onnx(files("pictures", dynamo)[1]).calls
    paths = [(*(name for name, _kind in call.scope), call.name) for call in calls]
    assert ("stem",) in paths
    assert [path for path in paths if path[-1] == "conv1"] == [("blocks", "0", "conv1"), ("blocks", "1", "conv1")]
    classes = {kind for call in calls for _name, kind in call.scope if kind}
    assert classes == ({"Sequential", "Residual"} if dynamo else set())


def test_one_module_that_is_called_twice_stays_one(files: Files) -> None:
    calls = read_onnx(files("siamese", False)[1]).calls
    shared = [call.shared for call in calls if call.kind == "Linear"]
    assert len(shared) == 4
    assert len(set(shared)) == 2
    assert "" not in shared


def test_equal_weights_of_different_norms_do_not_make_them_one(tmp_path: Path) -> None:
    module = nn.Sequential(nn.LayerNorm(4), nn.Linear(4, 4), nn.LayerNorm(4))
    made = assert_equal(exported(module, tmp_path / "net.onnx", (2, 4), dynamo=True))
    assert [call.shared for call in made.imported.calls] == ["", "", ""]


@pytest.mark.parametrize("opset", [11, 17])
def test_older_operator_sets_come_back_too(opset: int, tmp_path: Path) -> None:
    for name in ("pictures", "heads"):
        make, shapes = MODELS[name]
        module = stirred(make())
        made = assert_equal(exported(module, tmp_path / f"{name}.onnx", *shapes, opset=opset))
        assert made.parameters == sum(parameter.numel() for parameter in module.parameters())
        if name == "pictures":
            assert {"GELU", "GroupNorm", "Hardswish"} <= set(kinds(made.imported))
        if name == "heads":
            assert "LayerNorm" in kinds(made.imported)
