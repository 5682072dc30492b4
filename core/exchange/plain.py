"""Operations that torch's translator to ONNX does not know, or gets wrong, in terms of such as it does know.

Each takes and gives what the operation of torch does; a program is rewritten with them before it is translated.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import torch
from torch import Tensor
from torch.export import ExportedProgram
from torch.nn import functional

ATEN = torch.ops.aten


def attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    mask: Tensor | None = None,
    dropout: float = 0.0,
    causal: bool = False,
    *,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> Tensor:
    """Scaled dot-product attention as its documentation writes it; ONNX knows the one of four dimensions only.

    `query` is (..., L, E), `key` (..., S, E), `value` (..., S, V). Evaluation only: there is no dropout.
    """
    if enable_gqa:
        key = key.repeat_interleave(query.shape[-3] // key.shape[-3], -3)
        value = value.repeat_interleave(query.shape[-3] // value.shape[-3], -3)
    scores = query @ key.transpose(-2, -1) * (query.shape[-1] ** -0.5 if scale is None else scale)
    if causal:
        mask = torch.ones(query.shape[-2], key.shape[-2], dtype=torch.bool, device=query.device).tril()
    if mask is not None and mask.dtype == torch.bool:
        scores = scores.masked_fill(~mask, -torch.inf)
    elif mask is not None:
        scores = scores + mask
    return torch.softmax(scores, -1) @ value


def rrelu(values: Tensor, lower: float = 1 / 8, upper: float = 1 / 3, _training: bool = False) -> Tensor:
    """RReLU in evaluation: the slope is the middle of the two."""
    return functional.leaky_relu(values, (lower + upper) / 2)


def squeeze(values: Tensor, dim: int) -> Tensor:
    """Without this dimension where its size is 1; ONNX refuses any other size, torch leaves it."""
    return squeeze_all(values, (dim,))


def squeeze_all(values: Tensor, dims: Sequence[int]) -> Tensor:
    """The same for several dimensions."""
    for dim in sorted((dim % values.dim() for dim in dims), reverse=True):
        if values.shape[dim] == 1:
            values = values.select(dim, 0)
    return values


def cdist(first: Tensor, second: Tensor, p: float = 2.0, _mode: int | None = None) -> Tensor:
    """The distances of every row of (..., P, M) to every row of (..., R, M), by the p-norm."""
    apart = (first.unsqueeze(-2) - second.unsqueeze(-3)).abs()
    if p == 0:
        return (apart != 0).to(first.dtype).sum(-1)
    if p == float("inf"):
        return apart.amax(-1)
    if p == 2:
        return (apart * apart).sum(-1).sqrt()
    return apart.pow(p).sum(-1).pow(1 / p)


OPERATIONS: Mapping[Any, Callable[..., Tensor]] = MappingProxyType(
    {
        ATEN.scaled_dot_product_attention.default: attention,
        ATEN.cdist.default: cdist,
        ATEN.rrelu.default: rrelu,
        ATEN.squeeze.dim: squeeze,
        ATEN.squeeze.dims: squeeze_all,
    }
)


def plain(program: ExportedProgram) -> ExportedProgram:
    """The program without these operations; the same where it has none that ONNX would not take."""
    wanted = {node.target for node in program.graph.nodes if node.target in OPERATIONS and not _fits(node)}
    table = {operation: OPERATIONS[operation] for operation in wanted}
    return program.run_decompositions(table) if table else program


def _fits(node: torch.fx.Node) -> bool:
    """Whether ONNX takes it as it is: attention of four dimensions, and dimensions of size 1 to be squeezed."""
    if node.target == ATEN.scaled_dot_product_attention.default:
        return all(_value(argument).dim() == 4 for argument in node.args[:3])
    if node.target in (ATEN.squeeze.dim, ATEN.squeeze.dims):
        named: Any = node.args[1]
        dims = named if isinstance(named, Sequence) else [named]
        return all(_value(node.args[0]).shape[dim] == 1 for dim in dims)
    return False


def _value(argument: Any) -> Tensor:
    """The tensor that an argument stood for when the program was traced."""
    found: Tensor = argument.meta["val"]
    return found
