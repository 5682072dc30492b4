"""A case as plain torch modules, the oracle that cures are judged by: it shares nothing with the app."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import torch
from torch import Tensor, nn

from tests.faulty.view import Layer

Spec = Mapping[str, Any]


class Res(nn.Module):
    """Layers beside a wire that goes past them."""

    def __init__(self, body: nn.Module) -> None:
        """Around these layers."""
        super().__init__()
        self.body = body

    def forward(self, x: Tensor) -> Tensor:
        """What comes in, plus what the layers make of it."""
        return x + self.body(x)  # type: ignore[no-any-return]


class Sequence(nn.Module):
    """A recurrent layer that gives its outputs alone."""

    def __init__(self, rnn: nn.RNNBase) -> None:
        """Of this layer."""
        super().__init__()
        self.rnn = rnn

    def forward(self, x: Tensor) -> Tensor:
        """(N, L, H)."""
        return self.rnn(x)[0]  # type: ignore[no-any-return]


class Attention(nn.Module):
    """Self-attention that gives its outputs alone."""

    def __init__(self, features: int, heads: int) -> None:
        """So many heads over so many features."""
        super().__init__()
        self.mha = nn.MultiheadAttention(features, heads, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        """(N, L, E)."""
        return self.mha(x, x, x, need_weights=False)[0]  # type: ignore[no-any-return]


class Function(nn.Module):
    """A function as a module."""

    def __init__(self, function: Callable[[Tensor], Tensor]) -> None:
        """This one."""
        super().__init__()
        self.function = function

    def forward(self, x: Tensor) -> Tensor:
        """What the function makes of it."""
        return self.function(x)


Maker = Callable[[list[Any], Tensor], nn.Module]
MAKERS: Mapping[str, Maker] = MappingProxyType(
    {
        "relu": lambda _n, _x: nn.ReLU(),
        "sigmoid": lambda _n, _x: nn.Sigmoid(),
        "tanh": lambda _n, _x: nn.Tanh(),
        "gelu": lambda _n, _x: nn.GELU(),
        "selu": lambda _n, _x: nn.SELU(),
        "elu": lambda _n, _x: nn.ELU(),
        "leaky": lambda n, _x: nn.LeakyReLU(n[0] if n else 0.01),
        "linear": lambda n, x: nn.Linear(x.shape[-1], n[0], bias=n[1] if len(n) > 1 else True),
        "conv": lambda n, x: nn.Conv2d(x.shape[1], n[0], n[1], stride=n[2] if len(n) > 2 else 1, padding=n[1] // 2),
        "bn": lambda _n, x: (nn.BatchNorm2d if x.dim() == 4 else nn.BatchNorm1d)(x.shape[1]),
        "ln": lambda _n, x: nn.LayerNorm(x.shape[-1]),
        "gn": lambda n, x: nn.GroupNorm(n[0], x.shape[1]),
        "dropout": lambda n, _x: nn.Dropout(n[0]),
        "softmax": lambda _n, _x: nn.Softmax(dim=-1),
        "flatten": lambda _n, _x: nn.Flatten(),
        "gap": lambda _n, _x: Function(lambda x: x.mean((2, 3))),
        "maxpool": lambda n, _x: nn.MaxPool2d(n[0]),
        "embed": lambda n, _x: nn.Embedding(n[0], n[1]),
        "meanpool": lambda _n, _x: Function(lambda x: x.mean(1)),
        "rnn": lambda n, x: Sequence(
            nn.RNN(x.shape[-1], n[0], nonlinearity=n[1] if len(n) > 1 else "tanh", batch_first=True)
        ),
        "gru": lambda n, x: Sequence(nn.GRU(x.shape[-1], n[0], batch_first=True)),
        "lstm": lambda n, x: Sequence(nn.LSTM(x.shape[-1], n[0], batch_first=True)),
        "last": lambda _n, _x: Function(lambda x: x[:, -1]),
        "attn": lambda n, x: Attention(x.shape[-1], n[0]),
        "detach": lambda _n, _x: Function(lambda x: x.detach()),
    }
)


def stack(arch: list[Layer], x: Tensor) -> tuple[nn.Sequential, Tensor]:
    """The modules, and what they make of these samples."""
    modules = []
    for layer in arch:
        if layer[0] == "res":
            body, _y = stack(layer[1], x)
            module: nn.Module = Res(body)
        else:
            module = MAKERS[layer[0]](layer[1:], x)
        module.eval()
        with torch.no_grad():
            x = module(x)
        module.train()
        modules.append(module)
    return nn.Sequential(*modules), x


def weight_layers(model: nn.Module) -> list[nn.Module]:
    """The layers that own a weight matrix, input first, norms left out."""
    owners = (nn.Linear, nn.Conv2d, nn.Embedding, nn.RNNBase, nn.MultiheadAttention)
    return [one for name, one in model.named_modules() if isinstance(one, owners) and not name.endswith("out_proj")]


def build_model(spec: Spec, samples: Tensor, seed: int = 0) -> nn.Sequential:
    """The network of a case, its weights begun as the case says."""
    torch.manual_seed(seed)
    model, _output = stack(spec["arch"], samples)
    init = spec.get("init", {})
    plain = [module for module in weight_layers(model) if isinstance(module, nn.Linear | nn.Conv2d)]
    with torch.no_grad():
        for module in plain:
            _begin(module, init, module is plain[-1])
        _begin_recurrent(model, init)
    for place, layer in enumerate(weight_layers(model)):
        if place in spec["train"].get("freeze", []):
            layer.requires_grad_(requires_grad=False)
    return model


def _begin(module: nn.Linear | nn.Conv2d, init: Spec, last: bool) -> None:
    kind, weight = init.get("w", "default"), module.weight
    into, out, gain = weight[0].numel(), weight.numel() // weight.shape[1], init.get("gain", 1.0)
    if kind != "default" and not (last and init.get("skip_last")):
        deviations = {"he": 2.0 / into, "xavier": 2.0 / (into + out), "lecun": 1.0 / into}
        if kind in deviations:
            weight.normal_(0, gain * math.sqrt(deviations[kind]))
        elif kind == "normal":
            weight.normal_(0, init["std"])
        elif kind == "const":
            weight.fill_(init["value"])
        elif kind == "orth":
            nn.init.orthogonal_(weight, gain)
        if module.bias is not None:
            module.bias.zero_()
    said = init.get("b_last" if last else "b")
    if module.bias is not None and said is not None:
        module.bias.fill_(said)
    if last and "last_scale" in init:
        weight.mul_(init["last_scale"])


def _begin_recurrent(model: nn.Module, init: Spec) -> None:
    for module in model.modules():
        if isinstance(module, nn.RNNBase) and "rnn_gain" in init:
            for name, parameter in module.named_parameters():
                if "weight_hh" in name:
                    nn.init.orthogonal_(parameter, init["rnn_gain"])
    for module in model.modules():
        if isinstance(module, nn.LSTM) and "forget_bias" in init:
            hidden = module.hidden_size
            module.bias_ih_l0[hidden : 2 * hidden] = init["forget_bias"]
            module.bias_hh_l0[hidden : 2 * hidden] = 0.0
