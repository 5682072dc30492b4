"""Networks of a package, the ONNX package's own, whose weights are drawn anew so that none can hide behind zeros."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from tests.core.exchange.onnx.rebuilding import assert_equal

LIGHT = Path(onnx.__file__).parent / "backend" / "test" / "data" / "light"
NAMES = ("squeezenet", "shufflenet", "inception_v1")


def stirred(path: Path, target: Path) -> Path:
    """The file with random weights: it holds only their shapes, and fills them with one number each."""
    model = onnx.load(path)
    shapes = {item.name: numpy_helper.to_array(item) for item in model.graph.initializer}
    random = np.random.default_rng(5)
    spreads = {node.input[4] for node in model.graph.node if node.op_type == "BatchNormalization"}
    kept = []
    for node in model.graph.node:
        if node.op_type != "ConstantOfShape":
            kept.append(node)
            continue
        shape = tuple(shapes[node.input[0]])
        numbers = random.normal(0, 1 / np.sqrt(max(np.prod(shape[1:]), 4)), shape).astype(np.float32)
        array = numbers**2 + 0.5 if node.output[0] in spreads else numbers
        model.graph.initializer.append(numpy_helper.from_array(array, node.output[0]))
    del model.graph.node[:]
    model.graph.node.extend(kept)
    onnx.save(model, target)
    return target


def learned(path: Path) -> int:
    """The numbers that the file holds, running statistics left out."""
    graph = onnx.load(path).graph
    statistics = {name for node in graph.node if node.op_type == "BatchNormalization" for name in node.input[3:]}
    held = [item for item in graph.initializer if item.data_type == onnx.TensorProto.FLOAT]
    return sum(int(np.prod(item.dims)) for item in held if item.name not in statistics)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_network_of_the_package_computes_what_the_runtime_does(name: str, tmp_path: Path) -> None:
    file = stirred(LIGHT / f"light_{name}.onnx", tmp_path / "net.onnx")
    made = assert_equal(file, (1,))
    assert made.parameters == learned(file)
    assert len({float(array.std()) for call in made.imported.calls for array in call.weights.values()}) > 20
