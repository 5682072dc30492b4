"""The page of the gallery: every template with its figure, from results that were kept."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import median

from tools.gallery.exhibit import CATEGORIES, Exhibit
from tools.gallery.listing import EXHIBITS
from tools.gallery.running import Result

PICTURES = "pictures/gallery"
"""Where the pictures of the templates in training stand, from the page."""
HEAD = """# The gallery

Every template opens from the start page or by its name (`chainrule lenet5`), trains on data that come with Chainrule,
and was trained with three seeds to the figures below. `python -m tools.make_gallery` trains what has no result for its
present form and writes this page; a test holds that every result is that of the template as it stands. Seconds are
processor time of one training; the reference is what the same comes to by other means. The pictures show each in
training (`python -m tools.make_gallery_pictures`).
"""


def page(results: Mapping[str, Result]) -> str:
    """The whole page."""
    parts = [HEAD]
    for category in CATEGORIES:
        exhibits = [exhibit for exhibit in EXHIBITS if exhibit.category == category]
        if exhibits:
            parts.append(f"## {category}\n")
            parts += [_section(exhibit, results.get(exhibit.name)) for exhibit in exhibits]
    parts.append(table(results))
    return "\n".join(parts)


def table(results: Mapping[str, Result]) -> str:
    """All figures in one table."""
    rows = ["## All figures\n", "| template | parameters | figure | goal | three seeds | reference | seconds |"]
    rows.append("|---|---|---|---|---|---|---|")
    for exhibit in EXHIBITS:
        result, figure = results.get(exhibit.name), exhibit.figure
        if result is None or not result.seeds:
            continue
        values = ", ".join(figure.written(seed.value) for seed in result.seeds)
        references = [seed.reference for seed in result.seeds if seed.reference is not None]
        beside = f"{figure.written(median(references))} ({figure.against})" if references else figure.against or ""
        seconds = median(seed.seconds for seed in result.seeds)
        cells = (f"`{exhibit.name}`", f"{result.parameters:,}", figure.title, figure.goal, values, beside)
        rows.append(f"| {' | '.join(cells)} | {seconds:.3g} |")
    return "\n".join(rows) + "\n"


def _section(exhibit: Exhibit, result: Result | None) -> str:
    figure = exhibit.figure
    seeds = result.seeds if result is not None else ()
    values = ", ".join(figure.written(seed.value) for seed in seeds)
    name = exhibit.make().name
    lines = (f"### {name} (`{exhibit.name}`)", "", *(f"{sentence}" for sentence in exhibit.lesson), "")
    told = f"{figure.title[:1].upper()}{figure.title[1:]}: {values} (goal: {figure.goal})" if values else ""
    picture = f"![{name} in training]({PICTURES}/{exhibit.name}.png)"
    return "\n".join((*lines, f"*{exhibit.source}*", "", told, "", picture, ""))
