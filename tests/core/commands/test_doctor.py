"""`chainrule doctor`: a script's run and a project's, in words and as JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from torch import nn

import chainrule
import resources
from core.files import save
from tests.core.python.projects import HIDDEN, python, with_block

FOLDER = Path(resources.__file__).parent / "templates"


@pytest.fixture
def vanishing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The run of a script that trains ten sigmoid layers."""
    monkeypatch.chdir(tmp_path)
    torch.manual_seed(0)
    layers = [part for size in (2, *[16] * 9) for part in (nn.Linear(size, 16), nn.Sigmoid())]
    model = nn.Sequential(*layers, nn.Linear(16, 2))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    x = torch.randn(200, 2)
    y = (x.norm(dim=1) > 1.1).long()
    with chainrule.watch(model, optimizer) as w:
        for _ in range(150):
            optimizer.zero_grad()
            rows = torch.randint(0, 200, (16,))
            loss = nn.functional.cross_entropy(model(x[rows]), y[rows])
            loss.backward()
            optimizer.step()
            w.step(loss)
    assert w.folder is not None
    return w.folder


def test_the_newest_run_of_a_script_is_judged_with_the_names_of_its_layers(call, vanishing: Path):
    told = call("doctor")
    assert told.code == 1
    assert told.out.startswith(f"{vanishing.name.split('_')[-1]}, 150 steps: 1 finding.")
    assert "CRITICAL  Gradients vanish (0, 2, 4" in told.out
    assert "layer_" not in told.out
    assert "Why: " in told.out


def test_what_a_watch_could_not_see_is_told_and_what_follows_is_told_by_its_title(call, vanishing: Path):
    with (vanishing / "events.jsonl").open("a") as events:
        events.write('{"type": "said", "level": "warning", "text": "A part is not seen."}\n')
    told = call("doctor", vanishing)
    assert "Not all was seen: A part is not seen." in told.out
    assert "NOT_LEARNING" not in told.out
    assert "Follows from it: The loss does not fall" in told.out


def test_findings_as_json_have_their_evidence(call, vanishing: Path):
    found = json.loads(call("doctor", vanishing, "--json").out)["findings"]
    assert found[0]["code"] == "VANISHING_GRADIENT"
    assert found[0]["evidence"][0]["value"] < 1e-3


def test_a_loss_that_blew_up_and_fell_again_is_no_progress(call, tmp_path: Path):
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(8, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
    optimizer = torch.optim.SGD(model.parameters(), lr=50.0, momentum=0.9)
    with chainrule.watch(model, optimizer, folder=tmp_path / "run", steps=200) as w:
        for _ in range(200):
            optimizer.zero_grad()
            x = torch.randn(32, 8)
            loss = nn.functional.cross_entropy(model(x), (x[:, 0] > 0).long())
            loss.backward()
            optimizer.step()
            w.step(loss)
    told = call("doctor", tmp_path / "run")
    assert told.code == 1
    assert "CRITICAL  The learning rate is too high" in told.out


def test_a_project_is_examined_before_it_trains(call):
    told = call("doctor", "iris")
    assert (told.code, told.out.strip().endswith("nothing found.")) == (0, True)


def test_where_there_is_no_run_one_is_asked_for(call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    told = call("doctor")
    assert told.code == 2
    assert "there is none in chainrule-runs" in told.err
    assert call("watch", tmp_path).code == 2


def test_a_project_that_cannot_train_is_told_what_keeps_it_from_that(call, tmp_path: Path):
    text = (FOLDER / "lenet5.chain").read_text()
    (tmp_path / "five.chain").write_text(text.replace('"out_features": 10', '"out_features": 5'))
    told = call("doctor", tmp_path / "five.chain")
    assert told.code == 1
    assert told.out.startswith("LeNet-5: 1 error must go before it can train.")
    assert "10 scores were wanted" in told.out
    assert "nothing found" not in told.out
    (error,) = json.loads(call("doctor", tmp_path / "five.chain", "--json").out)["errors"]
    assert error["code"] == "E109"


def test_a_python_block_that_is_not_trusted_keeps_nobody_from_being_told_the_rest(call, tmp_path: Path):
    save(with_block(python("mine", HIDDEN)), tmp_path / "own.chain")
    told = call("doctor", tmp_path / "own.chain")
    assert "must go before" not in told.out
