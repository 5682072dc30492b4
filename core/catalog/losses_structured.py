"""Losses of answers that have a structure: sequences, boxes in a grid; and those with weights of their own."""

from __future__ import annotations

import math
from dataclasses import replace

from core.catalog.formulas import floating, infer_last, integer, same_size
from core.catalog.initialization import WEIGHT_PARAMS
from core.catalog.kind import (
    SCALAR,
    Arguments,
    Batch,
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
    MOST,
    REDUCTION,
    WEIGHT,
    class_numbers,
)
from core.errors import ShapeError

_LABEL = PortSpec("label", "int")
_ROW, _LABELS = TensorType((Batch(), 8)), TensorType((Batch(),), "int64")
_IN = Param("in_features", "int", None, "Numbers that come in per sample.", 1, 2**24, inferred=True, required=True)


def _ctc(inputs: Inputs, arguments: Arguments) -> Shaped:
    guess, label = floating(single(inputs, "log_probabilities"), "log_probabilities"), single(inputs, "label")
    class_numbers(label)
    if len(guess.shape) != 3 or len(label.shape) != 2 or label.shape[0] != guess.shape[0]:
        raise ShapeError(
            "log-probabilities of batch×time×classes and labels of batch×length were wanted",
            f"{guess.full} and {label.full} came",
            fix="Bring time before the classes with a Transpose.",
        )
    for port in ("input_lengths", "target_lengths"):
        lengths = inputs.get(port)
        if isinstance(lengths, TensorType) and (lengths.dtype, lengths.shape) != ("int64", guess.shape[:1]):
            raise ShapeError(
                f"one whole number (int64) per sample was wanted at {port}",
                f"{lengths.full} {lengths.dtype} came",
                fix="Unwire it, and fill the labels up with the blank.",
            )
    blank, count = integer(arguments, "blank"), guess.shape[2]
    if isinstance(count, int) and blank >= count:
        raise ShapeError(f"a blank below {count} was wanted", f"{blank} came", fix="Set blank to 0.")
    return Shaped({"loss": SCALAR})


def _yolo(inputs: Inputs, arguments: Arguments) -> Shaped:
    guess, target = (floating(single(inputs, port), port) for port in ("prediction", "target"))
    if len(guess.shape) != 4 or len(target.shape) != 4:
        raise ShapeError(
            "a grid of boxes (channels, height, width) was wanted at both",
            f"{guess.full} and {target.full} came",
            fix="Let a convolution give the prediction, or insert a Reshape.",
        )
    boxes, given = integer(arguments, "boxes"), target.shape[1]
    wanted = given + 5 * (boxes - 1) if isinstance(given, int) and given >= 5 else None
    if wanted is None or guess.shape != (target.shape[0], wanted, *target.shape[2:]):
        raise ShapeError(
            f"5 × {boxes} + classes channels at prediction, and 5 + classes at target, were wanted on one grid",
            f"{guess.full} and {target.full} came",
            fix=f"Let the last layer give {wanted} channels." if wanted else "Let the target have 5 or more channels.",
        )
    return Shaped({"loss": SCALAR})


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
    return Shaped({"loss": SCALAR}, weights + (head if arguments["head_bias"] else 0), weights)


def _linear(inputs: Inputs, arguments: Arguments) -> Shaped:
    more, weights = arguments["out_features"], arguments["class_weights"]
    assert isinstance(more, tuple)  # Param.check made it one
    places = tuple(int(place) for place in more if isinstance(place, int))
    size, count = _label_per_row(inputs, arguments, places), integer(arguments, "num_classes")
    if isinstance(weights, tuple) and len(weights) != count:
        raise ShapeError(
            f"{count} class weights were wanted", f"{len(weights)} came", fix="Set class_weights, or clear it."
        )
    scores = count * math.prod(places)
    return Shaped({"loss": SCALAR}, size * scores + (scores if arguments["bias"] else 0), size * scores)


KINDS = (
    LayerKind(
        "CTC",
        "Loss",
        "loss",
        "How unlikely a sequence of labels is, wherever in time each of them is seen.",
        "Connectionist temporal classification (Graves et al. 2006): for speech and handwriting, where labels come in "
        "order but at unknown times. Takes logarithms of probabilities (batch, time, classes) and labels (batch, "
        "length). Loose lengths mean the whole time, and labels up to the blanks that fill them up.",
        (
            PortSpec("log_probabilities"),
            _LABEL,
            PortSpec("input_lengths", "int", optional=True, help="How long each input is."),
            PortSpec("target_lengths", "int", optional=True, help="How many labels each sample has."),
        ),
        LOSS,
        _ctc,
        (
            WEIGHT,
            Param("blank", "int", 0, "The class that stands for no label.", 0, 2**31 - 1),
            Param("zero_infinity", "bool", False, "Count 0 for labels that do not fit into the time."),
            REDUCTION,
        ),
        module="losses.CTCLoss",
        arguments=("blank", "reduction", "zero_infinity"),
        forward="{self}({log_probabilities}, {label}, {input_lengths}, {target_lengths})",
        words=("speech", "handwriting", "sequence", "connectionist", "alignment"),
        formula="L = −log Σ_alignments Π_t p_t",
        stem="ctc",
        hint="sequences",
        role="loss",
        example=(TensorType((Batch(), 12, 6)), TensorType((Batch(), 4), "int64")),
        prediction="log-probabilities",
        like="nn.CTCLoss",
    ),
    LayerKind(
        "Yolo",
        "Loss",
        "loss",
        "Squared errors of boxes, confidences and classes in a grid of cells.",
        "The loss of YOLO (Redmon et al. 2016, equation 3). The prediction has, in every cell of a grid, for each box "
        "x, y, w, h and confidence, then a score per class: 5 × boxes + classes channels. The target has x, y, w, h, a "
        "1 where an object's centre lies in the cell, and the classes: 5 + classes channels. x and y go from 0 to 1 "
        "within the cell, w and h within the picture. The box that overlaps the object most answers for it.",
        (PortSpec("prediction"), PortSpec("target")),
        LOSS,
        _yolo,
        (
            WEIGHT,
            Param("boxes", "int", 2, "Boxes that each cell predicts.", 1, 64),
            Param("coord", "float", 5.0, "How much places and sizes count.", 0, MOST),
            Param("noobj", "float", 0.5, "How much confidence counts where no object is.", 0, MOST),
            REDUCTION,
        ),
        module="detection.YoloLoss",
        arguments=("boxes", "coord", "noobj", "reduction"),
        forward="{self}({prediction}, {target})",
        words=("detection", "boxes", "bounding box", "object"),
        formula="L = λc Σ 1obj [(x−x̂)² + (y−ŷ)² + (√w−√ŵ)² + (√h−√ĥ)²] + Σ 1obj (c−ĉ)² + λn Σ 1noobj (c−ĉ)² "
        "+ Σ 1obj Σ (p−p̂)²",
        stem="yolo",
        hint="boxes",
        role="loss",
        example=(TensorType((Batch(), 13, 4, 4)), TensorType((Batch(), 8, 4, 4))),
        prediction="values",
    ),
    LayerKind(
        "AdaptiveLogSoftmax",
        "Loss",
        "loss",
        "A classifier and its loss in one, for very many classes of which few are frequent.",
        "Classes are numbered from the most frequent to the rarest; those behind each cutoff share a cluster with a "
        "smaller layer (Grave et al. 2017). Its weights belong to the loss: an exported network ends before it.",
        (PortSpec("input"), _LABEL),
        LOSS,
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
    LayerKind(
        "LinearCrossEntropy",
        "Loss",
        "loss",
        "A Linear layer and CrossEntropy in one, for very many classes.",
        "Scores and loss are worked out together, so that a large table of scores need not be kept (torch 2.13 or "
        "newer). Its weights belong to the loss: an exported network ends before it.",
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
    ),
)
