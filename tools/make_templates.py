"""Write the templates, and what the start page says of them: python -m tools.make_templates [FOLDER]."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import msgspec

from core.files import save
from core.gallery import CATALOG, FIGURES, Figure, spaced
from core.project import Project
from tools.gallery.drawing import with_lesson
from tools.gallery.exhibit import Exhibit
from tools.gallery.listing import EXHIBITS


def template(exhibit: Exhibit) -> Project:
    """The project as it stands in the file, its lesson in a note."""
    return with_lesson(exhibit.make(), exhibit.lesson)


def catalog() -> str:
    """What is known of each template beside its project."""
    items = [
        {"name": one.name, "category": one.category, "lesson": list(one.lesson), "source": one.source}
        for one in EXHIBITS
    ]
    return json.dumps(items, indent=1, ensure_ascii=False) + "\n"


def figures() -> dict[str, Figure]:
    """What each template is judged by, as the start page tells it."""
    known = ((one.name, one.figure) for one in EXHIBITS)
    return {name: Figure(figure.title, figure.form, spaced(figure.goal)) for name, figure in known}


def main(folder: Path) -> None:
    """Write every template into the folder."""
    for exhibit in EXHIBITS:
        save(template(exhibit), folder / f"{exhibit.name}.chain")
        print(exhibit.name)
    (folder / CATALOG).write_text(catalog(), encoding="utf-8")
    written = msgspec.json.format(msgspec.json.encode(figures()), indent=1).decode()
    (folder / FIGURES).write_text(written + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[1] / "resources" / "templates")
