from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.engine import outbox as outbox_module
from core.engine.messages import Event, Said, StepRows, decode_event
from core.engine.outbox import Outbox
from core.engine.pipe import frames

PIPES = tuple[int, int]


@pytest.fixture
def pipe() -> Iterator[PIPES]:
    reading, writing = os.pipe()
    yield reading, writing
    for descriptor in (reading, writing):
        try:
            os.close(descriptor)
        except OSError:
            continue


def collected(pipe: PIPES) -> tuple[list[Event], threading.Thread]:
    """What comes out of the pipe until it is closed, and the thread that reads it."""
    came: list[Event] = []
    thread = threading.Thread(target=lambda: came.extend(map(decode_event, frames(pipe[0]))))
    thread.start()
    return came, thread


def ended(pipe: PIPES, outbox: Outbox, thread: threading.Thread) -> None:
    assert outbox.close(10)
    os.close(pipe[1])
    thread.join(10)


def rows(index: int) -> StepRows:
    return StepRows(first=index, count=1, data=index.to_bytes(4, "little") * 256)


def test_rows_that_nobody_reads_go_to_disk_and_come_back_in_order(pipe: PIPES, tmp_path: Path) -> None:
    outbox = Outbox(pipe[1], memory=20_000, folder=str(tmp_path))
    sent = [rows(index) for index in range(2000)]
    for event in sent:
        outbox.send(event)
    assert outbox.spilled > 1_500_000
    came, thread = collected(pipe)
    ended(pipe, outbox, thread)
    assert came == sent
    assert not list(tmp_path.iterdir())


def test_order_holds_while_a_slow_reader_lets_it_change_between_memory_and_disk(pipe: PIPES, tmp_path: Path) -> None:
    outbox = Outbox(pipe[1], memory=100_000, folder=str(tmp_path))
    came, thread = collected(pipe)
    sent = []
    spills = set()
    for index in range(6000):
        sent.append(rows(index))
        outbox.send(sent[-1])
        spills.add(outbox.spilled)
        if index % 1000 == 999:
            time.sleep(0.02)
    ended(pipe, outbox, thread)
    assert came == sent
    assert 1 < len(spills) < 6000  # some went each way


def test_one_file_holds_all_that_waits_however_the_reader_comes_and_goes(pipe: PIPES, tmp_path: Path) -> None:
    outbox = Outbox(pipe[1], memory=20_000, folder=str(tmp_path))
    for index in range(1500):
        outbox.send(rows(index))
        if index > 300 and index % 2:
            os.read(pipe[0], 800)
        assert sum(not isinstance(part, bytes) for part in list(outbox._waiting)) <= 1
    os.close(pipe[0])
    assert outbox.close(10)


def test_where_the_disk_is_full_rows_stay_in_memory(
    pipe: PIPES, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = iter(range(20))

    def full(self: object, data: bytes) -> None:
        if next(room, None) is None:
            raise OSError(28, "No space left on device")
        appended(self, data)  # type: ignore[arg-type]  # it is a spill

    appended = outbox_module._Spill.append
    monkeypatch.setattr(outbox_module._Spill, "append", full)
    outbox = Outbox(pipe[1], memory=20_000, folder=str(tmp_path))
    sent = [rows(index) for index in range(500)]
    for event in sent:
        outbox.send(event)
    came, thread = collected(pipe)
    ended(pipe, outbox, thread)
    assert came == sent


def test_where_there_is_no_folder_rows_stay_in_memory(pipe: PIPES, tmp_path: Path) -> None:
    outbox = Outbox(pipe[1], memory=1000, folder=str(tmp_path / "nowhere"))
    sent = [rows(index) for index in range(200)]
    for event in sent:
        outbox.send(event)
    came, thread = collected(pipe)
    ended(pipe, outbox, thread)
    assert came == sent


def test_a_sender_never_waits_for_the_reader(pipe: PIPES) -> None:
    outbox = Outbox(pipe[1], memory=2**30)
    sender = threading.Thread(target=lambda: [outbox.send(rows(index)) for index in range(5000)])
    sender.start()
    sender.join(10)
    assert not sender.is_alive()
    assert not outbox.close(0.05)  # 5 MB wait for a reader that never comes
    os.close(pipe[0])
    assert outbox.close(10)


def test_a_reader_that_is_gone_costs_nothing(pipe: PIPES) -> None:
    outbox = Outbox(pipe[1])
    os.close(pipe[0])
    for index in range(1000):
        outbox.send(rows(index))
    assert outbox.close(10)
    outbox.send(Said(level="info", text="to nobody"))
