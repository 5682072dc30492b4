"""The coefficients of a linear model as bars: what each number of a row is multiplied with."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtWidgets import QWidget

from core.engine.predictions import Coefficients, Column, Weighed, unpacked
from gui.numbers import signed
from gui.predict.bars import Bar, Bars
from gui.segments import Segments
from gui.theme import Themes
from gui.widgets import ElidedLabel, column, label, row

MOST = 40
"""Coefficients that are shown, at the most: the largest where there are more."""


class CoefficientBars(QWidget):
    """A bar for each number of the row, one output at a time, and the intercept."""

    def __init__(
        self, themes: Themes, module: str, names: Sequence[str], columns: Sequence[Column], classes: Sequence[str]
    ) -> None:
        super().__init__()
        self._module, self._names = module, names
        self._weighed: Weighed | None = None
        is_scaled = any((one.offset, one.scale) != (0.0, 1.0) for one in columns)
        words = "Coefficients, for one standard deviation each" if is_scaled else "Coefficients"
        self.bars = Bars(themes, words)
        self.intercept = label("", "mono-secondary")
        self.choice = Segments(themes, [(str(at), name) for at, name in enumerate(classes)] or [("0", "")], 20)
        self.choice.setAccessibleName("Coefficients of the class")
        self.choice.setVisible(len(classes) > 1)
        self.choice.chosen.connect(self._show)
        layout = column(spacing=4)
        layout.addWidget(ElidedLabel(words, "caption2"))
        layout.addLayout(row(self.choice, None))
        layout.addWidget(self.bars)
        layout.addWidget(self.intercept)
        self.setLayout(layout)

    def question(self) -> Coefficients:
        """What has to be asked, whenever the network has learnt."""
        return Coefficients(project="", module=self._module)

    def take(self, told: object) -> None:
        """Show what came of it."""
        if isinstance(told, Weighed):
            self._weighed = told
            self._show()

    def _show(self, *_chosen: object) -> None:
        if self._weighed is None:
            return
        at = int(self.choice.current)
        weight = unpacked(self._weighed.weight)[at].astype(np.float64)
        largest = np.sort(np.argsort(-np.abs(weight))[:MOST])
        names = [self._names[place] if place < len(self._names) else str(place) for place in largest.tolist()]
        numbers = weight[largest].tolist()
        self.bars.show_bars([Bar(name, one, signed(one, 3)) for name, one in zip(names, numbers, strict=True)])
        bias = unpacked(self._weighed.bias) if self._weighed.bias is not None else None
        self.intercept.setText("no intercept" if bias is None else f"intercept {signed(float(bias[at]), 3)}")
