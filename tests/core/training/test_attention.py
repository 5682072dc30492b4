"""The weights that are shown are those that torch's own modules give when they are asked for them."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from core.engine.attentions import Attend, Attended
from core.errors import EngineError
from core.files import load
from core.training.attention import attend, weights
from core.training.run import Job, Run
from core.training.tracing import Tracer
from tests.core.training import projects
from tests.core.training.projects import DIGITS, node
from tests.gui.conftest import TEMPLATES


def tracer_of(made: projects.Project) -> tuple[Run, Tracer]:
    run = Run(Job(made, projects.loaded(made)))
    return run, Tracer(run.network, run.job.data, run.settings)


def numbers(told: Attended, place: int = 0) -> np.ndarray:
    found = told.maps[place]
    return np.frombuffer(found.weights, np.float32).reshape(found.heads, found.queries, found.keys)


def rows_of_digits(*layers: projects.Node) -> projects.Project:
    return projects.classifier(
        [
            node("rows", "Reshape", shape=(8, 8)),
            *layers,
            node("flat", "Flatten"),
            node("fc", "Linear", out_features=10),
        ],
        DIGITS,
    )


def test_an_encoder_layers_weights_are_its_own_attentions():
    layer = node("encoder", "TransformerEncoderLayer", nhead=2, dim_feedforward=16, dropout=0.0)
    run, tracer = tracer_of(rows_of_digits(layer))
    told = attend(tracer, Attend(project="", path="encoder", first=3))
    module = run.network.modules["encoder"]
    assert isinstance(module, nn.TransformerEncoderLayer)
    data = run.job.data["data"]
    rows = data.fields["image"][data.validation[3:4]].reshape(1, 8, 8)
    with torch.no_grad():
        _output, wanted = module.self_attn(rows, rows, rows, need_weights=True, average_attn_weights=False)
    np.testing.assert_allclose(numbers(told), wanted[0], rtol=1e-5, atol=1e-7)
    assert told.number == int(data.validation[3])
    np.testing.assert_allclose(numbers(told).sum(-1), 1.0, rtol=1e-5)


def test_the_second_of_two_layers_tells_its_own_and_looking_changes_nothing():
    first = node("one", "TransformerEncoderLayer", nhead=2, dim_feedforward=16)
    second = node("two", "TransformerEncoderLayer", nhead=4, dim_feedforward=16)
    run, tracer = tracer_of(rows_of_digits(first, second))
    state = {name: tensor.clone() for name, tensor in run.network.root.state_dict().items()}
    random = torch.get_rng_state()
    assert [attend(tracer, Attend(project="", path=path)).maps[0].heads for path in ("one", "two")] == [2, 4]
    assert all(torch.equal(tensor, state[name]) for name, tensor in run.network.root.state_dict().items())
    assert torch.equal(torch.get_rng_state(), random)
    assert torch.backends.mha.get_fastpath_enabled()


@pytest.mark.parametrize("how", ["plain", "causal", "bool", "added", "scaled"])
def test_weights_multiply_values_to_what_torchs_function_gives(how):
    query, key, value = torch.randn(2, 3, 5, 4), torch.randn(2, 3, 7, 4), torch.randn(2, 3, 7, 6)
    mask = torch.rand(5, 7) > 0.3
    mask[:, 0] = True
    given = {
        "plain": {},
        "causal": {"is_causal": True},
        "bool": {"attn_mask": mask},
        "added": {"attn_mask": torch.randn(5, 7)},
        "scaled": {"scale": 0.1},
    }[how]
    wanted = functional.scaled_dot_product_attention(query, key, value, **given)
    renamed = {"mask" if name == "attn_mask" else name: one for name, one in given.items()}
    torch.testing.assert_close(weights(query, key, **renamed) @ value, wanted)


def test_a_decoder_attends_twice_and_a_causal_model_never_looks_ahead():
    made = load(TEMPLATES / "gpt.chain")
    _run, tracer = tracer_of(made)
    path = next(step.path for step in tracer.network.plan.steps if step.kind.name == "TransformerEncoderLayer")
    told = attend(tracer, Attend(project="", path=path))
    shown = numbers(told)
    assert np.triu(shown, 1).max() == 0.0
    (words,) = told.tokens.values()
    assert len(words) == shown.shape[-1]
    _run, tracer = tracer_of(load(TEMPLATES / "transformer.chain"))
    path = next(step.path for step in tracer.network.plan.steps if step.kind.name == "TransformerDecoderLayer")
    assert len(attend(tracer, Attend(project="", path=path)).maps) == 2


def test_what_does_not_attend_is_refused():
    _run, tracer = tracer_of(projects.small_convnet())
    for path in ("conv", "none"):
        with pytest.raises(EngineError, match="was wanted"):
            attend(tracer, Attend(project="", path=path))
