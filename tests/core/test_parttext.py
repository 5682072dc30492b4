"""Our own modules in exported code: each text stands alone, needs torch only, and makes the same module."""

from __future__ import annotations

import ast
import math

import pytest
import torch
from torch import nn
from torch.nn import functional

from core.catalog import KINDS
from core.expressions import constructor
from core.parttext import class_text
from core.shapes import shapes_of
from tests.core.catalog.test_every_kind import inputs_of, module_of, run, tensor_of

OWN = [kind for kind in KINDS.values() if kind.module and not kind.is_torchs and not kind.opaque]


@pytest.mark.parametrize("kind", OWN, ids=[kind.name for kind in OWN])
def test_the_text_of_a_module_of_ours_makes_the_same_module(kind):
    text = class_text(kind.module)
    assert not [node for node in ast.walk(ast.parse(text)) if getattr(node, "annotation", None) is not None]
    found = shapes_of(kind, kind.example_params, inputs_of(kind, kind.example))
    space = {"torch": torch, "nn": nn, "F": functional, "math": math}
    exec(text, space)
    torch.manual_seed(0)
    alone = eval(constructor(kind, found.arguments), space)
    torch.manual_seed(0)
    ours = module_of(kind, found)
    assert ours is not None
    tensors = [tensor_of(item) for item in kind.example]
    wanted = run(kind, found, ours.eval(), tensors)
    results = run(kind, found, alone.eval(), tensors)
    assert results
    assert all(torch.equal(results[port], wanted[port]) for port in wanted)
