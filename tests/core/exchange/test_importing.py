"""Bringing a source in: what its code does wrong is told in four parts, and what is right comes with its weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from core.errors import ChainruleError, ExchangeError, ParameterError
from core.exchange.examples import guessed
from core.exchange.importing import Brought, Wish, apart, bring
from core.exchange.incoming import source
from core.training.checkpoint import read_weights, save_weights
from tests.core.exchange.architectures import classic, residual, sequences

NETS = """
import torch
from torch import nn
import beside

class Net(nn.Module):
    def __init__(self, wide=6):
        super().__init__()
        self.fc = nn.Linear(4, wide)
        self.out = beside.Out(wide)

    def forward(self, x):
        return self.out(torch.relu(self.fc(x)))

class Needy(nn.Module):
    def __init__(self, wide):
        super().__init__()

class Deciding(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 4)

    def forward(self, x):
        return self.fc(x) if x.sum() > 0 else x

class Counting(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 4)

    def forward(self, x):
        for row in range(len(x)):
            x = x + row * self.fc(x)
        return x

class Broken(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 4)

    def forward(self, x):
        raise RuntimeError("not today")

class Empty(nn.Module):
    pass

def failing():
    raise KeyError("weights")

def leaving():
    raise SystemExit(3)

def number():
    return 7

ready = Net(5)
"""
BESIDE = (
    "from torch import nn\n\nclass Out(nn.Linear):\n    def __init__(self, wide):\n        super().__init__(wide, 2)\n"
)


@pytest.fixture
def nets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    import sys

    monkeypatch.setattr(sys, "path", list(sys.path))
    for name in ("nets", "beside"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    (tmp_path / "nets.py").write_text(NETS)
    (tmp_path / "beside.py").write_text(BESIDE)
    return tmp_path / "nets.py"


def brought(text: str, folder: Path, *inputs: str) -> Brought:
    return bring(Wish(source(text), inputs, (str(folder),)), folder / "w.safetensors", lambda _text, _share: None)


def test_a_file_brings_a_project_and_its_weights(nets: Path) -> None:
    found = brought(f"{nets}:Net(wide=3)", nets.parent)
    assert found.difference == 0.0
    assert found.project.name == "Net"
    assert found.report.parameters == 4 * 3 + 3 + 3 * 2 + 2
    weights = read_weights(nets.parent / "w.safetensors")
    assert {name: tuple(tensor.shape) for name, tensor in weights.items()} == {
        "fc.weight": (3, 4),
        "fc.bias": (3,),
        "out.weight": (2, 3),
        "out.bias": (2,),
    }


@pytest.mark.parametrize("text", ["nets:Net", "nets:ready", "{nets}:ready"])
def test_a_package_and_what_is_ready_are_taken_too(nets: Path, text: str) -> None:
    assert brought(text.replace("{nets}", str(nets)), nets.parent).difference == 0.0


FAULTS = {
    ":Nothing": "Nothing was wanted in it, but there is none. It has Net",
    ":Needy": "Needy wants wide. Write Needy",
    ":failing": "KeyError came",
    ":leaving": "SystemExit came: 3",
    ":number": "number made a int",
    ":Broken": "RuntimeError came: not today",
    ":Deciding": "it looks at the numbers in a tensor",
    ":Counting": "it does other things for other batch sizes",
    ":Empty": "it has none. Write forward",
    ":Net('a')": "TypeError came",
}


@pytest.mark.parametrize("end", FAULTS)
def test_what_a_strangers_code_does_wrong_is_told_in_four_parts(nets: Path, end: str) -> None:
    with pytest.raises(ExchangeError) as caught:
        brought(f"{nets}{end}", nets.parent, *(["4"] if end != ":Net('a')" else []))
    error = caught.value
    assert FAULTS[end] in str(error)
    assert all((error.wanted, error.came, error.where, error.fix))


def test_a_file_that_cannot_be_imported_is_told(nets: Path) -> None:
    (nets.parent / "wrong.py").write_text("import nowhere_at_all\n")
    with pytest.raises(ExchangeError, match="ModuleNotFoundError came: No module named 'nowhere_at_all'"):
        brought(f"{nets.parent / 'wrong.py'}:Net", nets.parent)
    (nets.parent / "two.py").write_text("from torch import nn\nclass A(nn.Module): pass\nclass B(nn.Module): pass\n")
    with pytest.raises(ExchangeError, match="one network in the file was wanted, but it has A, B"):
        brought(str(nets.parent / "two.py"), nets.parent)


def test_an_input_that_forward_does_not_have_is_refused(nets: Path) -> None:
    for given in (("y=4",), ("4", "4")):
        with pytest.raises(ParameterError):
            brought(f"{nets}:Net", nets.parent, *given)
    with pytest.raises(ChainruleError, match="mat1 and mat2"):
        brought(f"{nets}:Net", nets.parent, "5")


def test_sizes_are_guessed_from_the_first_layer() -> None:
    assert guessed(classic.AlexNet())["x"].shape == (3, 224, 224)
    assert guessed(sequences.ViTTiny())["x"].shape == (3, 32, 32)
    assert guessed(residual.UNet())["x"].shape == (1, 224, 224)
    tokens = guessed(sequences.Seq2Seq())
    assert {name: (example.shape, example.dtype, example.below) for name, example in tokens.items()} == {
        "src": ((16,), "int64", 23),
        "tgt": ((16,), "int64", 23),
    }
    with pytest.raises(ExchangeError, match="the size of one sample for x was wanted"):
        guessed(classic.FunctionalLeNet())


def test_nothing_of_the_callers_random_numbers_is_drawn(nets: Path) -> None:
    torch.manual_seed(5)
    wanted = torch.rand(1)
    made = brought(f"{nets}:ready", nets.parent)
    torch.manual_seed(5)
    brought(f"{nets}:ready", nets.parent)
    assert torch.equal(torch.rand(1), wanted)
    assert made.report.opaque == ()


def test_an_array_that_starts_two_layers_becomes_two_weights(tmp_path: Path) -> None:
    ones = np.ones(4, np.float32)
    weights = apart({"norm1.weight": ones, "norm2.weight": ones, "half.weight": ones[:2]})
    weights["norm1.weight"][0] = 7
    assert ones[0] == 7  # the first is not copied
    assert float(weights["norm2.weight"][0]) == 1
    path = tmp_path / "weights.safetensors"
    save_weights(weights, path)
    assert read_weights(path)["half.weight"].tolist() == [1, 1]
