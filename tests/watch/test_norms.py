"""Norms of parameters that stay where they are, against float64: however they lie, and however small they are."""

from __future__ import annotations

import ctypes
import re
import zlib
from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from chainrule import near, norms
from chainrule.measuring import WIDE, SegmentSums
from chainrule.norms import Norms
from tests.compiled import SOURCE

SHAPES: dict[str, list[tuple[int, ...]]] = {
    "of one width": [(64, 64), (10, 64), (64, 64)],
    "of one width, long rows": [(200, 64), (100, 64), (7, 64)],
    "whose gaps are no whole lines": [(5, 30), (3, 30)],
    "of several widths": [(6, 1, 5, 5), (16, 6, 5, 5), (10, 40)],
    "one alone": [(3, 7)],
    "longer than a chunk by one": [(1025, 1), (1, 4097)],
    "with nothing in them": [(3, 0), (2, 0)],
}


@pytest.fixture(autouse=True, params=["compiled", "copied"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both ways of summing: by the compiled function where they lie, and copied by torch."""
    opened = request.getfixturevalue("library") if request.param == "compiled" else None
    monkeypatch.setattr(norms, "compiled", lambda: opened)
    return str(request.param)


def parameters(shapes: list[tuple[int, ...]]) -> tuple[list[nn.Parameter], list[nn.Parameter]]:
    torch.manual_seed(0)
    return [nn.Parameter(torch.randn(shape)) for shape in shapes], [nn.Parameter(torch.randn(len_)) for len_ in (10, 3)]


def squares(tensor: Tensor) -> float:
    return float(tensor.detach().double().square().sum())


@pytest.mark.parametrize("shapes", SHAPES)
@pytest.mark.parametrize("size", [1.0, 1e-3, 1e-12, 1e-30, 0.0])
def test_gradient_weight_and_true_update_of_every_row(shapes: str, size: float):
    weights, biases = parameters(SHAPES[shapes])
    measured = Norms([[weight] for weight in weights], biases)
    optimizer = torch.optim.SGD([*weights, *biases], lr=0.1)
    for step in range(3):
        for number, parameter in enumerate([*weights, *biases]):
            parameter.grad = torch.randn_like(parameter) * (size if number == step else 1.0)
        old = [weight.detach().clone() for weight in weights]
        wanted = [squares(weight.grad) for weight in weights] + [sum(squares(bias.grad) for bias in biases)]
        measured.read_gradient()
        measured.before()
        optimizer.step()
        measured.after()
        changes = [new.detach() - before for new, before in zip(weights, old, strict=True)]
        np.testing.assert_allclose(measured.gradient, wanted, rtol=2e-6)
        np.testing.assert_allclose(measured.squares[0], wanted[:-1], rtol=2e-6)
        np.testing.assert_allclose(measured.squares[1], [squares(before) for before in old], rtol=2e-6)
        np.testing.assert_allclose(measured.squares[2], [squares(change) for change in changes], rtol=2e-6)


def test_a_gradient_is_summed_as_it_was_read_whatever_becomes_of_it():
    weights, biases = parameters(SHAPES["of one width"])
    measured = Norms([[weight] for weight in weights], biases)
    for parameter in (*weights, *biases):
        parameter.grad = torch.ones_like(parameter)
    measured.before()
    measured.read_gradient()
    for parameter in (*weights, *biases):
        parameter.grad.mul_(100)
    measured.after()
    assert measured.gradient.tolist() == [4096, 640, 4096, 13]
    assert measured.squares[2].tolist() == [0, 0, 0]


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_numbers_that_have_run_away_hide_no_small_ones(bad: float):
    weights, biases = parameters(SHAPES["of one width"])
    measured = Norms([[weight] for weight in weights], biases)
    for parameter, value in zip((*weights, *biases), (bad, 1e-25, 1e25, 1.0, 1.0), strict=True):
        parameter.grad = torch.full_like(parameter, value)
    measured.before()
    measured.read_gradient()
    measured.after()
    assert not np.isfinite(measured.gradient[0])
    np.testing.assert_allclose(measured.gradient[1:], [640e-50, 4096e50, 13], rtol=2e-6)


def transposed(like: Tensor) -> Tensor:
    return torch.randn(like.shape[::-1]).t()


OTHERWISE: dict[str, Callable[[Tensor], Tensor | None]] = {
    "missing": lambda like: None,
    "one number everywhere": lambda like: torch.randn(()).expand(like.shape),
    "turned over": transposed,
    "with a graph": lambda like: torch.randn_like(like).requires_grad_() * 2,
    "of few rows": lambda like: torch.sparse_coo_tensor(
        [[0, 2, 2]], torch.randn(3, like.shape[1]), like.shape, check_invariants=True
    ),
}


@pytest.mark.parametrize("kind", OTHERWISE)
def test_gradients_that_lie_in_some_other_way_are_measured_all_the_same(kind: str):
    weight, bias = nn.Parameter(torch.randn(5, 4)), nn.Parameter(torch.randn(3))
    measured = Norms([[weight]], [bias])
    for given in (OTHERWISE[kind](weight), torch.randn(5, 4)):
        weight.grad, bias.grad = given, torch.randn(3)
        measured.read_gradient()
        whole = torch.zeros(5, 4) if given is None else given.to_dense()
        np.testing.assert_allclose(measured.gradient, [squares(whole), squares(bias.grad)], rtol=2e-6)
        assert measured.missing == ([0] if given is None else [])


MOVED: dict[str, Callable[[Tensor], Tensor]] = {
    "elsewhere": lambda data: data.clone(),
    "turned over": lambda data: data.t().contiguous().t(),
    "in doubles": lambda data: data.double(),
    "in half the digits": lambda data: data.bfloat16(),
}


@pytest.mark.parametrize("kind", MOVED)
def test_weights_are_followed_where_a_script_moves_them(kind: str):
    weight = nn.Parameter(torch.randn(9, 6))
    measured = Norms([[weight]])
    for step in range(4):
        if step == 2:
            weight.data = MOVED[kind](weight.data)
        old = weight.detach().double().clone()
        measured.before()
        with torch.no_grad():
            weight.sub_(torch.full_like(weight, 0.25))
        measured.after()
        change = weight.detach().double() - old
        np.testing.assert_allclose(measured.squares[1:, 0], [squares(old), squares(change)], rtol=2e-5)


def test_weights_that_an_optimizer_puts_elsewhere_are_compared_with_what_they_were():
    weight = nn.Parameter(torch.randn(9, 6))
    measured = Norms([[weight]])
    measured.before()
    weight.data = weight.data + 0.5
    measured.after()
    assert measured.squares[2, 0] == pytest.approx(54 * 0.25, rel=1e-5)


def test_weights_of_another_size_are_measured_anew():
    weight = nn.Parameter(torch.randn(9, 6))
    measured = Norms([[weight]])
    for size in (2, 30):
        weight.data = torch.ones(size, 6)
        for gradient in (torch.ones(size, 6), None):
            weight.grad = gradient
            measured.read_gradient()
            measured.before()
            measured.after()
            assert measured.squares[:, 0].tolist() == [0 if gradient is None else 6 * size, 6 * size, 0]


def test_what_an_installation_has_compiled_is_opened_and_nothing_else(
    library: ctypes.CDLL, monkeypatch: pytest.MonkeyPatch
):
    spec = SimpleNamespace(origin=library._name)
    monkeypatch.setattr(near.importlib.util, "find_spec", lambda _name: spec)
    assert near.compiled()._name == library._name
    spec.origin = __file__  # as if it were made for another computer
    assert near.compiled() is None
    spec.origin = None  # where nothing was compiled
    assert near.compiled() is None
    monkeypatch.setattr(near, "EDITION", near.EDITION + 1)
    spec.origin = library._name  # from an older source
    assert near.compiled() is None
    monkeypatch.setattr(near.ctypes, "CDLL", lambda _name: SimpleNamespace())
    # from one before the edition was told
    assert near.compiled() is None


TAKEN = {3: 925924977}
"""By edition a checksum of what the compiled functions take."""


def test_the_edition_changes_with_what_the_functions_take():
    heads = re.findall(r"^EXPORT (\w+ \w+\([^)]*\))", SOURCE.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(heads) > 5
    taken = " ".join("; ".join(heads).split())
    assert TAKEN[near.EDITION] == zlib.crc32(taken.encode()), "count the edition up, in squares.c too"


@pytest.mark.parametrize("value", [0.1, 1 / 3, 0.7, 1.1e-9])
def test_sums_of_wide_chunks_lose_no_more_than_a_millionth(value: float):
    table = np.full((2, 8 * WIDE), value, np.float32)
    found = np.zeros((2, 2))
    SegmentSums([0, 3 * WIDE], table, WIDE).sums(found)
    exact = float(np.float32(value)) ** 2 * WIDE
    np.testing.assert_allclose(np.sqrt(found), np.sqrt([[3 * exact, 5 * exact]] * 2), rtol=1e-6)
