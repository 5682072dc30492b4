"""What a layer kind is: everything that palette, form, shapes, compiler, code and tests need to know of it."""

from __future__ import annotations

import math
import reprlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, NamedTuple

from core.catalog.values import ParamType, checked_value, wanted
from core.errors import ParameterError, ShapeError
from core.graph import Parameters, Value

Category = Literal[
    "Data",
    "Convolution",
    "Linear",
    "Activation",
    "Normalization",
    "Pooling",
    "Recurrent",
    "Attention",
    "Shape",
    "Math",
    "Loss",
    "Blocks",
]


class Batch(NamedTuple):
    """The symbolic batch size, `multiple` times over."""

    multiple: int = 1

    def __str__(self) -> str:
        """B, or 4B."""
        return "B" if self.multiple == 1 else f"{self.multiple}B"


Dim = int | Batch
BYTES: Mapping[str, int] = MappingProxyType(
    {"bool": 1, "uint8": 1, "int8": 1, "float16": 2, "bfloat16": 2, "int64": 8, "float64": 8, "complex64": 8}
)
"""Of one number, by dtype; all others have 4."""


@dataclass(frozen=True, slots=True)
class TensorType:
    """What flows through a wire: a shape with the batch first, and a dtype as torch names it."""

    shape: tuple[Dim, ...]
    dtype: str = "float32"

    def __str__(self) -> str:
        """The shape without its batch, as a wire shows it: 6×28×28; a scalar is “scalar”."""
        sizes = [str(dim) for dim in self.shape[1:]] if self.batched else [str(dim) for dim in self.shape]
        if sizes:
            return "×".join(sizes)
        return "1 per sample" if self.batched else "scalar"

    @property
    def batched(self) -> bool:
        """Whether the first dimension is the batch."""
        return bool(self.shape) and isinstance(self.shape[0], Batch)

    @property
    def full(self) -> str:
        """The whole shape: B×6×28×28."""
        return "×".join(str(dim) for dim in self.shape) if self.shape else "scalar"

    @property
    def features(self) -> tuple[int, ...]:
        """The dimensions that are plain numbers, the batch left out."""
        return tuple(dim for dim in self.shape if isinstance(dim, int))

    @property
    def numel(self) -> int:
        """Elements of one sample."""
        return math.prod(self.features)

    @property
    def is_floating(self) -> bool:
        """Whether its numbers are of floating point, so that it can have a gradient."""
        return self.dtype.startswith(("float", "bfloat"))

    def bytes(self, batch: int = 1) -> int:
        """The memory that it takes, with so many samples."""
        sizes = [dim.multiple * batch if isinstance(dim, Batch) else dim for dim in self.shape]
        return math.prod(sizes) * BYTES.get(self.dtype, 4)


SCALAR = TensorType(())
EACH = "none"
"""The reduction of a loss that gives each of its numbers for itself; what trains is their mean."""


@dataclass(frozen=True, slots=True)
class Param:
    """One hyper-parameter: its type, default, bounds, unit and one line of help.

    A `size` is a whole number, or a tuple of `dims` of them (kernel_size 5 or (3, 5)); `sizes` are a tuple of whole
    numbers of any length (the dims of a permutation), `numbers` one of numbers (weights of classes).
    An `inferred` one follows from the wire; its default is None and the inferred value stands until set by hand.
    """

    name: str
    type: ParamType
    default: Value
    help: str
    minimum: float = -math.inf
    maximum: float = math.inf
    choices: tuple[str, ...] = ()
    dims: int = 1
    unit: str = ""
    inferred: bool = False
    optional: bool = False
    """Whether None is a value of its own (stride None: as the kernel)."""
    required: bool = False
    """Whether torch's constructor has no default for it, so that code always writes it."""
    tensor: str = ""
    """For numbers that the constructor takes as a tensor: what it calls them."""
    words: tuple[str, ...] = ()
    """Words that a size may be instead of numbers: same, of a padding."""
    keeps: bool = False
    """Whether a size may have None among its numbers: along that dimension the size stays as it is."""
    empty: str = "same"
    """What a form calls None, where it is a value of its own."""
    only_with: tuple[str, tuple[Value, ...]] = ("", ())
    """Another parameter, and its values with which this one says anything; no name: with all."""

    def matters(self, values: Mapping[str, Value]) -> bool:
        """Whether this parameter says anything beside these values of the others."""
        name, told = self.only_with
        return not name or values.get(name) in told

    def check(self, value: object, where: str = "") -> Value:
        """The value as this parameter holds it; raises ParameterError."""
        if value is None and (self.inferred or self.optional):
            return None
        checked = checked_value(self, value)
        if checked is None:
            came = f"{reprlib.repr(value) if self.type == 'code' else repr(value)} came"
            raise ParameterError(f"{self.name} wants {self.wanted()}", came, where, f"Set {self.name}.")
        return checked

    def wanted(self) -> str:
        """The legal values in words."""
        return wanted(self)


class PortSpec(NamedTuple):
    """One port: what may flow through it."""

    name: str
    dtype: Literal["float", "int", "any", "scalar"] = "float"
    optional: bool = False
    variadic: bool = False
    help: str = ""
    needs: str = ""
    """For an output that is there only where this parameter is true: return_indices."""
    least: int = 1
    """What the parameter in `needs` must come to at least: a number itself, a list by how many it holds."""

    def is_there(self, value: Value) -> bool:
        """Whether a node has this port while the parameter in `needs` is `value`."""
        count = _count(value)
        return isinstance(count, int) and count >= self.least


Inputs = Mapping[str, TensorType | tuple[TensorType, ...]]
"""The types at the input ports; a variadic port has a tuple; a loose optional port is absent."""

Arguments = Mapping[str, Value]
"""Every parameter with its value, defaults and inferred ones filled in."""


class Shaped(NamedTuple):
    """What a shape formula says of a node."""

    outputs: Mapping[str, TensorType]
    parameters: int = 0
    """Learnable numbers."""
    macs: int = 0
    """Multiply-accumulates of one sample's forward pass."""
    buffers: int = 0


class Form(NamedTuple):
    """How a kind is called: see LayerKind for what the templates may hold."""

    forward: str
    fast: str = ""
    unpack: str = ""


class Variant(NamedTuple):
    """Another form, for one value of a parameter: MaxPool2d with return_indices gives two tensors.

    For a list it is the number of its items: Split into three lengths gives three tensors.
    """

    param: str
    value: Value
    form: Form
    also: Parameters = ()
    """Further parameters and the values that they must have."""

    def fits(self, arguments: Arguments) -> bool:
        """Whether the arguments are those that this form is for."""
        asked = ((self.param, self.value), *self.also)
        return all(_count(arguments.get(param)) == value for param, value in asked)


class Bundle(NamedTuple):
    """Parameters that the constructor takes together, as one object."""

    name: str
    """The argument."""
    maker: str
    """The class of the object, as nn.LinearCrossEntropyOptions."""
    params: tuple[str, ...]
    """What it is made with, by torch's own names and defaults."""
    when: Parameters
    """The parameters and values with which it is given; without them torch's default is meant."""

    def given(self, kind: LayerKind, arguments: Arguments) -> Parameters | None:
        """What it is made with where that is not torch's default; None where it is not given."""
        if any(arguments.get(name) != value for name, value in self.when):
            return None
        return tuple((name, arguments[name]) for name in self.params if arguments[name] != kind.param(name).default)


ShapeFormula = Callable[[Inputs, Arguments], Shaped]
Inference = Callable[[Inputs], Mapping[str, Value]]


def infer_nothing(_inputs: Inputs) -> Mapping[str, Value]:
    """For kinds whose sizes do not follow from the wire."""
    return {}


@dataclass(frozen=True, slots=True)
class LayerKind:
    """A thing one can drop on the canvas.

    `module` is the class that is constructed with the parameters named in `arguments`: `nn.Linear` is torch's,
    `vision.PatchEmbedding` ours in core/parts/vision.py; it is empty for a function. `forward` is the readable Python
    expression of the call and `fast` the functional one that the engine runs (empty: as `forward`). In both, `{self}`
    is the module, `{NAME}` an input port's variable (None where it is loose, a comma-separated list where it is
    variadic), `{NAME|OTHER}` the first of these that is wired, `{NAME:, mask=%}` the text with the variable at the
    percent sign (or behind it) and nothing where the port is loose, `{p_NAME}` a parameter's literal, `{s_NAME}` the
    numbers of `sizes` without brackets, `{d_NAME}` the number where they are one and else the tuple, `{k_NAME}` the
    keyword `, NAME=literal` or nothing where it has torch's default, `{o_NAME}` only its literal or nothing
    (`{o_NAME::}` with a colon before it), `{c_NAME:.%()}` a choice without its quotes at the percent sign and nothing
    for “none”, `{t_NAME}` the list in brackets that a tensor is made of, or nothing (`{t_NAME:, weight=x.new_tensor}`),
    `{training}` whether the module trains and `{batch}` the number of samples.
    `{?NAME}` is an input as an argument with its comma, `{?NAME:NAME=}` one by its name, and nothing where it is loose.
    """

    name: str
    category: Category
    icon: str
    summary: str
    help: str
    inputs: tuple[PortSpec, ...]
    outputs: tuple[PortSpec, ...]
    shape: ShapeFormula
    params: tuple[Param, ...] = ()
    infer: Inference = infer_nothing
    module: str = ""
    arguments: tuple[str, ...] = ()
    forward: str = ""
    fast: str = ""
    unpack: str = ""
    """For several outputs: the target of the assignment, as `{output}, ({h}, {c})`."""
    variants: tuple[Variant, ...] = ()
    """Other forms, the first that fits is taken."""
    words: tuple[str, ...] = ()
    """Further search words."""
    formula: str = ""
    stem: str = ""
    """The beginning of a new node's name: conv for conv1."""
    hint: str = ""
    """What the palette says at the right of the row: images, signals."""
    weighted: bool = False
    """Whether it has a weight: a row of the heatmap."""
    many_weights: bool = False
    """Whether its weights are several, by other names than weight and bias."""
    role: Literal["layer", "source", "loss", "structure"] = "layer"
    example: tuple[TensorType, ...] = ()
    """Input types on which the kind is tried by the tests, one for each of the first ports."""
    example_params: Parameters = ()
    """Parameters, sorted by name, that go with the example where the defaults do not fit it."""
    opaque: bool = False
    """Whether its shapes follow from no formula, so that the engine is asked for them."""
    target: str = ""
    """For losses: what the target is (classes, shares, probabilities, signs, values), if that has a metric."""
    prediction: Literal["logits", "scores", "probabilities", "log-probabilities", "values", "none"] = "logits"
    """For losses: what comes in at the first port; scores are no logarithms, none is no answer of the network."""
    judged: str = ""
    """For losses with weights: the scores that the metric compares, where they are not what comes in first."""
    like: str = ""
    """Where it is no class of torch.nn itself: the one that does the same, as nn.MSELoss."""
    bundle: Bundle | None = None
    """A further argument of the constructor, made of several parameters."""

    @property
    def is_torchs(self) -> bool:
        """Whether its module is a class of torch.nn."""
        return self.module.startswith("nn.")

    @property
    def offers(self) -> str:
        """The class of torch.nn that it is, or whose like it is, as nn.Linear; empty for others."""
        return self.module if self.is_torchs else self.like

    def bundled(self, arguments: Arguments) -> Parameters | None:
        """What the bundle is made with beside its defaults; None where there is none or it is not given."""
        return self.bundle.given(self, arguments) if self.bundle is not None else None

    @property
    def target_port(self) -> PortSpec | None:
        """For losses: the input that takes what is right; None where there is none."""
        return next((port for port in self.inputs if port.name in ("target", "label")), None)

    def form(self, arguments: Arguments) -> Form:
        """How it is called with these arguments."""
        for variant in self.variants:
            if variant.fits(arguments):
                return variant.form
        return Form(self.forward, self.fast, self.unpack)

    def outputs_with(self, params: Parameters) -> tuple[PortSpec, ...]:
        """The output ports of a node with these parameters set by hand; a loss may give numbers instead of one."""
        if self.role == "loss" and ("reduction", EACH) in params:
            return tuple(port._replace(dtype="float") for port in self.outputs)
        if not any(port.needs for port in self.outputs):
            return self.outputs
        values = {**{param.name: param.default for param in self.params}, **dict(params)}
        return tuple(port for port in self.outputs if not port.needs or port.is_there(values[port.needs]))

    def param(self, name: str) -> Param:
        """The parameter; raises ParameterError."""
        for known in self.params:
            if known.name == name:
                return known
        names = ", ".join(known.name for known in self.params) or "none"
        raise ParameterError(f"{self.name} has the parameters {names}", f"“{name}” came", fix="Remove it.")

    def input(self, name: str) -> PortSpec | None:
        """The input port of this name, or None."""
        return next((port for port in self.inputs if port.name == name), None)

    def output(self, name: str) -> PortSpec | None:
        """The output port of this name, or None."""
        return next((port for port in self.outputs if port.name == name), None)


def _count(value: Value) -> Value:
    return len(value) if isinstance(value, tuple) else value


def single(inputs: Inputs, port: str = "input") -> TensorType:
    """The one type at a port; raises ShapeError where the port is loose."""
    value = inputs.get(port)
    if not isinstance(value, TensorType):
        raise ShapeError(f"a wire at “{port}” was wanted", "none came", fix=f"Wire an output to {port}.")
    return value
