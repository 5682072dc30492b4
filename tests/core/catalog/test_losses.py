"""Losses against torch's own modules, and those that torch does not have against their formula, written another way."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.distributions import Normal, kl_divergence

from core.build import build
from core.catalog import KINDS, find
from core.catalog.kind import Batch, LayerKind, Param, TensorType
from core.errors import ShapeError
from core.graph import Value
from core.plan import Plan, Step
from core.shapes import Shapes, shapes_of
from tests.core.catalog.loss_inputs import inputs_for
from tests.core.catalog.test_every_kind import BATCH, concrete, inputs_of, module_of, run

LOSSES = [kind for kind in KINDS.values() if kind.role == "loss"]
TORCHS = [kind for kind in LOSSES if kind.like]
DISTANCES = {
    "euclidean": None,
    "squared": lambda one, other: ((one - other) ** 2).sum(-1),
    "manhattan": nn.PairwiseDistance(1, eps=0.0),
    "chebyshev": nn.PairwiseDistance(math.inf, eps=0.0),
    "cosine": lambda one, other: 1 - nn.CosineSimilarity(-1)(one, other),
}
LISTS = {"class_weights": 1, "output_weights": -1, "pos_weight": -1}
"""By list the dimension of the first input that it has one number for."""
LARGER = {"CrossEntropy", "SoftCrossEntropy", "NLL", "Focal", "MultiLabelSoftMargin"}
"""The losses of classes that also judge every pixel of a picture."""
FIXED = {
    "TripletMargin",
    "TripletMarginWithDistance",
    "CosineEmbedding",
    "MultiMargin",
    "MultiClassHinge",
    "CTC",
    "Yolo",
}
FIXED |= {"MultiLabelMargin", "AdaptiveLogSoftmax", "LinearCrossEntropy"}
"""The losses whose inputs have one number of dimensions."""


def value_of(kind: LayerKind, params: dict[str, Value], tensors: list[Tensor]) -> Tensor:
    """What the readable form gives, which has the shape that is told."""
    found = found_for(kind, params, tensors)
    assert found.error is None, str(found.error)
    assert found.shaped is not None
    loss = run(kind, found, module_of(kind, found), tensors)["loss"]
    assert tuple(loss.shape) == concrete(found.shaped.outputs["loss"], len(tensors[0])), (kind.name, params)
    return loss


def found_for(kind: LayerKind, params: dict[str, Value], tensors: list[Tensor]) -> Shapes:
    types = [TensorType((Batch(), *item.shape[1:]), str(item.dtype).removeprefix("torch.")) for item in tensors]
    return shapes_of(kind, tuple(sorted(params.items())), inputs_of(kind, tuple(types)))


def wanted(kind: LayerKind, params: dict[str, Value], tensors: list[Tensor]) -> Tensor:
    """What torch's own module gives with the same arguments."""
    values: dict[str, object] = {param.name: param.default for param in kind.params} | dict(params)
    given: dict[str, object] = {name: value for name, value in values.items() if name != "weight"}
    for name in LISTS:
        if name in given:
            listed = given.pop(name)
            torchs = name if name == "pos_weight" else "weight"
            given[torchs] = None if listed is None else torch.tensor(listed)
    if "distance" in given:
        given["distance_function"] = DISTANCES[str(given.pop("distance"))]
    if kind.name == "CTC":
        log_probabilities, label, *lengths = tensors
        whole = torch.full((BATCH,), log_probabilities.shape[1]), (label != given["blank"]).sum(1)
        tensors = [log_probabilities.transpose(0, 1), label, *(lengths or whole)]
    module: nn.Module = getattr(nn, kind.like.removeprefix("nn."))(**given)
    result: Tensor = module(*tensors)
    return result


def value_for(param: Param, size: dict[str, int]) -> st.SearchStrategy[Value]:
    if param.type == "bool":
        return st.booleans()
    if param.type == "choice":
        return st.sampled_from(param.choices)
    if param.type == "numbers":
        weights = st.lists(st.sampled_from([0.25, 1.0, 2.5]), min_size=size[param.name], max_size=size[param.name])
        return st.one_of(st.none(), weights.map(tuple))
    if param.name == "ignore_index":
        return st.sampled_from([-100, 0, 2])
    if param.type == "int":
        return st.integers(int(param.minimum), min(int(param.maximum), 2)) if param.name == "p" else st.just(0)
    return st.sampled_from([number for number in (0.25, 0.5, 1.0, 1.5) if param.minimum <= number <= param.maximum])


@st.composite
def situations(draw: st.DrawFn, kinds: list[LayerKind]) -> tuple[LayerKind, dict[str, Value], list[tuple[int, ...]]]:
    """A loss, parameters of it, and the shapes of its inputs."""
    kind = draw(st.sampled_from(kinds))
    shapes = [concrete(item) for item in kind.example]
    if kind.name in LARGER:
        more = tuple(draw(st.lists(st.integers(1, 3), max_size=2)))
        label = (BATCH, *more) if kind.input("label") else (BATCH, 5, *more)
        shapes = [(BATCH, 5, *more), label]
    elif kind.name not in FIXED:
        shape = (BATCH, *draw(st.lists(st.integers(1, 4), min_size=1, max_size=3)))
        shapes = [shape for _port in kind.inputs]
    dims = {name: shapes[0][dim if kind.name != "MultiLabelSoftMargin" else -1] for name, dim in LISTS.items()}
    chosen = draw(st.lists(st.sampled_from(kind.params[1:]), unique=True)) if kind.params[1:] else []
    return kind, {param.name: draw(value_for(param, dims)) for param in chosen}, shapes


@settings(max_examples=200, deadline=None)
@given(situations(TORCHS), st.integers(0, 99))
def test_value_and_gradient_are_those_of_torchs_module(
    situation: tuple[LayerKind, dict[str, Value], list[tuple[int, ...]]], seed: int
) -> None:
    kind, params, shapes = situation
    ours, theirs = inputs_for(kind, shapes, seed), inputs_for(kind, shapes, seed)
    if params.get("log_target"):
        ours[1], theirs[1] = ours[1].log(), theirs[1].log()
    found, right = value_of(kind, params, ours), silently(kind, params, theirs)
    assert found.shape == right.shape
    assert torch.allclose(found, right, rtol=1e-6, atol=1e-7, equal_nan=True), (kind.name, params)
    if torch.isfinite(right).all():
        found.mean().backward()
        right.mean().backward()
        for one, other in zip(ours, theirs, strict=True):
            assert one.requires_grad == other.requires_grad
            assert not one.requires_grad or torch.allclose(one.grad, other.grad, rtol=1e-5, atol=1e-7), kind.name


UNLIKELY = {("CTC", "zero_infinity"), ("CrossEntropy", "ignore_index"), ("TripletMargin", "eps"), ("PoissonNLL", "eps")}
"""Parameters that do not show in every sample."""


@pytest.mark.parametrize("kind", TORCHS, ids=lambda kind: kind.name)
def test_every_parameter_counts_and_counts_as_it_does_for_torch(kind: LayerKind) -> None:
    shapes = [concrete(item, BATCH) for item in kind.example]
    ours, theirs = inputs_for(kind, shapes, 5), inputs_for(kind, shapes, 5)
    for param in kind.params[1:]:
        changed = [value for value in others(param, shapes[0]) if value != param.default]
        assert changed, param.name
        for value in changed:
            given = {param.name: value}
            found = value_of(kind, given, ours)
            assert torch.allclose(found, silently(kind, given, theirs), equal_nan=True), (param.name, value)
        plain = value_of(kind, {}, ours)
        shown = any(not torch.equal(value_of(kind, {param.name: value}, ours), plain) for value in changed)
        assert shown or (kind.name, param.name) in UNLIKELY, param.name


def others(param: Param, shape: tuple[int, ...]) -> list[Value]:
    """A few values of a parameter."""
    if param.type == "numbers":
        size = shape[1]
        return [tuple(0.5 + place for place in range(size))]
    fixed: dict[str, list[Value]] = {"bool": [True, False], "choice": list(param.choices), "int": [1, 2]}
    return fixed.get(param.type) or [n for n in (0.05, 0.6, 3.0) if param.minimum <= n <= param.maximum]


def silently(kind: LayerKind, params: dict[str, Value], tensors: list[Tensor]) -> Tensor:
    """Torch's value; its warning that the mean over all numbers is no divergence is known."""
    if kind.name == "KLDiv" and params.get("reduction") == "mean":
        with pytest.warns(UserWarning, match="batchmean"):
            return wanted(kind, params, tensors)
    return wanted(kind, params, tensors)


def test_every_loss_is_compared_with_torch_or_with_its_formula() -> None:
    own = {kind.name for kind in LOSSES if not kind.offers}
    assert own == set(FORMULAS)
    assert {kind.offers for kind in LOSSES if kind.offers} == {
        f"nn.{name}" for name in dir(nn) if "Loss" in name and name != "NLLLoss2d"
    }


def _each(values: list[Tensor]) -> Tensor:
    return torch.stack(values)


def focal(params: dict[str, Value], logits: Tensor, label: Tensor) -> Tensor:
    shares = logits.softmax(1).movedim(1, -1).reshape(-1, logits.shape[1])
    weights, gamma = params["class_weights"], float(params["gamma"])  # type: ignore[arg-type]
    rows = zip(shares, label.reshape(-1).tolist(), strict=True)
    return _each(
        [-((1 - row[c]) ** gamma) * row[c].log() * (weights[c] if isinstance(weights, tuple) else 1) for row, c in rows]
    )


def binary_focal(params: dict[str, Value], logits: Tensor, target: Tensor) -> Tensor:
    gamma, alpha = float(params["gamma"]), float(params["alpha"])  # type: ignore[arg-type]
    right = torch.where(target > 0.5, logits.sigmoid(), (-logits).sigmoid())
    return -torch.where(target > 0.5, alpha, 1 - alpha) * (1 - right) ** gamma * right.log()


def multi_class_hinge(params: dict[str, Value], scores: Tensor, label: Tensor) -> Tensor:
    found = []
    for row, right in zip(scores, label.tolist(), strict=True):
        best = max(float(score) for place, score in enumerate(row) if place != right)
        short = max(0.0, float(params["margin"]) + best - float(row[right]))  # type: ignore[arg-type]
        found.append(torch.tensor(short**2 if params["squared"] else short))
    return _each(found)


def dice(params: dict[str, Value], logits: Tensor, target: Tensor) -> Tensor:
    bend = {"sigmoid": torch.sigmoid, "softmax": lambda x: x.softmax(1), "none": lambda x: x}[str(params["activation"])]
    shares, smooth, found = bend(logits), float(params["smooth"]), []  # type: ignore[arg-type, operator]
    pairs = [(a, b) for one, other in zip(shares, target, strict=True) for a, b in zip(one, other, strict=True)]
    if not params["per_channel"]:
        pairs = list(zip(shares, target, strict=True))
    for one, other in pairs:
        power = 2 if params["squared"] else 1
        below = (one**power).sum() + (other**power).sum() + smooth
        found.append(1 - (2 * (one * other).sum() + smooth) / below)
    return _each(found)


def hinge(params: dict[str, Value], scores: Tensor, target: Tensor) -> Tensor:
    short = (float(params["margin"]) - target * scores).clamp(min=0)  # type: ignore[arg-type]
    return short**2 if params["squared"] else short


def soft_perceptron(params: dict[str, Value], scores: Tensor, target: Tensor) -> Tensor:
    beta = float(params["beta"])  # type: ignore[arg-type]
    return (1 + (-beta * target * scores).double().exp()).log() / beta


def kl_to_normal(_params: dict[str, Value], mean: Tensor, log_variance: Tensor) -> Tensor:
    apart = kl_divergence(Normal(mean, (log_variance / 2).exp()), Normal(0.0, 1.0))
    return _each([sample.sum() for sample in apart])


def yolo(params: dict[str, Value], prediction: Tensor, target: Tensor) -> Tensor:
    """Equation 3 of the paper, cell by cell."""
    boxes, coord, noobj = int(params["boxes"]), float(params["coord"]), float(params["noobj"])  # type: ignore[arg-type]
    found = []
    for guess, truth in zip(prediction, target, strict=True):
        total, (_channels, rows, columns) = 0.0, guess.shape
        for row in range(rows):
            for column in range(columns):
                cell, right = guess[:, row, column].tolist(), truth[:, row, column].tolist()
                ours = [cell[5 * box : 5 * box + 5] for box in range(boxes)]
                overlaps = [overlap(box, right, (columns, rows)) for box in ours]
                mine = overlaps.index(max(overlaps)) if right[4] else None
                for place, (x, y, w, h, sure) in enumerate(ours):
                    if place != mine:
                        total += noobj * sure**2
                        continue
                    total += coord * ((x - right[0]) ** 2 + (y - right[1]) ** 2 + (sure - overlaps[place]) ** 2 / coord)
                    total += coord * ((root(w) - root(right[2])) ** 2 + (root(h) - root(right[3])) ** 2)
                if mine is not None:
                    total += sum((a - b) ** 2 for a, b in zip(cell[5 * boxes :], right[5:], strict=True))
        found.append(torch.tensor(total))
    return _each(found)


def root(size: float) -> float:
    return math.copysign(math.sqrt(abs(size)), size)


def overlap(one: list[float], other: list[float], grid: tuple[int, int]) -> float:
    """Intersection over union, areas counted side by side."""
    sides, areas = [], [1.0, 1.0]
    for dim in range(2):
        spans = []
        for which, box in enumerate((one, other)):
            middle, size = box[dim] / grid[dim], abs(box[2 + dim])
            areas[which] *= size
            spans.append((middle - size / 2, middle + size / 2))
        sides.append(max(0.0, min(spans[0][1], spans[1][1]) - max(spans[0][0], spans[1][0])))
    both = sides[0] * sides[1]
    return both / (sum(areas) - both)


FORMULAS = {
    "Focal": focal,
    "BinaryFocal": binary_focal,
    "MultiClassHinge": multi_class_hinge,
    "Dice": dice,
    "Hinge": hinge,
    "SoftPerceptron": soft_perceptron,
    "KLToNormal": kl_to_normal,
    "Yolo": yolo,
}
OWN = [find(name) for name in FORMULAS]


@settings(max_examples=120, deadline=None)
@given(situations(OWN), st.integers(0, 99))
def test_losses_that_torch_does_not_have_are_their_formula(
    situation: tuple[LayerKind, dict[str, Value], list[tuple[int, ...]]], seed: int
) -> None:
    kind, params, shapes = situation
    tensors = inputs_for(kind, shapes, seed)
    if kind.name == "Yolo":
        boxes = seed % 3 + 1
        tensors = inputs_for(kind, [(BATCH, 5 * boxes + 3, 3, 4), (BATCH, 8, 3, 4)], seed)
        params = {**params, "boxes": boxes}
    values = {param.name: param.default for param in kind.params} | params
    each = FORMULAS[kind.name](values, *(tensor.detach() for tensor in tensors)).double()
    found = value_of(kind, params, tensors)
    right = {"sum": each.sum(), "mean": each.mean()}.get(str(values["reduction"]), each)
    right = right.reshape(found.shape)
    assert torch.allclose(found.double(), right, rtol=2e-4, atol=1e-5), (kind.name, params)
    found.mean().backward()
    assert all(tensor.grad is None or torch.isfinite(tensor.grad).all() for tensor in tensors)


def test_focal_without_focus_is_cross_entropy() -> None:
    logits, label = inputs_for(find("Focal"), [(4, 5, 2), (4, 2)], 1)
    focal_loss = value_of(find("Focal"), {"gamma": 0.0}, [logits, label])
    assert torch.allclose(focal_loss, nn.functional.cross_entropy(logits, label))


def test_soft_perceptron_becomes_the_perceptrons_loss_as_beta_grows() -> None:
    scores, target = inputs_for(find("SoftPerceptron"), [(50, 1), (50, 1)], 2)
    sharp = value_of(find("SoftPerceptron"), {"beta": 1000.0}, [scores, target])
    assert torch.allclose(sharp, (-target * scores).clamp(min=0).mean(), atol=1e-3)
    smooth = value_of(find("SoftPerceptron"), {}, [scores, target])
    assert torch.allclose(smooth, nn.functional.soft_margin_loss(scores, target))


def test_given_lengths_of_ctc_are_those_that_count() -> None:
    kind = find("CTC")
    tensors = inputs_for(kind, [(BATCH, 12, 6), (BATCH, 4), (BATCH,), (BATCH,)], 3)
    assert torch.allclose(value_of(kind, {}, tensors), wanted(kind, {}, tensors))
    assert not torch.allclose(value_of(kind, {}, tensors), value_of(kind, {}, tensors[:2]))


@pytest.mark.parametrize(
    ("params", "options"),
    [
        ({"batch_chunk_size": 2}, None),
        ({"chunked": True}, nn.LinearCrossEntropyOptions()),
        (
            {"chunked": True, "chunking_method": "aspect_ratio:2", "acc_policy": "compact"},
            nn.LinearCrossEntropyOptions(chunking_method="aspect_ratio:2", acc_policy="compact"),
        ),
        ({"chunked": True, "label_smoothing": 0.1}, None),
        ({"chunked": True, "out_features": (2,)}, None),
    ],
)
def test_chunks_are_made_as_told_and_only_where_torch_makes_them(
    params: dict[str, Value], options: nn.LinearCrossEntropyOptions | None
) -> None:
    kind = find("LinearCrossEntropy")
    label = TensorType((Batch(), 2) if "out_features" in params else (Batch(),), "int64")
    found = shapes_of(kind, tuple(sorted(params.items())), {"input": TensorType((Batch(), 16)), "label": label})
    written, built = module_of(kind, found), network_of(kind, found)
    assert isinstance(written, nn.LinearCrossEntropyLoss)
    assert isinstance(built, nn.LinearCrossEntropyLoss)
    assert written.options == built.options == options


def network_of(kind: LayerKind, found: Shapes) -> nn.Module:
    """The module as the engine makes it."""
    step = Step("loss", "loss", "loss", kind, (), (), "loss")
    return build(Plan((step,), {"loss": step}), {"loss": found.arguments}, 0).modules["loss"]


def test_a_perfect_detector_pays_nothing() -> None:
    target = inputs_for(find("Yolo"), [(2, 13, 4, 4), (2, 8, 4, 4)], 4)[1]
    target[:, 4:] = 0
    target[:, 4, 1, 2] = 1
    target[:, 5, 1, 2] = 1
    box = torch.cat([target[:, :4], target[:, 4:5]], 1)
    other = torch.zeros_like(box)
    classes = target[:, 5:]
    prediction = torch.cat([box, other, classes], 1).requires_grad_()
    assert value_of(find("Yolo"), {}, [prediction, target]).item() == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize(
    ("name", "params", "types", "said"),
    [
        ("CrossEntropy", {"class_weights": (1.0, 2.0)}, ((5,), ()), "5 class weights"),
        ("BCEWithLogits", {"pos_weight": (1.0, 2.0)}, ((3,), (3,)), "3 pos weight"),
        ("CosineEmbedding", {}, ((3,), (3,), (1,)), "one −1 or 1 per sample"),
        ("GaussianNLL", {}, ((3,), (3,), (2,)), "a variance for each number"),
        ("MultiMargin", {}, ((3, 2), (2,)), "one row of scores per sample"),
        ("Yolo", {"boxes": 1}, ((13, 4, 4), (8, 4, 4)), "5 × 1 + classes"),
        ("AdaptiveLogSoftmax", {"cutoffs": (5, 2)}, ((16,), ()), "cutoffs that grow"),
        ("AdaptiveLogSoftmax", {"cutoffs": (2, 4, 6)}, ((16,), ()), "clusters of at least one number"),
        ("LinearCrossEntropy", {"class_weights": (1.0,)}, ((16,), ()), "10 class weights"),
        ("CTC", {"blank": 9}, ((12, 6), (4,)), "a blank below 6"),
        ("SoftLinearCrossEntropy", {"num_classes": 4}, ((16,), (5,)), "probabilities of B×4"),
        ("SoftLinearCrossEntropy", {"in_features": 4}, ((16,), (10,)), "in_features is set to 4"),
        (
            "LinearCrossEntropy",
            {"chunked": True, "batch_chunk_size": 2, "chunking_method": "aspect_ratio"},
            ((16,), ()),
            "a size for the chunks or a method",
        ),
    ],
)
def test_what_does_not_fit_is_told(
    name: str, params: dict[str, Value], types: tuple[tuple[int, ...], ...], said: str
) -> None:
    kind = find(name)
    dtypes = ["int64" if port.name == "label" else "float32" for port in kind.inputs]
    inputs = tuple(TensorType((Batch(), *sizes), dtype) for sizes, dtype in zip(types, dtypes, strict=False))
    found = shapes_of(kind, tuple(sorted(params.items())), inputs_of(kind, inputs))
    assert isinstance(found.error, ShapeError)
    assert said in found.error.wanted
    assert found.error.came
    assert found.error.fix.endswith(".")
