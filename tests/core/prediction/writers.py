"""Two small networks that write: one goes on with a text, the other works out sums digit by digit."""

from __future__ import annotations

from core.data.settings import DatasetSettings
from core.project import Project
from core.training.optimizers import Optimizer
from core.training.settings import Phase
from tests.core.training.projects import chain, node, project, wire

ADAM = (Phase(optimizer=Optimizer("Adam", 0.01)),)


def speaker(length: int = 16, **settings: object) -> Project:
    """Characters of the plays through a GRU."""
    nodes = [
        node("data", "Dataset", dataset="data"),
        node("embedding", "Embedding", num_embeddings=62, embedding_dim=16),
        node("gru", "GRU", hidden_size=32),
        node("fc", "Linear", out_features=62),
        node("turn", "Permute", dims=(0, 2, 1)),
        node("loss", "CrossEntropy"),
    ]
    edges = [
        wire("data.text", "embedding"),
        *chain(["embedding", "gru", "fc", "turn"]),
        wire("turn", "loss.logits"),
        wire("data.next", "loss.label"),
    ]
    data = DatasetSettings("shakespeare", (("characters", 20_000), ("length", length)))
    return project(nodes, edges, data, ADAM, **settings)


def adder(**settings: object) -> Project:
    """What is read becomes a summand at every place of what is known of the answer, which goes through a GRU."""
    nodes = [
        node("data", "Dataset", dataset="data"),
        node("read", "Embedding", num_embeddings=16, embedding_dim=8),
        node("flat", "Flatten"),
        node("hidden", "Linear", out_features=64),
        node("act", "ReLU"),
        node("fit", "Linear", out_features=3 * 16),
        node("rows", "Reshape", shape=(3, 16)),
        node("known", "Embedding", num_embeddings=16, embedding_dim=16),
        node("sum", "Add"),
        node("gru", "GRU", hidden_size=48),
        node("fc", "Linear", out_features=16),
        node("turn", "Permute", dims=(0, 2, 1)),
        node("loss", "CrossEntropy"),
    ]
    edges = [
        wire("data.source", "read"),
        *chain(["read", "flat", "hidden", "act", "fit", "rows"]),
        wire("data.target_in", "known"),
        wire("rows", "sum.inputs", 0),
        wire("known", "sum.inputs", 1),
        *chain(["sum", "gru", "fc", "turn"]),
        wire("turn", "loss.logits"),
        wire("data.target_out", "loss.label"),
    ]
    data = DatasetSettings("arithmetic", (("digits", 1), ("samples", 100)))
    return project(nodes, edges, data, ADAM, **settings)
