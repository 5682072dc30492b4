"""Networks of the layers that work on sequences, on small digits."""

from __future__ import annotations

from types import MappingProxyType

from core.data.settings import DatasetSettings
from core.graph import Edge, Graph
from core.project import Project
from core.training.settings import Phase, TrainingSettings
from tests.core.training.projects import chain, node, wire

DIGITS = MappingProxyType({"data": DatasetSettings("digits")})
FEW = TrainingSettings(epochs=1, batch_size=100, phases=(Phase(),))


def vision_transformer() -> Project:
    """Patches, a class token, learned places, an encoder with dropout, and a branch that is dropped at times."""
    nodes = [
        node("data", "Dataset", dataset="data"),
        node("patches", "PatchEmbedding", embed_dim=16, patch_size=2),
        node("token", "ClassToken"),
        node("places", "LearnedPositions"),
        node("encoder", "TransformerEncoder", nhead=2, norm_first=True, norm=True, weight_init="xavier_uniform"),
        node("attention", "MultiheadAttention", num_heads=2, dropout=0.1),
        node("scale", "LayerScale", value=0.5),
        node("path", "DropPath", p=0.3),
        node("add", "Add"),
        node("first", "Select", dim=1, index=0),
        node("drop", "FunctionalDropout", p=0.2),
        node("head", "Linear", out_features=10),
        node("loss", "CrossEntropy"),
    ]
    edges = [
        wire("data.image", "patches"),
        *chain(["patches", "token", "places", "encoder"]),
        wire("encoder", "attention.query"),
        *chain(["attention", "scale", "path"]),
        wire("path", "add.inputs"),
        wire("encoder", "add.inputs", 1),
        *chain(["add", "first", "drop", "head"]),
        wire("head", "loss.logits"),
        wire("data.label", "loss.label"),
    ]
    return Project("ViT", Graph.of(nodes, edges), data=DIGITS, training=FEW)


def diffusion() -> Project:
    """A network that is told how far the diffusion has come, and takes noise out of an image."""
    nodes = [
        node("data", "Dataset", dataset="data"),
        node("noise", "Noise", size=(1, 8, 8)),
        node("t", "RandomTimeStep", steps=50),
        node("time", "TimeStepEmbedding", dim=8),
        node("said", "Linear", out_features=64),
        node("told", "Reshape", shape=(1, 8, 8)),
        node("noisy", "Add"),
        node("conv1", "Conv2d", out_channels=4, padding=1),
        node("act", "SiLU"),
        node("conv2", "Conv2d", out_channels=1, padding=1),
        node("loss", "MSE"),
    ]
    edges = [
        *chain(["t", "time", "said", "told"]),
        wire("data.image", "noisy.inputs"),
        wire("noise", "noisy.inputs", 1),
        wire("told", "noisy.inputs", 2),
        *chain(["noisy", "conv1", "act", "conv2"]),
        wire("conv2", "loss.prediction"),
        wire("noise", "loss.target"),
    ]
    return Project("Diffusion", Graph.of(nodes, edges), data=DIGITS, training=FEW)


def translator() -> Project:
    """Rows of pixels through two recurrent layers, the second begun where the first ended, looked at causally."""
    nodes = [
        node("data", "Dataset", dataset="data"),
        node("rows", "Squeeze", dim=1),
        node("waves", "SinusoidalPositions"),
        node("encoder", "LSTM", hidden_size=6, num_layers=2, dropout=0.2, bidirectional=True),
        node("decoder", "LSTM", hidden_size=6, num_layers=2, bidirectional=True),
        node("causal", "CausalMask", additive=True),
        node("layer", "TransformerDecoderLayer", nhead=2, dim_feedforward=16),
        node("flat", "Flatten"),
        node("head", "Linear", out_features=10),
        node("loss", "CrossEntropy"),
    ]
    edges = [
        wire("data.image", "rows"),
        *chain(["rows", "waves", "encoder"]),
        wire("waves", "decoder"),
        Edge("encoder", "h", "decoder", "h0"),
        Edge("encoder", "c", "decoder", "c0"),
        wire("decoder", "layer"),
        Edge("encoder", "output", "layer", "memory"),
        wire("decoder", "causal"),
        Edge("causal", "output", "layer", "mask"),
        *chain(["layer", "flat", "head"]),
        wire("head", "loss.logits"),
        wire("data.label", "loss.label"),
    ]
    return Project("Translator", Graph.of(nodes, edges), data=DIGITS, training=FEW)
