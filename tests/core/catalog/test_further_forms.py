"""Forms of kinds beyond their defaults: engine, code, files and ONNX agree about them."""

from __future__ import annotations

import warnings
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from core.catalog import KINDS
from core.catalog.kind import LayerKind
from core.codegen import source
from core.commands.assignments import assigned
from core.errors import ChainruleError
from core.exchange.formats import find
from core.exchange.models import export_model
from core.exchange.onnxfile import run_onnx
from core.files import load, save
from core.graph import Value
from core.lowering import lower
from core.shapes import analyse, shapes_of
from gui.canvas.captions import parameters
from gui.fields import of_param
from tests.core.catalog.test_every_kind import BATCH, concrete, inputs_of, tensor_of
from tests.core.code.test_kinds import project_of, test_it_computes_what_the_app_computes
from tests.core.exchange.test_every_kind import alone, compared


def kind(name: str, **params: Value) -> LayerKind:
    """The kind, to be tried with these parameters."""
    return replace(KINDS[name], example_params=tuple(sorted(params.items())))


FORMS: dict[str, LayerKind] = {
    "same": kind("Conv2d", padding="same", kernel_size=(4, 3), dilation=(1, 2)),
    "same, mirrored": kind("Conv1d", padding="same", kernel_size=4, padding_mode="reflect"),
    "averaged": kind("BatchNorm2d", momentum=None),
    "batch scale": kind("BatchNorm1d", bias=False),
    "sample scale": kind("InstanceNorm2d", affine=True, bias=False),
    "group scale": kind("GroupNorm", num_groups=2, bias=False),
    "nothing learned": kind("GroupNorm", affine=False, bias=False),
    "mean kept": kind("AdaptiveAvgPool2d", output_size=(3, None)),
    "most kept": kind("AdaptiveMaxPool3d", output_size=(None, 2, None)),
    "share": kind("FractionalMaxPool2d", output_size=None),
    "shares": kind("FractionalMaxPool3d", output_size=None, output_ratio=(0.3, 0.5, 0.6)),
    "straight": kind("Softplus", threshold=-100.0),
}
UNKNOWN_TO_ONNX = {"share", "shares"}
"""Its exporter has no operation for windows at random places."""


@pytest.mark.filterwarnings("ignore:Using padding='same'")
@pytest.mark.parametrize("name", FORMS)
def test_engine_readable_code_and_exported_network_agree(name: str) -> None:
    test_it_computes_what_the_app_computes(FORMS[name])
    compared(alone(FORMS[name]), [tensor_of(item) for item in FORMS[name].example])


@pytest.mark.parametrize("name", FORMS)
def test_it_is_the_same_from_a_file_and_from_the_form(name: str, tmp_path: Path) -> None:
    project = project_of(FORMS[name])
    save(project, tmp_path / "form.chain")
    assert load(tmp_path / "form.chain").graph == project.graph
    for param, value in FORMS[name].example_params:
        asked = of_param(KINDS[FORMS[name].name].param(param))
        assert value is None or asked.type in ("bool", "choice") or asked.read(asked.shown(value)) == value
        assert value is not None or asked.read("") is None is asked.read(asked.shown(None))


@pytest.mark.filterwarnings("ignore:Using padding='same'")
@pytest.mark.parametrize("name", [name for name in FORMS if name not in UNKNOWN_TO_ONNX])
def test_onnx_gives_the_same(name: str, tmp_path: Path) -> None:
    project = project_of(FORMS[name])
    plan = lower(project)
    space: dict[str, type[torch.nn.Module]] = {}
    exec(source(project, plan, analyse(plan)), space)
    torch.manual_seed(0)
    model = list(space.values())[-1]().eval()
    tensors = tuple(tensor_of(item) for item in FORMS[name].example)
    weights = {f"tried.{key.partition('.')[2]}": value for key, value in model.state_dict().items()}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        export_model(project, find("onnx"), tmp_path / "form.onnx", weights, lambda _text, _share: None)
    (given,) = run_onnx(tmp_path / "form.onnx", tensors)
    torch.testing.assert_close(given, model(*tensors), rtol=1e-5, atol=1e-5)
    assert tuple(given.shape[1:]) == concrete(found(FORMS[name]))[1:]
    assert len(given) == BATCH


def found(tried: LayerKind):  # type: ignore[no-untyped-def]
    shaped = shapes_of(tried, tried.example_params, inputs_of(tried, tried.example)).shaped
    assert shaped is not None
    return shaped.outputs["output"]


def test_same_padding_wants_a_stride_of_one_and_says_so() -> None:
    tried = kind("Conv2d", padding="same", stride=(1, 2))
    error = shapes_of(tried, tried.example_params, inputs_of(tried, tried.example)).error
    assert isinstance(error, ChainruleError)
    assert str(error) == (
        'a stride of 1 was wanted for padding "same", but (1, 2) came. Set stride to 1, or padding to a number.'
    )


def test_cards_say_what_is_kept_and_what_is_shared() -> None:
    assert parameters(KINDS["AdaptiveAvgPool2d"], {"output_size": (3, None)}) == "to 3×keep"
    assert parameters(KINDS["Conv2d"], {"padding": "same"}) == "8 @ 3×3 pad same"
    assert parameters(KINDS["FractionalMaxPool2d"], {"output_size": None}) == "kernel_size 2 output_ratio 0.5"
    assert parameters(KINDS["FractionalMaxPool2d"], {}) == "kernel_size 2 output_size 2"


def test_the_words_are_read_from_fields_and_from_a_command_line() -> None:
    project = assigned(project_of(FORMS["mean kept"]), ["tried.output_size=keep,2"])
    assert project.graph.by_name("tried").param("output_size") == (None, 2)  # type: ignore[union-attr]
    asked = of_param(KINDS["AdaptiveAvgPool2d"].param("output_size"))
    assert asked.shown((3, None)) == "3 × keep"
    assert asked.read("keep 4") == (None, 4)
    with pytest.raises(ChainruleError, match="or None for one"):
        asked.read("same")
