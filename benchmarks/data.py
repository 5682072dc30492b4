"""Batches: how many times as many samples a second come from our data path as from the usual loop over a DataLoader.

`python -m benchmarks.data` prints the table. Both sides give batches alike, float32 and int64, drawn anew each epoch;
blocks of both take turns. `python -m benchmarks.data --large GIB` trains on a file of that size and prints the peak
memory of the process; the file stands in the temporary folder and is removed.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from time import perf_counter
from types import MappingProxyType
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, TensorDataset

from benchmarks.timing import Ratio, compare
from core.data import cache
from core.data.load import LoadedData, load
from core.data.own import inspected
from core.data.settings import DatasetSettings
from core.data.store import FILLED
from core.graph import Edge, Graph, Node
from core.project import Project
from core.training.ahead import Ahead
from core.training.batches import Batches
from core.training.forward import Field
from core.training.loop import start
from core.training.run import Job
from core.training.settings import TrainingSettings

BATCH = 64
WORKERS = (0, 2)


@dataclass(frozen=True, slots=True)
class Case:
    """A data set, the fields that a network reads, and a tutorial's data set; `first` empties the cache before."""

    name: str
    data: Callable[[], LoadedData]
    fields: tuple[str, ...]
    theirs: Callable[[LoadedData], Dataset[Any]]
    goal: float
    first: bool = False


def main() -> None:
    """Print the table, or the memory of a large set."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--pairs", type=int, default=9, help="pairs of blocks")
    parser.add_argument("--large", type=float, default=0.0, metavar="GIB", help="only a set of so many GiB on the disk")
    parser.add_argument("--child", metavar="FILE", help=argparse.SUPPRESS)
    options = parser.parse_args()
    torch.set_num_threads(1)
    if options.child:
        _train_large(Path(options.child))
    elif options.large:
        _large(options.large)
    else:
        with tempfile.TemporaryDirectory() as folder:
            os.environ["XDG_CACHE_HOME"] = f"{folder}/cache"
            _table(Path(folder), options.pairs)
        _large(5.0)


def _table(folder: Path, pairs: int) -> None:
    heads = (("ours", ">12"), ("DataLoader", ">12"), ("2 workers", ">12"), ("ratio", ">9"), ("2 workers", ">11"))
    print("".join(format(name, room) for name, room in (("samples a second", "<34"), *heads, ("goal", ">6"))))
    for case in _cases(folder):
        data = case.data()
        found = [_measured(case, data, workers, pairs) for workers in WORKERS]
        rates = [BATCH / found[0].ours, *(BATCH / one.theirs for one in found)]
        told = "".join(f"{rate:>12,.0f}" for rate in rates)
        ratios = [1 / one.wall for one in found]
        print(f"{case.name:<34}{told}{ratios[0]:>8.2f}x{ratios[1]:>10.2f}x{case.goal:>5.0f}x", flush=True)


def _measured(case: Case, data: LoadedData, workers: int, pairs: int) -> Ratio:
    samples = case.theirs(data)
    options: dict[str, Any] = {"persistent_workers": True, "multiprocessing_context": "spawn"} if workers else {}
    loader = DataLoader(samples, BATCH, shuffle=True, num_workers=workers, **options)
    theirs = _endless(loader)
    if case.first:  # a whole first epoch each
        count = -(-len(data.train) // BATCH)
        found = compare(lambda _steps: _first_epoch(case), lambda _steps: _take(theirs, count), 1e-9, 3)
        return replace(found, ours=found.ours / count, theirs=found.theirs / count)
    ours = _Ours(data, case.fields)
    ours.block(ours.batches.count)
    try:
        return compare(ours.block, lambda steps: _take(theirs, steps), 0.3, pairs)
    finally:
        ours.batches.close()


def _first_epoch(case: Case) -> None:
    for path in cache.cache_folder().glob(f"*/{FILLED}"):
        path.unlink()
    data = case.data()
    ours = _Ours(data, case.fields)
    ours.block(-(-len(data.train) // BATCH))
    ours.batches.close()


class _Ours:
    """Batches as a run takes them."""

    def __init__(self, data: LoadedData, fields: Sequence[str]) -> None:
        named = tuple(Field("data", name) for name in fields)
        self.batches = Batches({"data": data}, named, BATCH, 0, drop_last=False)

    def block(self, steps: int) -> None:
        """So many batches of every field."""
        batches = self.batches
        for _ in range(steps):
            if batches.ended or not batches.permutations:
                batches.begin_epoch()
            (numbers,) = batches.take()
            for tensor in batches.tensors.values():
                tensor.index_select(0, numbers["data"])


def _take(batches: Iterator[Any], count: int) -> None:
    for _batch in islice(batches, count):
        pass


def _endless(loader: DataLoader[Any]) -> Iterator[Any]:
    while True:
        yield from loader


def _cases(folder: Path) -> Iterator[Case]:
    mnist = DatasetSettings("mnist")
    pair = ("image", "label")
    yield Case("pictures in memory, tensors", lambda: load(mnist), pair, _tensors, 2)
    yield Case("pictures in memory, as torchvision", lambda: load(mnist), pair, _Digits, 2)
    root = _drawn(folder / "pets")
    pets = inspected(root, {"height": 64, "width": 64})
    files = [_Files(root)]
    yield Case("a folder of JPEGs, first epoch", lambda: load(pets), pair, lambda _data: files[0], 1, first=True)
    yield Case("a folder of JPEGs, later epochs", lambda: load(pets), pair, lambda _data: files[0], 1)
    table = _written(folder / "table.csv")
    yield Case(
        "CSV, 20,000 × 20", lambda: load(inspected(table)), ("features", "target"), lambda _data: _Rows(table), 1
    )
    text = folder / "text.txt"
    text.write_bytes(np.random.default_rng(0).integers(97, 123, 1_000_000, np.uint8).tobytes())
    known = inspected(text, {"context": 64}, "text")
    yield Case("text, 1 MB by character", lambda: load(known), ("text", "next"), lambda _data: _Characters(text, 64), 1)


def _tensors(data: LoadedData) -> Dataset[Any]:
    image, label = (data.fields[name][data.train] for name in ("image", "label"))
    return TensorDataset(image, label)


class _Digits(Dataset[tuple[Tensor, int]]):
    """Bytes that become an Image and then a tensor, as torchvision's MNIST does it."""

    def __init__(self, data: LoadedData) -> None:
        self._pixels = (data.fields["image"][data.train][:, 0] * 255).byte()
        self._labels = data.fields["label"][data.train]

    def __len__(self) -> int:
        return len(self._labels)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        return _as_tensor(Image.fromarray(self._pixels[index].numpy())), int(self._labels[index])


class _Files(Dataset[tuple[Tensor, int]]):
    """A folder a class, as torchvision's ImageFolder with Resize, CenterCrop and ToTensor."""

    def __init__(self, root: Path) -> None:
        names = sorted(path.name for path in root.iterdir())
        self._files = [(path, place) for place, name in enumerate(names) for path in sorted((root / name).iterdir())]

    def __len__(self) -> int:
        return len(self._files) * 4 // 5  # as many as ours trains on

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        path, label = self._files[index]
        with path.open("rb") as stream:
            image = Image.open(stream).convert("RGB")
        scale = 64 / min(image.size)
        image = image.resize((round(image.width * scale), round(image.height * scale)), Image.Resampling.BILINEAR)
        left, top = (image.width - 64) // 2, (image.height - 64) // 2
        return _as_tensor(image.crop((left, top, left + 64, top + 64))), label


class _Rows(Dataset[tuple[Tensor, Tensor]]):
    """A table read by numpy, a row a sample."""

    def __init__(self, path: Path) -> None:
        table = np.loadtxt(path, np.float32, delimiter=",", skiprows=1)[: 20_000 * 4 // 5]
        self._features = (table[:, :-1] - table[:, :-1].mean(axis=0)) / table[:, :-1].std(axis=0)
        self._target = table[:, -1:]

    def __len__(self) -> int:
        return len(self._target)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        return torch.from_numpy(self._features[index]), torch.from_numpy(self._target[index])


class _Characters(Dataset[tuple[Tensor, Tensor]]):
    """A text by character, as nanoGPT's tutorials do it."""

    def __init__(self, path: Path, context: int) -> None:
        text = path.read_text(encoding="utf-8")
        places = {letter: place for place, letter in enumerate(sorted(set(text)))}
        self._data = torch.tensor([places[letter] for letter in text])
        self._context = context

    def __len__(self) -> int:
        return (len(self._data) - 1) // self._context * 4 // 5

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        begin, end = index * self._context, (index + 1) * self._context
        return self._data[begin:end], self._data[begin + 1 : end + 1]


def _as_tensor(picture: Image.Image) -> Tensor:
    pixels = torch.from_numpy(np.array(picture, np.uint8, copy=True))
    channels = len(picture.getbands())
    pixels = pixels.view(picture.size[1], picture.size[0], channels).permute((2, 0, 1)).contiguous()
    return pixels.to(torch.float32).div(255)


def _drawn(root: Path, count: int = 300) -> Path:
    """Photographs of 320 × 240 of two classes: soft noise, which JPEG takes as it takes real ones."""
    random = np.random.default_rng(0)
    for number in range(count):
        place = root / ("cat" if number % 2 else "dog") / f"{number:04}.jpg"
        place.parent.mkdir(parents=True, exist_ok=True)
        coarse = Image.fromarray(random.integers(0, 256, (30, 40, 3), np.uint8))
        coarse.resize((320, 240), Image.Resampling.BICUBIC).save(place, quality=90)
    return root


def _written(path: Path) -> Path:
    random = np.random.default_rng(0)
    table = random.normal(size=(20_000, 20))
    head = ",".join([*(f"column {place}" for place in range(19)), "target"])
    np.savetxt(path, table, "%.6f", delimiter=",", header=head, comments="")
    return path


def _large(size: float) -> None:
    """Train on a file of so many GiB in a process of its own, and print what that took."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "large.npy"
        _write_large(path, int(size * 2**30))
        line = [sys.executable, "-m", "benchmarks.data", "--child", str(path)]
        told = subprocess.run(line, capture_output=True, text=True, check=True).stdout
    print(f"\na file of {size:.0f} GiB, pictures (1, 64, 64) as float32: {told}", flush=True)


def _write_large(path: Path, size: int) -> None:
    """An array with holes, which read as zeros, in which every 1,000th picture is drawn."""
    count = size // (4 * 64 * 64)
    x = np.lib.format.open_memmap(path, "w+", np.dtype(np.float32), (count, 1, 64, 64))
    for number in range(0, count, 1_000):
        x[number] = np.random.default_rng(number).normal(size=(1, 64, 64))
    x.flush()


def _train_large(path: Path) -> None:
    began = perf_counter()
    settings = inspected(path)
    made = _autoencoder(settings)
    data = {"data": load(settings)}
    loaded = perf_counter() - began
    run = start(Job(made, data))
    run.batches.begin_epoch()
    began, steps = perf_counter(), min(run.batches.count, 3_000)
    for _ in range(steps):
        run.step()
        if run.table.full:
            run.table.packed()
    seconds = perf_counter() - began
    waited = sum(tensor.waited for tensor in run.batches.tensors.values() if isinstance(tensor, Ahead))
    run.batches.close()
    print(
        f"ready in {loaded:.1f} s, {steps * BATCH / seconds:,.0f} samples a second, {waited / seconds:.1%} of the time "
        f"waited for them; peak resident {_peak():,.0f} MiB"
    )


def _autoencoder(settings: DatasetSettings) -> Project:
    (name,) = (field.name for field in settings.found.fields) if settings.found else ("",)
    nodes = [
        Node("data", "Dataset", "data", (("dataset", "data"),)),
        Node("flat", "Flatten", "flat"),
        Node("fc1", "Linear", "fc1", (("out_features", 32),)),
        Node("fc2", "Linear", "fc2", (("out_features", 4_096),)),
        Node("loss", "MSE", "loss"),
    ]
    wires = [("data", name, "flat", "input"), ("flat", "output", "fc1", "input"), ("fc1", "output", "fc2", "input")]
    wires += [("fc2", "output", "loss", "prediction"), ("flat", "output", "loss", "target")]
    return Project(
        graph=Graph.of(nodes, [Edge(*wire, 0) for wire in wires]),
        data=MappingProxyType({"data": settings}),
        training=TrainingSettings(epochs=1, batch_size=BATCH),
    )


def _peak() -> float:
    """The most memory that this process had, in MiB."""
    import resource

    found = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return found / 2**20 if sys.platform == "darwin" else found / 2**10


if __name__ == "__main__":
    main()
