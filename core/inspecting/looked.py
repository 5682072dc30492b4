"""What there is to see of a data set, as a message between two processes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from core.data.figures import Column
from core.data.preview import Preview
from core.data.settings import DatasetSettings, field_spec


class Array(msgspec.Struct):
    """Numbers as bytes, in the order of C."""

    dtype: str
    shape: tuple[int, ...]
    data: bytes

    @classmethod
    def of(cls, values: NDArray[Any] | None) -> Array | None:
        """The array's; None of none."""
        return None if values is None else cls(values.dtype.str, values.shape, values.tobytes())

    def numbers(self) -> NDArray[Any]:
        """The array again."""
        return np.frombuffer(self.data, self.dtype).reshape(self.shape)


class Looked(msgspec.Struct):
    """A Preview without its settings."""

    field: str
    samples: int
    classes: tuple[tuple[str, int], ...]
    columns: tuple[Column, ...]
    pictures: Array | None = None
    points: Array | None = None
    labels: Array | None = None
    texts: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, found: Preview) -> Looked:
        """What is told of it."""
        pictures, points, labels = map(Array.of, (found.pictures, found.points, found.labels))
        figures = found.classes, found.columns
        return cls(found.field.name, found.samples, *figures, pictures, points, labels, found.texts)

    def preview(self, settings: DatasetSettings) -> Preview:
        """The preview again."""
        pictures, points, labels = (None if one is None else one.numbers() for one in self._arrays)
        spec = field_spec(settings, self.field)
        made = Preview(settings, spec, self.samples, self.classes, self.columns, pictures, points, labels)
        return replace(made, texts=self.texts)

    @property
    def _arrays(self) -> tuple[Array | None, Array | None, Array | None]:
        return self.pictures, self.points, self.labels
