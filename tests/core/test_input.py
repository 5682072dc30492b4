"""A source whose samples are not here: it runs, is written as code, and gives way to a data set."""

from __future__ import annotations

import pytest
import torch

from core.build import build
from core.checks import errors, faults
from core.codegen import source
from core.errors import GraphError
from core.files import from_text, to_text
from core.graph import Edge, Graph, Node
from core.lowering import lower
from core.plan import Value
from core.planning import apply_fix, use_data
from core.project import Project
from core.reading import read
from core.training.evaluate import predict as outputs_of


def project(shape: tuple[int, ...] = (1, 8, 8)) -> Project:
    nodes = [
        Node("a", "Input", "picture", (("shape", shape),)),
        Node("b", "Input", "tokens", (("dtype", "int64"), ("shape", ()))),
        Node("c", "Flatten", "flatten"),
        Node("d", "Linear", "fc", (("out_features", 3),)),
        Node("e", "Embedding", "embedding", (("embedding_dim", 3),)),
        Node("f", "Add", "add"),
    ]
    edges = [
        Edge("a", "output", "c", "input"),
        Edge("c", "output", "d", "input"),
        Edge("b", "output", "e", "input"),
        Edge("d", "output", "f", "inputs"),
        Edge("e", "output", "f", "inputs", 1),
    ]
    return Project("two inputs", Graph.of(nodes, edges), positions={"a": (1.0, 2.0)})


def test_it_runs_on_given_tensors_of_its_dtype_and_is_an_argument_of_the_code() -> None:
    made = from_text(to_text(project()))
    known = read(made)
    network = build(known.plan, known.analysis.arguments, 0)
    picture, tokens = torch.randn(4, 1, 8, 8), torch.tensor([3, 0, 7, 7])
    got = outputs_of(made, network.root.state_dict(), {"picture": picture, "tokens": tokens.tolist()})
    weights = network.root.state_dict()
    wanted = picture.flatten(1) @ weights["fc.weight"].T + weights["fc.bias"] + weights["embedding.weight"][tokens]
    torch.testing.assert_close(got["add"], wanted)
    space: dict[str, type[torch.nn.Module]] = {}
    exec(source(made, known.plan, known.analysis), space)
    written = space["TwoInputs"]()
    written.load_state_dict(weights)
    torch.testing.assert_close(written(picture, tokens), wanted)


def test_training_wants_data_in_its_place_and_offers_those_that_fit() -> None:
    known = read(project())
    wanting = [problem for problem in errors(known.problems) if problem.code == "E111"]
    assert [problem.node for problem in wanting] == ["a", "b"]
    assert faults(known.problems) == ()
    fixes = [fix.label for fix in wanting[0].fixes]
    assert fixes == ["Use Digits 8 x 8"]
    mended = apply_fix(project(), wanting[0].fixes[0])
    data = next(node for node in mended.graph.nodes.values() if node.kind == "Dataset")
    assert Edge(data.id, "image", "c", "input") in mended.graph.edges.values()
    assert mended.positions[data.id] == (1.0, 2.0)
    assert "a" not in mended.graph.nodes
    assert [problem.node for problem in read(mended).errors if problem.code == "E111"] == ["b"]


def test_a_data_set_that_is_there_is_used_again() -> None:
    nodes = (Node("g", "Input", "again", (("shape", (1, 8, 8)),)), Node("h", "Flatten", "flat"))
    start = project()
    grown = start.with_scope(start.graph.add_nodes(nodes).connect(Edge("g", "output", "h", "input")))
    once = use_data(grown, "a", "digits", "image")
    twice = use_data(once, "g", "digits", "image")
    assert [node.kind for node in twice.graph.nodes.values()].count("Dataset") == 1
    with pytest.raises(GraphError, match="picture"):
        use_data(start, "a", "digits", "picture")


def test_the_command_line_predicts_without_a_loss_and_without_data(tmp_path, capsys) -> None:
    from core.cli import main
    from core.files import save
    from core.training.checkpoint import save_weights

    network = build(lower(project()), read(project()).analysis.arguments, 0)
    save_weights(network.root.state_dict(), tmp_path / "w.safetensors")
    save(project(), tmp_path / "net.chain", tmp_path / "w.safetensors")
    given = ["picture=" + str([[[[0.5] * 8] * 8]]), "tokens=[3]"]
    assert main(["predict", str(tmp_path / "net.chain"), "--input", *given]) == 0
    wanted = outputs_of(
        project(), network.root.state_dict(), {"picture": torch.full((1, 1, 8, 8), 0.5), "tokens": [3]}
    )["add"]
    assert capsys.readouterr().out.split()[1:] == [f"{number:.6g}" for number in wanted[0].tolist()]
    assert main(["predict", str(tmp_path / "net.chain"), "--index", "1"]) == 2
    assert "no data set is wired there" in capsys.readouterr().err


def test_a_layer_of_which_only_the_state_is_read_is_no_output() -> None:
    nodes = [
        Node("x", "Input", "x", (("shape", (5, 4)),)),
        Node("l", "LSTM", "lstm"),
        Node("s", "Select", "last", (("dim", 0),)),
    ]
    edges = [Edge("x", "output", "l", "input"), Edge("l", "h", "s", "input")]
    assert lower(Project("states", Graph.of(nodes, edges))).predictions() == (Value("last", "output"),)
