"""The formats a project can be exported to, as one table: the command line, the window and the documents read it."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, NamedTuple

from core.errors import ParameterError

Made = Literal["text", "model", "picture"]
"""Who makes a file: this process, one that holds torch, or one that can paint."""


class Format(NamedTuple):
    """One format: its name on the command line, the ending of its files, and what to say of it."""

    name: str
    title: str
    suffix: str
    summary: str
    icon: str
    made: Made
    packages: tuple[str, ...] = ()
    """What has to be installed for it beyond what Chainrule needs anyway."""


FORMATS: tuple[Format, ...] = (
    Format("python", "PyTorch model", ".py", "The network as a class that needs only torch.", "code", "text"),
    Format(
        "onnx",
        "ONNX",
        ".onnx",
        "For ONNX Runtime and other engines; any batch size.",
        "export",
        "model",
        ("onnx", "onnxscript", "onnxruntime"),
    ),
    Format("pt2", "torch.export", ".pt2", "A traced program for torch.export.load; any batch size.", "chip", "model"),
    Format("safetensors", "Weights", ".safetensors", "Every weight by the path of its layer.", "linear", "model"),
    Format("svg", "SVG picture", ".svg", "Drawn with lines and letters, for the web and papers.", "map", "picture"),
    Format("png", "PNG picture", ".png", "Pixels at any scale; opens here as the project again.", "eye", "picture"),
    Format("pdf", "PDF picture", ".pdf", "One page that fits the graph, for LaTeX.", "file", "picture"),
    Format("card", "Model card", ".md", "Layers, data, settings and results as Markdown.", "book", "text"),
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
