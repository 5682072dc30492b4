"""What is known of the data comes from the engine, once for each state of it, and the Doctor looks again."""

from __future__ import annotations

from dataclasses import replace

from core.data.settings import split_sizes
from core.diagnosis.facts import Facts
from gui.app import App
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
