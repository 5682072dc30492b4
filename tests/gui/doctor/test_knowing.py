"""What is known of the data comes from the engine, once for each state of it, and the Doctor looks again."""

from __future__ import annotations

from dataclasses import replace

from core.data.settings import split_sizes
from core.diagnosis.facts import Facts
from core.errors import EngineError
from gui.app import App
from tests.gui.conftest import opened
from tests.gui.doctor.test_doctor import parts

SOON = 20_000


def test_facts_are_asked_once_and_again_when_the_data_changes(lenet: App, qtbot):
    work, doctor = parts(lenet)
    knowing, project = doctor.knowing, work.document.project
    qtbot.waitUntil(lambda: bool(knowing.of(project).fields), timeout=SOON)
    (dataset, settings), *_rest = project.data.items()
    label = knowing.of(project).of(dataset, "label")
    assert label is not None
    assert sum(label.classes) == split_sizes(settings)[0]
    asked: list[str] = []
    knowing.asking.doing.connect(lambda words, _share: asked.append(words))
    optimizer = project.training.phases[0].optimizer
    work.editor.set_optimizer(replace(optimizer, learning_rate=0.011), "Set learning rate")
    work.canvas.auto_layout()
    qtbot.wait(600)
    assert asked == []  # neither has to do with the data
    work.editor.set_data(dataset, replace(settings, seed=settings.seed + 1), "Split anew")
    assert knowing.of(work.document.project) == Facts()
    qtbot.waitUntil(lambda: bool(knowing.of(work.document.project).fields), timeout=SOON)
    assert asked
    work.undo()
    assert knowing.of(work.document.project).of(dataset, "label") == label  # what was known is kept


def test_what_is_learnt_of_the_data_is_looked_at(lenet: App, qtbot, monkeypatch):
    """Facts of a set in which numbers are missing, in place of the engine's: the finding is there before training."""
    work, doctor = parts(lenet)
    knowing = doctor.knowing
    qtbot.waitUntil(lambda: bool(knowing.of(work.document.project).fields), timeout=SOON)
    facts = knowing.of(work.document.project)
    ill = replace(facts, fields=tuple(replace(field, nonfinite=3, first_nonfinite=7) for field in facts.fields))
    monkeypatch.setattr(knowing, "of", lambda _project: ill)
    doctor.checkup.facts = knowing.of
    knowing.learnt.emit()
    qtbot.waitUntil(lambda: bool(doctor.standing.findings), timeout=SOON)
    assert doctor.standing.findings[0].code == "NAN_INPUT"
    assert doctor.standing.phase == "before"
    assert lenet.window.transport.doctor.text() == " Doctor: 1 finding"


def test_the_head_says_that_the_data_is_looked_at_and_a_refusal_is_told(lenet: App, qtbot):
    work, doctor = parts(lenet)
    qtbot.waitUntil(lambda: bool(doctor.knowing.of(work.document.project).fields), timeout=SOON)
    doctor.knowing.busy.emit(True)
    assert doctor.panel.controls.checked.text() == "looking at the data…"
    doctor.knowing.busy.emit(False)
    assert doctor.panel.controls.checked.text() == "checked before training"
    with qtbot.waitSignal(work.said) as said:
        doctor.knowing.asking.failed.emit(EngineError("the data was wanted", "its file is gone", "Engine"))
    assert "its file is gone" in said.args[0]


def test_a_run_that_ends_in_nan_is_explained(app: App, qtbot):
    """With a rate that throws everything away: the run fails, and the Doctor names the cause and what helps."""
    work, doctor = parts(opened(app, qtbot, "linear-regression"))
    optimizer = work.document.project.training.phases[0].optimizer
    work.editor.set_optimizer(replace(optimizer, learning_rate=1e5), "Set learning rate")
    app.window.actions_["doctor"].trigger()
    work.run.train()
    qtbot.waitUntil(lambda: work.run.state.phase == "failed", timeout=30_000)
    qtbot.waitUntil(lambda: bool(doctor.standing.failure) and bool(doctor.standing.shown), timeout=SOON)
    codes = {finding.code for finding in doctor.standing.shown}
    codes |= {code for finding in doctor.standing.shown for code in finding.explains}
    assert codes & {"NONFINITE", "LR_TOO_HIGH"}
    assert doctor.panel.strip.text().startswith("The run failed.")
    assert app.window.transport.doctor.property("tone") == "critical"
    doctor.offering.now()
    (first, *_rest) = doctor.panel.cards
    qtbot.waitUntil(lambda: bool(first.rows), timeout=SOON)
    before = work.document.project.training.phases[0].optimizer.learning_rate
    app.window.actions_["apply_remedy"].trigger()
    assert work.document.project.training.phases[0].optimizer.learning_rate < before
