"""Weights and checkpoints as safetensors: written aside and renamed, read without running anything.

A checkpoint holds all that the next step depends on: weights and buffers, optimizer state, torch's random state, the
order's generator, the epoch's permutation and the place in it, and the learning rates with their changes. A run that
goes on from it ends bitwise as one that was never interrupted.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn

from core.errors import FileError
from core.plan import Plan
from core.training.devices import random_state, set_random_state
from core.training.phases import LivePhase
from core.training.run import Run

VERSION = 1
CHECKPOINT = "checkpoint.safetensors"
WEIGHTS = "weights.safetensors"
_KEY = "chainrule"


def save_weights(weights: Mapping[str, Tensor], path: Path) -> str:
    """Write weights keyed by instance path; the file's sha256. Raises FileError and leaves an old file intact."""
    return _write(path, weights, {})


def read_weights(path: Path) -> dict[str, Tensor]:
    """The tensors of a safetensors file, or what a checkpoint was judged by; raises FileError."""
    tensors, facts = _read(path)
    return _under("shown/", tensors) or _under("weights/", tensors) if "version" in facts else tensors


def load_weights(
    module: nn.Module, weights: Mapping[str, Tensor], where: str, plan: Plan | None = None
) -> dict[str, Tensor]:
    """Copy the weights into the module in place; those of what the plan bypasses, which are to be kept.

    Shared weights may go by the name of any step that shares them: which runs first may have changed. Raises FileError,
    before any is copied, where they are another's.
    """
    wanted = module.state_dict()
    idle, sharing = (plan.idle, plan.sharing) if plan is not None else (frozenset[str](), {})
    weights = {name if name in wanted else _renamed(name, sharing): tensor for name, tensor in weights.items()}
    kept = {name: tensor for name, tensor in weights.items() if name not in wanted and _within(name, idle)}
    weights = {name: tensor for name, tensor in weights.items() if name not in kept}
    for name in (*wanted, *weights):
        if name not in weights or name not in wanted or wanted[name].shape != weights[name].shape:
            raise FileError(
                f"weights of this network were wanted: {name} {_shape(wanted.get(name))}",
                f"{_shape(weights.get(name))} came",
                where,
                "Choose the weights that were trained with it, or train anew.",
            )
    module.load_state_dict(weights)
    return kept


def _renamed(name: str, sharing: Mapping[str, str]) -> str:
    """The name of a weight by the module that holds it."""
    parts = name.split(".") if sharing else []
    for count in range(len(parts) - 1, 0, -1):
        module = sharing.get(".".join(parts[:count]))
        if module is not None:
            return ".".join((module, *parts[count:]))
    return name


def _within(name: str, modules: Collection[str]) -> bool:
    return any(name.startswith(f"{module}.") for module in modules)


def save_checkpoint(run: Run, path: Path, judged: Mapping[str, Any] | None = None) -> None:
    """Write the run's whole state into the file; raises FileError and leaves an old checkpoint intact.

    `judged` is what its last validation came to, for who looks through checkpoints without reading them.
    """
    write_state(run, path, place_of(run), {**facts_of(run), "judged": judged or {}})


def write_state(run: Run, path: Path, place: Mapping[str, Tensor], facts: Mapping[str, Any]) -> None:
    """Write what the run's tensors are now, with a place in the run and facts that fit to them; raises FileError."""
    tensors = {f"weights/{name}": tensor for name, tensor in run.own_weights().items()}
    tensors |= {f"average/{number}": tensor for number, tensor in enumerate(run.average.tensors)}
    if run.average.tensors:  # what is judged and used is the average
        tensors |= {f"shown/{name}": tensor for name, tensor in run.weights().items()}
    tensors |= place
    for index, phase in enumerate(run.phases):
        for number, parameter in enumerate(stepped(phase)):
            for name, value in phase.optimizer.state[parameter].items():
                if isinstance(value, Tensor):
                    tensors[f"optimizer/{index}/{number}/{name}"] = value
    _write(path, tensors, facts)


def place_of(run: Run) -> dict[str, Tensor]:
    """Where the run stands in its data and its random numbers, and its best weights; what changes later is copied."""
    tensors = {f"permutation/{name}": order for name, order in run.batches.permutations.items()}
    tensors |= {f"best/{name}": tensor for name, tensor in run.best.weights.items()}
    tensors |= {"random": torch.get_rng_state(), "order": run.batches.generator.get_state()}
    if run.augmenter is not None:
        tensors["augmentation"] = run.augmenter.generator.get_state()
    return tensors | random_state(run.device)


def save_kept(weights: Mapping[str, Tensor], path: Path, facts: Mapping[str, Any]) -> None:
    """Write weights as a checkpoint has them, with what is to be known of them; raises FileError."""
    _write(path, {f"weights/{name}": tensor for name, tensor in weights.items()}, {"version": VERSION, **facts})


def read_facts(path: Path) -> dict[str, Any]:
    """What is known of the weights or the checkpoint in this file; raises FileError."""
    try:
        with safe_open(path, framework="pt") as file:
            facts = json.loads((file.metadata() or {}).get(_KEY, "{}"))
    except (OSError, SafetensorError, ValueError) as error:
        raise _unreadable(path, error) from error
    return facts if isinstance(facts, dict) else {}


def load_checkpoint(run: Run, path: Path) -> None:
    """Bring a run that was just made to where the checkpoint stands; `path` is the file or its folder.

    Raises FileError where it is damaged or belongs to another network.
    """
    saved = read_checkpoint(path)
    run.kept = load_weights(run.network.root, saved.under("weights/"), saved.file, run.plan)
    with saved.whole():
        for (index, place, key), value in saved.memory():
            phase = run.phases[index]
            parameter = stepped(phase)[place]
            phase.optimizer.state[parameter][key] = value.to(parameter.device) if value.dim() else value
        facts = saved.facts
        for phase, rate, chosen in zip(run.phases, facts["rates"], facts.get("set_rates", facts["rates"]), strict=True):
            phase.learning_rate, phase.set_rate = rate, chosen
        _restore_judged(run, facts, saved.under("best/"))
        average = saved.under("average/")
        run.average.tensors = [average[str(place)].to(run.device) for place in range(len(average))]
        restore_place(run, saved)
        run.batches.go_to(saved.under("permutation/"), facts["place"])
        run.step_number = facts["step"]
        run.metric_sums = (facts["metric"][0], facts["metric"][1])


@dataclass(frozen=True, slots=True)
class Saved:
    """A checkpoint as it was read."""

    tensors: Mapping[str, Tensor]
    facts: Mapping[str, Any]
    file: str

    def under(self, prefix: str) -> dict[str, Tensor]:
        """The tensors whose name begins so, without that."""
        return _under(prefix, self.tensors)

    def memory(self) -> Iterator[tuple[tuple[int, int, str], Tensor]]:
        """What the optimizers kept: phase, place of what they step, name, and the tensor."""
        for name, value in self.under("optimizer/").items():
            index, place, key = name.split("/")
            yield (int(index), int(place), key), value

    @contextmanager
    def whole(self) -> Iterator[None]:
        """Raise FileError where something is not in it that is looked for here."""
        try:
            yield
        except (KeyError, IndexError, TypeError, ValueError, RuntimeError) as error:
            raise FileError("a whole checkpoint was wanted", str(error), self.file, "Restart the run.") from error


def read_checkpoint(path: Path) -> Saved:
    """The checkpoint in this file or folder; raises FileError."""
    file = path / CHECKPOINT if path.is_dir() else path
    return Saved(*_read(file), str(file))


def restore_place(run: Run, saved: Saved) -> None:
    """Random states, schedule and epoch; the place within the epoch is another matter."""
    facts, tensors = saved.facts, saved.tensors
    for scaler, state in zip(run.scaling.scalers, facts.get("scales", ()), strict=False):
        scaler.load_state_dict(state)
    run.batches.generator.set_state(tensors["order"])
    if run.augmenter is not None and "augmentation" in tensors:
        run.augmenter.generator.set_state(tensors["augmentation"])
    if "plateau" in facts:
        run.plateau.factor, run.plateau.best, run.plateau.waited = facts["plateau"]
    run.epoch = facts["epoch"]
    run.rate_changes = [(step, phase, value) for step, phase, value in facts["rate_changes"]]
    torch.set_rng_state(tensors["random"])
    if "random_there" in tensors:
        set_random_state(run.device, tensors["random_there"])


def stepped(phase: LivePhase) -> list[Tensor]:
    """What the phase's optimizer steps, in its order."""
    return [parameter for group in phase.optimizer.param_groups for parameter in group["params"]]


def _restore_judged(run: Run, facts: Mapping[str, Any], weights: dict[str, Tensor]) -> None:
    """What waits for the validation loss to stand still."""
    if "best" in facts:
        run.best.loss, run.best.epoch, run.best.waited = facts["best"]
        run.best.weights = weights


def facts_of(run: Run) -> dict[str, Any]:
    """The numbers that a checkpoint tells beside its tensors."""
    return {
        "version": VERSION,
        "step": run.step_number,
        "epoch": run.epoch,
        "place": run.batches.place,
        "rates": [phase.learning_rate for phase in run.phases],
        "set_rates": [phase.set_rate for phase in run.phases],
        "plateau": [run.plateau.factor, run.plateau.best, run.plateau.waited],
        "best": [run.best.loss, run.best.epoch, run.best.waited],
        "rate_changes": list(run.rate_changes),
        "metric": run.metric_sums,
        "scales": [scaler.state_dict() for scaler in run.scaling.scalers],
    }


def _under(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}


def _write(path: Path, tensors: Mapping[str, Tensor], facts: Mapping[str, Any]) -> str:
    data = save({name: tensor.contiguous() for name, tensor in tensors.items()}, {_KEY: json.dumps(facts)})
    aside = path.with_name(f"{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with aside.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    except OSError as error:
        _discard(aside)
        raise FileError(
            "weights were to be written", str(error), str(path), "Free some space, or choose another folder."
        ) from error
    return hashlib.sha256(data).hexdigest()


def _discard(aside: Path) -> None:
    try:
        aside.unlink(missing_ok=True)
    except OSError:  # the first error is the one to tell
        return


def _read(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    try:
        with safe_open(path, framework="pt") as file:
            facts = json.loads((file.metadata() or {}).get(_KEY, "{}"))
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  # not a mapping
    except (OSError, SafetensorError, ValueError) as error:
        raise _unreadable(path, error) from error
    return tensors, facts


def _unreadable(path: Path, error: Exception) -> FileError:
    fix = "Choose another file, or train anew."
    return FileError("a readable safetensors file was wanted", str(error), str(path), fix)


def _shape(tensor: Tensor | None) -> str:
    return "nothing" if tensor is None else "×".join(map(str, tensor.shape)) or "a single number"
