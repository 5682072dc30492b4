"""The table of augmentations, the list of a data set, and how a file and the command line tell it."""

from __future__ import annotations

import inspect
from dataclasses import replace

import pytest

from core.commands.assignments import assigned
from core.commands.opening import opened
from core.data import augmenting
from core.data.augmentation import Augmentation, in_order, mixing, possible, read_steps, spelled, suiting
from core.data.augmentation_kinds import AUGMENTATIONS
from core.data.found import Found
from core.data.settings import DatasetSettings, dataset_kind, plain
from core.data.sources import FieldSpec
from core.errors import ChainruleError, DataError, ParameterError
from core.files import from_text, to_text
from core.owndata import reread

LIST = (
    Augmentation("crop", (("fill", "reflect"), ("padding", 2))),
    Augmentation("horizontal_flip", active=False),
    Augmentation("cutmix", (("p", 0.5),)),
)


@pytest.mark.parametrize("name", AUGMENTATIONS)
def test_the_table_says_what_its_function_takes(name: str) -> None:
    kind = AUGMENTATIONS[name]
    assert list(inspect.signature(getattr(augmenting, name)).parameters)[2:] == [spec.name for spec in kind.params]
    assert Augmentation(name).values == {spec.name: spec.default for spec in kind.params}
    assert "p" in Augmentation(name).values
    assert all(spec.help for spec in kind.params)
    assert kind.help


@pytest.mark.parametrize(
    ("made", "word"),
    [
        (lambda: Augmentation("wobble"), "wobble"),
        (lambda: Augmentation("crop", (("degrees", 3),)), "degrees"),
        (lambda: Augmentation("crop", (("padding", 2), ("padding", 3))), "twice"),
        (lambda: Augmentation("crop", (("padding", 0),)), "padding"),
        (lambda: Augmentation("crop", (("padding", 1.5),)), "padding"),
        (lambda: Augmentation("noise", (("deviation", float("nan")),)), "deviation"),
        (lambda: Augmentation("crop", (("fill", "black"),)), "fill"),
        (lambda: Augmentation("noise", (("p", 1.01),)), "p has to be"),
    ],
)
def test_a_wrong_step_is_refused(made: object, word: str) -> None:
    assert callable(made)
    with pytest.raises(ParameterError, match=word):
        made()


@pytest.mark.parametrize(
    ("source", "step", "word"),
    [
        ("iris", Augmentation("rotate"), "acts on pictures"),
        ("mnist", Augmentation("feature_dropout"), "acts on rows"),
        ("digits", Augmentation("crop", (("padding", 8),)), "padding of 8"),
    ],
)
def test_a_step_has_to_suit_the_data(source: str, step: Augmentation, word: str) -> None:
    with pytest.raises(DataError, match=word):
        DatasetSettings(source, augmentation=(step,))
    assert suiting((step, Augmentation("noise")), dataset_kind(DatasetSettings(source))) == (Augmentation("noise"),)


def test_a_list_has_an_end() -> None:
    with pytest.raises(DataError, match="at most 32"):
        DatasetSettings("mnist", augmentation=(Augmentation("noise"),) * 33)


def test_what_a_data_set_can_have_is_accepted() -> None:
    for source in ("mnist", "iris", "spiral"):
        kind = dataset_kind(DatasetSettings(source))
        steps = tuple(Augmentation(step.name) for step in possible(kind))
        assert DatasetSettings(source, augmentation=steps).augmentation == steps
        assert ("rotate" in [step.name for step in steps]) == (source == "mnist")
        assert ("feature_dropout" in [step.name for step in steps]) == (source != "mnist")


def test_steps_that_are_off_are_none() -> None:
    settings = DatasetSettings("mnist", augmentation=LIST)
    assert in_order(settings.augmentation) == (LIST[0], LIST[2])
    assert in_order((LIST[2], LIST[1], LIST[0])) == (LIST[0], LIST[2])
    assert mixing(LIST) == (LIST[2],)
    assert plain(settings) == DatasetSettings("mnist")


def test_a_default_is_not_kept() -> None:
    step = Augmentation("crop").with_value("padding", 7)
    assert step.params == (("padding", 7),)
    assert step.with_value("padding", 4) == Augmentation("crop")
    assert isinstance(Augmentation("rotate", (("degrees", 10),)).values["degrees"], float)


def test_a_file_keeps_the_list() -> None:
    project = opened("lenet5").project
    key = next(iter(project.data))
    augmented = project.with_data(key, replace(project.data[key], augmentation=LIST))
    text = to_text(augmented)
    assert from_text(text, "x").data[key].augmentation == LIST
    assert to_text(from_text(text, "x")) == text
    assert "augmentation" not in to_text(project)


@pytest.mark.parametrize(
    "line",
    [
        '[{"step": "wobble"}]',
        '[{"step": "crop", "params": {"padding": "4"}}]',
        '[{"step": "crop", "code": "1"}]',
        '[{"step": "feature_dropout"}]',
    ],
)
def test_a_file_with_a_wrong_list_is_refused(line: str) -> None:
    text = to_text(opened("lenet5").project).replace('"normalise":', f'"augmentation": {line}, "normalise":')
    with pytest.raises(ChainruleError):
        from_text(text, "x")


def test_the_command_line_takes_a_list() -> None:
    project = opened("lenet5").project
    key = next(iter(project.data))
    told = f"{key}.augmentation={spelled(LIST)}"
    assert told.endswith("=crop(fill=reflect, padding=2), off horizontal_flip, cutmix(p=0.5)")
    augmented = assigned(project, [told])
    assert augmented.data[key].augmentation == LIST
    assert assigned(augmented, [f"{key}.augmentation=none"]) == project


@pytest.mark.parametrize("text", ["crop(padding=2", "crop(padding=two)", "crop padding=2", "flip", "crop(2)", "a,,b"])
def test_a_list_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ParameterError):
        read_steps(text)


def test_a_file_that_was_reread_keeps_the_steps_that_suit_it() -> None:
    image = FieldSpec("image", (1, 12, 12), "float32", "input")
    steps = read_steps("crop(padding=8), noise")
    settings = DatasetSettings("arrays", path="/a.npz", found=Found((image,), 5), augmentation=steps)
    assert reread(settings, Found((image,), 6)).augmentation == steps
    smaller = Found((FieldSpec("image", (1, 6, 6), "float32", "input"),), 5)
    assert reread(settings, smaller).augmentation == read_steps("noise")
