"""Scripts as other people write them: a watch changes no bit of them, and the Doctor names what ails them alone."""

from __future__ import annotations

import hashlib
import runpy
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn
from torch.optim import Optimizer

import chainrule
from core.diagnosis.scripts import diagnose_script
from core.runs.following import FollowedRun

STYLES = Path(__file__).parent / "scripts" / "styles"
CASES = {
    "functions.py": "",
    "ring_gan.py": "",
    "checkpointed.py": "",
    "mixed.py": "",
    "pairs.py": "",
    "deep_sigmoids.py": "VANISHING_GRADIENT",
    "left_in_eval.py": "TRAINED_IN_USE",
    "own_entropy.py": "NONFINITE",
}
"""What the Doctor is to say first of each script; nothing of those that are sound."""


class Unwatched:
    """A watch that watches nothing: the script as it would be without."""

    def __enter__(self) -> Unwatched:
        return self

    def __exit__(self, *_error: object) -> None:
        """Nothing has begun."""

    def start(self, *_told: object) -> None:
        """Nothing is done."""

    step = validated = close = start


def ended(script: str, monkeypatch: pytest.MonkeyPatch, folder: Path | None) -> str:
    """A digest of all that a script leaves: weights, buffers, modes, hooks, optimizers, and the state of chance."""
    models: list[nn.Module] = []
    optimizers: list[Optimizer] = []
    watch = chainrule.watch

    def watching(model: Any, *given: Optimizer, **settings: Any) -> Any:
        models.extend([model] if isinstance(model, nn.Module) else getattr(model, "values", lambda: model)())
        optimizers.extend(given)
        return watch(model, *given, **settings, folder=folder) if folder is not None else Unwatched()

    monkeypatch.setattr(chainrule, "watch", watching)
    torch.manual_seed(3)
    runpy.run_path(str(STYLES / script))
    monkeypatch.undo()
    digest = hashlib.sha256(torch.get_rng_state().numpy().tobytes())
    kept = [value for one in optimizers for state in one.state.values() for value in state.values()]
    for value in (*(value for model in models for value in model.state_dict().values()), *kept):
        digest.update(torch.as_tensor(value).detach().contiguous().flatten().view(torch.uint8).numpy().tobytes())
    parts = [part for model in models for part in model.modules()]
    digest.update(
        repr([(part.training, len(part._forward_hooks), len(part._forward_pre_hooks)) for part in parts]).encode()
    )
    return digest.hexdigest()


@pytest.mark.parametrize("script", CASES)
def test_a_script_ends_as_it_would_and_the_doctor_says_what_ails_it(
    script: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    plain = ended(script, monkeypatch, None)
    assert ended(script, monkeypatch, tmp_path / "run") == plain
    followed = FollowedRun(tmp_path / "run")
    found = [one.code for one in diagnose_script(followed.project(), followed.record()) if one.shown]
    assert found[:1] == [CASES[script]] * bool(CASES[script])
