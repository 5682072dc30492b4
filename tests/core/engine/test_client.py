from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from core.engine.client import Engine, EngineDied, Notice, ending
from core.engine.messages import (
    Answer,
    Cancel,
    Doing,
    Failed,
    Finished,
    Hello,
    Pause,
    Progress,
    Ready,
    Resume,
    SetLearningRate,
    StepRows,
    Stop,
    Train,
)
from core.errors import EngineError
from tests.core.engine.synthetic import PROGRAM, rows
from tests.engines import until

ROOT = Path(__file__).parents[3]


def step_rows(came: list[Notice]) -> list[StepRows]:
    return [event for event in came if isinstance(event, StepRows)]


def test_a_question_gets_its_own_answer(light: Engine) -> None:
    ids = [light.ask("echo", str(number)) for number in range(5)]
    came: list[Notice] = []
    while len(came) < 5:
        came += until(light, Answer)[1]
    assert [(event.id, event.body) for event in came if isinstance(event, Answer)] == [
        (number, str(index)) for index, number in enumerate(ids)
    ]


def test_a_long_answer_tells_what_it_is_at_and_can_be_given_up(light: Engine) -> None:
    number = light.ask("long")
    doing, _ = until(light, Doing)
    assert (doing.id, doing.text, doing.share) == (number, "step 0", 0.0)
    light.send(Cancel(id=number))
    answer, came = until(light, Answer)
    assert (answer.id, answer.problem.came if answer.problem else "") == (number, "it was cancelled")
    assert len([event for event in came if isinstance(event, Doing)]) < 500


def test_a_question_that_is_given_up_before_its_turn_is_refused_and_others_are_not(light: Engine) -> None:
    first, second, third = light.ask("long"), light.ask("long"), light.ask("echo", "3")
    for number in (second, first):
        light.send(Cancel(id=number))
    came: list[Notice] = []
    while sum(isinstance(event, Answer) for event in came) < 3:
        came += until(light, Answer)[1]
    answers = {event.id: event for event in came if isinstance(event, Answer)}
    assert answers[first].problem
    assert answers[second].problem
    assert answers[third].body == "3"


def test_no_print_breaks_a_frame_and_input_is_empty(light: Engine) -> None:
    light.ask("noise")
    answer, _ = until(light, Answer)
    assert answer.body == '""'
    printed = ["a print", "raw bytes on descriptor 1", "from a C library"]
    end = time.monotonic() + 20  # it comes by a pipe of its own, and may be later than the answer
    while len(light.output.splitlines()) < len(printed) and time.monotonic() < end:
        time.sleep(0.01)
    assert light.output.splitlines() == printed


def test_all_rows_of_a_run_come_in_order(light: Engine) -> None:
    light.send(Train(project="300500"))
    _, came = until(light, Finished)
    first = 1
    for event in step_rows(came):
        assert event.first == first
        assert event.data == rows(first, event.count)
        first += event.count
    assert first == 300_501


def test_a_run_is_steered_while_it_runs(light: Engine) -> None:
    light.send(Train(project="100000000", paused=True))
    until(light, StepRows)
    light.send(Pause())
    paused = False
    while not paused:
        paused = any(isinstance(event, Progress) and event.state == "paused" for event in until(light, Progress)[1])
    light.ask("echo", "1")
    assert not step_rows(until(light, Answer)[1])
    light.send(SetLearningRate(value=0.25))
    light.send(Resume())
    until(light, StepRows)
    assert until(light, Progress)[0].learning_rate == 0.25
    light.send(Stop())
    assert until(light, Finished)[0].state == "stopped"


def test_a_stop_right_behind_its_train_is_not_lost(light: Engine) -> None:
    light.send(Train(project="100000000", paused=True))
    light.send(Stop())
    assert until(light, Finished)[0].state == "stopped"


def test_a_question_is_answered_in_the_middle_of_a_run(light: Engine) -> None:
    light.send(Train(project="100000000", paused=True))
    until(light, StepRows)
    light.ask("echo", "1")
    _, came = until(light, Answer)
    assert not any(isinstance(event, Finished) for event in came)


def test_what_a_control_refuses_is_told_and_the_run_goes_on(light: Engine) -> None:
    light.send(Train(project="100000000", paused=True))
    light.send(SetLearningRate(value=-1.0))
    problem = until(light, Failed)[0].problem
    assert (problem.came, problem.where) == ("-1.0 came", "Learning rate")
    until(light, StepRows)


def test_a_run_that_cannot_begin_fails_in_four_parts_and_the_engine_lives(light: Engine) -> None:
    light.send(Train(project="nonsense"))
    problem = until(light, Failed)[0].problem
    assert problem.wanted
    assert "nonsense" in problem.came
    assert problem.where == "Synthetic run"
    assert problem.fix
    assert problem.kind == "TrainingError"
    light.ask("echo", "1")
    until(light, Answer)


def test_any_other_exception_brings_its_stack_trace(light: Engine) -> None:
    light.ask("raise")
    problem = until(light, Answer)[0].problem
    assert problem is not None
    assert "RuntimeError" in problem.came
    assert "on purpose" in problem.details


def test_another_version_of_the_messages_is_refused_in_words(light: Engine) -> None:
    light.send(Hello(version=99))
    assert "99" in until(light, Failed)[0].problem.came


def test_a_large_message_does_not_make_its_sender_wait(light: Engine) -> None:
    light.send(Train(project="100000000", paused=True))
    body = '"' + "x" * 20_000_000 + '"'
    began = time.perf_counter()
    light.ask("echo", body)
    assert time.perf_counter() - began < 1.0  # the pipe holds 1 MiB: a write that waits would wait for the answer
    answer, came = until(light, Answer)
    assert answer.body == body
    assert step_rows(came)


def test_sending_does_not_wait_for_an_engine_that_stands_still(light: Engine) -> None:
    os.kill(light.pid, signal.SIGSTOP)
    for _ in range(5):
        light.ask("echo", '"' + "x" * 2_000_000 + '"')
    os.kill(light.pid, signal.SIGCONT)
    until(light, Answer)


def test_a_killed_engine_is_told_at_once_and_loses_nothing_that_was_sent(light: Engine) -> None:
    light.send(Train(project="100000000", paused=True))
    _, came = until(light, StepRows)
    began = time.perf_counter()
    light.kill()
    died, rest = until(light, EngineDied)
    assert time.perf_counter() - began < 1.0  # benchmarks/startup.py has the figure
    assert died.exit_code == -signal.SIGKILL
    assert "SIGKILL" in died.error.came
    assert rest[-1] == died
    bundles = step_rows(came + rest)
    assert [event.first for event in bundles] == [1 + 1000 * index for index in range(len(bundles))]
    assert not light.alive
    light.ask("echo")  # goes nowhere, and raises nothing
    assert not light.wait()


def test_a_crash_brings_the_last_words_of_standard_error(light: Engine) -> None:
    light.ask("noise")
    light.ask("crash")
    died, _ = until(light, EngineDied)
    assert "SIGABRT" in died.reason
    assert "from a C library" in died.output


def test_a_grandchild_that_holds_the_pipe_hides_no_death_and_is_ended(light: Engine) -> None:
    light.ask("fork")
    grandchild = int(until(light, Answer)[0].body)
    began = time.perf_counter()
    light.kill()
    until(light, EngineDied)
    assert time.perf_counter() - began < 1.0
    light.close()
    assert ends(grandchild)


def test_closing_ends_the_process_and_every_thread(light_engine: Callable[..., Engine]) -> None:
    before = set(threading.enumerate())
    engine = light_engine()
    until(engine, Ready)
    engine.send(Train(project="100000000", paused=True))
    until(engine, StepRows)
    began = time.perf_counter()
    engine.close()
    assert time.perf_counter() - began < 1.0
    assert set(threading.enumerate()) <= before
    assert ends(engine.pid)
    assert not any(isinstance(event, EngineDied) for event in engine.drain())


def test_closing_kills_an_engine_that_does_not_listen(light_engine: Callable[..., Engine]) -> None:
    engine = light_engine()
    until(engine, Ready)
    os.kill(engine.pid, signal.SIGSTOP)
    began = time.perf_counter()
    engine.close()
    assert 1.9 < time.perf_counter() - began < 4.0
    assert ends(engine.pid)


def test_the_owner_is_woken_when_there_is_something_to_drain(light_engine: Callable[..., Engine]) -> None:
    woken = threading.Event()
    engine = light_engine(woken.set)
    assert woken.wait(20)
    until(engine, Ready)
    woken.clear()
    engine.kill()
    assert woken.wait(1)


def test_an_engine_that_cannot_be_started_says_so() -> None:
    with pytest.raises(EngineError, match="refused"):
        Engine(line=("/nowhere/python",))


@pytest.mark.parametrize("end", ["kill", "leave"])
def test_the_engine_ends_with_its_window(end: str) -> None:
    last = "os.kill(os.getpid(), 9)" if end == "kill" else "os._exit(0)"
    window = f"""
import os, sys
sys.path.insert(0, {str(ROOT)!r})
from pathlib import Path
from core.engine.client import Engine
from core.engine.launch import command
from core.engine.messages import Train
engine = Engine(line=command(Path({str(PROGRAM)!r})))
engine.wait(20)
engine.send(Train(project="100000000", paused=True))
engine.wait(20)
print(engine.pid, flush=True)
{last}
"""
    ran = subprocess.run([sys.executable, "-c", window], capture_output=True, text=True, timeout=60, check=False)
    assert ends(int(ran.stdout))


def test_the_engine_ends_with_its_window_even_if_another_process_keeps_its_input_open() -> None:
    reading, writing = os.pipe()
    window = f"""
import subprocess, sys
engine = subprocess.Popen([sys.executable, "-I", {str(PROGRAM)!r}], stdin={reading}, stdout=subprocess.PIPE)
engine.stdout.read(20)
print(engine.pid)
"""
    try:
        line = [sys.executable, "-W", "ignore", "-c", window]
        ran = subprocess.run(line, capture_output=True, text=True, timeout=60, check=True, pass_fds=(reading,))
        assert ends(int(ran.stdout))
    finally:
        os.close(reading)
        os.close(writing)


@pytest.mark.parametrize(
    ("code", "words"), [(3, "exit code 3"), (-11, "SIGSEGV"), (-9, "memory runs out"), (-250, "signal 250 (unknown)")]
)
def test_an_ending_is_told_in_words(code: int, words: str) -> None:
    assert words in ending(code)


def ends(pid: int) -> bool:
    """Whether the process ends within 5 s, be it that nobody has asked for its exit code yet."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except FileNotFoundError:
            return True
        time.sleep(0.01)
    return False
