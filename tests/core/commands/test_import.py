"""`chainrule import`: nothing runs without consent, and what comes out is a project that predicts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from core.files import load
from core.training.checkpoint import read_weights, save_weights

NET = """
from pathlib import Path
from torch import nn

(Path(__file__).parent / "has-run").touch()


class Net(nn.Sequential):
    def __init__(self):
        super().__init__(nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 2))
"""


@pytest.fixture
def net(tmp_path: Path) -> Path:
    path = tmp_path / "net.py"
    path.write_text(NET)
    return path


def test_nothing_runs_without_consent(call, net: Path) -> None:
    result = call("import", f"{net}:Net", "-o", str(net.with_suffix(".chain")))
    assert result.code == 1
    assert "your consent was wanted" in result.err
    assert not (net.parent / "has-run").exists()


def test_a_module_becomes_a_project_with_its_weights(call, net: Path) -> None:
    output = net.with_suffix(".chain")
    result = call("import", f"{net}:Net", "-o", str(output), "--trust", "--json")
    assert result.code == 0, result.err
    told = json.loads(result.out)
    assert (told["layers"], told["parameters"], told["difference"], told["opaque"]) == (3, 44, 0.0, [])
    assert [node.name for node in load(output).graph.nodes.values()] == ["input", "fc1", "relu1", "fc2"]
    assert call("predict", str(output), "--input", "[1, 2, 3, 4]").code == 0
    assert (net.parent / "has-run").exists()


def test_weights_go_into_a_project_that_is_there(call, tmp_path: Path) -> None:
    project = tmp_path / "iris.chain"
    project.write_text((Path(__file__).parents[3] / "resources" / "templates" / "iris.chain").read_text())
    wanted = {"fc1.weight": torch.full((16, 4), 0.5)}
    save_weights({**wanted, "else.weight": torch.zeros(9)}, tmp_path / "w.safetensors")
    result = call("import", str(tmp_path / "w.safetensors"), "--into", str(project))
    assert result.code == 0, result.err
    assert "1 weights by name" in result.out
    assert "unused: else.weight" in result.out
    saved = read_weights(tmp_path / "iris.safetensors")
    assert torch.equal(saved["fc1.weight"], wanted["fc1.weight"])
    assert call("import", str(tmp_path / "w.safetensors")).code == 2
    save_weights({"none": torch.zeros(3)}, tmp_path / "n.safetensors")
    assert (
        "weights of this network were wanted"
        in call("import", str(tmp_path / "n.safetensors"), "--into", str(project)).err
    )
