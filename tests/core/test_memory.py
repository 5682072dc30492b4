"""Memory before training: held against what torch's profiler sees allocated in real steps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from statistics import median
from time import process_time
from types import MappingProxyType

import pytest
import torch
from torch.profiler import ProfilerActivity, profile

from benchmarks.shapes import network
from core.commands.opening import TEMPLATES, templates
from core.files import load as load_file
from core.lowering import lower
from core.memory import JUDGED_TOGETHER, Memory, batch_that_fits, judged_together, training_memory
from core.project import Project
from core.reading import read
from core.shapes import analyse
from core.training.evaluate import Evaluator
from core.training.optimizers import Optimizer
from core.training.run import Run
from tests.core.training.projects import DIGITS, classifier, gan, lstm_classifier, node, sigmoid_mlp, small_convnet
from tests.core.training.running import job

WITHIN = 0.1
JUDGING_WITHIN = 0.15
"""Held-out samples are counted, whether they lie in memory already or are read from a file."""
SLACK = 64 * 2**10
"""Bytes below which nobody asks: rows of weights begin at whole cache lines, figures are kept of every layer."""
STEPS = 3


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def allocated(work: Callable[[], object]) -> int:
    """The most bytes that torch holds at once during the work, beyond those before it."""
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as seen:
        work()
    events = [event for event in seen.profiler.kineto_results.events() if event.name() == "[memory]"]
    held = most = 0
    for event in sorted(events, key=lambda event: event.start_ns()):
        held += event.nbytes()
        most = max(most, held)
    return most


def estimate(project: Project, watch: bool = True) -> Memory:
    plan = lower(project)
    return training_memory(project, plan, analyse(plan), watch)


def measured(project: Project, watch: bool) -> int:
    """The most bytes that the run's weights, gradients, measuring, optimizer and a step take."""
    run = Run(job(project, watch=watch))
    run.batches.begin_epoch()
    tensors = [tensor for group in run.groups for tensor in (group.flat.weights, group.flat.storage)]
    if not watch:
        tensors = [tensor for group in run.groups for tensor in (group.flat.weights, group.flat.gradient)]
    flat = {parameter.untyped_storage().data_ptr() for group in run.groups for parameter in group.flat.parameters}
    others = [item for item in run.network.root.parameters() if item.untyped_storage().data_ptr() not in flat]
    standing = sum(tensor.nbytes for tensor in (*tensors, *others))
    return standing + allocated(lambda: [run.step() for _step in range(STEPS)])


def conv_tower(batch: int) -> Project:
    layers = []
    for place, width in enumerate((10, 20, 24)):
        layers += [
            node(f"conv{place}", "Conv2d", out_channels=width, padding=1),
            node(f"bn{place}", "BatchNorm2d"),
            node(f"act{place}", "SiLU"),
            node(f"drop{place}", "Dropout", p=0.1),
        ]
    layers += [node("flatten", "Flatten"), node("fc", "Linear", out_features=10)]
    return classifier(layers, DIGITS, optimizer=Optimizer("AdamW", 0.001), batch_size=batch)


def wide(batch: int, optimizer: str) -> Project:
    return sigmoid_mlp(4, 512, Optimizer(optimizer, 0.01), batch_size=batch)


def attentive() -> Project:
    layers = [
        node("rows", "Reshape", shape=(8, 8)),
        node("fc1", "Linear", out_features=64),
        node("attn", "SelfAttention"),
        node("norm", "LayerNorm"),
        node("flatten", "Flatten"),
        node("fc2", "Linear", out_features=10),
    ]
    return classifier(layers, DIGITS, batch_size=64)


def transformer() -> Project:
    layers = [
        node("rows", "Reshape", shape=(8, 8)),
        node("fc1", "Linear", out_features=32),
        node("encoder", "TransformerEncoder", num_layers=2),
        node("flatten", "Flatten"),
        node("fc2", "Linear", out_features=10),
    ]
    return classifier(layers, DIGITS, batch_size=64)


def frozen() -> Project:
    layers = [
        node("flatten", "Flatten"),
        node("fc1", "Linear", out_features=400, frozen=True),
        node("relu", "ReLU"),
        node("fc2", "Linear", out_features=10),
    ]
    return classifier(layers, DIGITS, optimizer=Optimizer("Adam"), batch_size=128)


NETS: dict[str, Callable[[], Project]] = {
    **{name: lambda name=name: load_file(TEMPLATES / f"{name}.chain") for name in templates()},
    "convnet": lambda: small_convnet(batch_size=200),
    "tower": lambda: conv_tower(100),
    "wide, SGD": lambda: wide(16, "SGD"),
    "wide, Momentum": lambda: wide(700, "Momentum"),
    "wide, Adam": lambda: wide(16, "Adam"),
    "lstm": lambda: lstm_classifier(batch_size=256),
    "attention": attentive,
    "transformer": transformer,
    "frozen": frozen,
    "all samples at once": lambda: wide(1_000_000, "SGD"),
    "gan": lambda: gan(batch_size=64),
    "averaged": lambda: settled(wide(16, "Adam"), averaging=0.9),
    "penalised": lambda: settled(wide(16, "SGD"), l1=1e-3, l2=1e-3),
    "clipped": lambda: settled(wide(16, "SGD"), clip_norm=1.0),
    "frozen by its share": lambda: settled(wide(700, "Adam"), rates=(("fc1", 0.0), ("fc2", 0.0))),
    "shares of the rate": lambda: settled(wide(16, "Adam"), rates=(("fc1", 0.1),)),
    "accumulated": lambda: settled(conv_tower(100), accumulate=3),
    "bfloat16": lambda: settled(conv_tower(100), precision="bfloat16"),
    "bfloat16, wide": lambda: settled(wide(700, "SGD"), precision="bfloat16"),
    "float16": lambda: settled(conv_tower(100), precision="float16"),
}


def settled(project: Project, **settings: object) -> Project:
    return replace(project, training=replace(project.training, **settings))  # type: ignore[arg-type]


@pytest.mark.parametrize("watch", [True, False])
@pytest.mark.parametrize("name", NETS)
def test_the_estimate_is_what_a_real_step_takes(name: str, watch: bool) -> None:
    project = NETS[name]()
    told, real = estimate(project, watch), measured(project, watch)
    peak = told._replace(judging=0).peak
    assert peak == pytest.approx(real, rel=WITHIN, abs=SLACK)


@pytest.mark.parametrize("name", ["iris", "memory-gru", "transformer"])
def test_what_is_not_wired_yet_counts_nothing_and_keeps_nobody_from_weighing(name: str) -> None:
    project = NETS[name]()
    graph = replace(project.graph, edges=MappingProxyType({}))
    assert estimate(replace(project, graph=graph)).peak < estimate(project).peak


@pytest.mark.parametrize("name", ["lenet5", "resnet", "tower", "wide, Momentum"])
def test_judging_takes_what_is_told(name: str) -> None:
    run = Run(job(NETS[name]()))
    losses, batch = run.network.plan.losses, run.settings.batch_size
    judge = Evaluator(run.network, run.analysis, run.job.data, losses, batch, "validation")
    told = estimate(run.job.project).judging
    assert allocated(judge.evaluate) == pytest.approx(told, rel=JUDGING_WITHIN, abs=SLACK)


def test_so_many_are_judged_together_that_they_stay_small() -> None:
    small, large = read(wide(16, "SGD")), read(conv_tower(16))
    assert judged_together(small.plan, small.analysis, 16) == JUDGED_TOGETHER
    assert 16 < judged_together(large.plan, large.analysis, 16) < JUDGED_TOGETHER
    assert judged_together(large.plan, large.analysis, 400) == 400
    assert judged_together(large.plan, large.analysis, 4000) == JUDGED_TOGETHER


def test_a_batch_that_fits_is_found() -> None:
    project = NETS["resnet"]()
    plan = lower(project)
    analysis = analyse(plan)
    whole = training_memory(project, plan, analysis).peak
    found = batch_that_fits(project, plan, analysis, whole * 7 // 10)
    assert 0 < found < project.training.batch_size
    smaller = replace(project, training=replace(project.training, batch_size=found))
    assert training_memory(smaller, plan, analysis).peak <= whole * 7 // 10
    assert batch_that_fits(project, plan, analysis, 1000) == 0


def test_a_thousand_layers_are_weighed_quickly() -> None:
    known = read(network(1000))

    def seconds() -> float:
        began = process_time()
        training_memory(known.project, known.plan, known.analysis)
        return process_time() - began

    assert median(seconds() for _time in range(9)) < 0.05
