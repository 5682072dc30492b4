"""Losses with weights of their own: the last layer of a classifier and its loss in one, for very many classes."""

from __future__ import annotations

import math
from dataclasses import replace

from core.catalog.formulas import floating, infer_last, integer, same_size
from core.catalog.initialization import WEIGHT_PARAMS
from core.catalog.kind import (
    Arguments,
    Batch,
    Bundle,
    Dim,
    Inputs,
    LayerKind,
    Param,
    PortSpec,
    Shaped,
    TensorType,
    single,
)
from core.catalog.loss_inputs import (
    CLASS_WEIGHTS,
    IGNORE_INDEX,
    LABEL_SMOOTHING,
    LOSS,
    REDUCTION,
    WEIGHT,
    class_numbers,
    loss_of,
)
from core.errors import ShapeError

_LABEL = PortSpec("label", "int")
_ROW, _LABELS = TensorType((Batch(), 8)), TensorType((Batch(),), "int64")
_IN = Param("in_features", "int", None, "Numbers that come in per sample.", 1, 2**24, inferred=True, required=True)


def _label_per_row(inputs: Inputs, arguments: Arguments, more: tuple[Dim, ...] = ()) -> int:
    """The size of a row; raises ShapeError where these are no rows with so many labels each."""
    rows, label = floating(single(inputs)), single(inputs, "label")
    class_numbers(label)
    if len(rows.shape) != 2 or label.shape != (rows.shape[0], *more):
        wanted = f"class numbers of {TensorType((rows.shape[0], *more)).full}" if more else "a class number per sample"
        raise ShapeError(
            f"a row of numbers and {wanted} were wanted",
            f"{rows.full} and {label.full} came",
            fix="Insert a Flatten before it.",
        )
    size = integer(arguments, "in_features")
    same_size(size, rows.shape[1], "in_features")
    return size


def _adaptive(inputs: Inputs, arguments: Arguments) -> Shaped:
    size, count = _label_per_row(inputs, arguments), integer(arguments, "n_classes")
    cutoffs, divide = arguments["cutoffs"], arguments["div_value"]
    assert isinstance(cutoffs, tuple)
    assert isinstance(divide, float)  # Param.check made it one
    ends = [int(cutoff) for cutoff in cutoffs if isinstance(cutoff, int)]
    if not ends or ends != sorted(set(ends)) or ends[-1] >= count:
        raise ShapeError(
            f"cutoffs that grow and stay below {count} were wanted",
            f"{', '.join(map(str, ends)) or 'none'} came",
            fix="Set cutoffs to the numbers of classes after which a cluster ends.",
        )
    head = ends[0] + len(ends)
    weights = size * head
    for place, (begin, end) in enumerate(zip(ends, [*ends[1:], count], strict=True)):
        inner = int(size // divide ** (place + 1))
        if inner < 1:
            raise ShapeError(
                "clusters of at least one number were wanted",
                f"{size} numbers divided {place + 1} times by {divide:g} came",
                fix="Lower div_value, or name fewer cutoffs.",
            )
        weights += inner * (size + end - begin)
    return loss_of((), arguments, weights + (head if arguments["head_bias"] else 0), weights)


def _linear(inputs: Inputs, arguments: Arguments) -> Shaped:
    places = _places(arguments)
    size = _label_per_row(inputs, arguments, places)
    if arguments["batch_chunk_size"] is not None and arguments["chunking_method"] != "auto":
        raise ShapeError(
            "a size for the chunks or a method that finds it was wanted",
            f"{arguments['batch_chunk_size']} and {arguments['chunking_method']} came",
            fix="Clear batch_chunk_size, or set chunking_method to auto.",
        )
    return _scored(inputs, arguments, size, places)


def _soft_linear(inputs: Inputs, arguments: Arguments) -> Shaped:
    rows, shares = floating(single(inputs)), floating(single(inputs, "target"), "target")
    places = _places(arguments)
    wanted = TensorType((*rows.shape[:1], integer(arguments, "num_classes"), *places))
    if len(rows.shape) != 2 or shares.shape != wanted.shape:
        raise ShapeError(
            f"a row of numbers and probabilities of {wanted.full} were wanted",
            f"{rows.full} and {shares.full} came",
            fix="Set num_classes to the probabilities that the target has.",
        )
    size = integer(arguments, "in_features")
    same_size(size, rows.shape[1], "in_features")
    return _scored(inputs, arguments, size, places)


def _places(arguments: Arguments) -> tuple[int, ...]:
    """How many labels each sample has, along each dimension."""
    more = arguments["out_features"]
    assert isinstance(more, tuple)  # Param.check made it one
    return tuple(int(place) for place in more if isinstance(place, int))


def _scored(inputs: Inputs, arguments: Arguments, size: int, places: tuple[int, ...]) -> Shaped:
    """The loss of rows of this size for so many labels each; raises ShapeError."""
    weights, count = arguments["class_weights"], integer(arguments, "num_classes")
    if isinstance(weights, tuple) and len(weights) != count:
        raise ShapeError(
            f"{count} class weights were wanted", f"{len(weights)} came", fix="Set class_weights, or clear it."
        )
    scores = count * math.prod(places)
    learned = size * scores + (scores if arguments["bias"] else 0)
    return loss_of((single(inputs).shape[0], *places), arguments, learned, size * scores)


_CHUNKS = ("chunked", "batch_chunk_size", "chunking_method", "acc_policy")
_WITH_CHUNKS = ("chunked", (True,))
_LINEAR = LayerKind(
    "LinearCrossEntropy",
    "Loss",
    "loss",
    "A Linear layer and CrossEntropy in one, for very many classes.",
    "Scores and loss are worked out together; chunked, some samples after others, so that the large table of scores is "
    "never kept. With label smoothing or several labels a sample torch does without chunks. Its weights belong to the "
    "loss: an exported network ends before it. Torch 2.13 or newer.",
    (PortSpec("input"), _LABEL),
    LOSS,
    _linear,
    (
        WEIGHT,
        _IN,
        Param("num_classes", "int", 10, "Classes there are.", 1, 2**24, required=True),
        Param("out_features", "sizes", (), "How many labels each sample has, as 4, 3; empty for one.", 1, 2**24),
        Param("bias", "bool", False, "Add a learned number to each score."),
        LABEL_SMOOTHING,
        replace(CLASS_WEIGHTS, tensor="weight"),
        replace(IGNORE_INDEX, default=None, optional=True),
        REDUCTION,
        Param("chunked", "bool", False, "Work out the scores of some samples after others, which saves memory."),
        Param(
            "batch_chunk_size",
            "int",
            None,
            "Samples at once; empty for as many as chunking_method says.",
            1,
            2**24,
            unit="samples",
            optional=True,
            only_with=_WITH_CHUNKS,
        ),
        Param(
            "chunking_method",
            "choice",
            "auto",
            "How many samples at once: so that their scores take as much memory as the input, or 2, 4 or 8 times less.",
            choices=("auto", "aspect_ratio", "aspect_ratio:2", "aspect_ratio:4", "aspect_ratio:8"),
            only_with=_WITH_CHUNKS,
        ),
        Param(
            "acc_policy",
            "choice",
            "auto",
            "How gradients are added up over chunks: compact takes the least memory.",
            choices=("auto", "accurate", "balanced", "compact"),
            only_with=_WITH_CHUNKS,
        ),
        *WEIGHT_PARAMS,
    ),
    lambda inputs: infer_last("in_features", inputs),
    "nn.LinearCrossEntropyLoss",
    (
        "in_features",
        "num_classes",
        "out_features",
        "bias",
        "reduction",
        "class_weights",
        "ignore_index",
        "label_smoothing",
    ),
    "{self}({input}, {label})",
    words=("softmax", "vocabulary", "classification", "chunked"),
    formula="L = −log softmax(W x + b)[label]",
    stem="linear_cross_entropy",
    hint="many classes",
    weighted=True,
    many_weights=True,
    role="loss",
    example=(_ROW, _LABELS),
    target="classes",
    judged="{self}.linear({input}).reshape(({batch}, {p_num_classes}, *{p_out_features}))",
    bundle=Bundle(
        "options",
        "nn.LinearCrossEntropyOptions",
        _CHUNKS[1:],
        # torch warns of options that it does not follow
        (("chunked", True), ("label_smoothing", 0.0), ("out_features", ())),
    ),
)

KINDS = (
    LayerKind(
        "AdaptiveLogSoftmax",
        "Loss",
        "loss",
        "A classifier and its loss in one, for very many classes of which few are frequent.",
        "Classes are numbered from the most frequent to the rarest; those behind each cutoff share a cluster with a "
        "smaller layer (Grave et al. 2017). Its weights belong to the loss: an exported network ends before it.",
        (PortSpec("input"), _LABEL),
        (PortSpec("loss", "scalar"),),
        _adaptive,
        (
            WEIGHT,
            _IN,
            Param("n_classes", "int", 10, "Classes there are.", 2, 2**24, required=True),
            Param("cutoffs", "sizes", (2, 5), "The classes at which a cluster begins.", 1, 2**24, required=True),
            Param("div_value", "float", 4.0, "How many times smaller each cluster's layer is.", 1, 1e3),
            Param("head_bias", "bool", False, "Give the head a bias."),
            *WEIGHT_PARAMS,
        ),
        lambda inputs: infer_last("in_features", inputs),
        "nn.AdaptiveLogSoftmaxWithLoss",
        ("in_features", "n_classes", "cutoffs", "div_value", "head_bias"),
        "{self}({input}, {label}).loss",
        words=("softmax", "vocabulary", "language", "words", "classification"),
        formula="L = −log p[cluster] − log p[label | cluster]",
        stem="adaptive",
        hint="many classes",
        weighted=True,
        many_weights=True,
        role="loss",
        example=(TensorType((Batch(), 16)), _LABELS),
        target="classes",
        judged="{self}.log_prob({input})",
    ),
    _LINEAR,
    replace(
        _LINEAR,
        name="SoftLinearCrossEntropy",
        summary="A Linear layer and SoftCrossEntropy in one.",
        help="Scores and loss are worked out together, with a probability for each class as the target: for "
        "distillation, mixed labels and opinions of several people. Its weights belong to the loss: an exported "
        "network ends before it.",
        inputs=(PortSpec("input"), PortSpec("target", help="Probabilities of all classes, for each label.")),
        shape=_soft_linear,
        params=tuple(param for param in _LINEAR.params if param.name not in ("ignore_index", *_CHUNKS)),
        arguments=tuple(name for name in _LINEAR.arguments if name != "ignore_index"),
        bundle=None,
        forward="{self}({input}, {target})",
        words=("softmax", "distillation", "mixup", "soft labels"),
        formula="L = −Σ t log softmax(W x + b)",
        stem="soft_linear_cross_entropy",
        hint="shares",
        example=(_ROW, TensorType((Batch(), 10))),
        target="shares",
    ),
)
