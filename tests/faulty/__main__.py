"""Train the cases, ask the Doctor, print the table: python -m tests.faulty [--seeds 0,1,2] [--only P01] [--cures].

With `--variants 330 --seed 1` the cases are drawn anew, and held to what they claim before the Doctor sees them; rules
are tuned on seed 1 and reported of others. With `--suite second` or `--suite third` the cases are those of
another suite.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

os.environ.setdefault("OMP_NUM_THREADS", "1")

from tests.faulty.case import HEALTHY, Case, view_of  # torch reads the number of threads when it loads
from tests.faulty.fresh.claims import holds
from tests.faulty.fresh.variants import HALVES, fresh
from tests.faulty.report import case_lines, figure_lines
from tests.faulty.running import recorded
from tests.faulty.scoring import CASES, Row, judged, opaque
from tests.faulty.second.suite import CASES as SECOND
from tests.faulty.third.suite import CASES as THIRD
from tests.faulty.tool import Watched

BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"
"""Between these lines of a document the figures stand."""
SUITES: Mapping[str, Sequence[Case]] = MappingProxyType({"public": CASES, "second": SECOND, "third": THIRD})
"""The written suites by name."""


def main() -> int:
    """Print what is asked for."""
    options = _options()
    warnings.simplefilter("ignore", RuntimeWarning)
    rows = []
    asked = _drawn(options) if options.variants else _written(options)
    for row in asked:
        rows.append(row)
        after = "" if row.found_after != row.found_after else f"after {row.found_after:.0%}"  # NaN
        cured = {None: "", True: "cured", False: "not cured"}[row.cured]
        print(f"{row.verdict:12} {row.case.id:38} seed {row.seed} {', '.join(row.labels)} {after} {cured}", flush=True)  # noqa: T201
    lines = [*figure_lines(rows), "", *case_lines(rows)]
    print("\n".join(lines[: len(list(figure_lines(rows)))]))  # noqa: T201
    if options.write:
        _write(Path(options.write), lines)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", default="0", help="numbers with commas between")
    parser.add_argument("--only", nargs="*", default=[], help="beginnings of the names of cases")
    parser.add_argument("--cures", action="store_true", help="also try the first patch that is offered")
    parser.add_argument("--suite", choices=sorted(SUITES), default="public", help="which of the written suites")
    parser.add_argument("--variants", type=int, default=0, help="so many fresh cases in place of the written ones")
    parser.add_argument("--half", choices=HALVES, default="both", help="of the fresh cases only the faulty or healthy")
    parser.add_argument("--seed", type=int, default=1, help="from which the fresh cases are drawn")
    parser.add_argument("--write", help="a document that holds the figures between two marks")
    return parser.parse_args()


def _written(options: argparse.Namespace) -> Iterator[Row]:
    for name, case in sorted(opaque(SUITES[options.suite]).items(), key=lambda item: item[1].id):
        if not options.only or case.id.startswith(tuple(options.only)):
            for seed in options.seeds.split(","):
                yield _row(Watched.of(view_of(case, name, int(seed)), int(seed)), case, int(seed), options.cures)


def _drawn(options: argparse.Namespace) -> Iterator[Row]:
    for case in fresh(options.variants, options.seed, options.half):
        watched = Watched.of(view_of(case, "case"))
        ran = recorded(watched.told)
        if holds(case, ran.record, ran.failed is not None):
            yield _row(watched, case, 0, options.cures)
        else:
            print(f"{'left out':12} {case.id:38} its run in the app is not what it claims", flush=True)  # noqa: T201


def _row(watched: Watched, case: Case, seed: int, cures: bool) -> Row:
    said = watched.said() if cures else [(label, None) for label in watched.labels()]
    row = judged(case, seed, said, cures)
    return row if case.label == HEALTHY else replace(row, found_after=watched.named_after(case.right))


def _write(path: Path, lines: Sequence[str]) -> None:
    text = path.read_text(encoding="utf-8")
    head, _, rest = text.partition(BEGIN)
    _old, _, tail = rest.partition(END)
    path.write_text(f"{head}{BEGIN}\n{chr(10).join(lines)}\n{END}{tail}", encoding="utf-8")


if __name__ == "__main__":
    began = time.perf_counter()
    code = main()
    print(f"{time.perf_counter() - began:.0f} s")  # noqa: T201
    sys.exit(code)
