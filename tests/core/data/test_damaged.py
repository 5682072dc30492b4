"""Files of every format with some of their bytes changed, cut or doubled: they are read, or refused with a reason."""

from __future__ import annotations

import random
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.data.load import load
from core.data.own import inspected
from core.data.own_preview import own_preview
from core.errors import ChainruleError
from tests.core.data.large import keep_on_disk
from tests.core.data.pictures.drawing import noise, save
from tests.core.data.test_audio import folder as sounds
from tests.core.data.test_audio import save_float
from tests.core.data.test_cifar import ten
from tests.core.data.test_idx import mnist

OPTIONS: dict[str, dict[str, Any]] = {
    "pictures": {"height": 8, "width": 8},
    "sounds": {"rate": 8_000, "seconds": 0.05, "window": 16, "hop": 8},
    "idx": {},
    "cifar": {},
    "set.npz": {},
    "x.npy": {},
    "verse.txt": {"context": 8},
}
TIMES = 12


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("whole")
    for number, ending in enumerate(("png", "jpg", "bmp", "gif", "webp", "tif", "ppm")):
        save(root / "pictures" / f"{number}.{ending}", noise(number))
    save_float(sounds(root / "sounds") / "low" / "f.wav", np.zeros(500, np.float32), extensible=True)
    mnist(root / "idx")
    (root / "cifar").mkdir()
    ten(root / "cifar")
    np.savez(root / "set.npz", x=np.ones((50, 4)), y=np.arange(50) % 3)
    np.save(root / "x.npy", np.ones((50, 4)))
    (root / "verse.txt").write_text("Nothing lasts, this is a text.\n" * 40)
    return root


@pytest.mark.parametrize("on_disk", [False, True])
@pytest.mark.parametrize("name", OPTIONS)
def test_damaged_files_are_read_or_refused(
    name: str, on_disk: bool, whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if on_disk:
        keep_on_disk(monkeypatch)
    draw = random.Random(f"{name} {on_disk}")
    refused = 0
    for time in range(TIMES):
        path = tmp_path / str(time) / name
        path.parent.mkdir()
        (shutil.copytree if (whole / name).is_dir() else shutil.copy)(whole / name, path)
        known = inspected(path, OPTIONS[name]) if time % 3 == 0 else None
        files = [file for file in sorted(path.rglob("*")) if file.is_file()] if path.is_dir() else [path]
        for file in draw.sample(files, min(len(files), 3)):
            file.write_bytes(damaged(file.read_bytes(), draw))
        try:
            settings = known or inspected(path, OPTIONS[name])
            assert settings.found is not None
            for field in settings.found.fields:
                own_preview(settings, field.name, 5)
            for values in load(settings).fields.values():
                values[:]
        except ChainruleError:
            refused += 1
    assert refused or name == "sounds" or "pictures" in name  # of folders what is whole is read


def damaged(content: bytes, draw: random.Random) -> bytes:
    for _ in range(draw.choice((1, 3, 20))):
        place = draw.randrange(min(len(content), draw.choice((16, 128, 10**6))) or 1)
        kind = draw.randrange(4)
        if kind == 0:
            content = content[:place] + bytes([draw.randrange(256)]) + content[place + 1 :]
        elif kind == 1:
            content = content[:place] + content[place + draw.randrange(1, 50) :]
        elif kind == 2:
            content = content[:place] + draw.randbytes(8) + content[place:]
        else:
            content = content[:place]
    return content
