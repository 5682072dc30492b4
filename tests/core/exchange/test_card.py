"""The model card of networks that a template is not: blocks, links, half-made ones, and a stranger's words."""

from __future__ import annotations

from dataclasses import replace

import torch

from core.codegen import source
from core.data.augmentation import read_steps
from core.exchange.card import card
from core.exchange.network import network
from core.project import Project
from core.reading import read
from tests.core.exchange.networks import nested
from tests.core.networks import chain
from tests.core.training.projects import small_convnet


def test_shared_weights_are_told_and_count_once():
    known = read(nested())
    text = card(known)
    assert "| `two.fc` (weights of `one.fc`) | Linear | B×8 | 72 | 64 |" in text
    assert f"**{known.analysis.total_parameters:,}**" in text
    assert known.analysis.total_parameters == sum(value.numel() for value in network(nested(), None).root.parameters())


def test_the_lines_that_load_weights_rename_what_lies_in_blocks(tmp_path, monkeypatch):
    project = nested()
    namespace: dict[str, object] = {}
    exec(source(project, *_plan(project)), namespace)
    weights = network(project, None).root.state_dict()
    lines = card(read(project)).split("```python\n")[1].split("```")[0].splitlines()
    code = "\n".join(line for line in lines if not line.startswith("from ") and "load_file" not in line)
    space = {**namespace, "weights": weights}
    exec(code, space)
    loaded = space["model"].state_dict()
    assert len(loaded) == len(weights)
    for name, value in weights.items():
        assert torch.equal(loaded[name.replace("[", ".").replace("]", "")], value)


def _plan(project: Project):
    known = read(project)
    return known.plan, known.analysis


def test_a_half_made_network_has_a_card_too():
    text = card(read(chain([("Linear", "fc", {"out_features": 10, "in_features": 9})])))
    assert "| `fc` | Linear | unknown | unknown | unknown |" in text
    assert "Not trained yet." in text
    assert "# untitled" in card(read(Project()))


def test_words_of_a_stranger_are_words_and_no_markup():
    text = card(read(replace(nested(), name="a|b <script>\n# c", description="![x](y)")), "my net.png")
    assert text.startswith("# a\\|b \\<script\\> \\# c\n")
    assert "\\!" not in text
    assert "!\\[x\\](y)" in text
    assert "(my%20net.png)" in text


def test_what_is_done_to_samples_in_training_is_told():
    made = small_convnet()
    steps = read_steps("mixup, off blur, crop(padding=2)")
    told = card(read(made.with_data("data", replace(made.data["data"], augmentation=steps))))
    assert "- Augmentation in training: crop(padding=2), mixup\n" in told
    assert "Augmentation" not in card(read(made))


def test_what_goes_on_around_a_step_is_told_where_it_is_not_as_usual():
    told = {"accumulate": 4, "l1": 0.1, "l2": 0.2, "averaging": 0.99, "precision": "bfloat16", "deterministic": True}
    lines = card(read(small_convnet(rates=(("conv", 0.1), ("fc", 0.0)), **told))).splitlines()
    for line in (
        "- Gradients of 4 batches averaged before each step",
        "- Weights penalised: L1 0.1 and L2 0.2",
        "- The weights are a running average (decay 0.99)",
        "- Computed in bfloat16 on its way forward, the weights in float32",
        "- Deterministic algorithms only",
        "- conv: learning rate × 0.1",
        "- fc: frozen",
    ):
        assert line in lines
    assert "running average" not in card(read(small_convnet()))
