"""Networks that look where they need to: translation with attention, transformers, a small GPT."""

from __future__ import annotations

from core.data.settings import DatasetSettings
from core.graph import Value
from core.project import Project
from core.training.optimizers import Optimizer
from core.training.schedules import Schedule
from core.training.settings import Phase, TrainingSettings
from tools.gallery.drawing import TALL_ROW, Drawing
from tools.gallery.exhibit import Exhibit, Figure, accuracy, perplexity
from tools.gallery.sequences import SIGNS, of_letters

WIDE = 64
"""Features of a token in a transformer."""
WORDS = 800
LENGTH = 16
"""Of the sentences that are translated: words told apart, and words and signs of one at most."""


def adam(epochs: int, batch_size: int, rate: float) -> TrainingSettings:
    """Adam with a cosine after a short warm-up, as attention likes it."""
    phase = Phase(optimizer=Optimizer("AdamW", rate, weight_decay=0.01))
    schedule = Schedule("Cosine", warmup=0.3)
    return TrainingSettings(epochs=epochs, batch_size=batch_size, clip_norm=1.0, schedule=schedule, phases=(phase,))


def gpt() -> Project:
    """A small GPT: two causal layers over 64 characters."""
    draw = Drawing(5, pitch=TALL_ROW)
    plays = draw.data("shakespeare", "plays", "text")
    draw.layer("Embedding", "embed", num_embeddings=SIGNS, embedding_dim=WIDE)
    draw.layer("LearnedPositions", "positions")
    for number in (1, 2):
        params: dict[str, Value] = {"nhead": 4, "dim_feedforward": 4 * WIDE, "dropout": 0.0, "activation": "gelu"}
        draw.layer("TransformerEncoderLayer", f"layer{number}", None, norm_first=True, is_causal=True, **params)
    draw.layer("LayerNorm", "norm")
    draw.layer("Linear", "scores", out_features=SIGNS)
    draw.layer("Transpose", "to_channels")
    draw.loss("CrossEntropy", "cross_entropy", (plays, "next"))
    return draw.project(
        "GPT",
        "A transformer guesses the next letter of Shakespeare from the 64 before it, all at once.",
        DatasetSettings("shakespeare", (("characters", 200_000),)),
        adam(9, 16, 0.003),
        "shakespeare",
    )


def vision_transformer() -> Project:
    """A vision transformer: digits cut into 16 patches, a class token, two encoder layers."""
    draw = Drawing(5)
    digits = draw.data("mnist", "digits", "image")
    draw.layer("PatchEmbedding", "patches", embed_dim=WIDE, patch_size=7)
    draw.layer("ClassToken", "class_token")
    draw.layer("LearnedPositions", "positions")
    for number in (1, 2):
        draw.layer(
            "TransformerEncoderLayer", f"layer{number}", nhead=4, dim_feedforward=2 * WIDE, dropout=0.0, norm_first=True
        )
    draw.layer("LayerNorm", "norm")
    draw.layer("Select", "first", index=0)
    draw.layer("Linear", "fc", out_features=10)
    draw.loss("CrossEntropy", "cross_entropy", (digits, "label"))
    return draw.project(
        "Vision Transformer",
        "A picture as a sentence of sixteen patches, read by attention instead of convolutions.",
        DatasetSettings("mnist"),
        adam(12, 32, 0.002),
        "mnist",
    )


def sentences() -> DatasetSettings:
    """Short sentences in English with their Spanish."""
    return DatasetSettings("sentences", (("longest", LENGTH), ("words", WORDS)))


def translator() -> Project:
    """An encoder and a decoder with GRUs; the decoder looks back at the words by attention."""
    draw = Drawing(6, pitch=TALL_ROW)
    pairs = draw.add("Dataset", "pairs", draw.place(0, 0.5), dataset="sentences")
    draw.tip = (pairs, "source")
    draw.layer("Embedding", "words", draw.place(1, 0), num_embeddings=WORDS, embedding_dim=48)
    encoder = draw.layer("GRU", "encoder", draw.place(2, 0), hidden_size=96)
    draw.tip = (pairs, "target_in")
    draw.layer("Embedding", "palabras", draw.place(1, 1), num_embeddings=WORDS, embedding_dim=48)
    decoder = draw.layer("GRU", "decoder", draw.place(2, 1), hidden_size=96)
    draw.wire((encoder, "h"), decoder, "h0")
    attention = draw.add("ScaledDotProductAttention", "attention", draw.place(3, 0.5))
    draw.wire((decoder, "output"), attention, "query")
    draw.wire((encoder, "output"), attention, "key")
    draw.wire((encoder, "output"), attention, "value")
    both = draw.add("Concat", "both", draw.place(4, 1), dim=2)
    draw.wire((attention, "output"), both, "inputs", 0)
    draw.wire((decoder, "output"), both, "inputs", 1)
    draw.tip = (both, "output")
    draw.layer("Linear", "mix", draw.place(0, 2), out_features=96)
    draw.layer("Tanh", "tanh", draw.place(1, 2))
    draw.layer("Linear", "scores", draw.place(2, 2), out_features=WORDS)
    draw.layer("Transpose", "to_channels", draw.place(3, 2))
    loss = draw.add("CrossEntropy", "cross_entropy", draw.place(4, 2), ignore_index=0)
    draw.wire(draw.tip, loss, "logits")
    draw.wire((pairs, "target_out"), loss, "label")
    return draw.project(
        "Seq2seq with attention",
        "One network reads English, another writes Spanish, and looks back at the word that it needs.",
        sentences(),
        adam(10, 32, 0.004),
        "sentences",
    )


def transformer() -> Project:
    """An encoder and a decoder of attention alone, that add numbers as they are written."""
    return attending(
        "Transformer",
        "An encoder reads a sum, a decoder writes the result, digit by digit: attention alone.",
        "sums",
        DatasetSettings("arithmetic"),
        16,
        adam(20, 64, 0.003),
    )


def transformer_on_sentences() -> Project:
    """The same that translates."""
    return attending(
        "Transformer, translating",
        "Attention alone reads English and writes Spanish: no recurrent layer, the order is learned positions.",
        "pairs",
        sentences(),
        WORDS,
        adam(10, 32, 0.002),
    )


def attending(
    name: str, words: str, node: str, data: DatasetSettings, vocabulary: int, training: TrainingSettings
) -> Project:
    """An encoder and a decoder with one layer of attention each, on pairs of such tokens."""
    draw = Drawing(6, pitch=TALL_ROW)
    pairs = draw.add("Dataset", node, draw.place(0, 0.5), dataset=data.source)
    inside: dict[str, Value] = {"nhead": 4, "dim_feedforward": 128, "dropout": 0.0}
    draw.tip = (pairs, "source")
    draw.layer("Embedding", "signs", draw.place(1, 0), num_embeddings=vocabulary, embedding_dim=WIDE)
    draw.layer("LearnedPositions", "places", draw.place(2, 0))
    encoder = draw.layer("TransformerEncoderLayer", "encoder", draw.place(3, 0), **inside)
    draw.tip = (pairs, "target_in")
    draw.layer("Embedding", "answer", draw.place(1, 1), num_embeddings=vocabulary, embedding_dim=WIDE)
    draw.layer("LearnedPositions", "answer_places", draw.place(2, 1))
    decoder = draw.layer("TransformerDecoderLayer", "decoder", draw.place(4, 0.5), is_causal=True, **inside)
    draw.wire((encoder, "output"), decoder, "memory")
    draw.layer("Linear", "scores", draw.place(5, 0.5), out_features=vocabulary)
    draw.layer("Transpose", "to_channels", draw.place(0, 2))
    loss = draw.add("CrossEntropy", "cross_entropy", draw.place(1, 2), ignore_index=0)
    draw.wire(draw.tip, loss, "logits")
    draw.wire((pairs, "target_out"), loss, "label")
    return draw.project(name, words, data, training, data.source)


EXHIBITS = (
    Exhibit(
        "seq2seq",
        translator,
        "Attention",
        (
            "The encoder reads a sentence and hands its last state to the decoder, as one would with a single thought.",
            "A single state is too narrow for long sentences, so the decoder may look at every word again.",
            "Where it looks is a softmax of products: the first attention, three years before the transformer.",
        ),
        "Sutskever, Vinyals, Le 2014; Bahdanau, Cho, Bengio: Neural machine translation by learning to align, 2014",
        Figure("validation perplexity of a word", perplexity, 40.0, lower=True, form=".1f"),
    ),
    Exhibit(
        "transformer",
        transformer,
        "Attention",
        (
            "Every token asks, and every other answers as far as it fits: no step has to wait for the one before.",
            "The decoder sees what it has written so far and all that the encoder read.",
            "Carrying a digit means looking at the right places, which attention learns.",
        ),
        "Vaswani et al.: Attention is all you need, 2017",
        Figure("validation perplexity of a digit", perplexity, 1.1, lower=True, form=".3f"),
    ),
    Exhibit(
        "transformer-sentences",
        transformer_on_sentences,
        "Attention",
        (
            "Where a recurrent decoder hands a state from word to word, this one looks back at all words at once.",
            "Every word is learned from in the same step, so it trains faster than its recurrent twin.",
            "It ends at a lower perplexity than its recurrent twin on the same verses, in less time.",
        ),
        "Vaswani et al.: Attention is all you need, 2017",
        Figure("validation perplexity of a word", perplexity, 32.0, lower=True, form=".1f"),
    ),
    Exhibit(
        "gpt",
        gpt,
        "Attention",
        (
            "A GPT is a transformer that may only look back, trained to guess what comes next.",
            "It learns from all 64 places of a sample at once, where a recurrent network goes step by step.",
            "What it writes after a minute looks like Shakespeare from afar; only size divides it from the large ones.",
        ),
        "Radford, Narasimhan, Salimans, Sutskever: Improving language understanding by generative pre-training, 2018",
        Figure(
            "validation perplexity",
            perplexity,
            8.0,
            lower=True,
            reference=of_letters,
            against="frequencies of letters",
            form=".2f",
        ),
    ),
    Exhibit(
        "vit",
        vision_transformer,
        "Attention",
        (
            "The picture is cut into patches, each becomes a row of numbers, and attention treats them as words.",
            "Nothing says that neighbours belong together; the positions are learned.",
            "It needs more pictures than a convolution for the same accuracy, and less knowledge of pictures.",
        ),
        "Dosovitskiy et al.: An image is worth 16x16 words, 2020",
        Figure("validation accuracy", accuracy, 0.92),
    ),
)
