"""Two networks that work against one another: one in which a side has won, and ones in which both learn."""

from __future__ import annotations

import pytest

from core.diagnosis.doctor import diagnose
from core.diagnosis.finding import Finding
from core.diagnosis.remedies import remedies
from core.graph import Block, Graph
from core.project import Project
from core.training.facts import facts_of
from core.training.optimizers import Optimizer
from core.training.settings import Phase
from tests.core.diagnosis.records import record_of
from tests.core.training.projects import DIGITS, chain, loaded, node, project, wire

SIDES = ("real", "fake", "fooled")


def contest(critic: float, maker: float) -> Project:
    """Digits made of noise against a network that tells them from true ones, each side with a rate of its own."""
    inside = [
        node("point", "BlockInput"),
        node("flat", "Flatten"),
        node("hidden", "Linear", out_features=32),
        node("bend", "LeakyReLU"),
        node("score", "Linear", out_features=1),
        node("verdict", "BlockOutput"),
    ]
    making = [
        node("noise", "Noise", size=8),
        node("gen1", "Linear", out_features=32),
        node("bent", "ReLU"),
        node("gen2", "Linear", out_features=64),
        node("bound", "Sigmoid"),
        node("stop", "Detach"),
    ]
    nodes = [node("data", "Dataset", dataset="data"), *making]
    edges = [*chain([one.name for one in making]), wire("data.image", "real.point")]
    edges += [wire("stop", "fake.point"), wire("bound", "fooled.point")]
    for side in SIDES:
        aim = "ZerosLike" if side == "fake" else "OnesLike"
        nodes += [node(side, "Block", link="d", block="critic"), node(f"{side}_aim", aim)]
        nodes.append(node(f"{side}_loss", "BCEWithLogits"))
        edges += [wire(f"{side}.verdict", f"{side}_aim"), wire(f"{side}.verdict", f"{side}_loss.logits")]
        edges.append(wire(f"{side}_aim", f"{side}_loss.target"))
    phases = (
        Phase(("real_loss", "fake_loss"), ("real",), Optimizer("Adam", critic, beta1=0.5)),
        Phase(("fooled_loss",), ("gen1", "gen2"), Optimizer("Adam", maker, beta1=0.5)),
    )
    block = Block("critic", "critic", Graph.of(inside, chain([one.name for one in inside])))
    return project(nodes, edges, DIGITS, phases, (block,), epochs=8, batch_size=64)


def told(made: Project) -> tuple[Finding, ...]:
    return tuple(one for one in diagnose(made, facts_of(loaded(made), made.training), record_of(made)) if one.shown)


def test_a_critic_that_learns_far_faster_wins_and_a_slower_one_is_offered() -> None:
    made = contest(critic=0.01, maker=1e-4)
    (found,) = told(made)
    assert found.code == "GAN_COLLAPSE"
    assert found.where == ("fooled_loss", "real_loss")
    cured = remedies(made, found)[0].apply(made)
    assert told(cured) == ()


@pytest.mark.parametrize(("critic", "maker"), [(2e-3, 2e-3), (1e-3, 1e-2)])
def test_losses_that_stand_because_both_sides_learn_are_left_alone(critic: float, maker: float) -> None:
    """A discriminator that cannot tell the two apart costs ln 2, and neither falling nor rising is wanted."""
    assert told(contest(critic, maker)) == ()
