"""Looking back: the weights given for a step are those a plain script has there, and training is none the wiser."""

from __future__ import annotations

import itertools

import msgspec
import numpy as np
import pytest
import torch

from core.engine.landscapes import Survey
from core.engine.messages import Answer, Ask, Failed, Progress, Train
from core.engine.moments import Leave, Left, Recall, Recalled
from core.engine.portraits import Look, Portrait
from core.engine.traces import Trace
from core.engine.worker import Worker
from core.errors import EngineError, FileError
from core.files import to_text
from core.plan import Value
from core.project import Project
from core.runs.layout import kept
from core.training.checkpoint import read_facts, save_checkpoint
from core.training.control import Control
from core.training.landscape import survey
from core.training.loop import start, train
from core.training.measuring.schedule import Schedule
from core.training.moments import Moments
from core.training.optimizers import Optimizer
from core.training.portrait import portrait
from core.training.recent import MOST, Recents
from core.training.run import Run
from tests.core.training import projects
from tests.core.training.projects import gan, lstm_classifier, sigmoid_mlp, small_convnet
from tests.core.training.running import assert_same, columns, finished, job, only, weights
from tests.core.training.test_truth import OPTIMIZERS, ConvNet, plain_optimizer

RUNS = {
    "batch norm, dropout, Adam": small_convnet(Optimizer("Adam", 0.01), epochs=2),
    "plain descent": sigmoid_mlp(3, epochs=2),
    "momentum, an average": sigmoid_mlp(2, optimizer=Optimizer("Momentum", 0.1), epochs=2, averaging=0.9),
    "lstm": lstm_classifier(Optimizer("RMSprop", 0.01), epochs=2),
    "two phases and noise": gan(batch_size=10, epochs=8),
}


def stepped(made: Project, steps: int, mebibytes: int = 64, **options: object) -> tuple[Run, Moments]:
    """A run of so many steps, every one of which is kept where there is room."""
    run = start(job(made, **options))
    recents = Recents(run, mebibytes)
    for _step in range(steps):
        if run.between_epochs:
            run.batches.begin_epoch()
        run.step()
        if run.batches.ended:
            run.epoch += 1
        recents.keep()
    return run, Moments(run, recents)


@pytest.mark.parametrize("name", ["SGD", "Adam"])
def test_the_weights_given_for_a_step_are_those_of_a_plain_script_there_bit_for_bit(name):
    made = small_convnet(OPTIMIZERS[name], batch_size=32, seed=3)
    run, moments = stepped(made, 20)
    torch.manual_seed(3)
    model, data = ConvNet(), projects.loaded(made)["data"]
    step = plain_optimizer(name, model.parameters())
    plain = []
    for numbers in itertools.islice(projects.batches(made), 20):
        step.zero_grad()
        loss = torch.nn.functional.cross_entropy(model(data.fields["image"][numbers]), data.fields["label"][numbers])
        loss.backward()
        step.step()
        plain.append({key: tensor.clone() for key, tensor in model.state_dict().items()})
    for number in (1, 7, 19, 20, 3):
        with moments.at(number) as shown:
            assert shown == number == run.step_number
            assert_same(run.weights(), plain[number - 1])
    assert_same(run.weights(), plain[-1])


@pytest.mark.parametrize("name", RUNS)
def test_a_run_ends_bitwise_the_same_whether_steps_are_kept_and_looked_at_or_not(name, tmp_path):
    made = RUNS[name]
    plain, plain_control = finished(made)
    control, events = Control(), []
    for event in train(job(made, look_back=True, folder=tmp_path), control):
        events.append(event)
        if len(events) in (2, 4, 7):
            with control.moments.at(5):
                control.histograms([])
                control.tracer.trace(Trace(project="", samples=4))
    assert_same(weights(control), weights(plain_control))
    assert columns(events)["loss"].tolist() == columns(plain)["loss"].tolist()
    assert len(control.moments.recents.kept) > 1


@pytest.mark.parametrize("name", RUNS)
def test_a_step_that_is_kept_whole_is_the_checkpoint_that_would_have_been_written_there(name, tmp_path):
    made = RUNS[name]
    run, moments = stepped(made, 30)
    before = run.own_weights()
    moments.leave(17, tmp_path / "kept.safetensors")
    again, _moments = stepped(made, 17)
    save_checkpoint(again, tmp_path / "written.safetensors")
    assert (tmp_path / "kept.safetensors").read_bytes() == (tmp_path / "written.safetensors").read_bytes()
    assert_same(run.own_weights(), before)


def test_a_run_that_goes_on_from_a_step_that_was_kept_ends_as_the_one_that_was_not_left(tmp_path):
    made = RUNS["batch norm, dropout, Adam"]
    _events, straight = finished(made)
    _run, moments = stepped(made, 30)
    moments.leave(23, tmp_path / "step-23.safetensors")
    _events, gone_on = finished(made, resume=tmp_path / "step-23.safetensors")
    assert_same(weights(gone_on), weights(straight))


def test_all_that_is_asked_at_a_moment_is_what_a_run_of_so_many_steps_answers():
    made = RUNS["batch norm, dropout, Adam"]
    asked = _asked(made, 30, at=11)
    alone = _asked(made, 11, at=None)
    assert asked == alone
    assert asked != _asked(made, 30, at=None)


def test_the_engine_answers_of_a_moment_and_says_of_which(tmp_path):
    made, worker, control = RUNS["plain descent"], Worker(), Control()
    list(worker.train(Train(project=to_text(made)), control))
    told = msgspec.json.decode(_answer(worker, "recall", Recall(hold=True)).body, type=Recalled)
    assert [one.step for one in told.moments if one.source == "recent"] == list(range(1, 91))
    assert control.moments.recents.held
    run, _moments = stepped(made, 33)
    past = _answer(worker, "look", Look(module="fc2"), moment=33)
    assert past.moment == 33
    assert msgspec.json.decode(past.body, type=Portrait) == portrait(run.weights(), "fc2", 0)
    now = _answer(worker, "look", Look(module="fc2"))
    assert (now.moment, now.body != past.body) == (-1, True)
    left = _answer(worker, "leave", Leave(step=33, path=str(tmp_path / "step-33.safetensors")))
    assert msgspec.json.decode(left.body, type=Left).step == 33
    assert read_facts(tmp_path / "step-33.safetensors")["step"] == 33
    assert _answer(worker, "recall", Recall()).moment == -1
    assert not control.moments.recents.held


def _answer(worker: Worker, kind: str, question: msgspec.Struct, moment: int = -1) -> Answer:
    body = msgspec.json.encode(question).decode()
    event = worker.answer(Ask(id=1, kind=kind, body=body, moment=moment), lambda _text, _share: None)
    assert isinstance(event, Answer)
    return event


def _asked(made: Project, steps: int, at: int | None) -> list[object]:
    control, answers = Control(paused=True), []
    control.resume(steps=steps)
    for event in train(job(made, look_back=True), control):
        if isinstance(event, Progress) and event.state == "paused" and event.step == steps:
            with control.moments.at(at if at is not None else steps):
                peeked = control.peek([Value("conv", "output"), Value("fc", "output")])
                counts = control.histograms(["fc"]).layers[0]
                traced = control.tracer.trace(Trace(project="", samples=8))
                plane = survey(control.tracer, Survey(project="", points=3, samples=8), lambda _text, _share: None)
                guessed = control.predictor.survey()
                guess = control.predictor.guess({"image": np.ones((1, 1, 8, 8), np.float32)})
                answers += [peeked.step, peeked.found, counts.weights, counts.activations, traced, plane, guessed.train]
                answers += [guess.step, guess.outputs]
            control.stop()
    return answers


def test_there_is_no_gradient_of_a_step_that_is_past():
    control = Control(paused=True)
    control.resume(steps=5)
    for event in train(job(sigmoid_mlp(2), look_back=True), control):
        if isinstance(event, Progress) and event.state == "paused" and event.step == 5:
            with control.moments.at(3):
                assert control.histograms([]).layers[0].gradients is None
            assert control.histograms([]).layers[0].gradients is not None
            control.stop()


def test_checkpoints_are_moments_too_and_a_damaged_one_says_so(tmp_path):
    made = small_convnet(Optimizer("Adam", 0.03), epochs=2, keep_steps=20, look_back=0)
    events, control = finished(made, folder=tmp_path, look_back=True)
    told = control.moments.recalled(hold=False)
    assert told.room == 0 or not any(one.source == "recent" for one in told.moments)
    assert {20, 40} <= {one.step for one in told.moments if one.source == "checkpoint" and one.whole}
    run, _moments = stepped(made, 40)
    with control.moments.at(37) as shown:
        assert shown == 40
        assert_same(weights(control), run.weights())
    kept(tmp_path, "step-20").write_bytes(kept(tmp_path, "step-20").read_bytes()[:-100])
    now = weights(control)
    with pytest.raises(FileError), control.moments.at(20):
        pass
    assert_same(weights(control), now)
    assert events


def test_the_nearest_step_is_told_where_the_one_that_was_asked_for_is_gone():
    run, moments = stepped(sigmoid_mlp(2, epochs=10), MOST + 30)
    assert [one.step for one in moments.recents.kept] == list(range(31, MOST + 31))
    with moments.at(3) as shown:
        assert shown == 31
    moments.recents.held = True
    run.step()
    moments.recents.keep()
    assert moments.recents.kept[0].step == 31
    assert moments.recalled(hold=False).moments[-1].source == "now"


def test_memory_is_bounded_and_a_network_too_large_for_whole_steps_keeps_weights_alone():
    made = sigmoid_mlp(2, width=900, optimizer=Optimizer("Adam", 0.01), epochs=4)
    run, moments = stepped(made, 40, mebibytes=6)
    size = sum(group.flat.weights.nbytes for group in run.groups)
    assert 6 * 2**20 // (3 * size) < 16 < 6 * 2**20 // size
    assert len(moments.recents.kept) == moments.recents.room == 6 * 2**20 // size
    assert not any(one.whole for one in moments.recents.kept)
    with pytest.raises(EngineError, match="not kept whole"):
        moments.leave(40, None)
    none, tight = stepped(made, 3, mebibytes=0)
    assert not tight.recents.kept
    with tight.at(1) as shown:
        assert shown == none.step_number


def test_copies_are_counted_as_watching_and_grow_rare_where_they_would_cost_too_much():
    schedule = Schedule(0.03)
    for step in range(1, 200):
        schedule.note(step, 1e-3, 0.0, sampled=False)
    before = schedule.cost
    every = schedule.apart(1e-4, 1.0)
    assert 1e-4 / (every * 1e-3) <= 0.03
    schedule.also(1e-4)
    assert schedule.cost > before
    assert Schedule(0.03, 1000).apart(1e-4, 0.0) == 1


def test_where_a_step_is_not_finite_the_one_before_is_what_stands():
    deep = [projects.node("flat", "Flatten"), *(projects.node(f"fc{i}", "Linear", out_features=9) for i in range(5))]
    made = projects.classifier(
        [*deep, projects.node("fc", "Linear", out_features=10)], projects.DIGITS, optimizer=Optimizer("SGD", 100.0)
    )
    control = Control()
    events = list(train(job(made, look_back=True), control))
    (failed,) = only(events, Failed)
    assert failed.is_bad_step
    last = failed.step - 1
    run, _moments = stepped(made, last)
    assert control.moments.recalled(hold=False).moments[-1].step == last
    with control.moments.at(last) as shown:
        assert shown == last
        assert_same(weights(control), run.weights())
    assert control.peek([]).step == last
