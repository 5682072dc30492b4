"""What a Python block looks like from outside is read from its source, and the source never runs."""

from __future__ import annotations

import inspect
import time
from pathlib import Path

import pytest
import torch
from torch import nn

from core.catalog.interface import interface
from core.catalog.python_block import EXAMPLE, KIND, fitted
from core.catalog.values import LONGEST_CODE
from core.errors import ParameterError
from core.expressions import call

HEAD = "import torch\nfrom torch import nn\n"


def block(forward: str, before: str = "", name: str = "Block") -> str:
    return f"{HEAD}class {name}(nn.Module):\n{before}    def forward({forward}\n"


def described(source: str) -> str:
    """The inputs as a signature would show them, and the outputs."""
    found = interface(source)
    marks = ["*" + item.name if item.variadic else item.name + "?" * item.optional for item in found.arguments]
    return f"{', '.join(marks)} -> {', '.join(found.outputs)}"


@pytest.mark.parametrize(
    ("forward", "expected"),
    [
        ("self, x): return x", "x -> output"),
        ("self, a, b): return a + b", "a, b -> output"),
        ("self, x, mask=None): return x", "x, mask? -> output"),
        ("self, *parts): return parts[0]", "*parts -> output"),
        ("self, x, scale=1, *more): return x", "x, scale, *more -> output"),
        ("self, x, *, mask, bias=None): return x", "x, mask, bias? -> output"),
        ("self, x, y=1, /): return x", "x, y -> output"),
        ("self, x, **rest): return x", "x -> output"),
        ("self): return torch.ones(3)", " -> output"),
        ("self, x): return x, x.mean()", "x -> x, output2"),
        ("self, x, y): return x.exp(), y, x + y", "x, y -> output, y, output3"),
        ("self, x): return x, x", "x -> output, output2"),
        ("self, x): return (x,)", "x -> output"),
        ("self, x):\n        mean = var = x\n        return mean, var", "x -> mean, var"),
        ("self, x):\n        if x:\n            return x\n        a = b = x\n        return a, b", "x -> a, b"),
        ("self, x):\n        def inner():\n            return p, q\n        return x", "x -> output"),
        ("self, x):\n        return [x, x]", "x -> output"),
        ("self, x):\n        pass", "x -> output"),
    ],
)  # fmt: skip
def test_ports_follow_from_forward(forward: str, expected: str) -> None:
    source = block(forward)
    assert interface(source).fault is None
    assert described(source) == expected


@pytest.mark.parametrize(
    "declared", ['outputs = ("mean", "log_variance")', 'outputs: tuple = ["mean", "log_variance"]']
)
def test_an_attribute_names_the_outputs(declared: str) -> None:
    source = block("self, x): return self.net(x)", f"    {declared}\n")
    assert described(source) == "x -> mean, log_variance"
    assert fitted((("source", source),)).unpack == "{mean}, {log_variance}"


def test_the_last_class_is_the_block_and_those_before_it_are_its_own_business() -> None:
    source = block("self, a): return a", name="Part") + block("self, b, c): return b, c", name="Whole")
    assert interface(source).class_name == "Whole"
    assert described(source) == "b, c -> b, c"


def test_forward_and_outputs_may_come_from_another_class_of_the_source() -> None:
    source = block("self, a): return a", '    outputs = ("one",)\n', "Base") + "class Child(Base):\n    depth = 2\n"
    assert interface(source).class_name == "Child"
    assert described(source) == "a -> one"


def test_sizes_that_follow_from_the_wire_are_named_in_the_constructor() -> None:
    begin = "    def __init__(self, in_features, hidden, *, in_channels=3): pass\n"
    assert interface(block("self, x): return x", begin)).infers == ("in_features", "in_channels")


@pytest.mark.parametrize(
    ("source", "line", "words"),
    [
        ("", 0, "no class"),
        ("x = 1", 0, "no class"),
        (HEAD + "class A(nn.Module):\n    pass\n", 3, "A has none"),
        (HEAD + "class A(nn.Module)\n    pass\n", 3, "line 3"),
        (block("self, x): return x", "    outputs = names()\n"), 4, "''"),
        (block("self, x): return x", '    outputs = ("a b",)\n'), 4, "'a b'"),
        (block("self, x): return x", '    outputs = ("a", "a")\n'), 4, "'a', 'a'"),
        (block("self, x): return x", "    outputs = ()\n"), 4, "none"),
        ("x = '\\ud800'\nclass A: pass".replace("\\ud800", "\ud800"), 0, "no text"),
        ("a\0b", 0, "null bytes"),
    ],
)
def test_what_is_no_block_is_told_with_its_line(source: str, line: int, words: str) -> None:
    fault = interface(source).fault
    assert fault is not None
    assert fault.line == line
    assert words in fault.came
    assert fault.wanted
    assert fault.fix


def test_ports_stay_while_a_line_is_being_typed() -> None:
    whole = block("self, x, mask=None, *more):\n        a = b = x\n        return a, b")
    broken = whole.replace("a = b = x", "a = b = x +")
    assert interface(broken).fault is not None
    assert described(broken) == "x, mask?, *more -> a, b"


HOSTILE = {
    "minus": "x = " + "-" * 250_000 + "1",
    "dots": "x = a" + ".b" * 100_000,
    "parentheses": "x = " + "(" * 100_000,
    "sum": "x = 1" + "+1" * 100_000,
    "calls": "x = a" + "()" * 100_000,
    "powers": "x = 1" + "**1" * 80_000,
    "lambdas": "x = " + "lambda:" * 30_000 + "1",
    "levels": "".join(" " * depth + "if 1:\n" for depth in range(500)),
    "unclosed": "class A(" + "\n" * 200_000,
    "heads": "(" + "def forward(self " * 12_000,
    "returns": "class A(" + "\n return a, b " * 15_000,
}


@pytest.mark.parametrize("source", HOSTILE.values(), ids=HOSTILE)
def test_hostile_sources_are_refused_at_once(source: str) -> None:
    began = time.perf_counter()
    assert interface(source).fault is not None
    assert time.perf_counter() - began < 2


@pytest.mark.parametrize("source", ["x" * (LONGEST_CODE + 1), "a\0b", "x = '\ud800'", 5, None])
def test_a_source_that_no_file_should_hold_is_no_value(source: object) -> None:
    with pytest.raises(ParameterError) as caught:
        KIND.param("source").check(source)
    assert len(str(caught.value)) < 400


def test_reading_runs_nothing(tmp_path: Path) -> None:
    target = tmp_path / "ran"
    source = f"open({str(target)!r}, 'w')\n" + block(f"self, x=open({str(target)!r}, 'w')): return x")
    assert described(source) == "x? -> output"
    assert not target.exists()


def test_the_interface_of_the_example_is_that_of_its_class() -> None:
    space: dict[str, type[nn.Module]] = {}
    exec(EXAMPLE, space)
    made = space[interface(EXAMPLE).class_name]
    assert list(inspect.signature(made.forward).parameters)[1:] == [item.name for item in interface(EXAMPLE).arguments]
    value = torch.randn(3, 5)
    module = made(5)
    assert torch.equal(module(value), value + module.scale * module.net(value))


@pytest.mark.parametrize("wired", [{"x"}, {"x", "mask"}, {"x", "bias"}, {"x", "mask", "bias"}])
def test_a_loose_input_keeps_its_default(wired: set[str]) -> None:
    source = block("self, x, mask=7, *, bias=9): return x")
    kind = fitted((("source", source),))
    names: dict[str, str | tuple[str, ...]] = {name: "v" if name in wired else "None" for name in ("x", "mask", "bias")}
    text = call(kind, kind.forward, {}, {**names, "self": "f"})
    space = {"f": lambda x, mask=7, *, bias=9: (x, mask, bias), "v": 1}
    assert eval(text, space) == (1, 1 if "mask" in wired else 7, 1 if "bias" in wired else 9)


def test_several_wires_at_one_port_are_given_one_after_the_other() -> None:
    kind = fitted((("source", block("self, x, *more, last=0): return x")),))
    names: dict[str, str | tuple[str, ...]] = {"self": "f", "x": "1", "more": ("2", "3"), "last": "None"}
    assert call(kind, kind.forward, {}, names) == "f(1, 2, 3)"
    assert call(kind, kind.forward, {}, {**names, "more": (), "last": "4"}) == "f(1, last=4)"
