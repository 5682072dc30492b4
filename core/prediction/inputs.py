"""What a network reads when it predicts: fields of its data sets, and inputs that are only declared."""

from __future__ import annotations

from typing import Literal, NamedTuple

from core.catalog.sources import INPUT as DECLARED
from core.data.sources import FieldSpec
from core.plan import Plan, Step, Value

Reads = Literal["picture", "text", "row", "series", "choice", "sample"]
"""How an input is given by hand."""


class Input(NamedTuple):
    """What the network reads: a field of a data set, or an Input node, whose data set has no name."""

    dataset: str
    spec: FieldSpec


def inputs_of(plan: Plan) -> dict[str, Input]:
    """The network's inputs by name; two data sets' fields of one name have the data set's before it."""
    used = plan.for_inference()
    read = {value for step in used.steps for value in step.values()}
    found = [
        Input(step.dataset, field)
        for step in used.sources
        for field in step.fields
        if Value(step.path, field.name) in read
    ]
    found += [
        _declared(step) for step in used.sources if step.kind.name == DECLARED and Value(step.path, "output") in read
    ]
    names = [one.spec.name for one in dict.fromkeys(found)]
    return {
        one.spec.name if names.count(one.spec.name) == 1 else f"{one.dataset}.{one.spec.name}": one for one in found
    }


def _declared(step: Step) -> Input:
    """An Input node, as a field by its path."""
    params = {param.name: param.default for param in step.kind.params} | dict(step.params)
    shape, dtype = params["shape"], params["dtype"]
    assert isinstance(shape, tuple)  # Param.check made it one
    sizes = tuple(size for size in shape if isinstance(size, int))
    return Input("", FieldSpec(step.path, sizes, "int64" if "int" in str(dtype) else "float32", "input"))


def reads(spec: FieldSpec) -> Reads:
    """How an input is given by hand; `sample` where only what is in the data set can be shown."""
    shape = spec.shape
    if len(shape) == 3 and shape[0] in (1, 3, 4) and min(shape[1:]) > 1 and spec.dtype == "float32":
        return "picture"
    if spec.dtype == "int64" and spec.classes and shape in ((), (1,)):
        return "choice"
    if spec.dtype == "int64" and spec.classes and len(shape) == 1:
        return "text"
    if spec.dtype == "float32" and len(shape) == 1 and spec.columns:
        return "row"
    if spec.dtype == "float32" and len(shape) in (1, 2) and shape[0] > 2 and not spec.columns:
        return "series"
    return "sample"
