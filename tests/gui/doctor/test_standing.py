"""What is said of findings in a few words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gui.doctor.prose import marked_up
from gui.doctor.standing import Standing, headline, where_text
from gui.theme import Themes
from tests.gui.doctor.conftest import flat_finding, vanishing_finding


@pytest.mark.parametrize(
    ("paths", "words"),
    [
        ((), ""),
        (("fc1",), "fc1"),
        (("fc1", "fc2", "fc3", "fc4", "fc5"), "fc1–fc5"),
        (("conv1", "fc2"), "conv1 and fc2"),
        (("fc1", "fc2", "fc4", "conv", "head"), "fc1–fc2, fc4 and 2 more"),
        (("encoder[0].fc1", "encoder[0].fc2"), "encoder[0].fc1–encoder[0].fc2"),
        (("fc2", "fc1"), "fc2 and fc1"),
        (("a1", "c1", "e1", "g1"), "a1, c1 and 2 more"),
    ],
)
def test_layers_are_named_as_people_name_them(paths: tuple[str, ...], words: str):
    assert where_text(paths) == words


def test_a_headline_names_the_layers_once():
    found = vanishing_finding()
    assert headline(found) == "Gradients vanish in fc1–fc5"
    assert headline(replace(found, title="fc1–fc5 have stopped learning")) == "fc1–fc5 have stopped learning"
    assert headline(flat_finding()) == "Loss flat"
    assert headline(replace(found, title="Numbers are missing", family="data")) == "Numbers are missing"


def test_the_button_counts_findings_and_takes_the_tone_of_the_first():
    critical, warning = vanishing_finding(), flat_finding()
    hint = replace(warning, code="USELESS_BIAS", severity="hint")
    assert (Standing("judged", (critical, warning)).words, Standing("judged", (critical,)).words) == (
        "2 findings",
        "1 finding",
    )
    assert Standing("judged", (critical, warning)).tone == "critical"
    assert Standing("judged", (warning, hint)).tone == "warning"
    assert (Standing("judged", (hint,)).words, Standing("judged", (hint,)).tone) == ("no findings", "ok")
    assert (Standing().words, Standing().tone) == ("", "quiet")
    assert Standing("judged", failure="NaN").tone == "quiet"


def test_numbers_stand_out_and_names_do_not(dressed):
    theme = Themes("dark").current
    words = marked_up("fc1 has 3.1e-7 of fc12, 94 % saturated & 1,408 <b>units</b>; 400, not 1.", theme)
    mono = [part.split("</span>")[0].split(">", 1)[1] for part in words.split("<span ")[2:]]
    assert mono == ["3.1e−7", "94\u00a0%", "1,408", "400", "1"]
    assert "&lt;b&gt;units&lt;/b&gt;" in words
    assert "&amp;" in words
