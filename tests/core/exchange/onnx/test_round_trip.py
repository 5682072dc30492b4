"""What we export to ONNX comes back as it was, and comes back the same when it is exported again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
import torch

from core.errors import FileError
from core.exchange.calls import Call, Imported
from core.exchange.drawing import Drawn, drawn
from core.exchange.formats import find
from core.exchange.importing import Wish, bring
from core.exchange.incoming import source
from core.exchange.models import export_model
from core.exchange.network import network
from core.exchange.onnx.reader import read_onnx
from core.project import Project
from core.training.evaluate import predict
from tests.core.exchange import gallery
from tests.core.exchange.networks import nested, recurrent
from tests.core.exchange.onnx.rebuilding import exported, in_onnx, samples
from tests.core.exchange.onnx.test_exported import Pictures, stirred

UNREAD = "segnet"
"""It comes back from no ONNX file, which counts the places of pooling across the whole batch."""
MOVED = ("memory-rnn", "temperature-rnn")
"""Of a plain RNN's graph a constant comes back at another place of the order."""
NETWORKS: dict[str, Callable[[], Project]] = {
    **{name: make for name, make in gallery.networks().items() if name != UNREAD},
    "nested": nested,
    "recurrent": recurrent,
}


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def quiet(_text: str, _share: float) -> None:
    """Nobody listens."""


def through_onnx(project: Project, weights: dict[str, torch.Tensor], path: Path) -> Imported:
    export_model(project, find("onnx"), path, weights, quiet)
    return read_onnx(path)


def tensors(made: Drawn) -> dict[str, torch.Tensor]:
    return {name: torch.from_numpy(array) for name, array in made.weights.items()}


def assert_same(one: Call, other: Call) -> None:
    assert (one.kind, dict(one.params), dict(one.inputs)) == (other.kind, dict(other.params), dict(other.inputs))
    assert one.weights.keys() == other.weights.keys()
    for name, array in one.weights.items():
        assert np.array_equal(array, other.weights[name])


@pytest.mark.slow
@pytest.mark.parametrize("name", NETWORKS)
def test_import_export_import_gives_an_equal_graph_with_equal_weights(name: str, tmp_path: Path) -> None:
    project = NETWORKS[name]()
    torch.manual_seed(1)
    weights = {
        key: value + 0.2 * torch.rand_like(value) if value.is_floating_point() else value
        for key, value in network(project, None).root.state_dict().items()
    }
    first = through_onnx(project, weights, tmp_path / "net.onnx")
    made = drawn(first)
    again = through_onnx(made.project, tensors(made), tmp_path / "again.onnx")
    assert [kind for _name, kind in again.inputs] == [kind for _name, kind in first.inputs]
    assert Counter(graphs(again)) == Counter(graphs(first))
    if name not in MOVED:
        for one, other in zip(first.calls, again.calls, strict=True):
            assert_same(one, other)


def graphs(found: Imported) -> list[bytes]:
    """By call a hash of all that it comes from, whatever order independent calls stand in."""
    known: list[bytes] = []
    for call in found.calls:
        sources = {
            port: [(known[ref.call] if ref.call >= 0 else str(ref.call).encode(), ref.port) for ref in refs]
            for port, refs in call.inputs.items()
        }
        values = {name: array.tobytes() for name, array in call.weights.items()}
        text = repr((call.kind, sorted(dict(call.params).items()), sorted(sources.items()), sorted(values.items())))
        known.append(sha256(text.encode()).digest())
    return known


def test_pooling_that_keeps_its_places_is_refused_with_the_reason(tmp_path: Path) -> None:
    project = gallery.networks()[UNREAD]()
    with pytest.raises(FileError, match="places of its values across the whole batch"):
        through_onnx(project, dict(network(project, None).root.state_dict()), tmp_path / "net.onnx")


def test_a_file_is_brought_in_and_held_against_the_runtime(tmp_path: Path) -> None:
    module = stirred(Pictures())
    path = exported(module, tmp_path / "pictures.onnx", (2, 3, 12, 10))
    found = bring(Wish(source(str(path))), tmp_path / "weights.safetensors", quiet)
    assert found.difference is not None
    assert found.difference < 1e-5
    assert not found.report.opaque
    assert found.report.parameters == sum(parameter.numel() for parameter in module.parameters())
    given = samples(read_onnx(path), 3)
    (ours,) = predict(found.project, tmp_path / "weights.safetensors", given).values()
    (theirs,) = in_onnx(path, {name: tensor.numpy() for name, tensor in given.items()})
    assert torch.allclose(ours, torch.from_numpy(theirs), atol=1e-5)


def test_sizes_that_are_told_are_those_of_the_input(tmp_path: Path) -> None:
    path = exported(torch.nn.ReLU(), tmp_path / "relu.onnx", (2, 3, 4))
    import onnx

    model = onnx.load(path)
    model.graph.input[0].type.tensor_type.shape.dim[2].dim_param = "steps"
    onnx.save(model, path)
    found = bring(Wish(source(str(path)), ("x0=3x7",)), tmp_path / "weights.safetensors", quiet)
    (node,) = [node for node in found.project.all_nodes().values() if node.kind == "Input"]
    assert node.param("shape") == (3, 7)
    assert found.difference == 0


def test_an_input_whose_name_no_node_can_have_is_still_compared(tmp_path: Path) -> None:
    import onnx

    path = exported(torch.nn.ReLU(), tmp_path / "relu.onnx", (2, 3))
    model = onnx.load(path)
    model.graph.input[0].name = model.graph.node[0].input[0] = "gpu_0/data:0"
    onnx.save(model, path)
    assert read_onnx(path).inputs[0][0] == "gpu_0_data_0"
    found = bring(Wish(source(str(path)), ("3",)), tmp_path / "weights.safetensors", quiet)
    assert found.difference == 0
