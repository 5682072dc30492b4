"""What pip is about to fetch, read from its resolver's report, and whether that is what a newcomer wants."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tools.setup.errors import SetupError

CPU_INDEX = "https://download.pytorch.org/whl/cpu"
CUDA_NAMES = re.compile(r"nvidia-.+|cuda-.+|triton|pytorch-triton.*")
CUDA_VERSION = re.compile(r"\+(cu|rocm|xpu)\d*")
MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Download:
    """One package file that pip would fetch."""

    name: str
    version: str
    url: str


def downloads(report: Mapping[str, Any]) -> tuple[Download, ...]:
    """The files of a `pip install --dry-run --report`, the project's own folder left out."""
    return tuple(
        Download(item["metadata"]["name"], item["metadata"]["version"], item["download_info"]["url"])
        for item in report["install"]
        if "dir_info" not in item["download_info"]
    )


def belongs_to_gpu(download: Download) -> bool:
    """Whether this file is of use only with a GPU: NVIDIA's libraries, Triton, or a torch built for one."""
    name = re.sub(r"[-_.]+", "-", download.name).lower()
    return bool(CUDA_NAMES.fullmatch(name) or CUDA_VERSION.search(download.version))


def megabytes(size: int) -> str:
    """A size in bytes as people read it: `0.4 MB`, `80 MB`, `2.9 GB`."""
    if size >= 1000 * MEGABYTE:
        return f"{size / MEGABYTE / 1000:.1f} GB"
    return f"{size / MEGABYTE:.0f} MB" if size >= 10 * MEGABYTE else f"{size / MEGABYTE:.1f} MB"


def total(found: Sequence[Download], sizes: Mapping[str, int]) -> str:
    """The size of all files together; `at least` where the server did not tell some of them."""
    known = [sizes[item.url] for item in found if item.url in sizes]
    if not known:
        return "of unknown size" if found else "0.0 MB"
    return f"{'' if len(known) == len(found) else 'at least '}{megabytes(sum(known))}"


def summary(found: Sequence[Download], sizes: Mapping[str, int]) -> str:
    """The number and the sum, a line for every file of a megabyte or more, and the names of the rest."""
    large = sorted((item for item in found if sizes.get(item.url, 0) >= MEGABYTE), key=lambda item: -sizes[item.url])
    small = sorted((item for item in found if item not in large), key=lambda item: item.name.lower())
    lines = [f"  {megabytes(sizes[item.url]):>8}  {item.name} {item.version}" for item in large]
    rest = ", ".join(f"{item.name} {item.version}" for item in small)
    head = f"To fetch: {len(found)} packages, {total(found, sizes)}"
    return "\n".join([head, *lines, *([f"  and {rest}"] if rest else [])])


def refusal(
    found: Sequence[Download], sizes: Mapping[str, int], gpu: bool, allowed: bool, target: str
) -> SetupError | None:
    """Why these files are not fetched unasked: a GPU build of several GB; None where all is well.

    `gpu` says whether the machine has an NVIDIA GPU, `allowed` that the user asked for the GPU build, `target` is
    the make target to type again.
    """
    surplus = [item for item in found if belongs_to_gpu(item)]
    if not surplus or allowed:
        return None
    named = ", ".join(item.name for item in surplus[:3])
    more = f" and {len(surplus) - 3} more" if len(surplus) > 3 else ""
    cpu_line = f"PIP_EXTRA_INDEX_URL={CPU_INDEX} make {target}"
    return SetupError(
        wanted="the CPU build of PyTorch was wanted",
        came=f"pip would fetch the CUDA build: {named}{more}, {total(found, sizes)} in all, "
        + ("and this machine has an NVIDIA GPU" if gpu else "and this machine has no NVIDIA GPU"),
        where="resolving what to install",
        fix=f"For the CPU build type: {cpu_line}" + (f"  For the CUDA build: make {target} CUDA=1" if gpu else ""),
    )
