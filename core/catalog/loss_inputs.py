"""What all losses have: their output, how much they count, how they sum up, and what they ask of their inputs."""

from __future__ import annotations

from core.catalog.formulas import floating, product
from core.catalog.kind import (
    EACH,
    SCALAR,
    Arguments,
    Batch,
    Dim,
    Inputs,
    Param,
    PortSpec,
    Shaped,
    ShapeFormula,
    TensorType,
    single,
)
from core.errors import ShapeError

LOSS = (PortSpec("loss", "scalar", help="With reduction none one number for each sample or place."),)
LABEL = PortSpec("label", "int")
LABELS = TensorType((Batch(),), "int64")
"""One class number a sample, as an example."""
WEIGHT = Param("weight", "float", 1.0, "How much this loss counts in the sum.", 0, 1e6)
ONE_BY_ONE = "none: each number for itself, and training takes their plain mean"
REDUCTION = Param(
    "reduction", "choice", "mean", f"Mean or sum over the batch; {ONE_BY_ONE}.", choices=("mean", "sum", EACH)
)
CLASS_WEIGHTS = Param(
    "class_weights", "numbers", None, "How much each class counts; empty for all alike.", 0, 1e6, optional=True
)
IGNORE_INDEX = Param(
    "ignore_index", "int", -100, "The label whose samples do not count, as a padding.", -(2**31), 2**31 - 1
)
LABEL_SMOOTHING = Param("label_smoothing", "float", 0.0, "Share of probability given to all classes.", 0, 1)
MOST = 1e6
"""The largest margin, threshold or weight."""


def loss_of(shape: tuple[Dim, ...], arguments: Arguments, parameters: int = 0, macs: int = 0) -> Shaped:
    """The loss: a single number, or with reduction none one for each place of this shape."""
    each = arguments.get("reduction") == EACH
    return Shaped({"loss": TensorType(shape) if each else SCALAR}, parameters, macs)


def scores_and_label(inputs: Inputs, arguments: Arguments, scores: str) -> Shaped:
    """The loss of scores (B, C, ...) and class numbers (B, ...); raises ShapeError."""
    guess, label = floating(single(inputs, scores), scores), single(inputs, "label")
    if len(guess.shape) < 2:
        raise ShapeError(
            f"one score per class was wanted at {scores}", f"{guess.full} came", fix="Wire a Linear to it."
        )
    class_numbers(label)
    wanted = TensorType((guess.shape[0], *guess.shape[2:]), "int64")
    if label.shape != wanted.shape:
        raise ShapeError(
            f"labels of shape {wanted.full} were wanted",
            f"{label.full} came",
            fix="Flatten the logits to one row of scores per label.",
        )
    as_many(arguments, "class_weights", guess, 1)
    return loss_of(wanted.shape, arguments)


def classes(scores: str) -> ShapeFormula:
    """The formula of a loss of scores and class numbers."""
    return lambda inputs, arguments: scores_and_label(inputs, arguments, scores)


def class_numbers(label: TensorType) -> None:
    """Raises ShapeError where these are no class numbers."""
    if label.dtype != "int64":
        raise ShapeError(
            "class numbers (int64) were wanted at label", f"{label.dtype} came", fix="Wire the label of the data here."
        )


def as_many(arguments: Arguments, name: str, tensor: TensorType, dim: int) -> None:
    """Raises ShapeError where a list of weights has not one for each place of this dimension; one may do for all."""
    values = arguments.get(name)
    size = tensor.shape[dim] if tensor.shape else 0
    if isinstance(values, tuple) and len(values) != size and (dim == 1 or len(values) != 1 or not tensor.shape):
        raise ShapeError(
            f"{size} {name.replace('_', ' ')} were wanted", f"{len(values)} came", fix=f"Set {name}, or clear it."
        )


def alike(*ports: str) -> ShapeFormula:
    """The formula of a loss whose inputs are numbers of one shape."""

    def shape(inputs: Inputs, arguments: Arguments) -> Shaped:
        return loss_of(of_one_shape(inputs, *ports).shape, arguments)

    return shape


def of_one_shape(inputs: Inputs, *ports: str) -> TensorType:
    """The common type of these inputs; raises ShapeError where they have none."""
    first, *rest = ports
    guess = floating(single(inputs, first), first)
    for port in rest:
        other = single(inputs, port)
        if not other.dtype.startswith(("float", "bfloat")):
            raise ShapeError(
                f"numbers (float32) were wanted at {port}",
                f"{other.dtype} came",
                fix="Wire a number here, or use CrossEntropy for classes.",
            )
        if guess.shape != other.shape:
            raise ShapeError(
                f"{first} and {port} of one shape were wanted",
                f"{guess.full} and {other.full} came",
                fix=f"Let the last layer give {numbers(other)}.",
            )
    return guess


def numbers(tensor: TensorType) -> str:
    """How many numbers one sample of it holds."""
    return str(product(tensor.features) if tensor.features else 1)
