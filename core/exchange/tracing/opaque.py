"""What has no counterpart as a node that runs it: its class as text, or a small class around one function of torch.

The text is tried at once, on the tensors of the run: only what gives the same is taken.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._pytree import tree_flatten

from core.catalog.kind import Batch
from core.catalog.python_block import PYTHON
from core.exchange.calls import Call
from core.exchange.tracing.builder import Builder, Unmapped, Wire, arrays
from core.exchange.tracing.pairing import Op
from core.exchange.tracing.recording import plain
from core.exchange.tracing.sources import Written, module_source
from core.exchange.tracing.words import Words, function_text

_HEAD = (
    "from __future__ import annotations\n\nimport torch\nfrom torch import nn\nfrom torch.nn import functional as F\n"
)
_INDENT = "    "


def node(builder: Builder, op: Op) -> tuple[Wire, ...]:
    """A Python block for the call; raises Unmapped where its text cannot be found or does something else."""
    words = Words()
    arguments = words.call(op.args, op.kwargs)
    module = op.module
    source = _of_function(op, words, arguments) if module is None else _of_module(op, module, words, arguments)
    state = module.state_dict() if module is not None else {}
    for tensors in (*op.outputs, *words.tensors.values()):
        if any(isinstance(size, Batch) for size in tensors.type.shape[1:]):
            raise Unmapped("the batch is not in front")
    _try(source, state, words, op)
    types = {name: tensors.type for name, tensors in zip(_outputs(op), op.outputs, strict=True)}
    inputs = {name: (builder.wire(tensors).ref,) for name, tensors in words.tensors.items()}
    learned = {name for name, _tensor in module.named_parameters()} if module is not None else set()
    buffers = tuple(name for name in state if name not in learned)
    call = Call(_name(op), PYTHON, {"source": source}, inputs, op.scope, arrays(state), types=types, buffers=buffers)
    return builder.add(call, types, state)


def _name(op: Op) -> str:
    return op.path.rpartition(".")[2] if op.module is not None else op.name.strip("_")


def _outputs(op: Op) -> list[str]:
    return ["output", *(f"output{place}" for place in range(2, len(op.outputs) + 1))]


def _of_function(op: Op, words: Words, arguments: str) -> str:
    """A class around one function."""
    lines = []
    if op.name == "__setitem__":
        first, index, value = words.parts(op.args)
        lines += [f"result = {first}.clone()", f"result[{index}] = {value}"]
    else:
        if op.name.endswith("_") and not op.name.endswith("__"):
            lines.append(f"{next(iter(words.tensors))} = {next(iter(words.tensors))}.clone()")
        lines.append(f"result = {function_text(op.function, op.name)}({arguments})")
    title = "".join(part.capitalize() for part in op.name.strip("_").split("_")) or "Function"
    return f"{_HEAD}\n\n{_class(title, 'nn.Module', op, words, lines)}"


def _of_module(op: Op, module: nn.Module, words: Words, arguments: str) -> str:
    """The module's own class, made from its state, and one that calls it with what it was called with."""
    written: Written = module_source(module)
    lines = [f"result = super().forward({arguments})"]
    body = _class(f"{type(module).__name__}AsCalled", written.base, op, words, lines, written.construction)
    return f"{_HEAD}{written.text}\n\n\n{body}"


def _class(name: str, base: str, op: Op, words: Words, lines: Sequence[str], construction: Sequence[str] = ()) -> str:
    outputs = ", ".join(f'"{word}"' for word in _outputs(op))
    text = [f"class {name}({base}):", f"{_INDENT}outputs = ({outputs},)", ""]
    if construction:
        text += [f"{_INDENT}def __init__(self):", *(f"{_INDENT * 2}{line}" for line in construction), ""]
    text.append(f"{_INDENT}def forward({', '.join(('self', *words.tensors))}):")
    text += [f"{_INDENT * 2}{line}" for line in lines]
    if len(op.outputs) == 1 and op.module is None:
        text.append(f"{_INDENT * 2}return result")
    else:
        text += _parted(len(op.outputs))
    return "\n".join(text) + "\n"


def _parted(count: int) -> list[str]:
    """The tensors of a result, whatever it is."""
    found = ", ".join(f"found[{place}]" for place in range(count))
    return [
        f"{_INDENT * 2}from torch.utils._pytree import tree_flatten",
        "",
        f"{_INDENT * 2}found = [item for item in tree_flatten(result)[0] if isinstance(item, torch.Tensor)]",
        f"{_INDENT * 2}return {found}",
    ]


def _try(source: str, state: Mapping[str, Tensor], words: Words, op: Op) -> None:
    """Run the text on the tensors of the run; raises Unmapped where it fails or gives something else."""
    space: dict[str, Any] = {"__name__": "chainrule_trial"}
    try:
        exec(compile(source, "<opaque>", "exec", dont_inherit=True), space)
        made = list(space.values())[-1]()
        made.load_state_dict(state)
        with torch.no_grad(), torch.random.fork_rng(devices=[]):
            result = made.eval()(**{name: tensors.tensor.clone() for name, tensors in words.tensors.items()})
    except Exception as error:  # whatever the text throws, it is no node
        raise Unmapped(f"its text does not run by itself: {type(error).__name__} {error}") from error
    got = [item for item in tree_flatten(plain(result))[0] if isinstance(item, Tensor)]
    wanted = [tensors.tensor for tensors in op.outputs]
    same = len(got) == len(wanted) and all(one.shape == other.shape for one, other in zip(got, wanted, strict=True))
    if not same:
        raise Unmapped("its text gives something else")
