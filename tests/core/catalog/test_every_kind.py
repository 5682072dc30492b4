"""One harness for all kinds: what the catalog says of a kind is what torch does."""

from __future__ import annotations

import importlib
import inspect
import math
from pathlib import Path

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional

from core.catalog import CATEGORIES, KINDS
from core.catalog.kind import Batch, LayerKind, Param, TensorType
from core.errors import ShapeError
from core.expressions import call, constructor, target
from core.graph import Value
from core.shapes import Shapes, shapes_of
from tests.core.catalog.loss_inputs import inputs_for

BATCH = 3
ICONS = Path(__file__).parents[3] / "resources" / "icons"
RUNNING = [kind for kind in KINDS.values() if kind.forward]
WITH_MODULE = [kind for kind in RUNNING if kind.module]


def ids(kinds: list[LayerKind]) -> list[str]:
    return [kind.name for kind in kinds]


def inputs_of(kind: LayerKind, types: tuple[TensorType, ...]) -> dict[str, TensorType | tuple[TensorType, ...]]:
    if kind.inputs and kind.inputs[0].variadic:
        return {kind.inputs[0].name: types}
    return {port.name: item for port, item in zip(kind.inputs, types, strict=False)}


def concrete(tensor: TensorType, batch: int = BATCH) -> tuple[int, ...]:
    return tuple(dim.multiple * batch if isinstance(dim, Batch) else dim for dim in tensor.shape)


DOMAINS = {"Acos": (-0.9, 0.9), "Acosh": (1.1, 2.0), "Asin": (-0.9, 0.9), "Atanh": (-0.9, 0.9)} | dict.fromkeys(
    ("Log", "Log1p", "Log2", "Log10", "Logit", "Power", "Rsqrt", "Sqrt"), (0.1, 0.9)
)
"""Where a function is defined and has a gradient, if not everywhere."""


def tensor_of(kind: TensorType, domain: tuple[float, float] | None = None) -> torch.Tensor:
    shape = concrete(kind)
    if kind.dtype == "int64":
        return torch.randint(0, 5, shape)
    if kind.dtype == "bool":
        return torch.randn(shape) > 0
    return torch.empty(shape).uniform_(*domain) if domain else torch.randn(shape)


def example_of(kind: LayerKind) -> list[torch.Tensor]:
    """Numbers on which the kind is defined and has a gradient."""
    if kind.role == "loss":
        return inputs_for(kind, [concrete(item) for item in kind.example], seed=0)
    tensors = [tensor_of(item, DOMAINS.get(kind.name)) for item in kind.example]
    return [tensor.requires_grad_(tensor.is_floating_point()) for tensor in tensors]


def class_of(kind: LayerKind) -> type[nn.Module]:
    home, _, name = kind.module.rpartition(".")
    found = getattr(nn if kind.is_torchs else importlib.import_module(f"core.parts.{home}"), name)
    assert issubclass(found, nn.Module)
    return found


def module_of(kind: LayerKind, found: Shapes) -> nn.Module | None:
    if not kind.module:
        return None
    space = {"nn": nn, "torch": torch} if kind.is_torchs else {class_of(kind).__name__: class_of(kind)}
    module = eval(constructor(kind, found.arguments), space)
    assert isinstance(module, nn.Module)
    return module


def run(
    kind: LayerKind, found: Shapes, module: nn.Module | None, tensors: list[torch.Tensor], fast: bool = False
) -> dict[str, torch.Tensor]:
    names = [f"v{place}" for place in range(len(tensors))]
    ports: dict[str, str | tuple[str, ...]] = {"self": "m", "training": "False", "batch": str(BATCH)}
    if kind.inputs and kind.inputs[0].variadic:
        ports[kind.inputs[0].name] = tuple(names)
    else:
        ports.update({port.name: "None" for port in kind.inputs})
        ports.update(zip((port.name for port in kind.inputs), names, strict=False))
    form = kind.form(found.arguments)
    template = (form.fast or form.forward) if fast else form.forward
    outputs = {port.name: port.name for port in kind.outputs}
    space = {"torch": torch, "F": functional, "m": module, **dict(zip(names, tensors, strict=True))}
    exec(f"{target(form.unpack, outputs)} = {call(kind, template, found.arguments, ports)}", space)
    return {port.name: space[port.name] for port in kind.outputs if port.name in space}


@pytest.mark.parametrize("kind", RUNNING, ids=ids(RUNNING))
def test_shapes_parameters_and_dtype_are_those_of_a_real_forward(kind: LayerKind) -> None:
    found = shapes_of(kind, kind.example_params, inputs_of(kind, kind.example))
    assert found.error is None
    assert found.shaped is not None
    module = module_of(kind, found)
    results = run(kind, found, module, example_of(kind))
    for port, tensor in results.items():
        assert tuple(tensor.shape) == concrete(found.shaped.outputs[port])
        assert str(tensor.dtype) == f"torch.{found.shaped.outputs[port].dtype}"
    counted = sum(item.numel() for item in module.parameters()) if module is not None else 0
    assert found.shaped.parameters == counted


FAST = [kind for kind in RUNNING if kind.fast]


@pytest.mark.parametrize("kind", FAST, ids=ids(FAST))
def test_the_fast_template_gives_what_the_module_gives(kind: LayerKind) -> None:
    found = shapes_of(kind, kind.example_params, inputs_of(kind, kind.example))
    module = module_of(kind, found)
    if module is not None:
        module.eval()
    tensors = [tensor_of(item) for item in kind.example]
    readable = run(kind, found, module, tensors)
    fast = run(kind, found, module, tensors, fast=True)
    assert all(torch.equal(readable[port], fast[port]) for port in readable)


WITHOUT_GRADIENT = {"Constant", "Detach", "FloorDivide", "Noise", "OnesLike", "TimeStepEmbedding", "ZerosLike"}
"""The kinds that make numbers of floating point through which no gradient passes."""


@pytest.mark.parametrize("kind", RUNNING, ids=ids(RUNNING))
def test_one_training_step_has_finite_gradients(kind: LayerKind) -> None:
    found = shapes_of(kind, kind.example_params, inputs_of(kind, kind.example))
    module = module_of(kind, found)
    tensors = example_of(kind)
    leaves = [tensor for tensor in tensors if tensor.requires_grad]
    leaves += list(module.parameters()) if module is not None else []
    outputs = run(kind, found, module, tensors).values()
    total = sum(item.float().sum() for item in outputs)
    if not (isinstance(total, torch.Tensor) and total.requires_grad):
        assert kind.role != "loss"
        learns = any(item.is_floating_point() for item in outputs)
        assert not learns or kind.name in WITHOUT_GRADIENT
        return
    total.backward()
    assert all(leaf.grad is None or torch.isfinite(leaf.grad).all() for leaf in leaves)
    assert kind.role != "loss" or all(
        leaf.grad is not None for leaf in leaves if any(leaf is tensor for tensor in tensors)
    )


@pytest.mark.parametrize("kind", WITH_MODULE, ids=ids(WITH_MODULE))
def test_defaults_that_code_leaves_out_are_torchs(kind: LayerKind) -> None:
    signature = inspect.signature(class_of(kind).__init__)
    written = {**signature.parameters}
    for name in (item for item in kind.arguments if "=" not in item):
        param = kind.param(name)
        if param.required or "kwargs" in written or "args" in written:
            continue
        default = signature.parameters[param.tensor or name].default
        assert getattr(default, "__name__", default) == param.default, name


@pytest.mark.parametrize("kind", list(KINDS.values()), ids=list(KINDS))
def test_palette_and_form_have_what_they_need(kind: LayerKind) -> None:
    assert kind.category in CATEGORIES
    assert (ICONS / f"{kind.icon}.svg").is_file()
    assert kind.summary.endswith((".", "”"))
    assert kind.help.endswith(".")
    assert kind.stem.isidentifier()
    assert len({param.name for param in kind.params}) == len(kind.params)
    for param in kind.params:
        assert param.help.endswith(".")
        assert param.check(param.default) == param.default or (param.inferred and param.default is None)


def flops(module: nn.Module, tensor: torch.Tensor) -> int:
    from torch.utils.flop_counter import FlopCounterMode

    counter = FlopCounterMode(display=False)
    with counter:
        module(tensor)
    return counter.get_total_flops()


COUNTED = [KINDS[name] for name in ("Linear", "Conv1d", "Conv2d", "Conv3d", "ConvTranspose2d")]


@pytest.mark.parametrize("kind", COUNTED, ids=ids(COUNTED))
def test_macs_are_half_the_flops_torch_counts(kind: LayerKind) -> None:
    found = shapes_of(kind, kind.example_params, inputs_of(kind, kind.example))
    module = module_of(kind, found)
    assert module is not None
    assert found.shaped is not None
    assert 2 * found.shaped.macs * BATCH == flops(module, tensor_of(kind.example[0]))


def value_for(param: Param) -> st.SearchStrategy[Value]:
    low = max(param.minimum, -3) if param.name != "eps" else 0.001
    high = min(param.maximum, 7)
    if param.type == "bool":
        return st.booleans()
    if param.type == "choice":
        return st.sampled_from(param.choices)
    if param.type == "float":
        return st.floats(low, min(high, 1.0), allow_subnormal=False).map(lambda number: max(low, round(number, 3)))
    if param.type == "numbers":
        one = st.floats(low, high).map(lambda number: max(low, round(number, 3)))
        return st.lists(one, min_size=1, max_size=3).map(tuple)
    whole = st.integers(math.ceil(low), math.floor(high))
    found = st.one_of(whole, *map(st.just, param.words))
    if param.type == "size" and param.dims > 1:
        found = st.one_of(found, st.tuples(*[st.one_of(whole, st.none()) if param.keeps else whole] * param.dims))
    return st.one_of(found, st.none()) if param.optional else found


SHAPED = [kind for kind in RUNNING if kind.role == "layer" and kind.name not in {"Embedding", "Reshape"}]


@st.composite
def situations(draw: st.DrawFn) -> tuple[LayerKind, tuple[tuple[str, Value], ...], tuple[TensorType, ...]]:
    kind = draw(st.sampled_from(SHAPED))
    free = [param for param in kind.params if not param.inferred and param.type not in {"text", "source"}]
    chosen = draw(st.lists(st.sampled_from(free), unique=True)) if free else []
    params = tuple(sorted((param.name, draw(value_for(param))) for param in chosen))
    rank = draw(st.sampled_from([len(kind.example[0].shape)] * 4 + [2, 3, 4, 5]))
    first = TensorType((Batch(), *draw(st.lists(st.integers(1, 9), min_size=rank - 1, max_size=rank - 1))))
    others = []
    for _port in kind.example[1:]:
        changed = list(first.shape)
        for place in range(1, rank):
            changed[place] = draw(st.sampled_from([first.shape[place]] * 3 + [1, 2]))
        others.append(TensorType(tuple(changed)))
    return kind, params, (first, *others)


@pytest.mark.filterwarnings("ignore:Using padding='same'")  # that it costs a copy, once in a process
@settings(max_examples=400, deadline=None)
@given(situations())
def test_formulas_agree_with_torch_about_every_shape_and_every_refusal(
    situation: tuple[LayerKind, tuple[tuple[str, Value], ...], tuple[TensorType, ...]],
) -> None:
    kind, params, types = situation
    found = shapes_of(kind, params, inputs_of(kind, types))
    tensors = [torch.randn(concrete(item)) for item in types]
    try:
        if any(found.arguments.get(p.name) is None and p.inferred and not p.optional for p in kind.params):
            raise RuntimeError("no size to build with")
        module = module_of(kind, found)
        results = run(kind, found, module, tensors)
    except (RuntimeError, ValueError, IndexError, AssertionError, TypeError, UserWarning):
        assert isinstance(found.error, ShapeError), (kind.name, params, types)
        return
    if found.error is not None:
        assume(all(tensor.numel() for tensor in results.values()))
        assume(not stricter_than_torch(kind, types, dict(params)))
    assert found.error is None, (kind.name, params, types, str(found.error))
    assert found.shaped is not None
    for port, tensor in results.items():
        assert tuple(tensor.shape) == concrete(found.shaped.outputs[port]), (kind.name, params, types)


def stricter_than_torch(kind: LayerKind, types: tuple[TensorType, ...], params: dict[str, Value]) -> bool:
    """Where we refuse on purpose: an unbatched sample, the batch mixed into the sizes, a feature without its pair."""
    unbatched = len(types[0].shape) != len(kind.example[0].shape)
    touches_batch = any(str(name).startswith("dim") or name in {"start_dim", "end_dim"} for name in params)
    odd = kind.name == "RotaryPositions" and types[0].features[-1:] and types[0].features[-1] % 2 == 1
    return bool(unbatched or touches_batch or odd)
