"""A run looked back into: its network as it was after a step that is kept in memory, or that a checkpoint has."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch

from core.engine.moments import Moment, Recalled
from core.errors import EngineError
from core.runs.checkpoints import Checkpoint, checkpoints
from core.training.checkpoint import Saved, load_weights, read_checkpoint, write_state
from core.training.recent import Recents
from core.training.run import Run


class Moments:
    """What of one run can be shown, between two of its steps and after it; it trains the same whether asked or not."""

    def __init__(self, run: Run, recents: Recents) -> None:
        self._run, self.recents = run, recents
        self.is_now = True
        """Whether the network's weights are those after the run's last step: not so once others were given to it."""

    def recalled(self, hold: bool) -> Recalled:
        """Which moments there are, each step once; `hold` lets those in memory stay from now on."""
        self.recents.held = hold
        found = {step: Moment(step=step, source="checkpoint", whole=one.whole, name=one.name)
                 for step, one in self._files().items()}  # fmt: skip
        if self.is_now:
            now = self._run.step_number
            found[now] = Moment(step=now, source="now", whole=now in found and found[now].whole)
        for kept in self.recents.kept:
            found[kept.step] = Moment(step=kept.step, source="recent", whole=kept.whole)
        told = [found[step] for step in sorted(found)]
        return Recalled(moments=told, mebibytes=self.recents.bytes // 2**20, room=self.recents.room)

    @contextmanager
    def at(self, step: int) -> Iterator[int]:
        """Let the network be as it was after the step nearest to this one that is there; which one that is.

        Raises EngineError where there is none at all, FileError for a checkpoint that is damaged.
        """
        recent = {one.step: one for one in self.recents.kept}
        files = self._files()
        known = {*recent, *files, *((self._run.step_number,) if self.is_now else ())}
        if not known:
            raise EngineError("a step whose weights are kept was wanted", "there is none", "Looking back")
        nearest = min(known, key=lambda one: (abs(one - step), one))
        if nearest in recent:
            shown, within = nearest, self.recents.standing(recent[nearest])
        elif self.is_now and nearest == self._run.step_number:
            yield nearest
            return
        else:
            saved = read_checkpoint(files[nearest].path)
            shown, within = int(saved.facts["step"]), self._loaded(saved)  # the last may have been written anew
        with within, self._past(shown):
            yield shown

    def leave(self, step: int, path: Path) -> None:
        """Write the run as it was after a step as a checkpoint; raises EngineError where it is not kept whole."""
        one = next((kept for kept in self.recents.kept if kept.step == step and kept.whole), None)
        if one is None:
            fix = "Choose one that is kept with the optimizers' memory, or a checkpoint."
            raise EngineError(f"step {step:,} was wanted to go on from", "it is not kept whole", "Looking back", fix)
        with self.recents.standing(one):
            write_state(self._run, path, one.place, {**one.facts, "judged": {}})

    def broke(self) -> None:
        """The step that was under way was not applied, as its numbers are not finite: the one before it stands."""
        run = self._run
        run.step_number -= 1
        is_untouched = len(run.phases) == 1 and run.updates == 1 and not any(True for _ in run.network.root.buffers())
        self.is_now = is_untouched

    def _files(self) -> dict[int, Checkpoint]:
        """By step the checkpoints of the run up to where it stands, of several the one from which it could go on."""
        folder = self._run.job.folder
        found = checkpoints(folder) if folder is not None else ()
        return {one.step: one for one in sorted(found, key=lambda one: one.whole) if one.step <= self._run.step_number}

    @contextmanager
    def _past(self, step: int) -> Iterator[None]:
        """Let the run say that it stands after this step."""
        run = self._run
        now = run.step_number
        run.step_number, run.is_past = step, True
        try:
            yield
        finally:
            run.step_number, run.is_past = now, False

    @contextmanager
    def _loaded(self, saved: Saved) -> Iterator[None]:
        """Let network and average be those of a checkpoint."""
        run, root = self._run, self._run.network.root
        tensors = [*root.parameters(), *root.buffers()]
        before, average, kept = [tensor.detach().clone() for tensor in tensors], run.average.tensors, run.kept
        try:
            run.kept = load_weights(root, saved.under("weights/"), saved.file, run.plan)
            found = saved.under("average/")
            run.average.tensors = [found[str(place)].to(run.device) for place in range(len(found))]
            yield
        finally:
            run.average.tensors, run.kept = average, kept
            with torch.no_grad():
                for tensor, old in zip(tensors, before, strict=True):
                    tensor.copy_(old)
