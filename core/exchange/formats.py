"""The formats a project can be exported to, as one table: the command line, the window and the documents read it."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, NamedTuple

from core.errors import ParameterError

Made = Literal["text", "model", "picture"]
"""Who makes a file: this process, one that holds torch, or one that can paint."""


class Format(NamedTuple):
    """One format: its name on the command line, the ending of its files, and what is said of it: a line, and more."""

    name: str
    title: str
    suffix: str
    summary: str
    help: str
    icon: str
    made: Made
    packages: tuple[str, ...] = ()
    """What has to be installed for it beyond what Chainrule needs anyway."""
    tail: str = ""
    """What the name of its file ends in, where another format has the same ending."""


FORMATS: tuple[Format, ...] = (
    Format(
        "python",
        "PyTorch model",
        ".py",
        "A class that needs only torch.",
        "What the panel Generated code shows: the network as a person would write it, and its loss as a function.",
        "code",
        "text",
    ),
    Format(
        "script",
        "Training script",
        ".py",
        "Model, data, optimizer and loop.",
        "Needs torch and numpy; its losses are the app's to the last bit. Data that no formula makes go into a file "
        "beside it.",
        "play",
        "text",
        tail="_train",
    ),
    Format(
        "onnx",
        "ONNX",
        ".onnx",
        "For ONNX Runtime; any batch size.",
        "Named inputs and outputs, without the loss. The file is run with ONNX Runtime and compared with the network "
        "here before it stands.",
        "export",
        "model",
        ("onnx", "onnxscript", "onnxruntime"),
    ),
    Format(
        "pt2",
        "torch.export",
        ".pt2",
        "For torch.export.load; any batch size.",
        "A traced program that needs no source. It is loaded and compared with the network here before it stands.",
        "chip",
        "model",
    ),
    Format(
        "safetensors",
        "Weights",
        ".safetensors",
        "Every weight by the path of its layer.",
        "Tensors named as conv1.weight or encoder[2].conv1.weight; the file holds no code.",
        "linear",
        "model",
    ),
    Format(
        "svg",
        "SVG picture",
        ".svg",
        "Lines and letters, for the web.",
        "Sharp at every size. The project is inside: dropped on the window, the picture opens as the project again.",
        "map",
        "picture",
    ),
    Format(
        "png",
        "PNG picture",
        ".png",
        "Pixels, for everywhere else.",
        "As many pixels as you like. The project is inside: dropped on the window, the picture opens as it again.",
        "eye",
        "picture",
    ),
    Format(
        "pdf",
        "PDF picture",
        ".pdf",
        "One page of the graph's size, for LaTeX.",
        "Lines and letters with their fonts. The project is attached: the file opens as it again.",
        "file",
        "picture",
    ),
    Format(
        "card",
        "Model card",
        ".md",
        "Layers, data and results as Markdown.",
        "What the network is, was trained on and reached, and how to load it, with a picture beside it.",
        "book",
        "text",
    ),
)
"""Every format, in the order in which the window lists them."""


def find(name: str) -> Format:
    """The format of this name; raises ParameterError."""
    for known in FORMATS:
        if known.name == name:
            return known
    names = ", ".join(known.name for known in FORMATS)
    raise ParameterError(f"one of the formats {names} was wanted", f"“{name}” came", "Export", "Choose one of these.")


def guess(path: Path) -> Format:
    """The format that a file's ending means; raises ParameterError where none does."""
    for known in FORMATS:
        if known.suffix == path.suffix.lower():
            return known
    endings = ", ".join(dict.fromkeys(known.suffix for known in FORMATS))
    came = f"“{path.name}” came"
    raise ParameterError(f"a file that ends in one of {endings} was wanted", came, "Export", "Or name its format.")


def agreement(difference: float) -> str:
    """How well a file that was tried computes what the app does."""
    if difference == 0:
        return "its outputs are the app's"
    return f"its outputs lie within {difference:.1g} of the app's"
