"""Train the templates that have no result for their present form, and write docs/gallery.md.

python -m tools.make_gallery [NAME ...] [--page]: names train these alone, --page writes the page from what is known.
What was trained is kept after every run, so that a stopped tool goes on where it stood.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from core.lowering import lower
from core.shapes import analyse
from tools.gallery.exhibit import Exhibit
from tools.gallery.listing import EXHIBITS
from tools.gallery.page import page
from tools.gallery.running import SEEDS, Result, exhibit_hash, judged, keep, known

PAGE = Path(__file__).resolve().parents[1] / "docs" / "gallery.md"


def main() -> None:
    """Train what is asked for or missing, then write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="templates to train; all by default")
    parser.add_argument("--page", action="store_true", help="write the page alone")
    options = parser.parse_args()
    if not options.page:
        for exhibit in EXHIBITS:
            if not options.names or exhibit.name in options.names:
                train(exhibit)
    PAGE.write_text(page(known()), encoding="utf-8")


def train(exhibit: Exhibit) -> None:
    """The missing seeds of a template, each kept when it is done."""
    project = exhibit.make()
    mark = exhibit_hash(project)
    result = known().get(exhibit.name)
    if result is None or result.hash != mark:
        result = Result(mark, analyse(lower(project)).total_parameters)
    for seed in SEEDS:
        if seed in [one.seed for one in result.seeds]:
            continue
        one = judged(exhibit, seed)
        result = Result(result.hash, result.parameters, (*result.seeds, one))
        keep({**known(), exhibit.name: result})
        figure = exhibit.figure
        beside = "" if one.reference is None else f", {figure.against} {figure.written(one.reference)}"
        said = "reached" if figure.reached(one.value, one.reference) else f"NOT {figure.goal}"
        print(
            f"{exhibit.name} seed {seed}: {figure.written(one.value)}{beside}, {said}, {one.seconds:.1f} s", flush=True
        )


if __name__ == "__main__":
    main()
