"""Written code against the network that trains: the same weights by the same names, the same numbers bit for bit."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from core.build import build
from core.code.losses import compared
from core.code.tree import field_arguments
from core.codegen import class_name, source, state_key
from core.codegen import written as written_code
from core.data.load import load
from core.lowering import lower
from core.plan import Value
from core.project import Project
from core.shapes import analyse
from core.training.forward import Field, loss_function, output_function
from tests.core.code.projects import PROJECTS

GOLDEN = Path(__file__).with_name("golden")


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """What is compared bit for bit must be added up in one order."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def code_of(project: Project) -> str:
    plan = lower(project)
    return source(project, plan, analyse(plan))


def written(project: Project, seed: int = 0) -> tuple[nn.Module, dict[str, object]]:
    space: dict[str, object] = {}
    exec(code_of(project), space)
    torch.manual_seed(seed)
    return space[class_name(project)](), space  # type: ignore[operator]


@pytest.mark.parametrize("name", PROJECTS)
def test_it_begins_with_the_same_weights_by_the_same_names(name: str) -> None:
    project = PROJECTS[name]()
    plan = lower(project)
    ours = build(plan, analyse(plan).arguments, 3).root.state_dict()
    theirs = written(project, 3)[0].state_dict()
    assert [state_key(key) for key in ours] == list(theirs)
    for key, tensor in ours.items():
        assert torch.equal(tensor, theirs[state_key(key)]), key


@pytest.mark.parametrize("name", PROJECTS)
def test_with_trained_weights_it_gives_the_same_outputs_and_losses(name: str) -> None:
    project = PROJECTS[name]()
    plan = lower(project)
    network = build(plan, analyse(plan).arguments, 0)
    with torch.no_grad():
        for tensor in (*network.root.parameters(), *network.root.buffers()):
            if tensor.dtype.is_floating_point:
                tensor.uniform_(0.1, 0.9)
    model, space = written(project, 8)
    model.load_state_dict({state_key(key): tensor for key, tensor in network.root.state_dict().items()})
    data = data_of(project)
    given = [data[Field(item.dataset, item.name)] for item in field_arguments(plan.reaching(wanted(project)))]
    for training in (True, False):
        network.root.train(training)
        model.train(training)
        function = output_function(network, network.plan.reaching(wanted(project)), wanted(project), training)
        ours = again(lambda f=function: f.call(7, *(data[field] for field in f.fields)))  # type: ignore[misc]
        theirs = again(lambda: model(*given) if given else model(7))
        theirs = theirs if isinstance(theirs, tuple) else (theirs,)
        assert len(ours) == len(theirs)
        for one, other in zip(ours, theirs, strict=True):
            assert torch.equal(one, other)
    if plan.losses:
        total = loss_function(network, network.plan, network.plan.losses, training=False)
        value = again(lambda: total.call(7, *(data[field] for field in total.fields))[0])
        assert value.item() == again(lambda: loss_of(space, theirs, project, data)).item()


def data_of(project: Project) -> dict[Field, Tensor]:
    """Seven samples of every data set, and as many for every Input node."""
    found = {
        Field(key, name): tensor[:7] for key, made in project.data.items() for name, tensor in load(made).fields.items()
    }
    analysis = analyse(lower(project))
    for step in analysis.plan.sources:
        if step.kind.name == "Input":
            kind = analysis.types[Value(step.path, "output")]
            found[Field("", step.path)] = torch.rand(7, *kind.features).to(getattr(torch, kind.dtype))
    return found


def loss_of(
    space: dict[str, object], results: tuple[Tensor, ...], project: Project, data: dict[Field, Tensor]
) -> Tensor:
    plan = lower(project)
    read = [value for step in plan.losses for value in step.values()]
    fields = dict.fromkeys(
        Field(plan.by_path[value.path].dataset, value.port) for value in read if plan.by_path[value.path].fields
    )
    return space["loss"](*results, *(data[field] for field in fields))  # type: ignore[operator, no-any-return]


def wanted(project: Project) -> tuple[object, ...]:
    plan = lower(project)
    return compared(plan, plan.losses, analyse(plan)) if plan.losses else plan.predictions()


def again(call):  # type: ignore[no-untyped-def]
    torch.manual_seed(5)
    with torch.no_grad():
        return call()


@pytest.mark.parametrize("name", ["gan", "stacked", "two-ways", "nested", "lstm"])
def test_it_reads_as_a_person_would_write_it(name: str, tmp_path: Path) -> None:
    came, wanted = tmp_path / f"{name}.py.txt", GOLDEN / f"{name}.py.txt"
    came.write_text(code_of(PROJECTS[name]()), encoding="utf-8")
    known = wanted.read_text(encoding="utf-8") if wanted.exists() else ""
    assert came.read_text(encoding="utf-8") == known, f"If this change is wanted: cp {came} {wanted}"


def test_a_node_knows_its_lines() -> None:
    project = PROJECTS["stacked"]()
    plan = lower(project)
    code = written_code(project, plan, analyse(plan))
    lines = code.text.splitlines()
    assert [lines[place].strip() for place in code.places("conv2")] == [
        "self.conv2 = nn.Conv2d(6, 6, kernel_size=3, padding=1)",
        "conv2 = self.conv2(out)",
    ]
    assert [lines[place].strip() for place in code.places("body")][-1] == "x = self.body(image)  # (B, 6, 8, 8)"
    assert lines[code.places("loss")[0]].strip() == "return F.cross_entropy(logits, label)"


def test_it_is_laid_out_as_ruff_would(tmp_path: Path) -> None:
    for name, make in PROJECTS.items():
        (tmp_path / f"{name.replace('-', '_')}.py").write_text(code_of(make()), encoding="utf-8")
    for command in (["format", "--diff"], ["check", "--select", "E,F,I,W"]):
        line = [sys.executable, "-m", "ruff", *command, "--isolated", "--no-cache", str(tmp_path)]
        told = subprocess.run(line, capture_output=True, text=True, check=False)
        assert told.returncode == 0, told.stdout + told.stderr
