"""Tensor operations against torch: shape, dtype and refusal for any rank and dtype, and that samples stay apart."""

from __future__ import annotations

import warnings

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from core.catalog import (
    arithmetic,
    elementwise,
    find,
    indexing,
    joining,
    logic,
    reductions,
    shaping,
    stretching,
)
from core.catalog.kind import Batch, Dim, LayerKind, Param, Parameters, TensorType
from core.catalog.tensors import promoted
from core.errors import ShapeError
from core.expressions import call
from core.graph import Node, Value
from core.ports import output_ports
from core.project import Project
from core.shapes import Shapes, shapes_of
from tests.core.catalog.test_every_kind import concrete, inputs_of, module_of, run

DTYPES = ("bool", "uint8", "int32", "int64", "float16", "bfloat16", "float32", "float64")
FAMILIES = (arithmetic, elementwise, indexing, joining, logic, reductions, shaping, stretching)
OPERATIONS = [kind for family in FAMILIES for kind in family.KINDS]
EQUATIONS = (
    "ij,jk->ik",
    "bij,bjk->bik",
    "...i,...j->...ij",
    "ij->ji",
    "bi,bj",
    "i,i->",
    "ij,jk",
    "bhid,bhjd->bhij",
    "ii->i",
)
ODD_EQUATIONS = ("ij,jk->il", "ij->ii", "i;j->i", "->", "ij,,k", "")
DIVIDING = {"Divide", "FloorDivide", "Remainder"}
BATCH = 6
Types = tuple[TensorType, ...]


def tensors_of(kind: LayerKind, types: Types) -> list[torch.Tensor]:
    """Random numbers; an index is always 0, so that it is legal."""
    tensors = [tensor_of(item, place) for place, item in enumerate(types)]
    if kind.name in DIVIDING:
        return [*tensors[:1], *(torch.ones_like(item) if item.dtype == torch.bool else item for item in tensors[1:])]
    return [*tensors[:1], *(torch.zeros_like(tensor) for tensor in tensors[1:])] if kind.input("index") else tensors


def tensor_of(item: TensorType, seed: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    shape = tuple(dim.multiple * BATCH if isinstance(dim, Batch) else dim for dim in item.shape)
    if item.dtype.startswith(("float", "bfloat")):
        return torch.randn(shape, generator=generator).to(getattr(torch, item.dtype))
    if item.dtype == "bool":
        return torch.randint(0, 2, shape, generator=generator) > 0
    return torch.randint(1, 3, shape, generator=generator).to(getattr(torch, item.dtype))


def likely(param: Param, first: TensorType) -> st.SearchStrategy[Value]:
    """Values that have a fair chance to be legal for this tensor."""
    rank = len(first.shape)
    numbers = [size for size in (-1, 0, 1, 2, 3, 4, 6) if size >= param.minimum]
    longest = {"pad": 4, "shape": rank + 1}.get(param.name, max(rank, 2))
    by_name: dict[str, st.SearchStrategy[Value]] = {
        "equation": st.sampled_from(EQUATIONS + ODD_EQUATIONS),
        "dims": st.permutations(range(rank)).map(tuple),
        "num_classes": st.integers(3, 5),
        "dim": st.lists(st.integers(-rank, max(rank - 1, 0)), min_size=1, max_size=2).map(tuple),
    }
    by_type: dict[str, st.SearchStrategy[Value]] = {
        "choice": st.sampled_from(param.choices or ("",)),
        "bool": st.booleans(),
        "float": st.sampled_from([number for number in (0.0, 0.5, 1.0, 2.0) if number >= param.minimum]),
        "numbers": st.lists(st.sampled_from([0.5, 1.0, 1.5, 2.0]), min_size=1, max_size=3).map(tuple),
        "int": st.integers(-rank, rank) if param.name.startswith("dim") else whole(param),
        "sizes": st.lists(st.sampled_from(numbers), min_size=1, max_size=longest).map(tuple),
    }
    named = param.name in by_name and (param.type != "int" or param.name == "num_classes")
    return by_name[param.name] if named else by_type[param.type]


def whole(param: Param) -> st.SearchStrategy[Value]:
    return st.integers(int(max(param.minimum, -3)), int(min(param.maximum, 4)))


@st.composite
def situations(draw: st.DrawFn, batched: bool) -> tuple[LayerKind, Parameters, Types]:
    """A kind, some parameters, and tensors of mostly one shape; the batch, if any, comes first."""
    kind = draw(st.sampled_from(OPERATIONS))
    rank = draw(st.integers(0 if not batched else 1, 4))
    sizes: list[Dim] = draw(st.lists(st.sampled_from([1, 2, 3, 4]), min_size=rank, max_size=rank))
    dtype = draw(st.sampled_from(DTYPES if not batched else ("float32", "float32", "int64", "bool")))
    first = TensorType((Batch(), *sizes[1:]) if batched else tuple(sizes), dtype)
    types = [first]
    ports = kind.inputs if not kind.inputs[0].variadic else (kind.inputs[0],) * draw(st.integers(1, 3))
    for port in ports[1:]:
        other = [draw(st.sampled_from([size, size, size, 1])) for size in first.shape][
            draw(st.sampled_from([0, 0, 1])) :
        ]
        usual = {"index": "int64", "mask": "bool", "condition": "bool"}.get(port.name, dtype)
        types.append(TensorType(tuple(other), draw(st.sampled_from([usual] * 4 + list(DTYPES)))))
    chosen = [param for param in kind.params if param.required or draw(st.booleans())]
    params = tuple(sorted((param.name, draw(likely(param, first))) for param in chosen))
    return kind, params, tuple(types)


def real(kind: LayerKind, found: Shapes, tensors: list[torch.Tensor]) -> dict[str, torch.Tensor] | None:
    """What torch makes of it; None where it refuses."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            return run(kind, found, module_of(kind, found), tensors)
        except (RuntimeError, ValueError, IndexError, TypeError, AssertionError, UserWarning) as error:
            assume("not implemented for" not in str(error) or kind.name == "Cdist")  # a kernel of another device may
            return None


@settings(max_examples=1500, deadline=None)
@given(situations(batched=False))
def test_shapes_dtypes_and_refusals_are_torchs_for_any_rank_and_dtype(
    situation: tuple[LayerKind, Parameters, Types],
) -> None:
    kind, params, types = situation
    found = shapes_of(kind, params, inputs_of(kind, types))
    results = real(kind, found, tensors_of(kind, types))
    if results is None:
        assert isinstance(found.error, ShapeError), (kind.name, params, types)
        return
    if found.error is not None:
        assert stricter(kind, types, results), (kind.name, params, types, str(found.error))
        return
    assert found.shaped is not None
    assert set(results) == set(found.shaped.outputs)
    for port, tensor in results.items():
        said = found.shaped.outputs[port]
        assert (tuple(tensor.shape), str(tensor.dtype)) == (concrete(said), f"torch.{said.dtype}"), (
            kind.name,
            params,
            types,
        )


def stricter(kind: LayerKind, types: Types, results: dict[str, torch.Tensor]) -> bool:
    """Where we refuse on purpose what torch takes."""
    old = kind.name == "Where" and types[0].dtype == "uint8"  # torch takes it for a mask, as it once did
    old |= bool(kind.input("index")) and types[1].dtype == "int32"  # and, of late, these for places
    empty = any(not tensor.numel() for tensor in results.values())
    scalar = any(not item.shape for item in types)
    counted = types[0].dtype in {"bool", "uint8", "int32", "int64"}
    mixed = counted or len({item.dtype for item in types}) > 1
    return (
        old
        or empty
        or scalar
        or kind.name == "Interpolate"
        or (mixed and kind.name in {"Einsum", "MaskedFill", "MatMul"})
    )


@settings(max_examples=1500, deadline=None)
@given(situations(batched=True), st.permutations(range(BATCH)))
def test_samples_stay_apart(situation: tuple[LayerKind, Parameters, Types], order: list[int]) -> None:
    """Where samples come in another order, they go out in that order, and nothing else changes."""
    kind, params, types = situation
    assume(kind.name not in {"Expand"} or not dict(params).get("batch"))
    found = shapes_of(kind, params, inputs_of(kind, types))
    if found.shaped is None:
        assert isinstance(found.error, ShapeError)
        return
    tensors = tensors_of(kind, types)
    shuffled = [reordered(tensor, item, order) for tensor, item in zip(tensors, types, strict=True)]
    results, again = real(kind, found, tensors), real(kind, found, shuffled)
    assert results is not None, (kind.name, params, types)
    assert again is not None
    for port, said in found.shaped.outputs.items():
        assert tuple(results[port].shape) == concrete(said, BATCH), (kind.name, params, types)
        if all(not isinstance(dim, Batch) or dim.multiple == 1 for dim in said.shape):
            wanted = reordered(results[port], said, order)
            assert torch.allclose(again[port].double(), wanted.double(), equal_nan=True, atol=1e-6), (kind.name, params)


def reordered(tensor: torch.Tensor, item: TensorType, order: list[int]) -> torch.Tensor:
    for place, dim in enumerate(item.shape):
        if isinstance(dim, Batch):
            tensor = tensor.index_select(place, torch.tensor(order))
    return tensor


def test_dtypes_are_promoted_as_torch_does() -> None:
    names = ("bool", "uint8", "int8", "int16", "int32", "int64", "float16", "bfloat16", "float32", "float64")
    for first in names:
        for second in names:
            for shapes in (((2,), (2,)), ((2,), ()), ((), (2,)), ((), ())):
                one, other = TensorType(shapes[0], first), TensorType(shapes[1], second)
                wanted = torch.result_type(*(torch.ones(i.shape, dtype=getattr(torch, i.dtype)) for i in (one, other)))
                assert f"torch.{promoted(one, other)}" == str(wanted), (one, other)


@pytest.mark.parametrize(
    ("name", "params", "types", "wanted"),
    [
        ("Concat", {"dim": 0}, (TensorType((Batch(), 3)),) * 2, "a dim other than the batch"),
        ("Mean", {"dim": (0, 1)}, (TensorType((Batch(), 3)),), "a dim other than the batch"),
        ("Select", {"dim": 0, "index": 0}, (TensorType((Batch(), 3)),), "a dim other than the batch"),
        ("MatMul", {}, (TensorType((3, Batch())), TensorType((Batch(), 3))), "other than the batch"),
        ("Einsum", {"equation": "bi,bj->ij"}, (TensorType((Batch(), 3)),) * 2, "samples that stay apart"),
        ("Split", {"lengths": (1, 1)}, (TensorType((Batch(), 3)),), "lengths that sum to 3"),
        ("Chunk", {"chunks": 3}, (TensorType((Batch(), 4)),), "gives 3 parts"),
        ("Gather", {}, (TensorType((Batch(), 3)), TensorType((Batch(), 3))), "places as int64"),
        ("Where", {}, (TensorType((Batch(), 3)),) * 3, "true and false"),
    ],
)
def test_refusals_tell_what_was_wanted_what_came_and_what_to_do(
    name: str, params: dict[str, Value], types: Types, wanted: str
) -> None:
    found = shapes_of(find(name), tuple(sorted(params.items())), inputs_of(find(name), types))
    assert found.error is not None
    assert wanted in found.error.wanted
    assert found.error.came
    assert found.error.fix.endswith(".")


@pytest.mark.parametrize(
    ("name", "params", "ports"),
    [
        ("Chunk", {"chunks": 3}, 3),
        ("Chunk", {}, 2),
        ("Split", {"lengths": (4, 1, 1, 2)}, 4),
        ("Unbind", {"count": 1}, 1),
    ],
)
def test_a_node_has_as_many_outputs_as_parts(name: str, params: dict[str, Value], ports: int) -> None:
    node = Node("a", name, "a").with_params(**params)
    assert [port.name for port in output_ports(Project(), node)] == [f"part{place}" for place in range(1, ports + 1)]


@pytest.mark.parametrize(
    ("params", "text"),
    [
        ({"dim": 1, "start": 2, "end": 5}, "x[:, 2:5]"),
        ({"dim": 0, "end": 5}, "x[:5]"),
        ({"dim": -1, "start": 1, "step": 2}, "x[..., 1::2]"),
        ({"dim": -2, "start": -3}, "x[..., -3:, :]"),
    ],
)
def test_slices_are_written_as_a_person_would(params: dict[str, Value], text: str) -> None:
    kind = find("Slice")
    arguments = {**{param.name: param.default for param in kind.params}, **params}
    assert call(kind, kind.form(arguments).forward, arguments, {"input": "x"}) == text


def test_a_batch_that_was_folded_into_a_dimension_comes_apart_again() -> None:
    windows = TensorType((Batch(), 4, 9, 5))
    folded = shapes_of(find("Flatten"), (("end_dim", 1), ("start_dim", 0)), {"input": windows}).shaped
    assert folded is not None
    assert folded.outputs["output"].shape == (Batch(4), 9, 5)
    params: Parameters = (("dim", 0), ("unflattened_size", (-1, 4)))
    unfolded = shapes_of(find("Unflatten"), params, {"input": folded.outputs["output"]}).shaped
    assert unfolded is not None
    assert unfolded.outputs["output"] == windows


def test_a_learned_token_is_stretched_to_the_batch() -> None:
    kind, token = find("Expand"), TensorType((1, 1, 5))
    params: Parameters = (("batch", True), ("shape", (-1, -1)))
    found = shapes_of(kind, params, {"input": token})
    assert found.shaped is not None
    assert found.shaped.outputs["output"].shape == (Batch(), 1, 5)
    assert run(kind, found, None, [torch.randn(1, 1, 5)])["output"].shape == (3, 1, 5)
