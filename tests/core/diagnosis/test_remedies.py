"""What helps: every remedy of every finding is an edit that can be made and undone and leaves the graph whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pytest

from core import checks
from core.diagnosis.facts import Facts, FieldFacts
from core.diagnosis.finding import Family, Finding
from core.diagnosis.remedies import TABLE, remedies
from core.diagnosis.remedy import Remedy
from core.diagnosis.words import WORDS
from core.document import Document
from core.lowering import lower
from core.planning import change_kind
from core.project import Project
from core.shapes import analyse
from core.training.optimizers import Optimizer
from core.training.schedules import Schedule
from tests.core.code.projects import PROJECTS
from tests.core.training import projects
from tests.core.training.projects import DIGITS, node, small_convnet
from tests.core.training.running import finished
from tests.faulty.case import HEALTHY, view_of
from tests.faulty.graphs import imported
from tests.faulty.scoring import CASES
from tests.faulty.view import View

FAULTY = MappingProxyType({case.id[:3]: case for case in CASES if case.label != HEALTHY})


def finding(code: str, *where: str) -> Finding:
    return Finding(code, "critical", code, where, (), (), "", "", "")


def facts_of(view: View) -> Facts:
    """What rules and cures ask of the arrays of a view."""
    fields = [FieldFacts("arrays", "x", len(view["X_train"]), rms=float(np.sqrt(np.nanmean(view["X_train"] ** 2.0))))]
    if view["task"] == "clf":
        classes = tuple(int(number) for number in np.bincount(view["y_train"], minlength=view["n_out"]))
        fields.append(FieldFacts("arrays", "label", len(view["y_train"]), classes=classes))
    return Facts(tuple(fields))


@cache
def seen(short: str) -> tuple[View, Project]:
    """A faulty network as the Doctor sees it, and as a project."""
    view = view_of(FAULTY[short], "case")
    return view, imported(view).project


@cache
def offered(short: str, code: str = "") -> tuple[Project, tuple[Remedy, ...]]:
    """The project of a case, and what is offered for its fault."""
    view, project = seen(short)
    return project, remedies(project, finding(code or FAULTY[short].label), facts_of(view))


def best(short: str, code: str = "") -> tuple[Project, Project]:
    """The project of a case, and what the first remedy makes of it."""
    project, found = offered(short, code)
    return project, found[0].apply(project)


def kinds(project: Project) -> list[str]:
    return [step.kind.name for step in lower(project).steps]


def optimizer(project: Project) -> Optimizer:
    return project.training.phases[0].optimizer


def values(project: Project, kind: str, name: str) -> list[object]:
    """A parameter of all nodes of a kind, as it stands in the project."""
    return [one.param(name, None) for one in project.graph.nodes.values() if one.kind == kind]


@pytest.mark.parametrize("short", FAULTY)
def test_every_remedy_of_a_faulty_network_is_one_whole_edit(short: str) -> None:
    project, found = offered(short)
    assert found, "something is offered for every fault"
    assert len({remedy.label for remedy in found}) == len(found)
    for remedy in found:
        document = Document(project)
        assert document.edit(remedy.label, remedy.apply(document.project)), "it changes something"
        plan = lower(document.project)
        assert checks.errors(checks.check(document.project, plan, analyse(plan))) == ()
        assert set(document.project.positions) >= set(document.project.graph.nodes) - set(project.graph.nodes)
        assert document.undo()
        assert document.project == project
        assert remedy.label[0].isupper()
        assert remedy.detail.endswith(".")
        assert remedy.effect.endswith(".")


@pytest.mark.parametrize("code", sorted(TABLE))
def test_no_code_makes_a_remedy_that_breaks_a_network_it_does_not_fit(code: str) -> None:
    made = [small_convnet(), projects.gan(), projects.lstm_classifier(), PROJECTS["nested"]()]
    for project in made:
        plan = lower(project)
        known = {problem.code for problem in checks.errors(checks.check(project, plan, analyse(plan)))}
        for remedy in remedies(project, finding(code)):
            after = remedy.apply(project)
            plan = lower(after)
            found = {problem.code for problem in checks.errors(checks.check(after, plan, analyse(plan)))}
            assert found <= known, f"{code}: {remedy.label}"


def told(code: str, family: Family, step: int = 0) -> Finding:
    """A finding as rules tell it before training, or at a step."""
    return replace(finding(code), family=family, step=step)


def test_causes_beside_one_another_are_cured_by_one_edit_first() -> None:
    view, project = seen("R12")
    far, rare = told("INPUT_NOT_NORMALIZED", "data"), told("CLASS_IMBALANCE", "data")
    alone, first = offered("R12", "INPUT_NOT_NORMALIZED")[1], offered("R12", "CLASS_IMBALANCE")[1][0]
    found = remedies(project, far, facts_of(view), (far, rare))
    assert [remedy.id for remedy in found] == ["TOGETHER", *(remedy.id for remedy in alone)]
    document = Document(project)
    assert document.edit(found[0].label, found[0].apply(document.project))
    assert document.project == first.apply(alone[0].apply(project))
    assert document.undo()
    assert document.project == project
    for other in (told("LR_TOO_HIGH", "settings", 5), replace(rare, severity="hint"), told("DATA_LEAK", "data")):
        assert remedies(project, far, facts_of(view), (far, other))[0].id == alone[0].id
    explained = replace(far, explains=("CLASS_IMBALANCE",))
    assert remedies(project, explained, facts_of(view), (rare,))[0].id == alone[0].id


def test_sigmoids_are_exchanged_with_a_start_that_suits_relu() -> None:
    before, after = best("P01")
    assert kinds(before).count("Sigmoid") == 6
    assert "Sigmoid" not in kinds(after)
    assert kinds(after).count("ReLU") == 6
    assert values(after, "Linear", "weight_init") == ["kaiming_normal"] * 6 + ["xavier_normal"]


def test_a_bad_start_of_tanh_becomes_xaviers_whose_gain_is_one_in_deep_networks() -> None:
    _before, after = best("P05")
    assert values(after, "Linear", "init_gain")[:-1] == [1.0] * 8
    assert values(after, "Linear", "init_value") == [None] * 9
    assert values(best("P11")[1], "Linear", "init_gain")[:-1] == [5 / 3] * 2


def test_a_recurrent_layer_begins_orthogonal_and_lstm_with_open_gates_is_offered_too() -> None:
    project, found = offered("P04")
    assert [remedy.id for remedy in found] == ["REINIT", "GATED_RNN"]
    assert values(found[0].apply(project), "RNN", "recurrent_init") == ["orthogonal"]
    gated = found[1].apply(project)
    assert values(gated, "LSTM", "forget_bias") == [4.7], "ln 40 and 1"


def test_branches_of_a_residual_network_begin_with_normalization() -> None:
    _before, after = best("P07")
    plan = lower(after)
    norms = [step for step in plan.steps if step.kind.name == "LayerNorm"]
    assert len(norms) == 15, "one a branch, and one before the last layer"
    read = {value.path for step in plan.steps if step.kind.name == "Add" for value in step.values()}
    assert not read & {step.path for step in norms}, "the wire past the branch is left as it is"


def test_a_start_that_kills_is_drawn_anew_and_a_rate_that_kills_is_lowered() -> None:
    _before, begun = best("P08")
    assert values(begun, "Linear", "bias_init") == [0.0] * 3
    before, slower = best("P09")
    assert (optimizer(before).learning_rate, optimizer(slower).learning_rate) == (0.3, 3e-3)


def test_only_the_last_layer_begins_anew_where_only_it_is_too_large() -> None:
    before, after = best("P12")
    inits = values(before, "Linear", "weight_init"), values(after, "Linear", "weight_init")
    assert inits == (["kaiming_normal", "normal"], ["kaiming_normal", "xavier_normal"])


def test_settings_of_the_optimizer_are_what_they_usually_are() -> None:
    assert optimizer(best("P18")[1]).momentum == 0.9
    assert optimizer(best("P33")[1]).weight_decay == 0.01
    assert optimizer(best("R08")[1]).weight_decay == 1e-4
    assert best("P17")[1].training.clip_norm == 1.0
    assert best("P16")[1].training.schedule.name == "Cosine"
    assert best("P34")[1].training.batch_size == 64
    assert best("P24")[1].training.shuffle


def test_what_is_done_to_the_data_is_a_setting_of_the_data() -> None:
    assert best("P19")[1].data["arrays"].normalise == "standardise"
    assert best("P21")[1].data["arrays"].normalise == "standardise"
    assert dict(best("P26")[1].data["arrays"].options) == {"missing": "fill"}
    assert best("P25")[1].data["arrays"].split == "stratified"


def test_rare_classes_count_as_much_as_frequent_ones() -> None:
    view, _project = seen("P22")
    counts = np.bincount(view["y_train"])
    _before, after = best("P22")
    (weights,) = values(after, "CrossEntropy", "class_weights")
    assert np.allclose(np.array(weights) * counts, len(view["y_train"]) / 2, rtol=1e-3)


def test_what_bends_twice_goes_and_what_does_not_bend_gets_activations() -> None:
    assert kinds(best("P29")[1]).count("Sigmoid") == 0
    assert kinds(best("P30")[1]).count("Tanh") == 0
    linear = [kind for kind in kinds(best("P28")[1]) if kind in ("Linear", "BatchNorm1d", "ReLU")]
    assert linear == ["Linear", "BatchNorm1d", "ReLU"] * 2 + ["Linear"]


def test_pictures_are_shifted_where_they_are_learned_by_heart() -> None:
    made = small_convnet()
    found = {remedy.label: remedy for remedy in remedies(made, finding("OVERFITTING"))}
    after = found["Shift the pictures of data by up to 2 pixels"].apply(made)
    assert [step.name for step in after.data["data"].augmentation] == ["crop"]
    again = remedies(after, finding("OVERFITTING"))
    assert not any("Shift" in remedy.label for remedy in again), "once is enough"


def test_raw_scores_get_the_loss_that_takes_them() -> None:
    made = projects.classifier([node("flat", "Flatten"), node("fc", "Linear", out_features=10)], DIGITS)
    made = change_kind(made, "loss", "NLL")
    assert kinds(remedies(made, finding("MISSING_SOFTMAX", "fc", "loss"))[0].apply(made))[-1] == "CrossEntropy"


def test_class_numbers_are_judged_by_cross_entropy_and_the_head_has_a_score_for_each() -> None:
    _before, after = best("P36")
    assert kinds(after)[-1] == "CrossEntropy"
    assert values(after, "Linear", "out_features") == [24, 24, 6]
    assert "Cast" not in kinds(after), "what only the old loss read is gone"


def test_narrow_layers_get_room_and_frozen_ones_learn() -> None:
    assert values(best("P31")[1], "Linear", "out_features") == [48, 32, 48, 10]
    _before, after = best("P35")
    assert not any(values(after, "Linear", "frozen"))
    assert values(after, "Linear", "out_features") == [16, 16, 16, 2]


def test_the_finding_says_which_layers_are_widened() -> None:
    _view, project = seen("P31")
    wide = remedies(project, finding("UNDERFITTING_CAPACITY", "fc1"))[0].apply(project)
    assert values(wide, "Linear", "out_features") == [192, 1, 48, 10]


def test_a_new_layer_stands_clear_of_the_others() -> None:
    _view, project = seen("P01")
    project = project.with_positions({name: (220.0 * place, 0.0) for place, name in enumerate(project.graph.nodes)})
    norm = next(one for one in remedies(project, finding("VANISHING_GRADIENT")) if one.id == "ADD_NORM")
    after = norm.apply(project)
    lefts = sorted(after.positions[name][0] for name in after.graph.nodes if after.positions[name][1] == 0.0)
    assert len(lefts) == len(after.graph.nodes)
    assert min(np.diff(lefts)) >= 146, "no card lies on another"


def test_a_rate_that_suits_is_left_and_a_run_that_is_long_is_not_made_longer() -> None:
    made = small_convnet(Optimizer("Adam", 2e-3), epochs=400)
    first = remedies(made, finding("BAD_INIT_SMALL"))[0].apply(made)
    assert (optimizer(first), first.training.epochs) == (optimizer(made), 400)


def test_every_finding_has_its_cures_but_for_what_no_edit_of_a_project_takes_away() -> None:
    of_scripts = {"KEPT_GRADIENTS", "STRANGE_PARAMETERS", "TRAINED_IN_USE"}  # mended in the script itself
    assert WORDS.keys() - TABLE.keys() == {"DATA_LEAK", "CONSTANT_TARGET", *of_scripts}
    assert TABLE.keys() <= WORDS.keys()


def test_the_docs_tell_of_every_family() -> None:
    told = (Path(__file__).parents[3] / "docs" / "doctor.md").read_text(encoding="utf-8")
    made = {remedy.id for short in FAULTY for remedy in offered(short)[1]}
    assert len(made) > 20
    assert [name for name in sorted(made) if f"`{name}`" not in told] == []


def test_what_has_no_cure_is_offered_none() -> None:
    assert remedies(small_convnet(), finding("DATA_LEAK")) == ()
    assert remedies(small_convnet(), finding("DATA_NOT_SHUFFLED")) == (), "its samples are shuffled"


MENDED: Mapping[str, tuple[Project, str]] = MappingProxyType(
    {
        "rate": (small_convnet(Optimizer("SGD", 1e-6), epochs=2), "LR_TOO_LOW"),
        "schedule": (
            small_convnet(Optimizer("SGD", 0.05), epochs=2, schedule=Schedule("Step", every=0.02, factor=0.1)),
            "SCHEDULE_COLLAPSE",
        ),
        "clip": (small_convnet(Optimizer("SGD", 0.05), epochs=2, clip_norm=1e-4), "CLIP_TOO_TIGHT"),
        "softmax": (
            projects.classifier(
                [node("flat", "Flatten"), node("fc", "Linear", out_features=10), node("bent", "Softmax")],
                small_convnet().data["data"],
                optimizer=Optimizer("SGD", 0.1),
                epochs=2,
            ),
            "DOUBLE_SOFTMAX",
        ),
    }
)


@pytest.mark.parametrize("name", MENDED)
def test_a_run_of_the_cured_project_ends_with_a_lower_loss(name: str) -> None:
    made, code = MENDED[name]
    cured = remedies(made, finding(code))[0].apply(made)
    cured = replace(cured, training=replace(cured.training, epochs=made.training.epochs))
    losses = [finished(project)[0][-1].validation_loss for project in (made, cured)]  # type: ignore[attr-defined]
    assert losses[1] < 0.8 * losses[0]
