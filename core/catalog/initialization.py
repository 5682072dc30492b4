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

_GAINED = ("xavier_uniform", "xavier_normal", "orthogonal")
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
    Param(
        "init_gain",
        "float",
        1.0,
        "What the start is multiplied by: 5/3 suits tanh.",
        0,
        1e3,
        only_with=("weight_init", _GAINED),
    ),
    FROZEN,
)
BIAS_INIT = Param(
    "bias_init",
    "float",
    None,
    "What the biases begin with; empty: as torch has it, and 0 where the weights' start is chosen.",
    -1e3,
    1e3,
    optional=True,
    only_with=("bias", (True,)),
    empty="as usual",
)
RECURRENT = (
    Param(
        "recurrent_init",
        "choice",
        "as the weights",
        "How the weights from one state to the next begin; orthogonal ones neither swell nor fade.",
        choices=("as the weights", "orthogonal"),
    ),
    Param(
        "recurrent_gain",
        "float",
        1.0,
        "What the orthogonal matrix is multiplied by: below 1 what is remembered fades.",
        0,
        1e3,
        only_with=("recurrent_init", ("orthogonal",)),
    ),
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
    keyword = {"normal": "std", "constant": "val"}.get(str(chosen), "gain" if chosen in _GAINED else "")
    value = arguments.get("init_gain", 1.0) if keyword == "gain" else arguments.get("init_value", 0.02)
    assert isinstance(value, float)  # Param.check made it one
    said = keyword and not (keyword == "gain" and value == 1.0)
    return Start(f"{chosen}_", ((keyword, value),) if said else ())


def begun_bias(arguments: Arguments) -> float | None:
    """What every number of the bias begins with; None where its start follows from that of the weights."""
    value = arguments.get("bias_init") if arguments.get("bias") else None
    assert value is None or isinstance(value, float)  # Param.check made it so
    return value


def begun_state(arguments: Arguments) -> tuple[float, int] | None:
    """The gain and size of the orthogonal matrices between states; None where these begin as the other weights."""
    if arguments.get("recurrent_init") != "orthogonal":
        return None
    gain, hidden = arguments.get("recurrent_gain", 1.0), arguments.get("hidden_size")
    assert isinstance(gain, float)  # Param.check made them so
    assert isinstance(hidden, int)
    return gain, hidden


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
