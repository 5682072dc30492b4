"""The training script against the app: every step's loss, bit for bit; and it runs where Chainrule is not."""

from __future__ import annotations

import json
import os
import re
import runpy
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pytest
import torch

from core.commands.opening import TEMPLATES, templates
from core.data.augmentation import read_steps
from core.data.augmentation_kinds import AUGMENTATIONS
from core.data.load import load
from core.data.settings import DatasetSettings, dataset_kind
from core.engine.messages import Failed, StepRows, Validated
from core.exchange.script import script, write_script
from core.files import load as load_file
from core.graph import Graph
from core.project import Project
from core.training.control import Control
from core.training.loop import train
from core.training.optimizers import Optimizer
from core.training.run import Job
from core.training.schedules import Schedule
from core.training.settings import Phase, TrainingSettings
from tests.core.code import projects
from tests.core.training.projects import gan, lstm_classifier, node, small_convnet, wire
from tests.core.training.test_augmentation import scenes

STEPS = 45
MSE = ("MSE", "prediction", "target")


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """What is compared bit for bit must be added up in one order."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
    torch.use_deterministic_algorithms(False)  # as a script may have it


def settled(project: Project, **settings: object) -> Project:
    return replace(project, training=replace(project.training, **settings))  # type: ignore[arg-type]


def with_data(project: Project, **settings: object) -> Project:
    (name, known), *_ = project.data.items()
    return replace(project, data=MappingProxyType({name: replace(known, **settings)}))  # type: ignore[arg-type]


def optimized(name: str, **values: float) -> Callable[[], Project]:
    return lambda: small_convnet(Optimizer(name, 0.02, **values), epochs=2, batch_size=64)


def frozen() -> Project:
    project = small_convnet(epochs=2)
    graph = project.graph.replace_node(project.graph.nodes["conv"].with_params(frozen=True))
    return replace(project, graph=graph)


def several_losses() -> Project:
    """Points to their class by two ways, weighted; one loss is a sum, and an autoencoder reads its own input."""
    nodes = [
        node("data", "Dataset", dataset="data"),
        node("fc1", "Linear", out_features=8),
        node("drop", "Dropout", p=0.3),
        node("fc2", "Linear", out_features=2),
        node("head", "Linear", out_features=2),
        node("back", "MSE", weight=0.3),
        node("right", "CrossEntropy", weight=2.0, reduction="sum"),
    ]
    edges = [
        wire("data.point", "fc1"),
        wire("fc1", "drop"),
        wire("drop", "fc2"),
        wire("drop", "head"),
        wire("fc2", "back.prediction"),
        wire("data.point", "back.target"),
        wire("head", "right.logits"),
        wire("data.label", "right.label"),
    ]
    data = MappingProxyType({"data": DatasetSettings("moons", (("samples", 130),), 0.1, 3)})
    phases = (Phase(optimizer=Optimizer("Adam", 0.01)),)
    training = TrainingSettings(epochs=3, batch_size=32, seed=9, phases=phases)
    return Project("Two losses", Graph.of(nodes, edges), data=data, training=training)


def one_by_one() -> Project:
    """Losses that give each of their numbers: functions, one of operators, a class of ours, and those with weights."""
    nodes = [
        node("data", "Dataset", dataset="data"),
        node("fc1", "Linear", out_features=8),
        node("fc2", "Linear", out_features=2),
        node("head", "Linear", out_features=2),
        node("back", "MSE", weight=0.3, reduction="none"),
        node("normal", "KLToNormal", weight=0.1, reduction="none"),
        node("right", "CrossEntropy", class_weights=(1.0, 2.0), reduction="none"),
        node("hard", "Focal", reduction="none"),
        node("wide", "LinearCrossEntropy", num_classes=2, reduction="none"),
        node("chunks", "LinearCrossEntropy", num_classes=2, bias=True, chunked=True, batch_chunk_size=5),
        node("more", "LinearCrossEntropy", num_classes=2, chunked=True, reduction="none"),
    ]
    edges = [
        wire("data.point", "fc1"),
        *(wire("fc1", other) for other in ("fc2", "head", "wide.input", "chunks.input", "more.input")),
        wire("fc2", "back.prediction"),
        wire("data.point", "back.target"),
        wire("fc2", "normal.mean"),
        wire("head", "normal.log_variance"),
        *(wire("head", f"{loss}.logits") for loss in ("right", "hard")),
        *(wire("data.label", f"{loss}.label") for loss in ("right", "hard", "wide", "chunks", "more")),
    ]
    data = MappingProxyType({"data": DatasetSettings("moons", (("samples", 130),), 0.1, 3)})
    training = TrainingSettings(epochs=3, batch_size=32, seed=9, phases=(Phase(optimizer=Optimizer("Adam", 0.01)),))
    return Project("One by one", Graph.of(nodes, edges), data=data, training=training)


def two_sets() -> Project:
    """Two data sets of different lengths, both of which have a field called label."""
    nodes = [
        node("flowers", "Dataset", dataset="iris"),
        node("shapes", "Dataset", dataset="shapes"),
        node("a", "Linear", out_features=3),
        node("b", "Linear", out_features=2),
        node("loss_a", "CrossEntropy"),
        node("loss_b", "CrossEntropy"),
    ]
    edges = [
        wire("flowers.features", "a"),
        wire("shapes.point", "b"),
        wire("a", "loss_a.logits"),
        wire("flowers.label", "loss_a.label"),
        wire("b", "loss_b.logits"),
        wire("shapes.label", "loss_b.label"),
    ]
    data = MappingProxyType({"iris": DatasetSettings("iris"), "shapes": DatasetSettings("circles")})
    training = TrainingSettings(epochs=4, batch_size=50, drop_last=True)
    return Project("Two sets", Graph.of(nodes, edges), data=data, training=training)


PICTURE_STEPS = [name for name, kind in AUGMENTATIONS.items() if kind.acts == "pictures" and kind.way != "mix"]


def augmented(project: Project, *steps: str) -> Project:
    """With these lists on its data sets, in their order."""
    data = dict(project.data)
    for (name, settings), text in zip(project.data.items(), steps, strict=False):
        data[name] = replace(settings, augmentation=read_steps(text))
    return replace(project, data=MappingProxyType(data))


def without_weights(project: Project) -> Project:
    """Without the losses that have weights of their own, of which there are no two."""
    losses = ("right", "wide", "chunks", "more")
    return replace(project, graph=project.graph.remove_nodes(losses))


def blocks_of(project: Project) -> Iterator[tuple[str, float]]:
    """A share of the learning rate for every block, from none to all."""
    names = [node.name for node in project.graph.nodes.values() if node.block]
    for place, name in enumerate(names):
        yield name, place / len(names)


def forecast() -> Project:
    """A series in windows, split by time, of which two values are foretold."""
    nodes = [
        node("data", "Dataset", dataset="data"),
        node("memory", "LSTM", hidden_size=8),
        node("last", "Select"),
        node("out", "Linear", out_features=2),
        node("loss", "MSE"),
    ]
    edges = [
        wire("data.past", "memory"),
        wire("memory", "last"),
        wire("last", "out"),
        wire("out", "loss.prediction"),
        wire("data.next", "loss.target"),
    ]
    data = MappingProxyType({"data": DatasetSettings("sunspots", (("horizon", 2), ("window", 12)), 0.2)})
    training = TrainingSettings(epochs=2, batch_size=32, phases=(Phase(optimizer=Optimizer("Adam", 0.01)),))
    return Project("Forecast", Graph.of(nodes, edges), data=data, training=training)


def rows_of_tokens(source: str, field: str, target: str, **options: int) -> Project:
    """Tokens embedded and read one after another: each, or the whole, is given one of the target's classes."""
    settings = DatasetSettings(source, tuple(sorted(options.items())), seed=3)
    kind = dataset_kind(settings)
    read, asked = kind.field(field), kind.field(target)
    assert read is not None
    assert asked is not None
    nodes = [
        node("data", "Dataset", dataset="data"),
        node("embed", "Embedding", num_embeddings=len(read.classes), embedding_dim=6),
        node("memory", "GRU", hidden_size=8),
        *([] if asked.shape else [node("last", "Select")]),
        node("out", "Linear", out_features=len(asked.classes)),
        *([node("turn", "Transpose", dim0=1, dim1=2)] if asked.shape else []),
        node("loss", "CrossEntropy"),
    ]
    between = [item.id for item in nodes[1:-1]]
    edges = [
        wire(f"data.{field}", between[0]),
        *(wire(one, other) for one, other in pairwise(between)),
        wire(between[-1], "loss.logits"),
        wire(f"data.{target}", "loss.label"),
    ]
    training = TrainingSettings(epochs=1, batch_size=32, phases=(Phase(optimizer=Optimizer("Adam", 0.01)),))
    return Project("Tokens", Graph.of(nodes, edges), data=MappingProxyType({"data": settings}), training=training)


def pictures(
    source: str, field: str, target: str, channels: int, loss: tuple[str, str, str], **options: object
) -> Project:
    """A convolution that gives each pixel what the target has there."""
    nodes = [
        node("data", "Dataset", dataset="data"),
        node("conv", "Conv2d", out_channels=channels, kernel_size=3, padding=1),
        node("loss", loss[0]),
    ]
    edges = [wire(f"data.{field}", "conv"), wire("conv", f"loss.{loss[1]}"), wire(f"data.{target}", f"loss.{loss[2]}")]
    settings = DatasetSettings(source, tuple(sorted(options.items())), seed=2)  # type: ignore[arg-type]
    training = TrainingSettings(epochs=1, batch_size=16, phases=(Phase(optimizer=Optimizer("Adam", 0.01)),))
    return Project("Pictures", Graph.of(nodes, edges), data=MappingProxyType({"data": settings}), training=training)


def waves() -> Project:
    """Waves made by rule, told apart, each shape shared out to both parts."""
    project = forecast()
    graph = project.graph.replace_node(project.graph.nodes["out"].with_params(out_features=3))
    settings = DatasetSettings("waves", (("horizon", 3), ("samples", 300), ("window", 9)), split="stratified")
    return replace(project, graph=graph, data=MappingProxyType({"data": settings}))


def planes(source: str) -> Project:
    project = load_file(TEMPLATES / "spiral.chain")
    return replace(project, data=MappingProxyType({key: DatasetSettings(source) for key in project.data}))


CASES: Mapping[str, Callable[[], Project]] = {
    **{name: (lambda name=name: load_file(TEMPLATES / f"{name}.chain")) for name in templates()},  # type: ignore[misc]
    "gan": lambda: gan(epochs=10, batch_size=16),
    "gan-3-to-1": lambda: gan(3, epochs=20, batch_size=16),
    "lstm": lambda: lstm_classifier(epochs=2),
    "convnet": lambda: small_convnet(epochs=2),
    "adamw": optimized("AdamW", weight_decay=0.1),
    "adam": optimized("Adam", beta1=0.8, eps=1e-6, weight_decay=0.01),
    "momentum": optimized("Momentum", momentum=0.5, weight_decay=0.01),
    "nadam": optimized("NAdam", momentum_decay=0.01),
    "rmsprop": optimized("RMSprop", momentum=0.3),
    **{
        f"schedule {schedule.name}": (
            lambda schedule=schedule: small_convnet(epochs=3, batch_size=64, schedule=schedule)
        )  # type: ignore[misc]
        for schedule in (
            Schedule("Step", every=0.5),
            Schedule("Exponential", warmup=0.5),
            Schedule("Linear", lowest=0.1),
            Schedule("Cosine", warmup=1, lowest=0.05),
            Schedule("One cycle"),
            Schedule("Plateau", patience=0, factor=0.1),
            Schedule("Constant", warmup=2),
        )
    },
    "schedule of several phases": lambda: settled(gan(3, epochs=20, batch_size=16), schedule=Schedule("Cosine")),
    "clipped": lambda: small_convnet(epochs=2, clip_norm=0.05, clip_value=0.01),
    "clipped phases": lambda: settled(gan(epochs=10, batch_size=16), clip_norm=0.1),
    "stopped early": lambda: small_convnet(Optimizer("SGD", 3.0), epochs=9, early_stop=1, seed=1),
    "accumulated": lambda: small_convnet(epochs=3, batch_size=32, accumulate=3, schedule=Schedule("Cosine")),
    "accumulated phases": lambda: settled(gan(3, epochs=20, batch_size=16), accumulate=2, averaging=0.9),
    "accumulated sets": lambda: settled(two_sets(), accumulate=2, drop_last=False),
    "penalised": lambda: small_convnet(Optimizer("Adam", 0.01), epochs=2, l1=1e-3, l2=1e-2, clip_norm=0.5),
    "penalised phases": lambda: settled(gan(epochs=10, batch_size=16), l1=1e-3),
    "averaged": lambda: small_convnet(epochs=3, averaging=0.95),
    "averaged, stopped early": lambda: small_convnet(
        Optimizer("SGD", 3.0), epochs=9, early_stop=1, averaging=0.5, seed=1
    ),
    "bfloat16": lambda: small_convnet(epochs=2, precision="bfloat16"),
    "bfloat16 lstm": lambda: lstm_classifier(epochs=2, precision="bfloat16"),
    "bfloat16 phases": lambda: settled(gan(3, epochs=10, batch_size=16), precision="bfloat16", accumulate=2),
    "bfloat16 losses": lambda: settled(several_losses(), precision="bfloat16"),
    "float16": lambda: small_convnet(epochs=2, precision="float16", clip_norm=0.5, l1=1e-4, accumulate=2),
    "float16 phases": lambda: settled(gan(3, epochs=10, batch_size=16), precision="float16"),
    "deterministic": lambda: small_convnet(epochs=1, deterministic=True),
    "rates": lambda: small_convnet(epochs=2, rates=(("conv", 0.1), ("bn", 0.0))),
    "rates of blocks": lambda: settled(
        projects.PROJECTS["nested"](),
        rates=tuple(blocks_of(projects.PROJECTS["nested"]())),
        schedule=Schedule("Linear"),
    ),
    "rates of phases": lambda: settled(gan(epochs=10, batch_size=16), rates=(("gen1", 0.5), ("fooled.hidden", 0.0))),
    "augmented": lambda: augmented(small_convnet(epochs=2), "crop(padding=1), horizontal_flip, randaugment, off blur"),
    "augmented by all": lambda: augmented(small_convnet(epochs=2), ", ".join(PICTURE_STEPS)),
    "mixed": lambda: augmented(small_convnet(epochs=2, accumulate=2, batch_size=16), "mixup(alpha=1), noise, cutmix"),
    "mixed several": lambda: augmented(several_losses(), "noise, mixup(alpha=1, p=0.8), feature_dropout"),
    "mixed one by one": lambda: augmented(without_weights(one_by_one()), "mixup"),
    "mixed sets": lambda: augmented(settled(two_sets(), accumulate=2, epochs=8), "mixup(alpha=4)", "noise"),
    "augmented phases": lambda: augmented(settled(gan(3, epochs=20, batch_size=16), accumulate=2), "noise"),
    "augmented scenes": lambda: settled(scenes(*read_steps("horizontal_flip, affine, crop, color")), epochs=3),
    "mixed, penalised": lambda: augmented(small_convnet(epochs=2, l1=1e-3, precision="bfloat16"), "cutmix"),
    "in order": lambda: small_convnet(epochs=2, shuffle=False, batch_size=16),
    "sets in order": lambda: settled(two_sets(), shuffle=False, epochs=8),
    "drop-last": lambda: small_convnet(epochs=2, batch_size=100, drop_last=True),
    "no-validation": lambda: with_data(small_convnet(epochs=1), validation=0.0),
    "standardised": lambda: with_data(small_convnet(epochs=1), normalise="standardise", seed=5),
    "stratified": lambda: with_data(load_file(TEMPLATES / "iris.chain"), split="stratified"),
    "stratified-all": lambda: with_data(planes("moons"), split="stratified", validation=0.0),
    "forecast": forecast,
    "forecast-all": lambda: with_data(forecast(), validation=0.0),
    "emoji": lambda: pictures("emoji", "image", "mask", 1, ("BCEWithLogits", "logits", "target"), category="smileys"),
    "photos": lambda: pictures("photos", "noisy", "image", 1, MSE, colour="grey", samples=200),
    "photos-colour": lambda: pictures("photos", "image", "image", 3, MSE, samples=200),
    "scenes": lambda: pictures("scenes", "image", "mask", 5, ("CrossEntropy", "logits", "label"), samples=150),
    "phrases": lambda: rows_of_tokens("phrases", "target_in", "target_out"),
    "waves": waves,
    "shakespeare": lambda: rows_of_tokens("shakespeare", "text", "next", characters=20_000, length=16),
    "sentences": lambda: rows_of_tokens("sentences", "target_in", "target_out", longest=14, words=100),
    "recall": lambda: rows_of_tokens("recall", "sequence", "label", length=5, samples=300),
    "arithmetic": lambda: rows_of_tokens("arithmetic", "target_in", "target_out", samples=400),
    "frozen": frozen,
    "several-losses": several_losses,
    "one-by-one": one_by_one,
    "two-sets": two_sets,
    **{source: (lambda source=source: planes(source)) for source in ("circles", "moons", "xor", "gaussians")},  # type: ignore[misc]
    **{
        name: projects.PROJECTS[name]
        for name in (
            *("stacked", "nested", "nested-linked", "two-ways", "two-heads", "sources-inside", "handed-through"),
            *("vision-transformer", "diffusion", "translator"),
        )
    },
}


def app(project: Project) -> tuple[list[float], list[float]]:
    """Every step's loss and every validation's, as the app has them."""
    control = Control()
    control.resume(steps=STEPS)
    losses: list[float] = []
    judged: list[float] = []
    for event in train(Job(project, {key: load(made) for key, made in project.data.items()}), control):
        assert not isinstance(event, Failed), event
        if isinstance(event, StepRows):
            losses += np.frombuffer(event.data, np.float32).reshape(event.count, -1)[:, 0].tolist()
        if isinstance(event, Validated):
            judged.append(event.loss)
        if getattr(event, "state", "") == "paused":
            control.stop()
    return losses, judged


def run(path: Path, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> list[float]:
    """Every step's loss of a script in a fresh namespace."""
    out = path.with_suffix(".json")
    monkeypatch.setattr(sys, "argv", [str(path), "--losses", str(out), *arguments])
    runpy.run_path(str(path), run_name="__main__")
    return json.loads(out.read_text(encoding="utf-8"))  # type: ignore[no-any-return]


@pytest.mark.parametrize("name", CASES)
def test_every_step_is_the_apps(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    project = CASES[name]()
    path, *_files = write_script(project, tmp_path / "made.py")
    theirs = np.float32(run(path, monkeypatch, "--steps", str(STEPS)))
    ours, judged = app(project)
    assert len(ours) > 5
    assert theirs.tolist() == ours
    shown = re.findall(r"validation ([\d.]+)", capsys.readouterr().out)
    assert len(shown) >= len(judged)
    for one, other in zip(shown, judged, strict=False):
        assert abs(float(one) - other) < 6e-5 + 1e-7 * abs(other)


@pytest.mark.parametrize("name", ["convnet", "gan-3-to-1", "two-sets", "float16", "diffusion", "mixed several"])
def test_a_script_for_a_graphics_card_takes_the_same_steps_with_the_processor_in_its_place(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = CASES[name]()
    path, *_files = write_script(settled(project, device="cuda"), tmp_path / "made.py")
    text = path.read_text(encoding="utf-8")
    assert '.to("cuda")' in text
    assert 'torch.device("cuda"):' in text
    path.write_text(text.replace('"cuda"', '"cpu"'), encoding="utf-8")
    theirs = np.float32(run(path, monkeypatch, "--steps", "12"))
    assert theirs.tolist() == app(project)[0][:12]


def test_it_runs_where_chainrule_is_not(tmp_path: Path) -> None:
    project = settled(load_file(TEMPLATES / "iris.chain"), epochs=2)
    path, data = write_script(project, tmp_path / "flowers.py")
    assert data == tmp_path / "flowers-iris.npz"
    surroundings = {**os.environ, "PYTHONPATH": "", "PYTHONDONTWRITEBYTECODE": "1"}
    line = [sys.executable, "-I", str(path), "--epochs", "1", "--seed", "4", "--losses", str(tmp_path / "l.json")]
    told = subprocess.run(line, cwd=tmp_path, env=surroundings, capture_output=True, text=True, check=True)
    assert told.stdout.startswith("epoch 1: loss ")
    assert (
        np.float32(json.loads((tmp_path / "l.json").read_text())).tolist() == app(settled(project, epochs=1, seed=4))[0]
    )
    assert torch.load(tmp_path / "flowers.pt")
    assert "import core" not in path.read_text()


def test_a_classic_is_a_students_script(tmp_path: Path) -> None:
    text = script(load_file(TEMPLATES / "lenet5.chain"), "lenet5")
    assert len(text.splitlines()) < 125
    golden = Path(__file__).with_name("golden") / "lenet5.py.txt"
    came = tmp_path / golden.name
    came.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8"), f"If this change is wanted: cp {came} {golden}"


def test_scripts_are_laid_out_as_ruff_would(tmp_path: Path) -> None:
    cards = {f"{name} there": lambda name=name: settled(CASES[name](), device="cuda") for name in ("gan", "two-sets")}
    for name, make in {**CASES, **cards}.items():
        (tmp_path / f"{name.replace('-', '_')}.py").write_text(script(make(), name), encoding="utf-8")
    for command in (["format", "--diff"], ["check", "--select", "E,F,I,W"]):
        line = [sys.executable, "-m", "ruff", *command, "--isolated", "--no-cache", str(tmp_path)]
        told = subprocess.run(line, capture_output=True, text=True, check=False)
        assert told.returncode == 0, told.stdout + told.stderr
