"""What optimizers do to a model: gradients before they are clipped, weights before and after each step."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from torch import Tensor
from torch.optim import Optimizer

from chainrule import intercepting
from chainrule.measuring import Doubles, Floats
from chainrule.norms import Norms
from chainrule.schedule import ALWAYS

SAME = 1e-4
"""By what share a gradient's sum of squares may differ where nobody has changed it; float16 is rounded by scaling."""
CHANGED = (
    "Gradients are changed between backward() and the optimizer's step by something other than torch's own clipping. "
    "They are recorded as they are right after backward()."
)
CLIPPED_SCALED = (
    "Gradients are clipped while they are still multiplied by the gradient scaler. Call scaler.unscale_(optimizer) "
    "before; they are recorded divided."
)


class Taken(NamedTuple):
    """What was measured since the last time, beside the rows."""

    gradient_norm: float
    clip: float
    rate: float


@dataclass(slots=True, eq=False)
class _Group:
    """Parameters of one optimizer that lie on one device."""

    optimizer: Optimizer | None
    norms: Norms
    places: NDArray[np.intp]
    """Which rows they belong to."""
    read_at: int = -1
    """After which backward pass its gradient was read."""
    scale: float = 1.0
    """By what it was multiplied then."""
    unscaled: bool = False
    locked: bool = False
    """Whether a closure has been called in this step: only what came first is at the weights before it."""
    checked: bool = False
    kept: tuple[Doubles, float] | None = None
    """What the gradient was right after the last backward pass, and by what it was multiplied."""
    table: Doubles = field(init=False)
    """(3, rows): the squares of gradient, weight before and update of the last step."""
    total: float = 0.0
    """The sum of squares of its gradient."""
    stepped: bool = False
    fresh: bool = False
    """Whether the optimizer has stepped since the scaler was asked to let it."""

    def __post_init__(self) -> None:
        self.table = np.zeros((3, len(self.places)))

    def measure(self) -> None:
        """Take down, after a step, the squares of its rows and that of its gradient, NaN where none was seen."""
        norms = self.norms
        norms.after()
        if self.read_at < 0:  # no backward pass has been: gradients are taken in some other way
            norms.gradient[:] = math.nan
        self.table[:] = norms.squares
        if self.scale != 1.0:
            self.table[0] /= self.scale**2
        if norms.missing:
            self.table[0, norms.missing] = math.nan
        self.total = sum(norms.gradient.tolist()) / self.scale**2
        self.stepped = self.fresh = True
        self.locked = self.unscaled = self.checked = False
        self.read_at = -1


class Steps:
    """Listens to optimizers, and to what comes before their steps; without any, to backward passes alone."""

    def __init__(
        self,
        rows: Sequence[Sequence[Tensor]],
        parameters: Callable[[], Iterable[Tensor]],
        optimizers: Sequence[Optimizer],
        say: Callable[[str], None],
    ) -> None:
        """`rows` are the weights of every row, `parameters` all of the models."""
        self._rows = rows
        self._row_of = {id(weight): index for index, row in enumerate(rows) for weight in row}
        self._parameters = parameters
        self._optimizers = tuple(optimizers)
        self._say = say
        self._groups: list[_Group] = []
        self._counts: Mapping[int, int] = {}
        self._endings: list[Callable[[], object]] = []
        self._backwards = self._taken = 0
        self._eager = not optimizers
        self._scaled = False
        self._scale = 1.0
        self._clip = self._rate = math.nan
        self._sorted = self._by_norm = self._is_clipped = False
        """Whether torch has sorted gradients in this step, as all clipping does, or clipped them to a norm; and whether
        values were clipped at any step."""
        self._weights = np.full(len(rows), math.nan)
        self._shared: list[int] = []
        self._whole = False
        self._seconds = 0.0

    def open(self) -> None:
        """Listen from now on."""
        for optimizer in self._optimizers:
            self._endings.append(optimizer.register_step_pre_hook(self._timed(self._before_step)).remove)
            self._endings.append(optimizer.register_step_post_hook(self._timed(self._after_step)).remove)
        heard = {
            intercepting.before_change: self._before_change,
            intercepting.on_clip: self._on_clip,
            intercepting.after_backward: self._after_backward,
            intercepting.after_scale: self._after_scale,
            intercepting.after_unscale: self._after_unscale,
            intercepting.after_scaled_step: self._after_scaled_step,
        }
        self._endings += [listen(self._timed(hear)) for listen, hear in heard.items()]
        if not self._optimizers:
            self._arrange()

    def close(self) -> None:
        """Listen no more."""
        for end in self._endings:
            end()
        self._endings = []

    @property
    def stepped(self) -> bool:
        """Whether there is something to take."""
        return not self._optimizers or any(group.stepped for group in self._groups)

    @property
    def scale(self) -> float:
        """By what the loss was multiplied on its way back."""
        return self._scale

    def spent(self) -> float:
        """The seconds that measuring has taken since this was last asked."""
        seconds, self._seconds = self._seconds, 0.0
        return seconds

    def take(self, out: Floats) -> Taken:
        """What the steps since the last time were, of several steps of one optimizer the last; begins anew.

        Written are the norms of every row (rows, 3): gradient, weight before the step, update; NaN what is not known.
        """
        if not self._optimizers:
            self._close_by_hand()
        stepped = [group for group in self._groups if group.stepped]
        total = sum([group.total for group in stepped])
        if self._whole and stepped:
            np.sqrt(stepped[0].table.T, out=out, casting="same_kind")
        else:
            self._write_several(out, stepped)
        self._weights[:] = out[:, 1]
        for group in stepped:
            group.stepped = False
        told = Taken(math.sqrt(total) if total >= 0 else math.nan, self._clip, self._rate)
        self._clip, self._scale, self._scaled = math.nan, 1.0, False
        self._sorted = self._by_norm = False
        self._taken += 1
        return told

    def reorder(self, order: Sequence[int]) -> None:
        """Write the rows in this order from now on."""
        place = {row: index for index, row in enumerate(order)}
        self._rows = [self._rows[row] for row in order]
        self._row_of = {weight: place[row] for weight, row in self._row_of.items()}
        self._weights = self._weights[list(order)]
        for group in self._groups:
            group.places = np.array([place[row] for row in group.places], np.intp)
        self._whole = self._is_whole()

    def _is_whole(self) -> bool:
        """Whether there is one group, and its rows are all there are, in their order."""
        return len(self._groups) == 1 and np.array_equal(self._groups[0].places, np.arange(len(self._rows)))

    def _write_several(self, out: Floats, stepped: Sequence[_Group]) -> None:
        """The rows of several groups, and of weights that nobody has stepped."""
        out[:, 0] = out[:, 2] = math.nan
        out[:, 1] = self._weights
        for group in stepped:
            out[group.places] = np.sqrt(group.table.T)
        if self._shared:
            self._write_shared(out, stepped)

    def _write_shared(self, out: Floats, stepped: Sequence[_Group]) -> None:
        """The rows whose weights several groups have: the sums of their squares."""
        parts = np.full((len(stepped), len(out), 3), math.nan)
        for part, group in zip(parts, stepped, strict=True):
            part[group.places] = group.table.T
        for row in self._shared:
            known = parts[:, row][~np.isnan(parts[:, row, 1])]
            if len(known):
                squares = np.where(np.isnan(known).all(axis=0), math.nan, np.nansum(known, axis=0))
                out[row] = np.sqrt(squares)

    def _arrange(self) -> None:
        """Group the parameters by optimizer and device, as they are now."""
        trained = {one: [p for group in one.param_groups for p in group["params"]] for one in self._optimizers}
        self._groups = [made for one, found in trained.items() for made in self._grouped(one, found)]
        self._counts = {id(one): len(found) for one, found in trained.items()}
        if not trained:
            self._groups = list(self._grouped(None, [one for one in self._parameters() if one.requires_grad]))
        rows = [row for group in self._groups for row in group.places.tolist()]
        self._shared = sorted({row for row in rows if rows.count(row) > 1})
        self._whole = self._is_whole()
        self._weights_of_others()
        if not self._optimizers:
            for group in self._groups:
                group.norms.before()

    def _grouped(self, optimizer: Optimizer | None, parameters: Sequence[Tensor]) -> Iterable[_Group]:
        for device in dict.fromkeys(parameter.device for parameter in parameters):
            mine = [parameter for parameter in parameters if parameter.device == device]
            by_row: dict[int, list[Tensor]] = {}
            for parameter in mine:
                by_row.setdefault(self._row_of.get(id(parameter), -1), []).append(parameter)
            rest = by_row.pop(-1, [])
            places = sorted(by_row)
            yield _Group(optimizer, Norms([by_row[place] for place in places], rest), np.array(places, np.intp))

    def _weights_of_others(self) -> None:
        """The norms of the weights that nobody trains."""
        mine = {id(parameter) for group in self._groups for parameter in group.norms.parameters}
        for index, row in enumerate(self._rows):
            weights = [weight for weight in row if id(weight) not in mine]
            if weights:
                others = Norms([weights])
                others.before()
                self._weights[index] = math.sqrt(others.squares[1, 0])

    def _of(self, optimizer: Optimizer) -> list[_Group]:
        """The groups of an optimizer; all are made anew where it has been given other parameters."""
        if self._counts.get(id(optimizer)) != sum(len(group["params"]) for group in optimizer.param_groups):
            self._arrange()
        return [group for group in self._groups if group.optimizer is optimizer]

    def _before_step(self, optimizer: Optimizer, args: Any, kwargs: Any) -> Any:
        groups = self._of(optimizer)
        if groups and optimizer is self._optimizers[0]:
            self._rate = float(optimizer.param_groups[0]["lr"])
        for group in groups:
            group.norms.before()
        closure = kwargs.get("closure") or next(
            (value for value in args if callable(value) and value is not optimizer), None
        )
        if closure is not None:
            watched = self._watched(closure, groups)
            if "closure" in kwargs:
                return args, {**kwargs, "closure": watched}
            return tuple(watched if value is closure else value for value in args), kwargs
        for group in groups:
            self._read(group)
        if self._sorted and not self._by_norm:
            self._clip = float(np.fmin(self._clip, self._left_of(groups)))
        return None

    def _after_step(self, optimizer: Optimizer, _args: Any, _kwargs: Any) -> None:
        for group in self._groups:
            if group.optimizer is optimizer:
                group.measure()

    def _watched(self, closure: Callable[..., Any], groups: Sequence[_Group]) -> Callable[..., Any]:
        """The closure, after whose first call the gradient is that at the weights before the step."""

        def called(*args: Any, **kwargs: Any) -> Any:
            result = closure(*args, **kwargs)
            began = perf_counter()
            for group in groups:
                self._read(group)
                group.locked = True
            self._seconds += perf_counter() - began
            return result

        return called

    def _read(self, group: _Group) -> None:
        """Read the gradient, unless that of this backward pass was read before it was changed."""
        if group.locked or (group.read_at == self._backwards and (group.checked or self._eager)):
            return
        group.norms.read_gradient()
        group.scale = self._scale_of(group)
        if group.kept is not None and group.read_at == self._backwards and self._differs(group, *group.kept):
            self._eager = True
            self._say(CHANGED)
            group.norms.gradient[:], group.scale = group.kept
        group.read_at, group.checked, group.kept = self._backwards, True, None

    def _differs(self, group: _Group, kept: Doubles, scale: float) -> bool:
        """Whether the gradient is another than it was right after the backward pass."""
        now, before = (
            float(np.add.reduce(one)) / by**2 for one, by in ((group.norms.gradient, group.scale), (kept, scale))
        )
        return math.isfinite(before + now) and abs(now - before) > SAME * max(before, now)

    def _scale_of(self, group: _Group) -> float:
        """By what the group's gradient is multiplied now."""
        fused = getattr(group.optimizer, "grad_scale", None)
        if fused is not None:
            return float(fused)
        return 1.0 if group.unscaled else self.scale

    def _after_backward(self, _args: Any, _kwargs: Any) -> None:
        self._backwards += 1
        if self._eager or self._taken < ALWAYS:
            for group in self._groups or self._arranged():
                if not group.locked:
                    self._read_at_once(group)

    def _read_at_once(self, group: _Group) -> None:
        group.norms.read_gradient()
        group.scale, group.read_at, group.checked = self._scale_of(group), self._backwards, False
        if not self._eager:
            group.kept = group.norms.gradient.copy(), group.scale

    def _before_change(self, _args: Any, _kwargs: Any) -> None:
        self._sorted = True
        for group in self._groups or self._arranged():
            self._read(group)
            if group.scale != 1.0 and not group.unscaled:
                self._say(CLIPPED_SCALED)

    def _left_of(self, groups: Sequence[_Group]) -> float:
        """What clipping by value has left of a gradient's length; NaN where it has never been seen to take any."""
        now = before = 0.0
        for group in groups:
            known = group.norms.gradient.copy()
            group.norms.read_gradient()
            now, before = now + float(group.norms.gradient.sum()), before + float(known.sum())
            group.norms.gradient[:] = known
        left = math.sqrt(now / before) if 0 < before < math.inf else 1.0
        self._is_clipped |= left < 1 - SAME
        return min(left, 1.0) if self._is_clipped else math.nan

    def _arranged(self) -> list[_Group]:
        self._arrange()
        return self._groups

    def _on_clip(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> None:
        told = dict(zip(("parameters", "max_norm", "total_norm"), args, strict=False)) | dict(kwargs)
        self._by_norm = True
        norm, limit = float(told["total_norm"]), float(told["max_norm"])
        self._clip = float(np.fmin(self._clip, min(1.0, limit / (norm + 1e-6))))

    def _after_scale(self, args: Sequence[Any], _kwargs: Any) -> None:
        scaler = args[0]
        self._scaled = scaler.is_enabled()
        self._scale = float(scaler.get_scale()) if self._scaled else 1.0
        for group in self._groups:
            group.fresh = False

    def _after_unscale(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> None:
        if self._scaled:
            for group in self._of(kwargs.get("optimizer", args[-1])):
                group.unscaled = True

    def _after_scaled_step(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> None:
        """A step that the scaler has left out, as its gradients were not finite, is a row too: nothing has changed."""
        optimizer = kwargs.get("optimizer", args[1] if len(args) > 1 else None)
        for group in self._groups:
            if group.optimizer is optimizer and not group.fresh:
                self._read(group)
                group.norms.before()
                group.measure()

    def _close_by_hand(self) -> None:
        """Without an optimizer a step is what has happened to the weights since the last one."""
        for group in self._groups:
            group.measure()
            group.norms.before()

    def _timed(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*args: Any) -> Any:
            began = perf_counter()
            result = function(*args)
            self._seconds += perf_counter() - began
            return result

        return timed
