"""Rules on how weights are to begin, before any has been drawn."""

from __future__ import annotations

from collections.abc import Iterator

from core.diagnosis.chain import units
from core.diagnosis.finding import Evidence, Finding
from core.diagnosis.network import Network
from core.diagnosis.saying import finding, listed
from core.diagnosis.thresholds import limit

EQUAL = frozenset({"zeros", "constant"})
"""Starts that give every weight the same number."""


def equal_start(network: Network) -> Iterator[Finding]:
    """Hidden layers all of whose weights are to begin with one number."""
    told = [
        step
        for step in network.trained
        if step.kind.weighted
        and network.analysis.arguments.get(step.path, {}).get("weight_init") in EQUAL
        and not network.analysis.arguments[step.path].get("frozen")
        and units(network, step, "out") > 1
        and network.is_hidden(step)
        and not network.ends_branch(step)
    ]
    if not told:
        return
    paths = [step.path for step in told]
    start = network.analysis.arguments[paths[0]]["weight_init"]
    word = "zero" if start == "zeros" else "the same number"
    evidence = Evidence(f"All weights of {listed(paths)} are to begin at {word}.", 1.0, limit("alike"))
    cause = f"The start of {listed(paths)} is “{start}”, so that all of a layer's units are one and the same."
    yield finding(network, "SYMMETRIC_INIT", "warning", evidence, cause, paths)
