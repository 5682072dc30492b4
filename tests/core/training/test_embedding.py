"""The embedding is scikit-learn's principal components of what plain torch gives."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.decomposition import PCA

from core.engine.embeddings import Embed
from core.errors import EngineError
from core.training.embedding import embed, projected
from core.training.run import Job, Run
from core.training.tracing import Tracer
from tests.core.training import projects


def tracer_of(made: projects.Project) -> tuple[Run, Tracer]:
    run = Run(Job(made, projects.loaded(made)))
    return run, Tracer(run.network, run.job.data, run.settings)


def test_the_points_are_the_principal_components_of_a_layers_output():
    run, tracer = tracer_of(projects.small_convnet(seed=4))
    told = embed(tracer, Embed(project="", path="conv", samples=90))
    data = run.job.data["data"]
    images = data.fields["image"][data.validation[:90]]
    rows = run.network.modules["conv"](images).detach().flatten(1).numpy()
    wanted = PCA(2).fit(rows)
    points = np.frombuffer(told.points, np.float32).reshape(-1, 2)
    plain = wanted.transform(rows)
    for place in range(2):
        sign = np.sign(wanted.components_[place][np.abs(wanted.components_[place]).argmax()])
        np.testing.assert_allclose(points[:, place], sign * plain[:, place], atol=2e-3)
    np.testing.assert_allclose(told.explained, wanted.explained_variance_ratio_, rtol=1e-4)
    assert told.labels == data.fields["label"][data.validation[:90]].tolist()
    assert told.numbers == data.validation[:90].tolist()
    assert (told.size, told.part, len(told.classes)) == (6 * 64, "validation", 10)


def test_looking_leaves_the_network_alone():
    run, tracer = tracer_of(projects.small_convnet(seed=4))
    state = {name: tensor.clone() for name, tensor in run.network.root.state_dict().items()}
    random = torch.get_rng_state()
    assert embed(tracer, Embed(project="", path="bn")).points == embed(tracer, Embed(project="", path="bn")).points
    assert all(torch.equal(tensor, state[name]) for name, tensor in run.network.root.state_dict().items())
    assert torch.equal(torch.get_rng_state(), random)


def test_rows_that_do_not_vary_and_rows_of_one_number_have_points_too():
    still = projected(torch.ones(5, 7))
    assert torch.equal(still.points, torch.zeros(5, 2))
    assert still.explained == (0.0, 0.0)
    narrow = projected(torch.tensor([[1.0], [3.0], [float("nan")]]))
    assert narrow.explained == pytest.approx((1.0, 0.0))
    assert torch.equal(narrow.points[:, 1], torch.zeros(3))


@pytest.mark.parametrize(("path", "port"), [("none", "output"), ("fc", "none"), ("loss", "loss"), ("data", "image")])
def test_what_is_no_layer_is_refused(path, port):
    _run, tracer = tracer_of(projects.small_convnet())
    with pytest.raises(EngineError, match="a layer of the network"):
        embed(tracer, Embed(project="", path=path, port=port))
