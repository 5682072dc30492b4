"""Whether a newcomer gets what was meant, judged on reports that pip really wrote."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tools.setup.downloads import Download, belongs_to_gpu, downloads, megabytes, refusal, summary, total

REPORTS = Path(__file__).with_name("reports")
SIZES = Path(__file__).parents[2] / "tools" / "setup" / "sizes.py"
"""Run as the set-up runs it: pip is not to be imported beside what others have imported."""


def recorded(name: str) -> tuple[Download, ...]:
    return downloads(json.loads((REPORTS / f"{name}.json").read_text()))


@pytest.fixture
def cpu() -> tuple[Download, ...]:
    return recorded("cpu")


@pytest.fixture
def cuda() -> tuple[Download, ...]:
    return recorded("cuda")


def test_the_project_itself_is_not_fetched(cpu):
    assert "chainrule" not in {item.name for item in cpu}
    assert {"torch", "numpy", "PySide6_Essentials", "pytest"} <= {item.name for item in cpu}


def test_the_cpu_build_is_not_refused(cpu):
    assert not any(belongs_to_gpu(item) for item in cpu)
    assert refusal(cpu, {}, gpu=False, allowed=False, target="run") is None


def test_a_cuda_build_without_a_gpu_is_refused_with_the_line_to_type(cuda):
    sizes = {item.url: 100_000_000 for item in cuda}
    error = refusal(cuda, sizes, gpu=False, allowed=False, target="run")
    assert error is not None
    assert "CUDA" in error.came
    assert total(cuda, sizes) in error.came
    assert "no NVIDIA GPU" in error.came
    assert "PIP_EXTRA_INDEX_URL=https://download.pytorch.org/whl/cpu make run" in error.fix
    assert "CUDA=1" not in error.fix


def test_a_cuda_build_with_a_gpu_is_still_several_gigabytes_and_is_asked_about(cuda):
    error = refusal(cuda, {}, gpu=True, allowed=False, target="test")
    assert error is not None
    assert "make test CUDA=1" in error.fix


@pytest.mark.parametrize("gpu", [False, True])
def test_a_cuda_build_that_was_asked_for_is_fetched(cuda, gpu):
    assert refusal(cuda, {}, gpu=gpu, allowed=True, target="run") is None


def test_every_recorded_gpu_library_is_known_as_one(cuda):
    ours = {"torch", "numpy", "setuptools", "pillow", "PySide6_Essentials", "shiboken6", "pyqtgraph", "msgspec"}
    found = {item.name for item in cuda if belongs_to_gpu(item)}
    assert {"triton", "cuda-toolkit", "nvidia-cudnn-cu13", "cuda-bindings"} <= found
    assert not found & ours


@pytest.mark.parametrize(
    ("name", "version", "expected"),
    [
        ("torch", "2.13.0+cpu", False),
        ("torch", "2.13.0+cu126", True),
        ("torch", "2.13.0+rocm7", True),
        ("pytorch-triton-rocm", "3.4", True),
        ("NVIDIA_cublas_cu12", "12.8", True),
        ("tritonclient", "2.0", False),
    ],
)
def test_a_gpu_build_is_known_by_name_or_version(name, version, expected):
    assert belongs_to_gpu(Download(name, version, "https://example.org/x.whl")) is expected


@pytest.mark.parametrize(
    ("size", "text"), [(400_000, "0.4 MB"), (9_960_000, "10.0 MB"), (80_292_754, "80 MB"), (2_940_000_000, "2.9 GB")]
)
def test_sizes_read_as_people_read_them(size, text):
    assert megabytes(size) == text


def test_the_summary_names_every_package_the_largest_first(cpu):
    sizes = {item.url: index * 400_000 for index, item in enumerate(cpu)}
    head, *lines, rest = summary(cpu, sizes).splitlines()
    assert head == f"To fetch: {len(cpu)} packages, {megabytes(sum(sizes.values()))}"
    assert [line.split()[2] for line in lines] == [item.name for item in reversed(cpu[3:])]
    assert all(f"{item.name} {item.version}" in rest for item in cpu[:3])


def test_a_size_the_server_does_not_tell_is_said_to_be_unknown(cpu):
    one = {cpu[0].url: 3_000_000}
    assert total(cpu, one) == "at least 3.0 MB"
    assert total(cpu, {}) == "of unknown size"
    assert summary(cpu[1:2], {}).splitlines()[1] == f"  and {cpu[1].name} {cpu[1].version}"


def test_nothing_to_fetch_is_said_as_such():
    assert summary((), {}) == "To fetch: 0 packages, 0.0 MB"


def test_sizes_come_from_the_files_and_a_missing_one_is_left_out(tmp_path):
    (tmp_path / "a file.whl").write_bytes(b"12345")
    addresses = [(tmp_path / name).as_uri() for name in ("a file.whl", "none.whl")]
    told = subprocess.run(
        [sys.executable, str(SIZES)], input="\n".join(addresses), capture_output=True, text=True, check=True
    )
    assert json.loads(told.stdout) == {addresses[0]: 5}
