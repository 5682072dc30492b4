"""Files made to harm: each is refused in four parts or opens harmlessly, within two seconds and 500 MB."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.errors import LONGEST
from core.filelimits import MAX_AT_ONE_INPUT, MAX_NODES
from core.unfolding import MAX_REPEAT

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
SECONDS, BYTES = 2.0, 500 * 2**20
"""Of the processor, which other programs do not change; and beyond what the program began with."""
HEAD = b'{"chainrule": 1, "name": "x", '
PAIR = b'"nodes":[{"id":"a","kind":"ReLU","name":"a"},{"id":"b","kind":"Concat","name":"b"}],"edges":['
MILLION = 10**6


def relus(count: int) -> bytes:
    return b'"nodes":[' + b",".join(b'{"id":"n%d","kind":"ReLU","name":"r%d"}' % (at, at) for at in range(count)) + b"]"


def wires(pairs: Iterator[tuple[int, int]]) -> bytes:
    return b'"edges":[' + b",".join(b'["n%d","output","n%d","input"]' % pair for pair in pairs) + b"]"


def linear(value: bytes) -> bytes:
    return HEAD + b'"nodes":[{"id":"x","kind":"Linear","name":"x","params":{"out_features":' + value + b"}}]}"


def node(key: str, text: bytes) -> bytes:
    fields = {"id": b"x", "kind": b"ReLU", "name": b"x", key: text}
    return HEAD + b'"nodes":[{' + b",".join(b'"%s":"%s"' % (name.encode(), fields[name]) for name in fields) + b"}]}"


def blocks(count: int, repeat: int = 1) -> bytes:
    """Blocks each of which holds the next."""
    inside = b'{"id":"b%d","name":"b%d","nodes":[{"id":"m%d","kind":"Block","name":"m","block":"b%d","repeat":%d}]}'
    listed = [inside % (at, at, at, at + 1, repeat) for at in range(count)]
    last = b'{"id":"b%d","name":"last","nodes":[{"id":"r","kind":"ReLU","name":"r"}]}' % count
    first = b'"nodes":[{"id":"x","kind":"Block","name":"x","block":"b0","repeat":%d}]' % repeat
    return HEAD + first + b',"blocks":[' + b",".join([*listed, last]) + b"]}"


REFUSED: dict[str, Callable[[], bytes]] = {
    "a million nodes": lambda: HEAD + relus(MILLION) + b"}",
    "a million wires at one port": lambda: HEAD + PAIR + b",".join([b'["a","output","b","inputs"]'] * MILLION) + b"]}",
    "many wires at one variadic port": lambda: (
        HEAD
        + PAIR
        + b",".join(b'["a","output","b","inputs",%d]' % order for order in range(MAX_AT_ONE_INPUT + 1))
        + b"]}"
    ),
    "a million blocks": lambda: HEAD + b'"blocks":[' + b",".join([b'{"id":"b","name":"b"}'] * MILLION) + b"]}",
    "a million phases": lambda: (
        HEAD
        + b'"training":{"phases":['
        + b",".join([b'{"optimizer":{"name":"SGD","learning_rate":1}}'] * MILLION)
        + b"]}}"
    ),
    "a million places": lambda: HEAD + b'"layout":{' + b",".join(b'"n%d":[1,2]' % at for at in range(MILLION)) + b"}}",
    "brackets in brackets": lambda: linear(b"[" * 10**4 + b"]" * 10**4),
    "objects in objects": lambda: linear(b'{"a":' * 10**4 + b"1" + b"}" * 10**4),
    "nothing but brackets": lambda: b"[" * 20_000_000,
    "nothing but spaces": lambda: b" " * 20_000_000,
    "a repeat without end": lambda: blocks(1, 10**9),
    "a size of 10^9": lambda: linear(b"1000000000"),
    "a size of 5,000 digits": lambda: linear(b"1" + b"0" * 5000),
    "not a number": lambda: linear(b"NaN"),
    "infinity": lambda: linear(b"Infinity"),
    "a number beyond all": lambda: linear(b"1e999"),
    "the largest number": lambda: linear(b"1e308"),
    "a list of a million": lambda: linear(b"[" + b",".join([b"1"] * MILLION) + b"]"),
    "a text of a million": lambda: linear(b'"' + b"a" * MILLION + b'"'),
    "a parameter's name of a million": lambda: linear(b'1,"' + b"a" * MILLION + b'":1'),
    "an infinite place": lambda: HEAD + relus(1) + b',"layout":{"n0":[1e999,0]}}',
    "an infinite rate": lambda: HEAD + b'"training":{"phases":[{"optimizer":{"name":"SGD","learning_rate":1e999}}]}}',
    "a name of 10^5": lambda: node("name", b"a" * 10**5),
    "an id of 10^5": lambda: node("id", b"a" * 10**5),
    "a kind of 10^5": lambda: node("kind", b"a" * 10**5),
    "a project's name of a million": lambda: b'{"chainrule":1,"name":"' + b"a" * MILLION + b'"}',
    "a way out in a name": lambda: node("name", b"../../etc/passwd"),
    "a way out in the data": lambda: HEAD + b'"data":[{"id":"d","source":"../../etc/passwd"}]}',
    "a name from right to left": lambda: node("name", "\u202eulerx".encode()),
    "a ligature in a name": lambda: node("name", "\ufb01lter".encode()),
    "a Cyrillic letter in a name": lambda: node("name", "c\u043env".encode()),
    "a zero in a name": lambda: node("name", b"x\\u0000"),
    "half a character": lambda: node("id", b"\\ud800"),
    "a wire's order beyond all": lambda: HEAD + PAIR + b'["a","output","b","inputs",99999999999999999999]]}',
    "an id twice": lambda: HEAD + b'"nodes":[{"id":"a","kind":"ReLU","name":"r"},{"id":"a","kind":"ReLU","name":"s"}]}',
}
"""Files that cannot be opened."""
OPENED: dict[str, Callable[[], bytes]] = {
    "as many nodes as may be": lambda: HEAD + relus(MAX_NODES) + b"}",
    "a chain": lambda: HEAD + relus(MAX_NODES) + b"," + wires((at, at + 1) for at in range(MAX_NODES - 1)) + b"}",
    "a circle": lambda: (
        HEAD + relus(MAX_NODES) + b"," + wires((at, (at + 1) % MAX_NODES) for at in range(MAX_NODES)) + b"}"
    ),
    "one read by all": lambda: HEAD + relus(MAX_NODES) + b"," + wires((0, at) for at in range(1, MAX_NODES)) + b"}",
    "blocks too deep": lambda: blocks(5000),
    "repeats of repeats": lambda: blocks(25, MAX_REPEAT),
    "as many repeats as may be": lambda: blocks(0, MAX_REPEAT),
    "a place beyond all": lambda: HEAD + relus(1) + b',"layout":{"n0":[1e300,-1e300]}}',
    "a way out in an id": lambda: node("id", b"../../etc/passwd"),
}
"""Files that open; what is wrong with them are problems of their networks, or nothing."""


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, object]]:
    folder = tmp_path_factory.mktemp("hostile")
    names = []
    for name, content in {**REFUSED, **OPENED}.items():
        (folder / name).write_bytes(content())
        names.append(name)
    with (folder / "two gigabytes").open("wb") as stream:
        stream.truncate(2 * 2**30)
    (folder / "a link to itself").symlink_to("a link to itself")
    (folder / "a link to zeros").symlink_to("/dev/zero")
    os.mkfifo(folder / "a pipe")
    paths = [str(folder / name) for name in (*names, *SPECIAL)]
    command = [sys.executable, "-m", "tests.core.opening", *paths]
    ran = subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
    for name in (*names, *SPECIAL):
        (folder / name).unlink()
    return {told["file"]: told for told in map(json.loads, ran.stdout.splitlines())}


SPECIAL = ("two gigabytes", "a link to itself", "a link to zeros", "a pipe")


@pytest.mark.parametrize("name", [*REFUSED, *OPENED, *SPECIAL])
def test_a_hostile_file_costs_little(outcomes: dict[str, dict[str, object]], name: str) -> None:
    told = outcomes[name]
    assert told["seconds"] < SECONDS  # type: ignore[operator]  # a number
    assert told["bytes"] < BYTES  # type: ignore[operator]


@pytest.mark.parametrize("name", [*REFUSED, *SPECIAL])
def test_a_hostile_file_is_refused_in_four_parts(outcomes: dict[str, dict[str, object]], name: str) -> None:
    parts = outcomes[name]["refused"]
    assert all(parts), parts  # type: ignore[arg-type]  # a list of texts
    assert outcomes[name]["length"] < 4 * LONGEST  # type: ignore[operator]


@pytest.mark.parametrize("name", OPENED)
def test_a_file_that_only_looks_hostile_opens(outcomes: dict[str, dict[str, object]], name: str) -> None:
    assert "problems" in outcomes[name], outcomes[name]
