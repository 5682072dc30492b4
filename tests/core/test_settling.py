"""Sizes that follow from a loss: wired by hand, added, or set before; only what nobody set changes."""

from __future__ import annotations

from core import planning
from core.adding import add_after
from core.fitting import refusal as plain_refusal
from core.fitting import types_of
from core.graph import Edge, InputKey
from core.lowering import lower
from core.project import Project
from core.reading import read
from core.settling import refusal, settled
from core.shapes import analyse
from tests.core.networks import chain

LAYERS = [("Flatten", "flatten", {}), ("Linear", "fc", {}), ("ReLU", "relu", {})]


def unwired(
    dataset: str = "mnist", field: str = "image", loss: tuple[str, str, str] | None = None, **params: int
) -> Project:
    """A network whose last wire is missing."""
    layers = [(kind, name, dict(params) if name == "fc" else {}) for kind, name, _given in LAYERS]
    made = chain(
        layers, dataset, field, loss or ("CrossEntropy", "logits", "label"), "label" if loss is None else "target"
    )
    return planning.disconnect(made, [InputKey("loss", "logits" if loss is None else loss[1])])


def wired(made: Project, port: str = "logits") -> Project:
    return planning.connect(made, Edge("relu", "output", "loss", port))


def test_the_last_layer_gets_a_score_for_each_class() -> None:
    made = settled(wired(unwired()), "loss")
    assert made.project.graph.nodes["fc"].params == (("out_features", 10),)
    assert made.words == "fc gives 10 now, as its target wants."
    assert read(made.project).problems == ()


def test_a_width_that_was_set_by_hand_stays() -> None:
    project = wired(unwired(out_features=12))
    made = settled(project, "loss")
    assert made.project is project
    assert not made.words
    assert [problem.code for problem in read(project).problems] == ["W302"]


def test_what_fits_and_what_is_no_loss_stays() -> None:
    project = wired(unwired(out_features=10))
    assert settled(project, "loss").project is project
    assert settled(project, "flatten").project is project


def test_a_wire_is_not_refused_for_a_size_that_follows_from_it() -> None:
    project = unwired("diabetes", "features", ("MSE", "prediction", "target"))
    types = types_of(project, analyse(lower(project)))
    edge = Edge("relu", "output", "loss", "prediction")
    assert plain_refusal(project, types, edge) is not None
    assert refusal(project, types, edge) is None
    made = settled(planning.connect(project, edge), "loss")
    assert made.project.graph.nodes["fc"].params == (("out_features", 1),)
    assert read(made.project).problems == ()
    fixed = planning.set_param(project, "fc", "out_features", 7)
    assert refusal(fixed, types_of(fixed, analyse(lower(fixed))), edge) is not None


def test_a_table_knows_as_many_tokens_as_the_text_that_is_wired_to_it_has() -> None:
    project, data = planning.add(Project("Text"), "data:shakespeare", (0.0, 0.0))
    project, table = planning.add(project, "Embedding", (300.0, 0.0))
    project = planning.connect(project, Edge(data, "text", table, "input"))
    made = settled(project, table)
    assert made.project.graph.nodes[table].params == (("num_embeddings", 62),)
    assert made.words == "embedding1 knows 62 tokens now, as its data has."
    by_hand = planning.set_param(project, table, "num_embeddings", 70)
    assert settled(by_hand, table).project == by_hand
    assert settled(project, data).project == made.project


def test_a_layer_put_before_the_loss_is_as_wide_as_the_loss_wants() -> None:
    project, made = planning.insert(wired(unwired(out_features=20)), "Linear", InputKey("loss", "logits"))
    assert settled(project, made).project.graph.nodes[made].params == (("out_features", 10),)


def test_a_loss_added_behind_a_layer_is_wired_to_its_target_though_the_size_must_follow() -> None:
    project = planning.delete(unwired("diabetes", "features", ("MSE", "prediction", "target")), ["loss"])
    project, made = add_after(project, types_of(project, analyse(lower(project))), "MSE", "relu")
    project = settled(project, made).project
    assert {edge.input for edge in project.graph.into(made)} == {"prediction", "target"}
    assert read(project).problems == ()
