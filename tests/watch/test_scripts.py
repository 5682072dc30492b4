"""Three scripts that are not ours in style: the record is what plain autograd says, and watching changes nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from core.runs.reading import StoredRun, read

SCRIPTS = Path(__file__).parent / "scripts"
CASES = ("functional.py", "trainer.py", "own_core/train.py")


@pytest.fixture(scope="module", params=CASES)
def ran(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which a script has run as it is, watched, and measured by hand."""
    script, out = SCRIPTS / request.param, tmp_path_factory.mktemp("ran")
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    line = [sys.executable, "-W", "error", str(SCRIPTS / "three_ways.py"), str(script), str(out)]
    subprocess.run(line, cwd=script.parent, env=environment, check=True, timeout=100)
    return out


def columns(run: StoredRun) -> dict[str, np.ndarray]:
    started = run.info.started
    rows = dict(zip(started.step_columns, run.steps.rows().T, strict=True))
    return rows | dict(zip(started.sample_columns, run.samples.rows().T, strict=True))


def test_watching_changes_no_bit(ran: Path):
    plain, watched = np.load(ran / "plain.npz"), np.load(ran / "watched.npz")
    assert plain.files == watched.files
    assert all(plain[name].tobytes() == watched[name].tobytes() for name in plain.files)


def test_every_quantity_is_what_plain_autograd_says(ran: Path):
    by_hand = json.loads((ran / "by-hand.json").read_text())
    found = columns(read(ran / "run"))
    names = {name for row in by_hand for name in row}
    assert len(names) > 20
    for name in names:
        wanted = np.array([row.get(name, np.nan) for row in by_hand])
        came = found[name][: len(wanted)].astype(float)
        if name.startswith(("output", "mean", "std", "zero")):
            came, wanted = came[:20], wanted[:20]  # the first steps are all sampled
        np.testing.assert_allclose(came, wanted, rtol=2e-5, atol=1e-7, err_msg=name)


def test_a_row_is_there_for_every_step_and_sampled_ones_in_rising_order(ran: Path):
    run = read(ran / "run")
    by_hand = json.loads((ran / "by-hand.json").read_text())
    assert len(run.steps) == len(by_hand)
    assert run.sample_steps[:20].tolist() == list(range(1, 21))
    assert run.ended
