"""What is done for another device than the processor, as far as it can be tried without one.

The way there is taken with the processor as the device elsewhere: all is moved, made and fetched as for a card.
"""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pytest
import torch

from chainrule.measuring import FlatParameters, Meter
from chainrule.meters import FarMeter
from core.commands.opening import TEMPLATES, templates
from core.data.augmentation import read_steps
from core.data.load import load
from core.engine.messages import Failed, Finished
from core.errors import TrainingError
from core.files import load as load_file
from core.project import Project
from core.training import devices, phases, precision
from core.training.checkpoint import CHECKPOINT
from core.training.control import Control
from core.training.devices import ensure_device
from core.training.loop import train
from core.training.optimizers import Optimizer
from core.training.run import Job, Run
from core.training.settings import DEVICES
from tests.core.training.projects import gan, lstm_classifier, small_convnet
from tests.core.training.running import assert_same, columns, finished, job, only, samples, weights

RUNS = {
    "convnet": lambda: small_convnet(Optimizer("Adam", 0.01), accumulate=2, averaging=0.9, clip_norm=1.0),
    "lstm": lambda: lstm_classifier(precision="bfloat16"),
    "gan": lambda: gan(3, epochs=6, batch_size=10),
    "mixed": lambda: mixed(small_convnet()),
}


def copied(values, _device):
    return [value.clone() if isinstance(value, torch.Tensor) else value for value in values]


def mixed(made: Project) -> Project:
    data = replace(made.data["data"], augmentation=read_steps("mixup(alpha=1), noise"))
    return replace(made, data=MappingProxyType({"data": data}))


@pytest.fixture
def elsewhere(monkeypatch):
    """The processor counts as a device elsewhere, to which a tensor goes as another tensor."""
    monkeypatch.setattr(devices, "HOME", "nowhere")
    for module in (devices, precision):
        monkeypatch.setattr(module, "there", copied)
    monkeypatch.setattr(phases, "meter", FarMeter)


@pytest.mark.parametrize("name", RUNS)
def test_the_way_there_and_back_changes_no_bit(name, elsewhere, monkeypatch, tmp_path):
    made = RUNS[name]()
    far, control = finished(made, folder=tmp_path)
    with monkeypatch.context() as at_home:
        at_home.setattr(devices, "HOME", "cpu")
        at_home.setattr(phases, "meter", Meter)
        near, reference = finished(made)
    assert_same(weights(control), weights(reference))
    mine, other = columns(far), columns(near)
    for column in mine:
        assert mine[column] == pytest.approx(other[column], rel=1e-5, nan_ok=True), column
    shown, true = samples(far)[1], samples(near)[1]
    for column in (column for column in shown if column.startswith("output:")):
        assert shown[column][:20] == pytest.approx(true[column][:20], rel=1e-5, nan_ok=True), column
    assert only(far, Finished)[0].validation_loss == only(near, Finished)[0].validation_loss
    assert (tmp_path / CHECKPOINT).is_file()


def test_what_is_measured_there_is_what_is_measured_here():
    torch.manual_seed(0)
    parameters = [torch.randn(size) * 10.0**power for size, power in ((3, -15), (400, 0), (1000, 12), (7, 0))]
    near, far = (FlatParameters([[one.clone()] for one in parameters[:3]], [parameters[3].clone()]) for _ in range(2))
    one, other = Meter(near), FarMeter(far)
    for flat, measure in ((near, one), (far, other)):
        flat.gradient.copy_(flat.weights.detach() * 2)
        flat.before = measure.before()
        with torch.no_grad():
            flat.weights -= 0.1 * flat.gradient
        flat.after = measure.after()
    assert far.before == pytest.approx(near.before, rel=1e-6)
    assert far.after == pytest.approx(near.after, rel=1e-6)
    assert other.norms() == pytest.approx(one.norms(), rel=1e-6)
    out = np.zeros((3, 3), np.float32)
    other.write(out)
    assert out == pytest.approx(one.norms(), rel=1e-6)


@pytest.mark.parametrize("name", templates())
def test_all_that_a_template_makes_on_its_way_is_made_where_it_computes(name):
    """Torch's meta device has shapes but no numbers, and refuses tensors of another."""
    project = load_file(TEMPLATES / f"{name}.chain")
    run = Run(Job(project, {key: load(settings) for key, settings in project.data.items()}))
    run.batches.begin_epoch()
    (numbers,) = run.batches.take()
    meta = torch.device("meta")
    run.network.root.to(meta)
    for index, phase in enumerate(phases.live_phases(run.network, run.settings.phases)):
        batch = [tensor[numbers[dataset]] for tensor, dataset in run._inputs[index]]
        with meta:
            total, *_rest = phase.forward.call(len(batch[0]), *devices.there(batch, meta))
        assert total.device == meta
        total.backward()


def test_a_device_that_torch_does_not_have_is_told_before_the_run_begins():
    assert ensure_device("cpu") == torch.device("cpu")
    for name in DEVICES:
        there = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}[name]
        if there:
            continue
        with pytest.raises(TrainingError, match=f"the device {name} was wanted"):
            ensure_device(name)
        (event,) = train(job(small_convnet(device=name)), Control())
        assert isinstance(event, Failed)
        assert event.problem.fix.startswith("Set the device to cpu")
