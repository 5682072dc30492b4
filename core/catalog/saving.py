"""What autograd keeps of a call until the way back, by kind: the inputs unless the table says otherwise.

Measured with `torch.autograd.graph.saved_tensors_hooks`; a test holds every kind against it.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

Keeps = Literal["inputs", "output", "both", "indices", "nothing"]


class Saving(NamedTuple):
    """What one call leaves behind."""

    keeps: Keeps = "inputs"
    """`indices` are those inputs that are no numbers of floating point."""
    of_output: float = 0.0
    """What is made and kept beside, as a share of the output's bytes: a mask, the places of maxima."""
    of_input: float = 0.0
    """The same as a share of the first input's bytes."""
    of_inner: float = 0.0
    """What is kept of the wider layer within (dim_feedforward), as a share of its bytes."""
    of_scores: float = 0.0
    """How often the scores of attention are kept: steps × steps of every head."""
    calm: float = 1.0
    """What of its own width is kept while it drops nothing, as a share of what is kept otherwise."""
    is_view: bool = False
    """Whether the output is the input's memory, seen in another way."""
    rests: bool = False
    """Whether it hands its input on while nothing is trained."""
    moment: float = 0.0
    """What it needs for a moment on the way back, as a share of the output's bytes."""
    moment_of_input: float = 0.0
    """The same as a share of the first input's bytes."""
    forward: float = 0.0
    """The same on the way forward."""


def saving(kind: str) -> Saving:
    """What a call of this kind leaves behind."""
    return _TABLE.get(kind, _PLAIN)


_PLAIN = Saving()


def _all(names: str, saved: Saving) -> dict[str, Saving]:
    return dict.fromkeys(names.split(), saved)


_TABLE: Mapping[str, Saving] = MappingProxyType(
    {
        **_all(
            "Flatten Unflatten Reshape Permute Transpose Squeeze Unsqueeze Expand ExpandAs Select Slice Detach "
            "Identity Chunk Split Unbind",
            Saving("nothing", is_view=True),
        ),
        **_all(
            "Add Subtract Negative Scale Mean Sum Cumsum Diff Concat Stack Repeat RepeatInterleave Flip Roll Cast "
            "SinusoidalPositions LearnedPositions RotaryPositions ClassToken DropPath "
            "Tril Triu Sign Round Floor Ceil Trunc Frac ZerosLike OnesLike OneHot Noise "
            "ZeroPad1d ZeroPad2d ZeroPad3d ConstantPad1d ConstantPad2d ConstantPad3d "
            "CircularPad1d CircularPad2d CircularPad3d Unfold Fold Upsample UpsamplingNearest2d UpsamplingBilinear2d "
            "Interpolate PixelShuffle PixelUnshuffle ChannelShuffle "
            "AdaptiveAvgPool1d AdaptiveAvgPool2d AdaptiveAvgPool3d",
            Saving("nothing"),
        ),
        **_all("Dropout1d Dropout2d Dropout3d FeatureAlphaDropout", Saving("nothing", rests=True)),
        **_all(
            "ReLU ELU Sigmoid Tanh Softmax Softmin LogSoftmax Softmax2d Exp Expm1 Exp2 Sqrt Rsqrt Reciprocal Tan",
            Saving("output"),
        ),
        **_all("Power Cdist Prod Amax Amin Norm Std LogSumExp Cumprod LogCumsumExp CrossMapLRN2d", Saving("both")),
        **_all("Where MaskedFill Scatter MaxUnpool1d MaxUnpool2d MaxUnpool3d IndexSelect", Saving("indices")),
        **_all("Max Min Median TopK Sort", Saving("nothing", of_output=2.0)),
        **_all(
            "MaxPool1d MaxPool2d MaxPool3d AdaptiveMaxPool1d AdaptiveMaxPool2d AdaptiveMaxPool3d FractionalMaxPool2d "
            "FractionalMaxPool3d Cummax",
            Saving(of_output=2.0),
        ),
        **_all("Dropout AlphaDropout FunctionalDropout", Saving("nothing", of_output=1.0, rests=True)),
        **_all("RReLU LogSigmoid Softsign RMSNorm", Saving(of_output=1.0)),
        "Tanhshrink": Saving("nothing", of_output=1.0),
        "LocalResponseNorm": Saving(of_output=4.0),
        **_all("LPPool1d LPPool2d LPPool3d", Saving(of_output=4.0, of_input=1.0)),
        "CosineSimilarity": Saving(of_output=4.0, of_input=2.0),
        "PairwiseDistance": Saving("output", of_input=1.0),
        "CrossEntropy": Saving("indices", of_input=1.0, moment_of_input=1.0),
        "RNN": Saving("nothing", of_output=1.0, of_input=1.0, forward=1.0),
        "GRU": Saving("nothing", of_output=7.0, of_input=1.0, moment=0.5, forward=3.0),
        "LSTM": Saving(of_output=16.0, of_input=1.0, moment=5.5),
        **_all("SelfAttention MultiheadAttention", Saving(of_output=4.0, of_scores=1.0, moment=3.0)),
        **_all(
            "TransformerEncoderLayer TransformerEncoder",
            Saving(of_output=11.0, of_inner=3.0, of_scores=3.0, calm=0.65, moment=3.0),
        ),
        **_all(
            "TransformerDecoderLayer TransformerDecoder",
            Saving(of_output=19.0, of_inner=3.0, of_scores=6.0, calm=0.75, moment=3.0),
        ),
        "Transformer": Saving(of_output=15.0, of_inner=3.0, of_scores=4.5, calm=0.72, moment=3.0),
        "RNNCell": Saving(of_output=2.0),
        "GRUCell": Saving(of_output=7.0),
        "LSTMCell": Saving(of_output=6.0),
        **_all("L1 KLDiv", Saving("nothing", of_input=1.0)),
        "NLL": Saving("indices", of_input=1.0),
        "Focal": Saving(of_input=0.8),
        "MultiClassHinge": Saving(of_input=1.4),
        "BinaryFocal": Saving(of_input=7.0),
        "MultiLabelSoftMargin": Saving(of_input=4.0),
        "CosineEmbedding": Saving(of_input=1.1),
        "CTC": Saving(of_input=1.5),
        "Yolo": Saving(of_input=4.2),
        **_all("AdaptiveLogSoftmax LinearCrossEntropy SoftLinearCrossEntropy", Saving(of_input=1.2)),
    }
)
