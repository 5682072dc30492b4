"""Losses of answers that have a structure: sequences, boxes in a grid."""

from __future__ import annotations

from core.catalog.formulas import floating, integer
from core.catalog.kind import (
    Arguments,
    Batch,
    Inputs,
    LayerKind,
    Param,
    PortSpec,
    Shaped,
    TensorType,
    single,
)
from core.catalog.loss_inputs import (
    LABEL,
    LOSS,
    MOST,
    REDUCTION,
    WEIGHT,
    class_numbers,
    loss_of,
)
from core.errors import ShapeError

_ROW = TensorType((Batch(), 8))
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
    return loss_of(guess.shape[:1], arguments)


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
    return loss_of(target.shape[:1], arguments)


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
            LABEL,
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
)
