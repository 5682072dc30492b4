"""Where tensors begin: data sets, noise, constants; and the ports of a block."""

from __future__ import annotations

from core.catalog.formulas import listed
from core.catalog.kind import (
    Arguments,
    Batch,
    Form,
    Inputs,
    LayerKind,
    Param,
    PortSpec,
    Shaped,
    TensorType,
    Variant,
    single,
)
from core.errors import ShapeError
from core.graph import BLOCK, BLOCK_INPUT, BLOCK_OUTPUT

DATASET = "Dataset"
"""The kind of a data node; which data set it offers stands in the project."""
INPUT = "Input"
"""The kind of a source whose samples are not here: only their shape is known."""
DTYPES = ("float32", "float64", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8", "bool")


def _from_the_project(_inputs: Inputs, _arguments: Arguments) -> Shaped:
    raise ShapeError("a data set of the project was wanted", "none was chosen", fix="Choose one in the inspector.")


def _declared(_inputs: Inputs, arguments: Arguments) -> Shaped:
    shape = arguments["shape"]
    assert isinstance(shape, tuple)  # Param.check made it one
    return Shaped({"output": TensorType((Batch(), *shape), str(arguments["dtype"]))})  # type: ignore[arg-type]  # ints


def _noise(_inputs: Inputs, arguments: Arguments) -> Shaped:
    return Shaped({"output": TensorType((Batch(), *listed(arguments, "size")))})


def _time_step(_inputs: Inputs, _arguments: Arguments) -> Shaped:
    return Shaped({"output": TensorType((Batch(),), "int64")})


def _through(inputs: Inputs, _arguments: Arguments) -> Shaped:
    return Shaped({"output": single(inputs)})


KINDS = (
    LayerKind(
        DATASET,
        "Data",
        "data",
        "A data set; each of its fields is an output.",
        "Hands out one batch: pictures, features, labels. Two nodes on one data set see the same samples.",
        (),
        (),
        _from_the_project,
        (Param("dataset", "source", "", "The data set of the project that this node offers."),),
        stem="data",
        role="source",
    ),
    LayerKind(
        INPUT,
        "Data",
        "data",
        "Samples that are not here: only their shape and dtype are known.",
        "Stands for the input of a network whose data are elsewhere. Shapes, code and export work; to train, put a "
        "data set in its place.",
        (),
        (PortSpec("output", "any"),),
        _declared,
        (
            Param("shape", "sizes", (1, 28, 28), "Sizes of one sample, the batch left out.", 0, 2**31, required=True),
            Param("dtype", "choice", "float32", "What its numbers are.", choices=DTYPES),
        ),
        words=("placeholder", "argument", "import", "tokens"),
        formula="x",
        stem="input",
        role="source",
    ),
    LayerKind(
        "Noise",
        "Data",
        "dice",
        "Random numbers, new ones for every sample of every batch.",
        "Draws from a normal distribution of mean 0 and deviation 1, or evenly from 0 to 1; what a generator starts "
        "from, and what a diffusion model learns to take away.",
        (),
        (PortSpec("output"),),
        _noise,
        (
            Param("size", "sizes", (16,), "Numbers per sample, in one dimension or several.", 1, 65536, required=True),
            Param("distribution", "choice", "normal", "How they are spread.", choices=("normal", "uniform")),
        ),
        forward="torch.randn({batch}, {s_size})",
        variants=(Variant("distribution", "uniform", Form("torch.rand({batch}, {s_size})")),),
        words=("random", "gaussian", "uniform", "latent", "gan", "diffusion"),
        formula="z ~ N(0, 1)",
        stem="noise",
        role="source",
    ),
    LayerKind(
        "RandomTimeStep",
        "Data",
        "clock",
        "A random whole number for every sample: how far its diffusion has come.",
        "Draws evenly from 0 to steps − 1, anew for every batch. A TimeStepEmbedding makes features of it.",
        (),
        (PortSpec("output", "int"),),
        _time_step,
        (Param("steps", "int", 1000, "Time steps there are.", 1, 2**31, required=True),),
        forward="torch.randint({p_steps}, ({batch},))",
        words=("diffusion", "timestep", "randint", "ddpm"),
        formula="t ~ U{0 ... T − 1}",
        stem="t",
        role="source",
    ),
    LayerKind(
        BLOCK,
        "Blocks",
        "block",
        "A network used as one node.",
        "Stands for the graph inside; open it to see its layers.",
        (),
        (),
        _through,
        stem="block",
        role="structure",
    ),
    LayerKind(
        BLOCK_INPUT,
        "Blocks",
        "right",
        "Where a wire enters the block.",
        "Inside a block, gives what the wire outside brings.",
        (),
        (PortSpec("output", "any"),),
        _through,
        stem="input",
        role="structure",
    ),
    LayerKind(
        BLOCK_OUTPUT,
        "Blocks",
        "right",
        "Where a wire leaves the block.",
        "Inside a block, takes what the wire outside carries on.",
        (PortSpec("input", "any"),),
        (),
        _through,
        stem="output",
        role="structure",
    ),
)
