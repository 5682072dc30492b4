"""What every quantity of one step comes to in plain torch and float64, from the weights that a run had before it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import torch
from torch import Tensor
from torch.nn import functional

from core.training.run import Run
from tests.core.training import projects
from tests.core.training.measuring.architectures import Pair

ACTIVE = {"tanh": (-0.97, 0.97), "squash": (0.03, 0.97)}
"""The steps that saturate in the tests' networks, and where."""


class Oracle:
    """Follows a run step by step; its own networks are made of the run's weights each time."""

    def __init__(self, pair: Pair, run: Run) -> None:
        self.pair, self.run = pair, run
        self.data = projects.loaded(pair.project)["data"].fields
        self.batches = projects.batches(pair.project)
        self.active: dict[str, list[Tensor]] = {}
        self.gradient: Tensor | None = None
        self.shares: list[tuple[float, float]] = []

    def step(self) -> dict[str, float]:
        """Let the run make a step; what its columns are to be."""
        count, number = self.pair.project.training.accumulate, self.run.step_number
        batches = self.batches[count * number : count * number + count]
        before, rate = self.run.weights(), self.run.phases[0].learning_rate
        model = self.pair.plain().double().train()
        model.load_state_dict({name: tensor.double() for name, tensor in before.items()})
        outputs: dict[str, Tensor] = {}
        loss = torch.zeros((), dtype=torch.float64)
        whole = sum(map(len, batches))
        for numbers in batches:
            outputs, part = self._forward(model, numbers)
            (part * len(numbers) / whole).backward()
            loss = loss + part.detach() * len(numbers) / whole
        found = {"loss": loss.item()} | self._of_weights(model, rate)
        self._of_outputs(found, outputs, whole, len(batches[-1]))
        old, gradient = _line(parameter.detach() for parameter in model.parameters()), _gradients(model)
        found["noise_scale"] = self._noise(before, *_halves(batches, count))
        found["cosine"] = _cosine(self.gradient, gradient)
        self.gradient = gradient
        self.run.step()
        new = self.run.weights()
        moved = _line(new[name].double() for name, _parameter in model.named_parameters()) - old
        slopes = [float(direction @ moved) for direction in (gradient, self._anew(new, batches[0]))]
        found["alpha"] = -slopes[1] / slopes[0] if count == 1 and slopes[0] else math.nan
        return found

    def _anew(self, weights: dict[str, Tensor], numbers: Tensor) -> Tensor:
        """The gradient of these samples with these weights."""
        model = self.pair.plain().double().train()
        model.load_state_dict({name: tensor.double() for name, tensor in weights.items()})
        self._forward(model, numbers)[1].backward()
        return _gradients(model)

    def _noise(self, weights: dict[str, Tensor], *halves: Sequence[Tensor]) -> float:
        """tr(S) / |G|² by two gradients, each divided by their mean square; lines through both are read at the end."""
        if not all(halves):
            return math.nan
        sizes = [sum(map(len, half)) for half in halves]
        one, other = (
            sum(self._anew(weights, part) * (len(part) / size) for part in half)
            for half, size in zip(halves, sizes, strict=True)
        )
        squares = (one @ one + other @ other) / 2
        if not squares:
            return math.nan
        trace = (one - other).square().sum() / (1 / sizes[0] + 1 / sizes[1])
        self.shares.append((float(one @ other / squares), float(trace / squares)))
        count = len(self.shares)
        ages = torch.arange(count - 1, -1, -1, dtype=torch.float64)
        root = (0.9 ** (ages / 2))[:, None]
        line = torch.stack([torch.ones(count, dtype=torch.float64), ages], 1)[:, : 2 if count > 1 else 1]
        shares = torch.tensor(self.shares, dtype=torch.float64)
        signal, noise = torch.linalg.lstsq(root * line, root * shares).solution[0].tolist()
        return max(noise, 0.0) / signal if signal > 0 else math.nan

    def _forward(self, model: torch.nn.Module, numbers: Tensor) -> tuple[dict[str, Tensor], Tensor]:
        outputs: dict[str, Tensor] = {}

        def see(path: str, tensor: Tensor) -> Tensor:
            tensor.retain_grad()
            outputs[path] = tensor
            return tensor

        scores = model(self.data["image"][numbers].double(), see)
        return outputs, functional.cross_entropy(scores, self.data["label"][numbers])

    def _of_weights(self, model: torch.nn.Module, rate: float) -> dict[str, float]:
        norm, clipped, left = self._clipped(model)
        found = {"gradient_norm": norm, "clip": left}
        for row in self.run.table.rows:
            named = model.get_submodule(row.path).named_parameters(row.path)
            matrices = {name: one for name, one in named if one.dim() > 1}
            found[f"gradient:{row.path}"] = _norm([one.grad for one in matrices.values()])
            found[f"weight:{row.path}"] = _norm([one.detach() for one in matrices.values()])
            found[f"update:{row.path}"] = rate * _norm([clipped[name] for name in matrices])
            module = model.get_submodule(row.path)
            found[f"alike:{row.path}"] = _alike([_by_unit(module, one.detach()) for one in matrices.values()])
        return found

    def _clipped(self, model: torch.nn.Module) -> tuple[float, dict[str, Tensor], float]:
        """The gradient's norm, what clipping leaves of it, and the share of the norm that this is."""
        settings = self.pair.project.training
        gradients = {name: one.grad.clone() for name, one in model.named_parameters()}
        norm = _norm(list(gradients.values()))
        if settings.clip_value:
            gradients = {name: one.clamp(-settings.clip_value, settings.clip_value) for name, one in gradients.items()}
        left = _norm(list(gradients.values()))
        if settings.clip_norm and left > settings.clip_norm:
            gradients = {name: one * (settings.clip_norm / left) for name, one in gradients.items()}
            left = settings.clip_norm
        return norm, gradients, left / norm if settings.clip_norm or settings.clip_value else math.nan

    def _of_outputs(self, found: dict[str, float], outputs: dict[str, Tensor], whole: int, last: int) -> None:
        for path, axis in self.pair.axes.items():
            output, gradient = outputs[path].detach(), outputs[path].grad
            units = output.movedim(axis, 0).flatten(1)
            found[f"output:{path}"] = float(gradient.square().mean().sqrt()) * whole
            found[f"mean:{path}"], found[f"std:{path}"] = float(output.mean()), float(output.std(correction=0))
            found[f"zero:{path}"] = float((output == 0).double().mean())
            found[f"unit_std:{path}"] = float(units.std(1, correction=0).mean()) if units.shape[1] > 1 else math.nan
            found[f"rank:{path}"] = _rank(units.T[:: _apart(units.shape[1], len(output))])
            found[f"dead:{path}"] = self._dead(path, units, last)
            low, high = ACTIVE.get(path, (math.nan, math.nan))
            outside = ((output < low) | (output > high)).double().mean()
            found[f"saturated:{path}"] = float(outside) if path in ACTIVE else math.nan
        for path, into in self.pair.walked.items():
            sizes = outputs[into].grad.square().mean((0, 2)).sqrt()
            found[f"through_time:{path}"] = float(sizes[0] / sizes[-1])
            profile = [float(size) * whole for size in sizes] + [math.nan] * (16 - len(sizes))
            found |= {f"time[{place}]:{path}": size for place, size in enumerate(profile)}

    def _dead(self, path: str, units: Tensor, samples: int) -> float:
        seen = self.active.setdefault(path, [])
        seen.append((units != 0).any(1))
        window = seen[-math.ceil(256 / samples) :]
        return float((~torch.stack(window).any(0)).double().mean())


def _halves(batches: Sequence[Tensor], count: int) -> tuple[Sequence[Tensor], Sequence[Tensor]]:
    """The batches in two parts; the samples of one, where no more are added up, if it has two."""
    if count > 1:
        return batches[: len(batches) // 2], batches[len(batches) // 2 :]
    half = len(batches[0]) // 2
    return ([batches[0][:half]], [batches[0][half:]]) if half else ([], [])


def _line(tensors: Iterable[Tensor]) -> Tensor:
    return torch.cat([tensor.flatten() for tensor in tensors])


def _gradients(model: torch.nn.Module) -> Tensor:
    return _line(parameter.grad for parameter in model.parameters())


def _cosine(before: Tensor | None, gradient: Tensor) -> float:
    if before is None or not before.any() or not gradient.any():
        return math.nan
    return float(torch.cosine_similarity(before, gradient, 0))


def _norm(tensors: Sequence[Tensor]) -> float:
    return math.sqrt(sum(float(tensor.square().sum()) for tensor in tensors))


def _by_unit(module: torch.nn.Module, weight: Tensor) -> Tensor:
    """The weights of every unit in a row: those of a transposed convolution lie in the second axis, group by group."""
    if not isinstance(module, torch.nn.ConvTranspose2d):
        return weight.flatten(1)
    return torch.cat([part.movedim(1, 0).flatten(1) for part in weight.chunk(module.groups)])


def _alike(matrices: Sequence[Tensor]) -> float:
    matrices = [rows for rows in matrices if min(rows.shape) > 1]
    if not matrices:
        return math.nan
    pairs = [functional.cosine_similarity(rows[:, None], rows[None], dim=-1).abs() for rows in matrices]
    return sum(float(one.sum()) - len(one) for one in pairs) / sum(len(one) * (len(one) - 1) for one in pairs)


def _apart(rows: int, samples: int) -> int:
    """The least number by which at most 256 rows are chosen that has no factor of the rows of a sample."""
    return next(apart for apart in range(math.ceil(rows / 256), rows + 2) if math.gcd(apart, rows // samples) == 1)


def _rank(rows: Tensor) -> float:
    if len(rows) < 2:
        return math.nan
    sizes = torch.linalg.svdvals(rows - rows.mean(0))
    if not sizes.sum():
        return 0.0
    shares = sizes / sizes.sum()
    return float(torch.exp(-torch.special.xlogy(shares, shares).sum()))
