"""How weights begin, and whether they learn: parameters that every kind with weights has."""

from __future__ import annotations

from typing import NamedTuple

from core.catalog.kind import Arguments, Param

INITS = (
    "default",
    "xavier_uniform",
    "xavier_normal",
    "kaiming_uniform",
    "kaiming_normal",
    "orthogonal",
    "normal",
    "zeros",
    "constant",
)
"""Torch's own way, or a function of torch.nn.init; biases become zero with all but the default."""

FROZEN = Param("frozen", "bool", False, "Keep the weights as they are while training.")
WEIGHT_PARAMS = (
    Param("weight_init", "choice", "default", "How the weights begin.", choices=INITS),
    Param(
        "init_value",
        "float",
        0.02,
        "The deviation of a normal start, or the value of a constant one.",
        -1e3,
        1e3,
        only_with=("weight_init", ("normal", "constant")),
    ),
    FROZEN,
)


class Start(NamedTuple):
    """A call of torch.nn.init: its function, and the arguments behind the tensor."""

    function: str
    arguments: tuple[tuple[str, float], ...] = ()

    def text(self, tensor: str) -> str:
        """The call as Python: nn.init.normal_(self.fc.weight, std=0.02)."""
        rest = "".join(f", {name}={value!r}" for name, value in self.arguments)
        return f"nn.init.{self.function}({tensor}{rest})"


def start(arguments: Arguments) -> Start | None:
    """How the weights begin with these arguments; None for torch's own way."""
    chosen = arguments.get("weight_init", "default")
    if chosen == "default":
        return None
    value = arguments.get("init_value", 0.02)
    assert isinstance(value, float)  # Param.check made it one
    keyword = {"normal": "std", "constant": "val"}.get(str(chosen))
    return Start(f"{chosen}_", ((keyword, value),) if keyword else ())


def kept_bias(arguments: Arguments) -> tuple[float, int, int] | None:
    """With what the bias of the gates begins that keep the state, and where it stands in a bias of all gates.

    It is the second gate of torch's LSTM (i, f, g, o) and GRU (r, z, n). None for torch's own way.
    """
    value, hidden = arguments.get("forget_bias") or arguments.get("update_bias"), arguments.get("hidden_size")
    if not value or not arguments.get("bias"):
        return None
    assert isinstance(value, float)  # Param.check made them so
    assert isinstance(hidden, int)
    return value, hidden, 2 * hidden
