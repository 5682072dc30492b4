"""An ONNX file as ONNX Runtime runs it, beside the network that was read from it."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.errors import ParameterError
from core.exchange.calls import Imported
from core.exchange.incoming import InputText
from core.exchange.onnx.given import Inputs
from core.exchange.onnx.limits import WHERE
from core.exchange.onnx.model import Declared, OnnxModel, read_model
from core.exchange.onnx.reader import found

Array = NDArray[Any]
Run = Callable[[Mapping[str, Array]], list[Array]]


class Original(NamedTuple):
    """What was read, and how the file itself is run; None where that cannot be."""

    imported: Imported
    run: Run | None


def original(path: Path, texts: Sequence[InputText]) -> Original:
    """The network in the file, with these sizes of samples, and the file as it runs itself.

    Raises FileError, or ParameterError for sizes that the file has no input for.
    """
    model = read_model(path)
    shapes, fixed = _told(model, texts)
    imported, inputs = found(model, fixed=fixed, shapes=shapes)
    runs = importlib.util.find_spec("onnxruntime") is not None and inputs.fixed_batch <= 1
    return Original(imported, _run(path, inputs) if runs else None)


def _told(model: OnnxModel, texts: Sequence[InputText]) -> tuple[dict[str, tuple[int, ...]], dict[str, int]]:
    """The sizes of samples by input, and the numbers of inputs that are a single one."""
    shapes: dict[str, tuple[int, ...]] = {}
    fixed: dict[str, int] = {}
    free = [item for item in model.inputs if item.name not in {text.name for text in texts}]
    for text in texts:
        item = _meant(model, free, text)
        if item.shape == () and len(text.shape) == 1:
            fixed[item.name] = text.shape[0]
        else:
            shapes[item.name] = text.shape
    return shapes, fixed


def _meant(model: OnnxModel, free: list[Declared], text: InputText) -> Declared:
    named = [item for item in model.inputs if item.name == text.name] if text.name else free[:1]
    if not named:
        names = ", ".join(item.name for item in model.inputs)
        raise ParameterError(f"one of the inputs {names} was wanted", f"“{text.name}” came", WHERE, "Leave it out.")
    if not text.name:
        free.pop(0)
    return named[0]


def _run(path: Path, inputs: Inputs) -> Run:
    from core.exchange.onnxfile import session

    runtime = session(path)

    def once(arrays: Mapping[str, Array]) -> list[Array]:
        given = {item.name: np.moveaxis(arrays[item.label], 0, item.place) for item in inputs.given}
        results: list[Array] = runtime.run(None, {**given, **inputs.known})
        return results

    return _one_by_one(once) if inputs.fixed_batch == 1 else once


def _one_by_one(once: Run) -> Run:
    """For a file that takes one sample: each by itself, then together along the first dimension of size one."""

    def run(arrays: Mapping[str, Array]) -> list[Array]:
        count = len(next(iter(arrays.values())))
        each = [once({name: array[spot : spot + 1] for name, array in arrays.items()}) for spot in range(count)]
        places = [item.shape.index(1) if 1 in item.shape else 0 for item in each[0]]
        return [np.concatenate(items, place) for items, place in zip(zip(*each, strict=True), places, strict=True)]

    return run
