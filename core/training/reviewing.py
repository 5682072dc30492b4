"""Samples judged one by one: see core/engine/reviews.py."""

from __future__ import annotations

from time import perf_counter
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.compared import target
from core.data.load import LoadedData
from core.data.normalisation import IDENTITY
from core.engine.predictions import Numbers, packed
from core.engine.reviews import Review, Reviewed, Row
from core.errors import DataError, EngineError
from core.plan import Step
from core.prediction.centring import resized
from core.prediction.inputs import Input, inputs_of, reads
from core.prediction.meanings import Form, Meaning, class_names, compared_meaning, form, shown, two_names
from core.prediction.verdicts import Verdicts, ranked, right_places, said_places, verdicts
from core.training.alone import Alone, Judged
from core.training.evaluate import held_out, undisturbed
from core.training.predicting import natural
from core.training.tracing import Tracer

TOGETHER = 128
"""Samples that go through the network at once."""
FIRST = 8
"""The same where there is a limit of time and nobody knows yet how long one takes."""
LONG = 4096
"""Numbers of an input or an answer that are told, at the most, where they are no picture."""


def review(tracer: Tracer, wish: Review) -> Reviewed:
    """The samples of a part, judged; raises EngineError where none can be told apart, DataError where there is none."""
    return _Review(tracer, wish).told()


class _Review:
    """One question being answered."""

    def __init__(self, tracer: Tracer, wish: Review) -> None:
        self._began = perf_counter()
        self._tracer, self._wish = tracer, wish
        network, losses = tracer.network, tracer.losses(wish.phase)
        self._step = next((step for step in losses if step.kind.prediction != "none"), losses[0])
        ordered = (self._step, *(step for step in losses if step is not self._step))
        self._alone = Alone(network, ordered)
        self._meaning = compared_meaning(network.plan, self._step)
        self._ignored = _ignored(self._step, network.arguments[self._step.path])
        self._inputs = inputs_of(network.plan)
        if not self._alone.fields:
            raise EngineError(
                "a network that reads data was wanted", "it reads none", self._step.path, "Wire a data set."
            )
        there = all(len(held_out(tracer.data, field, wish.part)) for field in self._alone.fields)
        self._part = wish.part if there else "train"
        self._fields = [held_out(tracer.data, field, self._part) for field in self._alone.fields]
        self._size = min(map(len, self._fields))
        if not self._size:
            raise DataError("samples to be judged were wanted", "there are none", self._step.path, "Add data.")

    def told(self) -> Reviewed:
        """What came of it."""
        wish = self._wish
        wanted = [place for place in wish.places if place < self._size] if wish.places else []
        end = min(wish.first + (wish.samples or self._size), self._size)
        places = np.array(wanted, int) if wish.places else np.arange(min(wish.first, end), end)
        with self._tracer.as_judged(), undisturbed(self._tracer.network):
            losses, found, told = self._judged(places)
            places = places[: len(losses)]
            first = np.arange(len(places)) if wish.places else self._first(losses, found)
            rows = self._rows(places[first])
        meaning = self._meaning
        names = _names(meaning, told, int(max(found.said.max(initial=-1), found.right.max(initial=-1))) + 1)
        return Reviewed(
            step=self._tracer.step,
            part=self._part,
            size=self._size,
            form=told,
            classes=names,
            is_share=told != "sign" and meaning.prediction != "scores",
            places=places.astype(np.int32).tobytes(),
            numbers=self._numbers()[places].astype(np.int32).tobytes(),
            losses=losses.tobytes(),
            wrong=found.wrong.astype(np.uint8).tobytes(),
            **{name: getattr(found, name).tobytes() for name in ("said", "right", "sure", "lead", "apart")},
            rows=rows,
            seconds=perf_counter() - self._began,
        )

    def _first(self, losses: NDArray[np.float32], found: Verdicts) -> NDArray[np.int64]:
        wish = self._wish
        return ranked(wish.order, losses, found, wish.only_wrong, wish.of_class, wish.as_class)[: wish.rows]

    def _judged(self, places: NDArray[np.int64]) -> tuple[NDArray[np.float32], Verdicts, Form]:
        """The losses and verdicts of as many of these as there is time for, and how answers are shown."""
        costs: list[NDArray[np.float32]] = []
        parts: list[Verdicts] = []
        told: Form = "values"
        done, count = 0, FIRST if self._wish.limit else TOGETHER
        while done == 0 or (done < len(places) and count):
            one = self._alone.judge(self._batch(places[done : done + count]))
            said, right, told = self._said(one)
            costs.append(one.losses)
            parts.append(self._verdicts(told, said, right))
            done += count
            count = self._next(done)
        return np.concatenate(costs), Verdicts(*(np.concatenate(column) for column in zip(*parts, strict=True))), told

    def _next(self, done: int) -> int:
        """How many samples are judged next, after so many; none where the time is over."""
        if not self._wish.limit:
            return TOGETHER
        past = perf_counter() - self._began
        return min(int((self._wish.limit - past) / past * done), TOGETHER) if past < self._wish.limit else 0

    def _rows(self, places: NDArray[np.int64]) -> list[Row]:
        if not len(places):
            return []
        said, right, told = self._said(self._alone.judge(self._batch(places)))
        inputs = {name: self._natural(one, places) for name, one in self._inputs.items() if one.dataset}
        return [
            Row(
                place=int(place),
                inputs={name: packed(self._small(self._inputs[name], rows[at])) for name, rows in inputs.items()},
                answer=self._answer(told, said[at : at + 1], said[at : at + 1]),
                truth=self._answer(told, said[at : at + 1], right[at : at + 1]) if right is not None else None,
            )
            for at, place in enumerate(places)
        ]

    def _said(self, one: Judged) -> tuple[NDArray[Any], NDArray[Any] | None, Form]:
        """Answers as they are shown, what is right in the same units, and the form of both."""
        raw = one.prediction.detach().float().numpy()
        if raw.ndim == 0 or len(raw) != len(one.losses):
            wanted = "an answer for each sample was wanted"
            raise EngineError(
                wanted, f"{list(raw.shape)} came", self._step.path, "Wire the loss before they are joined."
            )
        meaning = self._meaning
        field = meaning.field
        scale = self._tracer.data[meaning.dataset].normalisation.get(field.name) if field is not None else None
        told = form(meaning, raw.shape[1:])
        right = one.target.detach() if one.target is not None and meaning.target else None
        numbers = None if right is None else (right.float() if right.is_floating_point() else right).numpy()
        if numbers is not None and meaning.target == "values":
            numbers = shown(meaning, numbers, scale)
        return shown(meaning, raw, scale), numbers, told

    def _verdicts(self, told: Form, said: NDArray[Any], right: NDArray[Any] | None) -> Verdicts:
        try:
            return verdicts(told, said, right, self._ignored)
        except ValueError as error:
            raise EngineError("answers that fit what is right were wanted", str(error), self._step.path) from error

    def _answer(self, told: Form, said: NDArray[Any], one: NDArray[Any]) -> Numbers:
        """What is said, or what is right, of one sample."""
        if told in ("mask", "tokens"):
            classes = said_places(said) if one is said else right_places(said, one)
            assert classes is not None  # there is something
            return packed(_thin(classes[0], self._wish.side if told == "mask" else LONG))
        if told == "picture":
            return packed(_picture(one[0], self._wish.side))
        return packed(one[0].reshape(-1)[:LONG])

    def _batch(self, places: NDArray[np.int64]) -> list[Tensor]:
        chosen = torch.from_numpy(places.astype(np.int64))
        return [field[chosen] for field in self._fields]

    def _natural(self, one: Input, places: NDArray[np.int64]) -> NDArray[Any]:
        loaded = self._loaded(one.dataset)
        numbers = (loaded.train if self._part == "train" else loaded.validation)[torch.from_numpy(places)]
        scale = loaded.normalisation.get(one.spec.name, IDENTITY)
        return natural(scale, loaded.fields[one.spec.name][numbers].numpy())

    def _small(self, one: Input, values: NDArray[Any]) -> NDArray[Any]:
        if reads(one.spec) == "picture":
            return _picture(values, self._wish.side)
        return values.reshape(-1)[:LONG] if values.size > LONG else values

    def _numbers(self) -> NDArray[np.int64]:
        """By place in the part the number of a sample in the first data set."""
        loaded = self._loaded(self._alone.fields[0].dataset)
        found: NDArray[np.int64] = (loaded.train if self._part == "train" else loaded.validation).numpy()
        return found

    def _loaded(self, dataset: str) -> LoadedData:
        return self._tracer.data[dataset]


def _names(meaning: Meaning, told: Form, count: int) -> list[str]:
    if told in ("yes or no", "sign"):
        return list(two_names(meaning))
    if told == "classes":
        return class_names(meaning, max(count, len(meaning.classes)))
    return list(meaning.classes)


def _ignored(step: Step, arguments: Any) -> int | None:
    """The label that does not count, where the loss knows one; a target without labels has none."""
    given = arguments.get("ignore_index")
    return given if isinstance(given, int) and target(step) is not None else None


def _picture(picture: NDArray[Any], side: int) -> NDArray[Any]:
    """The picture (C, H, W), as large as is wanted at the most."""
    tall, wide = picture.shape[-2:]
    larger = max(tall, wide)
    if larger <= side:
        return picture
    return resized(picture.astype(np.float32), max(tall * side // larger, 1), max(wide * side // larger, 1))


def _thin(classes: NDArray[np.int64], side: int) -> NDArray[np.int64]:
    """The classes (H, W) or (T,), taken at equal distances where they are too many."""
    stride = -(-max(classes.shape) // side)
    return classes[tuple(slice(None, None, stride) for _axis in classes.shape)]
