"""A network asked about samples while it trains or afterwards: see core/engine/predictions.py."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import cached_property
from time import perf_counter
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.build import Network
from core.data.load import LoadedData, glance
from core.data.normalisation import IDENTITY, Normalisation, apply, undo
from core.engine.predictions import (
    Coefficients,
    Column,
    Drawn,
    Guessed,
    Likely,
    Next,
    Surveyed,
    Sweep,
    Swept,
    Weighed,
    Write,
    Written,
    packed,
    unpacked,
)
from core.errors import CheckError, DataError
from core.plan import Plan
from core.prediction.inputs import Input, inputs_of
from core.prediction.meanings import Meaning, meanings, output_name, shown
from core.prediction.sampling import drawn, shares
from core.shapes import Analysis
from core.training.devices import answering
from core.training.evaluate import dtypes, undisturbed
from core.training.forward import Field, Function, output_function

TOGETHER = 1024
"""Samples that go through the network at once."""
PLOTTED = 600
"""Samples of each part that a plot shows, at the most."""
BUDGET = 0.05
"""Seconds for which tokens are drawn at a time."""
LEVELS = 12
"""Different values of a column that count as few, at the most."""
Given = Mapping[str, NDArray[Any]]


class Predictor:
    """One network and its data; it trains the same whether it is asked or not."""

    def __init__(
        self,
        network: Network,
        analysis: Analysis,
        data: Mapping[str, LoadedData],
        plan: Plan | None = None,
        step: Callable[[], int] = lambda: 0,
        judged: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        """`plan` is that of the whole project, where the network is a part of it without the losses.

        While `judged` holds, the network has the weights that are judged and saved.
        """
        self._network, self._data, self._step, self._judged = network, data, step, judged
        self._types = dtypes(network.plan, analysis)
        self.inputs = inputs_of(network.plan)
        self._causal: dict[str, bool] = {}
        """By input of tokens whether the network looks at nothing that comes later."""
        self.meanings = meanings(plan if plan is not None else network.plan)

    @cached_property
    def _function(self) -> Function:
        plan = self._network.plan
        outputs = plan.predictions()
        if not outputs:
            raise CheckError("a network with an output was wanted", "it has none", "", "Add a layer.")
        return answering(output_function(self._network, plan.reaching(outputs), outputs), self._network)

    @cached_property
    def _names(self) -> tuple[str, ...]:
        return tuple(output_name(value) for value in self._network.plan.predictions())

    def guess(self, given: Given) -> Guessed:
        """The outputs for these samples."""
        began = perf_counter()
        found = {name: packed(values) for name, values in self.outputs(given).items()}
        return Guessed(step=self._step(), seconds=perf_counter() - began, outputs=found)

    def outputs(self, given: Given) -> dict[str, NDArray[Any]]:
        """The outputs (N, ...) as they are shown, for samples (N, ...) in natural units; raises DataError."""
        raw = self.raw({name: apply(self._scale(one), self._checked(name, given)) for name, one in self.inputs.items()})
        return {name: shown(self.meanings[name], values, self._target_scale(name)) for name, values in raw.items()}

    def raw(self, scaled: Given) -> dict[str, NDArray[Any]]:
        """What the network itself gives for samples as it sees them."""
        by_field = {Field(one.dataset, one.spec.name): scaled[name] for name, one in self.inputs.items()}
        batch = [
            torch.as_tensor(np.ascontiguousarray(by_field[field]), dtype=getattr(torch, self._types[field]))
            for field in self._function.fields
        ]
        size = len(batch[0]) if batch else 1
        with self._judged(), undisturbed(self._network):
            parts = [self._part(batch, start, size) for start in range(0, size, TOGETHER)]
        joined = [torch.cat(pieces) if len(pieces) > 1 else pieces[0] for pieces in zip(*parts, strict=True)]
        return {name: tensor.float().numpy() for name, tensor in zip(self._names, joined, strict=True)}

    def survey(self, across: Sequence[int] = ()) -> Surveyed:
        """What there is to predict from; `across` are the two numbers of the input whose places are wanted."""
        columns = {name: found for name, one in self.inputs.items() if one.dataset and (found := self._columns(one))}
        told = Surveyed(train=len(self._part_of("train")), held_out=len(self._part_of("validation")), columns=columns)
        plotted = self._across(across)
        if plotted:
            numbers, held = self._plotted
            (one,) = self.inputs.values()
            told.places, told.held = packed(self._natural(one, numbers)[:, plotted]), packed(held)
            told.truths = self._truths(numbers)
        return told

    def draw(self, part: Literal["train", "validation"], place: int) -> Drawn:
        """The sample at this place of a part, counted round; raises DataError where the part is empty."""
        numbers = self._part_of(part)
        if not len(numbers):
            raise DataError("a sample of the data was wanted", "there is none", "", "Hold out a share of the data.")
        number = int(numbers[place % len(numbers)])
        rows = np.array([number])
        inputs = {name: packed(self._natural(one, rows)) for name, one in self.inputs.items() if one.dataset}
        return Drawn(number=number, inputs=inputs, truths=self._truths(rows))

    def sweep(self, wish: Sweep) -> Swept:
        """The first output over a range of one number or two of the only input; raises DataError for other inputs."""
        began, across = perf_counter(), self._across(wish.across)
        if len(across) != len(wish.low) or len(across) != len(wish.high):
            raise DataError("a network with one input of one number or two was wanted", "it has another", "")
        axes = [np.linspace(low, high, wish.count) for low, high in zip(wish.low, wish.high, strict=True)]
        grid = np.stack([side.reshape(-1) for side in np.meshgrid(*axes)], axis=1).astype(np.float32)
        ((name, one),) = self.inputs.items()
        means = self._means if len(across) < one.spec.shape[0] else np.zeros(len(across), np.float32)
        rows = np.repeat(means[None], len(grid), axis=0)
        rows[:, across] = grid
        numbers, _held = self._plotted
        values = self.outputs({name: np.concatenate([rows, self._natural(one, numbers)])})[self._names[0]]
        over = values[: len(grid)].reshape(*(wish.count for _axis in axes), *values.shape[1:])
        return Swept(
            step=self._step(),
            seconds=perf_counter() - began,
            values=packed(over),
            samples=packed(values[len(grid) :]),
            means=means.tolist() if len(across) < len(means) else [],
        )

    def weigh(self, wish: Coefficients) -> Weighed:
        """What a Linear layer multiplies with; raises DataError where there is no such layer."""
        module = self._network.modules.get(wish.module)
        weight, bias = getattr(module, "weight", None), getattr(module, "bias", None)
        if not isinstance(weight, Tensor):
            raise DataError("a layer with a weight was wanted", "there is none", wish.module)
        with self._judged():
            told = packed(bias.detach().cpu().numpy()) if isinstance(bias, Tensor) else None
            return Weighed(step=self._step(), weight=packed(weight.detach().cpu().numpy()), bias=told)

    def next(self, wish: Next) -> Likely:
        """How likely each token is to come next; raises DataError."""
        began = perf_counter()
        given = {name: unpacked(numbers) for name, numbers in wish.inputs.items()}
        chances = shares(self._scores(given, wish, wish.tokens), wish.temperature, wish.top_k)
        causal = self._is_causal(given, wish)
        return Likely(step=self._step(), seconds=perf_counter() - began, shares=packed(chances), causal=causal)

    def write(self, wish: Write) -> Written:
        """Further tokens, as many as take no longer than BUDGET, but one at least; raises DataError."""
        began = perf_counter()
        given = {name: unpacked(numbers) for name, numbers in wish.inputs.items()}
        causal, size = self._is_causal(given, wish), self._length(wish.grown)
        tokens, ended = list(wish.tokens), False
        while not ended and (made := len(tokens) - len(wish.tokens)) < wish.count:
            if made and perf_counter() - began > BUDGET:
                break
            chances = shares(self._scores(given, wish, tokens), wish.temperature, wish.top_k)
            tokens.append(drawn(chances, wish.seed, wish.drawn + made))
            ended = tokens[-1] == wish.end or (wish.full and len(tokens) > size)
        return Written(
            step=self._step(),
            seconds=perf_counter() - began,
            tokens=tokens[len(wish.tokens) :],
            ended=ended,
            causal=causal,
        )

    def _scores(self, given: Given, wish: Next, tokens: Sequence[int], fill: int = 0) -> NDArray[Any]:
        """The scores (C,) of what follows the last of these tokens, the rest of the input being filled."""
        size = self._length(wish.grown)
        window = list(tokens[-size:])
        if not window:
            raise DataError("a text of one token at least was wanted", "none came", wish.grown, "Type something.")
        row = np.array([window + [fill] * (size - len(window))], np.int64)
        found = self.raw({**given, wish.grown: row}).get(wish.output)
        if found is None or found.ndim != 3 or found.shape[2] != size:
            raise DataError("scores for each token were wanted", "the network gives none", wish.output)
        return found[0, :, len(window) - 1]

    def _is_causal(self, given: Given, wish: Next) -> bool:
        """Whether another filling leaves the scores as they are."""
        if wish.grown not in self._causal:
            last = max((len(one.spec.classes) for one in self.inputs.values()), default=1) - 1
            one, other = (self._scores(given, wish, wish.tokens[:1], fill) for fill in (0, max(last, 0)))
            self._causal[wish.grown] = bool(np.allclose(one, other, rtol=1e-3, atol=1e-4))
        return self._causal[wish.grown]

    def _length(self, name: str) -> int:
        shape = self.inputs[name].spec.shape if name in self.inputs else ()
        if len(shape) != 1:
            raise DataError("an input of tokens in a row was wanted", f"{name} is none", name)
        return shape[0]

    def _across(self, wanted: Sequence[int]) -> list[int]:
        """Which numbers of the only input a plot goes over: these two, else all of one or two; else none."""
        shapes = [one.spec.shape if one.dataset else () for one in self.inputs.values()]
        if len(shapes) != 1 or len(shapes[0]) != 1:
            return []
        chosen = list(wanted) or list(range(shapes[0][0]))
        fits = len(set(chosen)) == len(chosen) <= 2 and all(0 <= at < shapes[0][0] for at in chosen)
        return chosen if fits else []

    @cached_property
    def _means(self) -> NDArray[np.float32]:
        """The mean of each number of the only input over the training part."""
        (one,) = self.inputs.values()
        samples, train = glance(self._data[one.dataset], one.spec.name)
        found: NDArray[np.float32] = natural(self._scale(one), samples.numpy())[train].mean(0).astype(np.float32)
        return found

    @cached_property
    def _plotted(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The numbers of the samples that plots show, and which of them are held out."""
        parts = [self._part_of(part)[:PLOTTED] for part in ("train", "validation")]
        return np.concatenate(parts), np.repeat([0, 1], [len(part) for part in parts])

    def _part(self, batch: Sequence[Tensor], start: int, size: int) -> tuple[Tensor, ...]:
        end = min(start + TOGETHER, size)
        found: tuple[Tensor, ...] = self._function.call(end - start, *(tensor[start:end] for tensor in batch))
        return found

    def _checked(self, name: str, given: Given) -> NDArray[Any]:
        shape = self.inputs[name].spec.shape
        if name not in given or given[name].shape[1:] != shape:
            came = f"{list(given[name].shape[1:])} came" if name in given else "none came"
            raise DataError(f"samples of size {list(shape)} were wanted for {name}", came, name)
        return given[name]

    def _scale(self, one: Input) -> Normalisation:
        return self._data[one.dataset].normalisation.get(one.spec.name, IDENTITY) if one.dataset else IDENTITY

    def _target_scale(self, name: str) -> Normalisation | None:
        meaning = self.meanings[name]
        found = meaning.field
        return self._data[meaning.dataset].normalisation.get(found.name) if found is not None else None

    def _natural(self, one: Input, numbers: NDArray[np.int64]) -> NDArray[Any]:
        scale = self._scale(one)
        return natural(scale, self._data[one.dataset].fields[one.spec.name][torch.from_numpy(numbers)].numpy())

    def _part_of(self, part: str) -> NDArray[np.int64]:
        """The numbers of the samples of a part, in the first data set that is read."""
        names = [one.dataset for one in self.inputs.values() if one.dataset]
        if not names:
            return np.empty(0, np.int64)
        loaded = self._data[names[0]]
        found: NDArray[np.int64] = (loaded.train if part == "train" else loaded.validation).numpy()
        return found

    def _truths(self, numbers: NDArray[np.int64]) -> dict[str, Any]:
        """By output what is right for these samples, where the data set of the inputs says it."""
        read = {one.dataset for one in self.inputs.values()}
        known = {name: one for name, one in self.meanings.items() if one.field is not None and one.dataset in read}
        return {name: packed(self._truth(one, numbers)) for name, one in known.items()}

    def _truth(self, meaning: Meaning, numbers: NDArray[np.int64]) -> NDArray[Any]:
        found = meaning.field
        assert found is not None  # only those that have one are asked for
        return self._natural(Input(meaning.dataset, found), numbers)

    def _columns(self, one: Input) -> list[Column]:
        if len(one.spec.shape) != 1 or not one.spec.columns:
            return []
        samples, train = glance(self._data[one.dataset], one.spec.name)
        scale = self._scale(one)
        rows = natural(scale, samples.numpy())
        return [_column(rows[:, place], rows[train, place], scale, place) for place in range(rows.shape[1])]


def natural(scale: Normalisation, values: NDArray[Any]) -> NDArray[Any]:
    """The values as they were before they were scaled, without what rounding to float32 left of that."""
    if scale == IDENTITY:
        return values
    size = np.abs(np.array(scale.offset)) + np.abs(np.array(scale.scale))
    grain = 10.0 ** (np.floor(np.log10(np.maximum(size, 1e-30))) - 6)
    exact: NDArray[Any] = (np.round(undo(scale, values).astype(np.float64) / grain) * grain + 0.0).astype(np.float32)
    return exact


def _column(values: NDArray[Any], train: NDArray[Any], scale: Normalisation, place: int) -> Column:
    exact = np.unique(values)
    return Column(
        low=float(exact[0]),
        high=float(exact[-1]),
        middle=float(np.median(train)),
        levels=exact.astype(float).tolist() if len(exact) <= LEVELS else [],
        whole=bool((exact == np.round(exact)).all()),
        offset=scale.offset[min(place, len(scale.offset) - 1)],
        scale=scale.scale[min(place, len(scale.scale) - 1)],
    )
