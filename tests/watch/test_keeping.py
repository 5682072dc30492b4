"""Weights that a watch keeps: those of the step to the last bit, within their room, and the training none the wiser."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from torch import nn

import chainrule
from chainrule import keeping
from chainrule.keeping import Keeper
from core.engine.messages import Said
from core.runs.checkpoints import checkpoints
from core.runs.reading import read


class Tied(nn.Module):
    """Convolution, batch norm, half precision and weights that two layers share."""

    def __init__(self) -> None:
        super().__init__()
        self.front = nn.Sequential(nn.Conv2d(1, 3, 3, padding=1), nn.BatchNorm2d(3), nn.ReLU(), nn.Flatten())
        self.one, self.two = nn.Linear(48, 48), nn.Linear(48, 48)
        self.two.weight = self.one.weight
        self.low = nn.Linear(48, 2).to(torch.bfloat16)
        self.scale = nn.Parameter(torch.tensor(2.0))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.low((self.two(self.one(self.front(x))) * self.scale).to(torch.bfloat16)).float()


def trained(folder: Path, keep: int = 0, steps: int = 30, budget: float = 1.0, watches: bool = True, **more: int):
    """The model, and its tensors after every step."""
    torch.manual_seed(0)
    model = Tied().to(memory_format=torch.channels_last)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    seen: list[dict[str, torch.Tensor]] = []
    watch = chainrule.watch(model, optimizer, folder=folder, budget=budget, keep=keep, **more)
    if watches:
        watch.start()
    for _ in range(steps):
        optimizer.zero_grad()
        loss = model(torch.randn(4, 1, 4, 4)).square().mean()
        loss.backward()
        optimizer.step()
        watch.step(loss)
        seen.append({name: tensor.clone() for name, tensor in model.state_dict().items()})
    watch.close()
    return model, seen


def kept(folder: Path) -> dict[int, Path]:
    return {int(path.stem.partition("-")[2]): path for path in folder.rglob("step-*.safetensors")}


def tensors(path: Path) -> dict[str, torch.Tensor]:
    with safe_open(path, "pt") as file:
        return {name.removeprefix("weights/"): file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  # no dict


@pytest.fixture
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every step is due."""
    monkeypatch.setattr(Keeper, "due", lambda self, is_last: not self.said)


@pytest.mark.usefixtures("eager")
def test_what_is_kept_is_the_step_to_the_last_bit(tmp_path: Path):
    _model, seen = trained(tmp_path, keep=5)
    files = kept(tmp_path)
    assert sorted(files)[-5:] == [26, 27, 28, 29, 30]
    assert 1 in files
    for step, path in files.items():
        found, wanted = tensors(path), dict(seen[step - 1])
        assert torch.equal(wanted.pop("two.weight"), found["one.weight"])  # what two layers share is there once
        wanted["Tied.scale"] = wanted.pop("scale")  # as its row is called
        assert found.keys() == wanted.keys()
        for name, tensor in found.items():
            assert tensor.dtype == wanted[name].dtype
            assert torch.equal(tensor, wanted[name])
    told = {one.step: one for one in checkpoints(tmp_path)}
    assert set(told) == {step for step, path in files.items() if path.parent.name == "checkpoints"}
    assert not any(one.whole for one in told.values())


def test_training_ends_bitwise_equal_with_and_without(tmp_path: Path):
    ends = [
        trained(tmp_path / "kept", keep=3)[0],
        trained(tmp_path / "watched")[0],
        trained(tmp_path / "bare", watches=False)[0],
    ]
    states = [model.state_dict() for model in ends]
    assert all(torch.equal(states[0][name], other[name]) for other in states[1:] for name in states[0])
    assert kept(tmp_path / "kept")
    assert not kept(tmp_path / "watched")


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize(("keep", "files"), [(3, 40), (50, 20), (1, 6), (9, 3), (2, 1)])
def test_files_keep_within_their_bytes_at_every_moment(tmp_path: Path, monkeypatch, keep: int, files: int):
    layers = {"one": nn.Linear(40, 40), "two": nn.BatchNorm1d(7)}
    keeper = Keeper(tmp_path, layers, keep, 1, 1.0)
    keeper.keep(1)
    size = kept(tmp_path)[1].stat().st_size
    kept(tmp_path)[1].unlink()
    keeper = Keeper(tmp_path, layers, keep, 1, 1.0)
    keeper._bytes = room = files * size + size // 2
    wrote = keeping._write

    def looked(path: Path, pieces: list[object]) -> None:
        wrote(path, pieces)
        assert sum(one.stat().st_size for one in tmp_path.rglob("*") if one.is_file()) <= room

    monkeypatch.setattr(keeping, "_write", looked)
    for step in range(1, 200):
        keeper.keep(step)
    there = kept(tmp_path)
    recent = sorted(step for step, path in there.items() if path.parent.name == "recent")
    spread = sorted(step for step, path in there.items() if path.parent.name == "checkpoints")
    assert recent == list(range(200 - len(recent), 200))
    assert len(recent) == min(keep, files - min(32, files // 4))
    apart = {after - before for before, after in pairwise(spread)}
    assert len(apart) <= 1
    if spread:
        assert spread[0] == 1
        assert spread[-1] + 2 * max(apart, default=0) >= recent[0] or len(spread) == 1
    assert not keeper.said


def test_weights_for_which_there_is_no_room_are_not_kept_and_that_is_said_once(tmp_path: Path):
    torch.manual_seed(0)
    model = nn.Linear(1000, 600)
    with chainrule.watch(model, folder=tmp_path, keep=4, keep_mebibytes=2) as w:
        for _ in range(3):
            model(torch.ones(2, 1000)).sum().backward()
            w.step(1.0)
    assert not kept(tmp_path)
    said = [event.text for event in read(tmp_path).events if isinstance(event, Said)]
    assert [text for text in said if "not kept" in text] == [
        "Weights are not kept: those of one step take 2.3 MiB, and all may take 2 MiB (keep_mebibytes)."
    ]


def test_they_are_kept_so_seldom_that_the_share_holds_and_the_last_step_in_any_case(tmp_path: Path, monkeypatch):
    now = [0.0]
    monkeypatch.setattr(keeping, "perf_counter", lambda: now[0])
    wrote = keeping._write

    def slow(path: Path, pieces: list[object]) -> None:
        wrote(path, pieces)
        now[0] += 0.39

    monkeypatch.setattr(keeping, "_write", slow)
    keeper = Keeper(tmp_path, {"one": nn.Linear(3, 3)}, 50, 1, 0.05)
    for step in range(1, 101):
        now[0] += 1.0
        if keeper.due(is_last=step == 100):
            keeper.keep(step)
    assert sorted(kept(tmp_path)) == [1, 9, 17, 25, 33, 41, 49, 57, 65, 73, 81, 89, 97, 100]
    assert keeper.cost == pytest.approx(14 * 0.39 / 100)


@pytest.mark.usefixtures("eager")
def test_a_script_that_is_run_again_begins_with_nothing_kept(tmp_path: Path):
    trained(tmp_path, keep=2, steps=20)
    assert 19 in kept(tmp_path)
    trained(tmp_path, steps=2)
    assert not kept(tmp_path)


@pytest.mark.usefixtures("eager")
def test_a_disk_that_refuses_ends_the_keeping_and_not_the_training(tmp_path: Path, monkeypatch):
    def refuse(*_args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(keeping, "_write", refuse)
    trained(tmp_path, keep=2, steps=4)
    run = read(tmp_path)
    assert len(run.steps) == 4
    assert [event.text for event in run.events if isinstance(event, Said) and "no longer kept" in event.text] == [
        "Weights are no longer kept: [Errno 28] No space left on device"
    ]
