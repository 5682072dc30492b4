"""A layer in one line: names, values, and what is meant where both could be."""

from __future__ import annotations

import pytest

from core.catalog import KINDS, spoken
from core.catalog.searching import Spoken
from core.errors import ParameterError
from core.expressions import constructor
from core.graph import Parameters
from core.phrases import Meaning, meaning, params, phrase, told


def understood(text: str) -> Meaning[str]:
    kinds = [name for name, kind in KINDS.items() if kind.role != "structure"]
    return meaning(text, kinds, lambda name: spoken(KINDS[name]), KINDS.get)


@pytest.mark.parametrize(
    ("line", "kind", "wanted"),
    [
        ("conv2d 6 5 padding=2", "Conv2d", {"out_channels": 6, "kernel_size": 5, "padding": 2}),
        ("Conv2d 6 3x5 pad=same", "Conv2d", {"out_channels": 6, "kernel_size": (3, 5), "padding": "same"}),
        ("linear 120 bias=false", "Linear", {"out_features": 120, "bias": False}),
        ("maxpool2d 3 2", "MaxPool2d", {"kernel_size": 3, "stride": 2}),
        ("avgpool2d 2", "AvgPool2d", {"kernel_size": 2}),  # the 2 is in its name, but the name is written out
        ("dropout .3", "Dropout", {"p": 0.3}),
        ("reshape 16,5,5", "Reshape", {"shape": (16, 5, 5)}),
        ("conv2d out = 6", "Conv2d", {"out_channels": 6}),
        ("lstm 64 2", "LSTM", {"hidden_size": 64, "num_layers": 2}),
    ],
)
def test_values_stand_in_the_order_of_torchs_constructor_or_have_names(line: str, kind: str, wanted: dict) -> None:
    found = understood(line)
    assert found.items == (kind,)
    assert dict(found.params(KINDS[kind])) == wanted


def test_values_go_where_torch_itself_puts_them() -> None:
    said = params(KINDS["Conv2d"], phrase("conv2d 6 5 2 1 1 3"))
    arguments = {param.name: param.default for param in KINDS["Conv2d"].params} | dict(said) | {"in_channels": 3}
    import torch

    made = eval(constructor(KINDS["Conv2d"], arguments), {"nn": torch.nn})
    theirs = torch.nn.Conv2d(3, 6, 5, 2, 1, 1, 3)
    assert repr(made) == repr(theirs)


@pytest.mark.parametrize(("line", "first"), [("relu 6", "ReLU6"), ("conv 2", "Conv2d"), ("batch norm", "BatchNorm1d")])
def test_numbers_that_belong_to_a_name_are_no_values(line: str, first: str) -> None:
    found = understood(line)
    assert (found.items[0], found.said.says_more) == (first, False)


def test_of_kinds_that_are_not_named_whole_those_that_take_the_values_are_meant() -> None:
    assert understood("lp 1 2").items == ("LPPool1d", "LPPool2d", "LPPool3d")
    assert "MaxPool1d" not in understood("pool 3x3").items
    assert "MaxPool2d" in understood("pool 3x3").items
    assert understood("relu 0.2 inplace=1").error is not None


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("linear 0", "out_features wants a whole number from 1 to 16,777,216, but 0 came. Set out_features."),
        ("tanh 3", "Tanh takes no values, but 1 values came. Leave some out."),
        ("linear colour=1", "Linear has the parameters in_features, out_features"),
    ],
)
def test_a_value_that_cannot_be_is_told_and_no_other_layer_is_taken(line: str, words: str) -> None:
    found = understood(line)
    assert [name.lower() for name in found.items] == [line.split(maxsplit=1)[0]]
    assert str(found.error).startswith(words)
    assert found.params(KINDS[found.items[0]]) == ()


@pytest.mark.parametrize("name", [name for name, kind in KINDS.items() if kind.params and kind.role != "structure"])
def test_every_name_of_a_parameter_is_understood(name: str) -> None:
    kind = KINDS[name]
    for param in kind.params:
        if isinstance(param.default, bool | int | float | str) and param.default != "":
            said: Parameters = ((param.name, param.default),)
            text = str(param.default)
            if " " not in text:
                assert params(kind, phrase(f"{name} {param.name}={text}")) == said
                assert told(said) == f"{param.name} {text}"


def test_values_too_many_are_refused() -> None:
    with pytest.raises(ParameterError, match=r"Flatten takes start_dim, end_dim, but 3 values came"):
        params(KINDS["Flatten"], phrase("flatten 1 2 3"))


def test_a_name_that_ends_in_a_number_is_found_beside_one_that_does_not() -> None:
    titles = {"a": "Block", "b": "Block 2", "c": "Block 20"}
    found = meaning("block 2", titles, lambda key: Spoken(titles[key]), lambda _key: None)
    assert found.items[0] == "b"
    assert not found.params(None)
    assert meaning("block", titles, lambda key: Spoken(titles[key]), lambda _key: None).items[0] == "a"
