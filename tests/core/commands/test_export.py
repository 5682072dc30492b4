"""`chainrule export`: every format from the command line, and exported pictures in the place of project files."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from core.codegen import class_name
from core.commands.opening import opened
from core.exchange.embedded import load_embedded
from core.exchange.formats import FORMATS, find, guess
from core.exchange.script import script
from core.training.evaluate import predict


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """The folder of a short run."""
    from core.cli import main

    root = tmp_path_factory.mktemp("runs")
    assert main(["train", "iris", "--epochs", "2", "--out", str(root)]) == 0
    return root


@pytest.mark.slow
@pytest.mark.parametrize("suffix", ["svg", "png", "pdf"])
def test_a_picture_is_the_project_again_for_every_command(call, tmp_path, suffix):
    picture = tmp_path / f"net.{suffix}"
    assert call("export", "spiral", "-o", picture, "--theme", "dark", "--background", "none").code == 0
    assert load_embedded(picture) == opened("spiral").project
    assert call("check", picture).out == call("check", "spiral").out


def test_the_ending_chooses_the_format_and_the_option_overrules_it(call, tmp_path):
    assert call("export", "iris", "-o", tmp_path / "net.py").out == f"{tmp_path / 'net.py'}: PyTorch model\n"
    assert call("export", "iris", "-o", tmp_path / "net.txt", "--format", "python").code == 0
    assert (tmp_path / "net.txt").read_text() == (tmp_path / "net.py").read_text() == call("code", "iris").out
    told = json.loads(call("export", "iris", "-o", tmp_path / "t.py", "--format", "script", "--json").out)
    assert (tmp_path / "t.py").read_text() == script(opened("iris").project, "t")
    assert all(Path(path).is_file() for path in told["data"])
    wrong = call("export", "iris", "-o", tmp_path / "net.docx")
    assert wrong.code == 2
    assert ".onnx" in wrong.err
    assert guess(tmp_path / "a.PT2") == find("pt2")


def test_weights_are_the_trained_ones_where_there_are_any_and_it_says_which(call, trained, tmp_path):
    target = tmp_path / "w.safetensors"
    told = json.loads(call("export", trained, "-o", target, "--json").out)
    assert told == {
        "path": str(target),
        "format": "safetensors",
        "size": target.stat().st_size,
        "trained": True,
        "difference": None,
    }
    kept = load_file(trained / "project.safetensors")
    assert all(torch.equal(value, kept[name]) for name, value in load_file(target).items())
    assert call("export", trained, "-o", target, "--weights", "initial").out == f"{target}: Weights, initial (seed 0)\n"
    assert not torch.equal(load_file(target)["fc1.weight"], kept["fc1.weight"])
    assert call("export", "iris", "-o", target, "--weights", trained / "project.safetensors").code == 0
    assert torch.equal(load_file(target)["fc1.weight"], kept["fc1.weight"])


def test_wrong_weights_and_places_are_told_before_anything_is_written(call, trained, tmp_path):
    target = tmp_path / "n.pt2"
    assert "it is untrained" in call("export", "iris", "-o", target, "--weights", "trained").err
    assert "there is none" in call("export", "iris", "-o", target, "--weights", tmp_path / "none").err
    other = call("export", "spiral", "-o", target, "--weights", trained / "project.safetensors")
    assert (other.code, "weights of this network" in other.err) == (2, True)
    assert "a folder that exists" in call("export", "iris", "-o", tmp_path / "no" / "n.pt2").err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_the_card_tells_what_the_project_is_and_its_lines_load_it(call, trained, tmp_path, monkeypatch):
    """The Python in the card is run with the files it names: its outputs are the app's."""
    result = call("export", trained, "-o", tmp_path / "card.md")
    assert result.out == f"{tmp_path / 'card.md'}: Model card, its picture card.png\n"
    text = (tmp_path / "card.md").read_text()
    project = opened(str(trained)).project
    assert load_embedded(tmp_path / "card.png") == project
    for words in ("CC BY 4.0 (UCI)", "| `fc1` | Linear | B×16 | 80 | 64 |", "**131**", "2 epochs", "seed 0"):
        assert words in text
    assert f"Validation loss {project.weights.validation_loss:.6g}" in text
    call("export", trained, "-o", tmp_path / "iris_mlp.py")
    call("export", trained, "-o", tmp_path / "iris_mlp.safetensors")
    spec = importlib.util.spec_from_file_location("iris_mlp", tmp_path / "iris_mlp.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setitem(__import__("sys").modules, "iris_mlp", module)
    monkeypatch.chdir(tmp_path)
    space: dict[str, object] = {}
    exec(text.split("```python\n")[1].split("```")[0], space)
    assert type(space["model"]).__name__ == class_name(project)
    inputs = torch.randn(5, 4)
    wanted = predict(project, trained / "project.safetensors", {"features": inputs})["fc2"]
    assert torch.equal(space["model"](inputs), wanted)


def test_help_names_every_format(call):
    told = call("export", "--help").out
    assert all(f"{known.name}:" in told for known in FORMATS)
