"""Runs a module once and notes what it calls: its layers as they are, and the functions of torch between them.

The module runs as it does without us, on real tensors, so whatever Python it is made of is followed: loops, branches on
its own settings, arithmetic on sizes. What it decides by the numbers in a tensor cannot be drawn and is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal
from unittest import mock

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_flatten, tree_map

from core.exchange.calls import Scope
from core.exchange.folding import AGAIN

Source = Literal["input", "made", "param", "const"]
_DECIDING = (
    "item tolist numpy __bool__ __int__ __float__ __index__ __contains__ is_nonzero equal allclose "
    "nonzero unique masked_select argwhere bincount"
)
"""What makes Python numbers, or tensors of unknown size, of a tensor."""
_SHAPED_ONLY = "zeros_like ones_like full_like empty_like new_zeros new_ones new_full new_empty new_tensor"
"""What takes of a tensor its shape, dtype or device only."""
_SILENT = "requires_grad_ retain_grad register_hook __set__ __len__ size stride dim"


class Undrawable(Exception):
    """A module whose run cannot be noted, or not told for every batch: its path, and why."""

    def __init__(self, module: str, reason: str) -> None:
        super().__init__(module, reason)
        self.module = module
        self.reason = reason


@dataclass(frozen=True, slots=True, eq=False)
class Val:
    """A tensor of the run: an input, what a record made, a parameter of the module, or a constant."""

    source: Source
    index: int
    """The number of the input or record."""
    output: int
    """Among the tensors that the record made."""
    tensor: Tensor


@dataclass(frozen=True, slots=True, eq=False)
class Record:
    """One call; tensors in its arguments are Vals."""

    name: str
    """flatten, conv2d, matmul; `module` for a layer that was called whole."""
    function: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]
    outputs: tuple[Val, ...]
    scope: Scope
    path: str
    """Of the module it is, or in which it was called."""
    module: nn.Module | None = None


@dataclass(slots=True)
class Recording:
    """What a run called, in order, and what it returned, with Vals in place of tensors."""

    records: list[Record] = field(default_factory=list)
    result: Any = None


Runner = Callable[["Recorder", Mapping[str, Tensor]], Any]


def record(
    module: nn.Module,
    inputs: Mapping[str, Tensor],
    is_whole: Callable[[str, nn.Module], bool],
    run: Runner | None = None,
) -> Recording:
    """The recording of one run in evaluation mode; `is_whole` says by path which modules are noted as one call.

    `run` is another way to run it than by calling it. Raises Undrawable, and whatever the module itself raises.
    """
    recorder = Recorder(module, is_whole)
    values = {name: recorder.begin(index, tensor) for index, (name, tensor) in enumerate(inputs.items())}
    was_training = module.training
    if run is None:
        module.eval()
    try:
        with torch.no_grad(), recorder.watching(), torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            result = module(**values) if run is None else run(recorder, values)
    finally:
        if run is None:
            module.train(was_training)
    recorder.recording.result = tree_map(recorder.val, plain(result))
    return recorder.recording


class WrittenParts:
    """Tensors of which a part was written in place: the whole is not what it was, but no call says so."""

    def __init__(self) -> None:
        self._good: dict[int, set[int]] = {}
        """By tensor that was written into, which views of it were made of the part that was written."""
        self._alive: list[Tensor] = []

    def check(self, arguments: Any, module: str) -> None:
        """Raise Undrawable where the whole is read."""
        for item in tree_flatten(arguments)[0] if self._good else ():
            if isinstance(item, Tensor) and id(item) not in self._good.get(id(_base(item)), {id(item)}):
                raise Undrawable(module, "it writes into a part of a tensor and then reads the whole")

    def is_whole_again(self, name: str, args: tuple[Any, ...]) -> bool:
        """Whether `x[i] = y` puts back the part that was written in place, as Python does for `x[i] += 1`."""
        if name != "__setitem__" or not isinstance(args[0], Tensor):
            return False
        return id(args[2]) in self._good.get(id(_base(args[0])), ()) and self._good.pop(id(_base(args[0]))) is not None

    def note(self, name: str, args: tuple[Any, ...], result: Any) -> None:
        """Take note of what was written into, and of views of it that are good."""
        writes = (name.endswith("_") and not name.endswith("__")) or (name.startswith("__i") and name != "__invert__")
        first = args[0] if args else None
        if writes and isinstance(first, Tensor) and first._base is not None:
            self._good[id(first._base)] = {id(first)}
            self._alive.append(first._base)
        for item in tree_flatten(result)[0] if self._good else ():
            if isinstance(item, Tensor) and id(_base(item)) in self._good:
                self._good[id(_base(item))].add(id(item))
                self._alive.append(item)


def _base(tensor: Tensor) -> Tensor:
    return tensor if tensor._base is None else tensor._base


class Recorder(TorchFunctionMode):
    """Notes functions by torch's own protocol, and modules where they are called."""

    def __init__(self, root: nn.Module, is_whole: Callable[[str, nn.Module], bool]) -> None:
        super().__init__()
        self.recording = Recording()
        self._is_whole = is_whole
        self._paths = {id(module): path for path, module in root.named_modules()}
        self._known: dict[int, Val] = {}
        self._constants: dict[tuple[int, int], Val] = {}
        self._alive: list[Any] = []
        for tensor in root.parameters():
            self._known[id(tensor)] = Val("param", -1, 0, tensor)
        self._scope: tuple[tuple[str, str], ...] = ()
        self._within: list[str] = []
        self._runs: dict[int, int] = {}
        self._quiet = 0
        self._parts = WrittenParts()

    def begin(self, index: int, tensor: Tensor) -> Tensor:
        """Take note of an input."""
        self._keep(tensor, Val("input", index, 0, tensor))
        return tensor

    def val(self, value: Any) -> Any:
        """The Val of a tensor; anything else as it is."""
        if not isinstance(value, Tensor):
            return value
        known = self._known.get(id(value))
        if known is not None:
            return known
        key = id(value), value._version
        if key not in self._constants:
            self._constants[key] = Val("const", -1, 0, value.detach().clone())
            self._alive.append(value)
        return self._constants[key]

    def stand(self, scope: Scope, path: str) -> None:
        """Say in which module the next calls are, where nobody calls modules."""
        self._scope, self._within = scope, [path]

    @contextmanager
    def watching(self) -> Iterator[None]:
        """While modules and functions are noted."""
        original = nn.Module.__call__
        recorder = self

        def call(module: nn.Module, *args: Any, **kwargs: Any) -> Any:
            return recorder._module(original, module, args, kwargs)

        with mock.patch.object(nn.Module, "__call__", call), self:
            yield

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        """Call the function and note it where a tensor of ours goes in and a tensor comes out."""
        given = kwargs or {}
        name = _name(func)
        if self._quiet:
            return func(*args, **given)
        ours = self._ours((args, given))
        if ours and self._decides(name, args):
            reason = f"it looks at the numbers in a tensor ({name.strip('_')}), which differ from sample to sample"
            raise Undrawable(self._within[-1] if self._within else "", reason)
        read = (args[1:], given) if self._parts.is_whole_again(name, args) else (args, given)
        self._parts.check(read, self._within[-1] if self._within else "")
        kept = (tree_map(self.val, args), tree_map(self.val, given)) if ours else None
        with self._silent():
            result = func(*args, **given)
        self._parts.note(name, args, result)
        if kept is None or name in _SHAPED_ONLY.split() or name in _SILENT.split():
            return result
        target = args[0] if name == "__setitem__" else result
        made = [item for item in tree_flatten(target)[0] if isinstance(item, Tensor)]
        if made:
            self._note(name, func, kept, made, None)
        return result

    def _decides(self, name: str, args: tuple[Any, ...]) -> bool:
        if name == "__getitem__":
            return any(isinstance(item, Tensor) and item.dtype == torch.bool for item in tree_flatten(args[1])[0])
        return name in _DECIDING.split() or (name == "where" and len(args) == 1)

    def _ours(self, arguments: Any) -> bool:
        return any(id(item) in self._known for item in tree_flatten(arguments)[0] if isinstance(item, Tensor))

    def _module(
        self, original: Callable[..., Any], module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        path = self._paths.get(id(module))
        if self._quiet or path is None:
            return original(module, *args, **kwargs)
        if path and self._is_whole(path, module):
            self._parts.check((args, kwargs), path)
            kept = tree_map(self.val, args), tree_map(self.val, kwargs)
            with self._silent():
                result = original(module, *args, **kwargs)
            made = [item for item in tree_flatten(plain(result))[0] if isinstance(item, Tensor)]
            self._note("module", module, kept, made, path)
            return result
        before = self._scope
        if path:
            self._scope = (*before, (self._part(path, module), type(module).__name__))
        self._within.append(path)
        try:
            return original(module, *args, **kwargs)
        finally:
            self._within.pop()
            self._scope = before

    def _part(self, path: str, module: nn.Module) -> str:
        """The module's name in the one around it, with the number of its run from the second on."""
        around = self._within[-1] if self._within else ""
        inside = f"{around}." if around else ""
        runs = self._runs[id(module)] = self._runs.get(id(module), 0) + 1
        return path.removeprefix(inside) + (f"{AGAIN}{runs}" if runs > 1 else "")

    def _note(
        self,
        name: str,
        function: Callable[..., Any],
        given: tuple[tuple[Any, ...], dict[str, Any]],
        made: list[Tensor],
        path: str | None,
    ) -> None:
        index = len(self.recording.records)
        outputs = tuple(Val("made", index, place, tensor) for place, tensor in enumerate(made))
        for tensor, val in zip(made, outputs, strict=True):
            self._keep(tensor, val)
        around = self._within[-1] if self._within else ""
        module = function if isinstance(function, nn.Module) else None
        whole = around if path is None else path
        self.recording.records.append(Record(name, function, *given, outputs, self._scope, whole, module))

    def _keep(self, tensor: Tensor, val: Val) -> None:
        """Remember the tensor; it must outlive the run, for another in its place would be taken for it."""
        self._known[id(tensor)] = val
        self._alive.append(tensor)

    @contextmanager
    def _silent(self) -> Iterator[None]:
        self._quiet += 1
        try:
            yield
        finally:
            self._quiet -= 1


def _name(func: Callable[..., Any]) -> str:
    """What the function is called: the property's name for one that is read."""
    if isinstance(func, torch._ops.OpOverload):
        return func._schema.name.rpartition("::")[2]
    name = getattr(func, "__name__", "")
    if name in ("__get__", "__set__"):
        return name if name == "__set__" else str(getattr(getattr(func, "__self__", None), "__name__", name))
    return str(name)


def plain(result: Any) -> Any:
    """A result as torch's trees have it: named outputs of libraries as the dictionaries they are."""
    if isinstance(result, Mapping):
        return {str(key): plain(value) for key, value in result.items()}
    if isinstance(result, tuple) and hasattr(result, "_fields"):
        return {name: plain(value) for name, value in zip(result._fields, result, strict=True)}
    return result
