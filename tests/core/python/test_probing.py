"""What the engine says of a block is what torch says when the block is run."""

from __future__ import annotations

import json
import linecache
import random
import sys

import pytest
import torch
from torch import nn

from core.catalog import KINDS
from core.catalog.kind import Batch, Shaped, TensorType
from core.catalog.python_block import EXAMPLE
from core.python.execution import file_name, module_name
from core.python.probing import probed
from core.python.questions import Code, Told, question
from core.python.trust import Trust
from core.shapes import shapes_of
from tests.core.python.projects import HEAD, HIDDEN, block

IMAGES = TensorType((Batch(), 3, 8, 8))
ROWS = TensorType((Batch(), 6))


def asked(source: str, *types: TensorType, settings: str = "", port: str = "x") -> Told:
    """The answer about a trusted source with these types at its first port."""
    Trust().remember([Code(source, settings)])
    inputs = {port: types[0] if len(types) == 1 else types} if types else {}
    params = (("settings", settings), ("source", source))
    return probed(question(params, inputs))


def answered(told: Told) -> Shaped:
    assert told.error is None, str(told.error)
    assert told.shaped is not None
    return told.shaped


def test_a_block_comes_to_what_its_layers_come_to_by_formula() -> None:
    source = block("return self.conv(x)", begin="self.conv = nn.Conv2d(3, 5, 3, stride=2, padding=1)")
    params = (("kernel_size", 3), ("out_channels", 5), ("padding", 1), ("stride", 2))
    formula = shapes_of(KINDS["Conv2d"], params, {"input": IMAGES}).shaped
    assert answered(asked(source, IMAGES)) == formula


def test_the_example_works_on_whatever_it_is_wired_to() -> None:
    for kind in (ROWS, IMAGES, TensorType((Batch(4), 2, 5))):
        width = kind.features[-1]
        found = answered(asked(EXAMPLE, kind))
        assert found.outputs == {"output": kind}
        assert (
            found.parameters
            == sum(item.numel() for item in (*nn.Linear(width, 64).parameters(), *nn.Linear(64, width).parameters()))
            + 1
        )


def test_what_is_set_by_hand_wins_over_the_wire() -> None:
    assert answered(asked(HIDDEN, ROWS, settings='{"size": 9}')).outputs["output"] == TensorType((Batch(), 9))
    told = asked(HIDDEN, ROWS, settings='{"in_features": 4}')
    assert told.error is not None
    assert "line 11 raised RuntimeError" in told.error.came
    assert told.error.line == 11


@pytest.mark.parametrize(
    ("body", "shape", "dtype"),
    [
        ("return x.flatten(0, 1)", (Batch(3), 8, 8), "float32"),
        ("return x.mean()", (), "float32"),
        ("return x.argmax(1)", (Batch(), 8, 8), "int64"),
        ("return x > 0", (Batch(), 3, 8, 8), "bool"),
        ("return x.sum(0)", (3, 8, 8), "float32"),
        ("return torch.zeros(len(x), 2, device=x.device)", (Batch(), 2), "float32"),
        ("return torch.zeros(4, 2)", (4, 2), "float32"),
        ("return x * float(x.sum())", (Batch(), 3, 8, 8), "float32"),  # has no number on the meta device
        ("return torch.from_numpy(x.numpy())", (Batch(), 3, 8, 8), "float32"),
    ],
)
def test_the_batch_is_told_from_sizes_that_stay(body: str, shape: tuple[int | Batch, ...], dtype: str) -> None:
    assert answered(asked(block(body), IMAGES)).outputs["output"] == TensorType(shape, dtype)


def test_several_inputs_and_outputs_keep_their_names() -> None:
    source = block("mean, total = x.mean(1), x.sum((1, 2))\nreturn mean, total")
    assert answered(asked(source, IMAGES)).outputs == {
        "mean": TensorType((Batch(), 8, 8)),
        "total": TensorType((Batch(), 8)),
    }
    joined = block("return torch.cat(x, 1)").replace("self, x", "self, *x")
    assert answered(asked(joined, ROWS, ROWS, ROWS)).outputs["output"] == TensorType((Batch(), 18))


def test_buffers_are_counted_apart() -> None:
    found = answered(asked(block("return self.bn(x)", begin="self.bn = nn.BatchNorm2d(3)"), IMAGES))
    bn = nn.BatchNorm2d(3)
    assert found.parameters == sum(item.numel() for item in bn.parameters())
    assert found.buffers == sum(item.numel() for item in bn.buffers())


def test_a_block_of_ten_billion_numbers_is_measured_without_memory() -> None:
    source = block("return self.wide(x)", begin="self.wide = nn.Linear(6, 10**9, bias=False)")
    assert answered(asked(source, ROWS)).parameters == 6 * 10**9


@pytest.mark.parametrize(
    ("source", "line", "words"),
    [
        (f"{HEAD}import nowhere_to_be_found\nclass A(nn.Module):\n    def forward(self, x): return x\n", 5,
         "ModuleNotFoundError: No module named 'nowhere_to_be_found'"),
        (f"{HEAD}1 / 0\nclass A(nn.Module):\n    def forward(self, x): return x\n", 5, "ZeroDivisionError"),
        (block("return x", begin="self.a = undefined"), 8, "NameError: name 'undefined' is not defined"),
        (block("y = x\nreturn y @ y.nothing"), 8, "AttributeError"),
        (block("return self.inner(x)", begin="self.inner = nn.Linear(7, 2)"), 11, "RuntimeError: mat1 and mat2"),
        (block("import sys\nsys.exit(3)"), 8, "SystemExit: 3"),
        (block("return forward(x)\n\n\ndef forward(x): return x").replace("nn.Module", "object"), 0, "Block does not"),
        (block("return None"), 0, "nothing"),
        (block("return {'a': x}"), 0, "a dict of 1"),
        (block("return (x,) * 3").replace("def", "outputs = ('a', 'b')\n\n    def"), 0, "a tuple of 3"),
        (block("return x.transpose(0, 1)"), 0, "dimension 1 of its output follows the batch size (2 for 2, 3 for 3)"),
        (block("return self.double(x.double())", begin="self.double = nn.Linear(6, 2, dtype=torch.float64)"), 0,
         "double.weight is float64"),
        (block("return self.lazy(x)", begin="self.lazy = nn.LazyLinear(3)"), 0, "the block holds lazy ones"),
        (HIDDEN.replace("in_features, size", "width, size"), 0, "missing 1 required positional argument: 'width'"),
        (block("raise RecursionError"), 7, "RecursionError"),
        (block("return self.forward(x)"), 7, "RecursionError"),
    ],
)  # fmt: skip
def test_what_goes_wrong_is_told_with_its_line(source: str, line: int, words: str) -> None:
    told = asked(source, ROWS)
    assert told.error is not None
    assert words in told.error.came
    assert told.error.line == line
    assert told.error.wanted
    assert told.error.fix


def test_asking_changes_nothing_of_the_process() -> None:
    torch.manual_seed(5)
    random.seed(5)
    wanted = torch.rand(3)
    torch.manual_seed(5)
    source = f"{HEAD}torch.set_default_dtype(torch.float64)\ntorch.manual_seed(1)\n" + block("return torch.rand(2)")
    assert answered(asked(source, ROWS)).outputs["output"].dtype == "float64"
    assert torch.equal(torch.rand(3), wanted)
    assert torch.get_default_dtype() == torch.float32
    assert module_name(source) not in sys.modules
    assert file_name(source) not in linecache.cache


def test_tools_that_look_for_the_module_of_a_class_find_it() -> None:
    source = f"""from __future__ import annotations
import dataclasses
{HEAD}@dataclasses.dataclass
class Pair:
    first: torch.Tensor
    second: int = 2


class Block(nn.Module):
    def forward(self, x):
        pair = Pair(x)
        return pair.first * pair.second
"""
    assert answered(asked(source, ROWS)).outputs["output"] == ROWS


def test_settings_that_are_no_object_of_names_are_told_at_the_settings() -> None:
    for text in ("[1]", "{", '{"a b": 1}', '{"a": NaN}', "5", "[" * 50_000, json.dumps({"a": "x" * 70_000})):
        params = (("settings", text), ("source", HIDDEN))
        kind = KINDS["Python"]
        with pytest.raises(Exception, match="settings wants a JSON object") as caught:
            question(params, {})
        assert type(caught.value).__name__ == "ParameterError", kind.name
