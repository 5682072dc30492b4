from __future__ import annotations

import os
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.engine.messages import LENGTH
from core.engine.pipe import PREAMBLE, frames, write_all
from core.errors import EngineError


def through(data: bytes, pieces: list[int], preamble: bytes = b"") -> list[bytes]:
    """What comes out of a pipe into which the data is written in pieces of these sizes."""
    reading, writing = os.pipe()

    def write() -> None:
        rest = data
        for size in pieces:
            os.write(writing, rest[:size])
            rest = rest[size:]
        write_all(writing, rest)
        os.close(writing)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        return list(frames(reading, preamble))
    finally:
        os.close(reading)
        thread.join()


def framed(bodies: list[bytes]) -> bytes:
    return b"".join(LENGTH.pack(len(body)) + body for body in bodies)


@given(st.lists(st.binary(max_size=50)), st.lists(st.integers(1, 9), max_size=20))
def test_frames_come_out_as_they_went_in_however_they_are_cut(bodies: list[bytes], pieces: list[int]) -> None:
    assert through(framed(bodies), pieces) == bodies


@given(st.binary(max_size=30).filter(lambda noise: PREAMBLE not in noise), st.lists(st.integers(1, 9), max_size=10))
def test_noise_before_the_preamble_is_skipped(noise: bytes, pieces: list[int]) -> None:
    assert through(noise + PREAMBLE + framed([b"one", b"two"]), pieces, PREAMBLE) == [b"one", b"two"]


def test_a_frame_that_the_end_cuts_off_is_left_out() -> None:
    assert through(framed([b"whole", b"broken"])[:-1], []) == [b"whole"]


def test_a_large_frame_comes_whole() -> None:
    body = os.urandom(5_000_000)
    assert through(framed([body]), []) == [body]


def test_an_impossible_length_is_an_error() -> None:
    with pytest.raises(EngineError, match="2 GiB"):
        through(LENGTH.pack(2**32 - 1), [])


def test_writing_to_a_reader_that_is_gone_says_so() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    assert not write_all(writing, b"x")
    os.close(writing)
