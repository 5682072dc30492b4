"""Exported networks compute what the app does, whoever runs them and however many samples come."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest
import torch
from safetensors import safe_open
from torch import Tensor

import resources
from core.build import build
from core.data.settings import DatasetSettings, dataset_kind
from core.errors import CheckError, EngineError, FileError
from core.exchange.formats import FORMATS, Format, find
from core.exchange.interface import Interface, interface
from core.exchange.models import Written, export_model, provenance
from core.exchange.network import EXAMPLE_BATCH, exported, network
from core.exchange.onnxfile import run_onnx, translated, write_onnx
from core.exchange.programs import FACTS, run_program, traced, write_program
from core.files import to_text
from core.graph import BLOCK, BLOCK_INPUT, BLOCK_OUTPUT, Block, Edge, Graph, InputKey, Node
from core.lowering import lower
from core.project import Project
from core.shapes import analyse
from core.training.checkpoint import save_weights
from core.training.evaluate import predict
from tests.core.exchange import gallery
from tests.core.exchange.networks import awkward, generator, nested, noisy, recurrent, two_ended
from tests.core.networks import chain, lenet

NETWORKS: dict[str, Callable[[], Project]] = {
    **gallery.networks(),
    "nested": nested,
    "recurrent": recurrent,
    "awkward": awkward,
    "two ends": two_ended,
}
RUNNERS = {"onnx": run_onnx, "pt2": run_program}


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def quiet(_text: str, _share: float) -> None:
    """Nobody listens."""


def trained(project: Project, path: Path) -> Path:
    """Weights as a training may leave them: none as it began, running statistics included."""
    torch.manual_seed(1)
    weights = {
        name: value + 0.1 * (0.1 + value.abs().mean()) * torch.rand_like(value) if value.is_floating_point() else value
        for name, value in network(project, None).root.state_dict().items()
    }
    save_weights(weights, path)
    return path


def shown(project: Project) -> Interface:
    plan = lower(project)
    return interface(plan, analyse(plan))


def samples(project: Project, count: int) -> tuple[Tensor, ...]:
    torch.manual_seed(2)
    fields = [field for settings in project.data.values() for field in dataset_kind(settings).fields]
    words = {field.name: len(field.classes) for field in fields if field.dtype == "int64"}
    return tuple(
        torch.randint(words[port.name], (count, *port.type.features))
        if port.type.dtype == "int64"
        else torch.randn(count, *port.type.features)
        for port in shown(project).inputs
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", NETWORKS)
def test_every_network_is_the_same_through_onnx_and_torch_export_at_one_and_at_seven_samples(name, tmp_path):
    project = NETWORKS[name]()
    weights = trained(project, tmp_path / "weights.safetensors")
    made = exported(project, weights)
    program = traced(made)
    write_program(program, tmp_path / "network.pt2", {})
    write_onnx(translated(program, made), tmp_path / "network.onnx", {})
    for kind, run in RUNNERS.items():
        path = tmp_path / f"network.{kind}"
        for count in (1, 7):
            inputs = samples(project, count)
            wanted = app(project, weights, inputs)
            for value, came, exact in zip(wanted, run(path, inputs), exactly(project, weights, inputs), strict=True):
                assert value.shape == came.shape
                rounded = 3 * float((value.double() - exact).abs().max())  # what float32 loses in the app itself
                torch.testing.assert_close(came, value, rtol=1e-5, atol=max(1e-5, rounded))


def exactly(project: Project, weights: Path, inputs: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    """The same in double precision: float32 rounds deep networks, attention most, by more than 1e-5."""
    given = [value.double() if value.is_floating_point() else value for value in inputs]
    with torch.no_grad():
        return tuple(exported(project, weights).double()(*given).values())


def app(project: Project, weights: Path, inputs: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    """What the app's own network says; where its inputs are no data set, as the exported class has them."""
    ports = shown(project).inputs
    if project.data:
        names = {port.name: value for port, value in zip(ports, inputs, strict=True)}
        return tuple(predict(project, weights, names).values())
    with torch.no_grad():
        return tuple(exported(project, weights)(*inputs).values())


def test_an_onnx_file_names_what_goes_in_and_out_and_says_where_it_comes_from(tmp_path):
    import onnx

    project = two_ended()
    export_model(project, find("onnx"), tmp_path / "n.onnx", None, quiet)
    model = onnx.load(tmp_path / "n.onnx")
    assert [item.name for item in model.graph.input] == ["image", "features"]
    assert [item.name for item in model.graph.output] == ["left", "right"]
    assert model.graph.input[0].type.tensor_type.shape.dim[0].dim_param == "batch"
    facts = {item.key: item.value for item in model.metadata_props}
    assert facts["chainrule.project"] == "Two ends"
    assert facts["chainrule.weights"] == "initial, seed 0"
    onnx.checker.check_model(model, full_check=True)


def test_a_traced_program_keeps_paths_names_and_provenance(tmp_path):
    export_model(nested(), find("pt2"), tmp_path / "n.pt2", None, quiet)
    extra = {FACTS: ""}
    with (tmp_path / "n.pt2").open("rb") as stream:
        program = torch.export.load(stream, extra_files=extra)
    assert "encoder[2].second.fc.weight" in program.state_dict
    assert program.module()(torch.zeros(4, 2)).keys() == {"head"}
    assert json.loads(extra[FACTS])["chainrule.project"] == "Nested blocks"


def test_weights_are_keyed_by_path_and_fresh_ones_are_those_that_training_starts_with(tmp_path):
    project = replace(lenet(), training=replace(lenet().training, seed=5))
    written = export_model(project, find("safetensors"), tmp_path / "w.safetensors", None, quiet)
    plan = lower(project)
    start = build(plan, analyse(plan).arguments, 5).root.state_dict()
    with safe_open(tmp_path / "w.safetensors", "pt") as stream:
        assert set(stream.keys()) == set(start) >= {"conv1.weight", "fc3.bias"}
        assert all(torch.equal(stream.get_tensor(name), value) for name, value in start.items())
        assert stream.metadata()["chainrule.weights"] == "initial, seed 5"
    assert written == Written(str(tmp_path / "w.safetensors"), (tmp_path / "w.safetensors").stat().st_size, False)


def test_the_hash_tells_one_project_from_another_but_not_by_its_weights():
    project = lenet()
    renamed = replace(project, name="other")
    assert provenance(project, True)["chainrule.sha256"] != provenance(renamed, True)["chainrule.sha256"]
    assert to_text(project) != to_text(renamed)


def test_the_noise_of_a_generator_is_its_input_and_beside_other_inputs_it_is_drawn(tmp_path):
    assert [port.name for port in shown(generator()).inputs] == ["latent"]
    assert [port.name for port in shown(noisy()).inputs] == ["features"]
    for kind, run in RUNNERS.items():
        path = tmp_path / f"g.{kind}"
        assert export_model(generator(), find(kind), path, None, quiet).difference < 1e-5
        assert run(path, (torch.zeros(7, 6),))[0].shape == (7, 4)
        assert export_model(noisy(), find(kind), path, None, quiet).difference is None
        assert run(path, (torch.zeros(7, 4),))[0].shape == (7, 4)


def test_names_are_such_as_every_format_takes_and_no_two_are_the_same():
    inside = Graph.of(
        [Node("i", BLOCK_INPUT, "x"), Node("l", "ReLU", "fc"), Node("o", BLOCK_OUTPUT, "y")],
        [Edge("i", "output", "l", "input"), Edge("l", "output", "o", "input")],
    )
    graph = Graph.of(
        [
            Node("f", "Input", "net_1_fc", (("shape", (4,)),)),
            Node("b", BLOCK, "net", block="b", repeat=2),
            Node("n", "Dataset", "data", (("dataset", "iris"),)),
            Node("s", "ReLU", "relu"),
        ],
        [Edge("f", "output", "b", "x"), Edge("n", "features", "s", "input")],
    )
    blocks = MappingProxyType({"b": Block("b", "b", inside)})
    data = MappingProxyType({"iris": DatasetSettings("iris")})
    found = shown(Project("names", graph, blocks, data=data))
    assert [port.name for port in found.inputs] == ["net_1_fc", "features"]
    assert [port.name for port in found.outputs] == ["net_1_fc_2", "relu"]


def test_training_under_way_keeps_its_random_numbers(tmp_path):
    torch.manual_seed(3)
    before = torch.get_rng_state()
    export_model(generator(), find("pt2"), tmp_path / "g.pt2", None, quiet)
    assert torch.equal(before, torch.get_rng_state())


def test_what_cannot_be_exported_is_told_and_leaves_nothing(tmp_path):
    with pytest.raises(CheckError, match="has none"):
        export_model(Project(), find("pt2"), tmp_path / "n.pt2", None, quiet)
    loose = chain([("Linear", "fc", {"out_features": 10, "in_features": 9})])
    with pytest.raises(Exception, match="fc"):
        export_model(loose, find("pt2"), tmp_path / "n.pt2", None, quiet)
    with pytest.raises(FileError, match="weights of this network"):
        export_model(lenet(), find("pt2"), tmp_path / "n.pt2", trained(recurrent(), tmp_path / "w"), quiet)
    assert {path.name for path in tmp_path.iterdir()} == {"w"}


def test_a_file_that_cannot_be_run_is_told_and_does_not_come_to_stand(tmp_path, monkeypatch):
    def refuse(_path: Path, _inputs: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        raise RuntimeError("no such operation\nand a long tale")

    monkeypatch.setattr("core.exchange.programs.run_program", refuse)
    with pytest.raises(CheckError, match="RuntimeError came: no such operation"):
        export_model(generator(), find("pt2"), tmp_path / "n.pt2", None, quiet)
    assert list(tmp_path.iterdir()) == []


def test_giving_up_leaves_no_file_and_an_older_one_as_it_was(tmp_path):
    path = tmp_path / "n.pt2"
    path.write_text("older")

    def stop(text: str, _share: float) -> None:
        if text.startswith("Comparing"):
            raise EngineError("an answer was wanted", "it was cancelled")

    with pytest.raises(EngineError, match="cancelled"):
        export_model(generator(), find("pt2"), path, None, stop)
    assert [found.name for found in tmp_path.iterdir()] == ["n.pt2"]
    assert path.read_text() == "older"


def test_a_file_that_computes_something_else_does_not_come_to_stand(tmp_path, monkeypatch):
    wrong = lambda path, inputs: tuple(value + 1e-2 for value in run_program(path, inputs))  # noqa: E731
    monkeypatch.setattr("core.exchange.programs.run_program", wrong)
    with pytest.raises(CheckError, match=r"differs by 0\.01"):
        export_model(generator(), find("pt2"), tmp_path / "n.pt2", None, quiet)
    assert list(tmp_path.iterdir()) == []


def test_the_layer_that_cannot_be_traced_for_every_batch_is_named(tmp_path):
    layers = [("ReLU", "relu", {}), ("CrossMapLRN2d", "lrn", {"size": 3}), ("Flatten", "flatten", {})]
    project = chain([("Conv2d", "conv1", {"kernel_size": 5}), *layers, ("Linear", "fc", {"out_features": 10})])
    with pytest.raises(CheckError) as caught:
        export_model(project, find("pt2"), tmp_path / "n.pt2", None, quiet)
    assert caught.value.where == "lrn"
    assert caught.value.came.startswith("it cannot follow CrossMapLRN2d: UserError came")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_the_layer_that_onnx_does_not_have_is_named(tmp_path):
    layers = [("Squeeze", "rows", {"dim": 1}), ("Tanh", "act", {}), ("Cumprod", "run", {"dim": 1})]
    project = chain([*layers, ("Flatten", "flatten", {}), ("Linear", "fc", {"out_features": 10})])
    with pytest.raises(CheckError, match="nothing for Cumprod: DispatchError came") as caught:
        export_model(project, find("onnx"), tmp_path / "n.onnx", None, quiet)
    assert caught.value.where == "run"
    assert list(tmp_path.iterdir()) == []


def test_numbers_that_are_none_are_equal_to_such_alone(tmp_path, monkeypatch):
    graph = Graph.of(
        [Node("f", "Input", "x", (("shape", (4,)),)), Node("l", "Log", "log"), Node("n", "IsNan", "nan")],
        [Edge("f", "output", "l", "input"), Edge("l", "output", "n", "input")],
    )
    assert export_model(Project("nan", graph), find("pt2"), tmp_path / "n.pt2", None, quiet).difference == 0
    graph = Graph.of([graph.nodes["f"], graph.nodes["l"]], [graph.edges[InputKey("l", "input")]])
    assert export_model(Project("nan", graph), find("pt2"), tmp_path / "n.pt2", None, quiet).difference == 0
    zeros = lambda path, inputs: tuple(value.nan_to_num() for value in run_program(path, inputs))  # noqa: E731
    monkeypatch.setattr("core.exchange.programs.run_program", zeros)
    with pytest.raises(CheckError, match="differs by nan"):
        export_model(Project("nan", graph), find("pt2"), tmp_path / "n.pt2", None, quiet)


def test_a_missing_package_is_told_with_the_line_to_type(tmp_path):
    unknown = Format("onnx", "ONNX", ".onnx", "", "", "", "model", ("onnx", "no_such_package"))
    with pytest.raises(EngineError) as caught:
        export_model(generator(), unknown, tmp_path / "n.onnx", None, quiet)
    assert caught.value.came == "no_such_package is not installed"
    assert caught.value.fix.endswith("-m pip install no_such_package")


def test_every_format_has_a_name_of_its_own_and_an_icon():
    assert len({known.name for known in FORMATS}) == len(FORMATS)
    icons = Path(resources.__file__).parent / "icons"
    assert all((icons / f"{known.icon}.svg").is_file() for known in FORMATS)


def test_the_example_batch_is_neither_nought_nor_one_which_would_be_taken_for_the_only_size():
    assert EXAMPLE_BATCH > 1


@pytest.mark.parametrize(("rows", "wanted"), [(7, [[0, 1, 0], [1, 0, 1]]), (1, [[0, 0, 0], [0, 0, 0]])])
def test_a_table_is_tried_with_several_of_its_rows_where_it_has_them(rows, wanted):
    nodes = [
        Node("ids", "Input", "ids", (("dtype", "int64"), ("shape", (3,)))),
        Node("table", "Embedding", "table", (("embedding_dim", 4), ("num_embeddings", rows))),
    ]
    project = Project("Words", Graph.of(nodes, [Edge("ids", "output", "table", "input")]))
    (ids,) = exported(project, None).trial(2)
    assert ids.tolist() == wanted
