"""The catalog against torch's own table of modules: every sample that a kind can say gives what torch gives."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from unittest.mock import patch

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.testing._internal.common_modules import module_db

from core.catalog.kind import Batch
from core.expressions import call, target
from core.shapes import Shapes, shapes_of
from tests.core.catalog.test_every_kind import module_of
from tests.core.catalog.torch_samples import DRAWN, NotExpressibleError, Said, Sample, offered, said, samples

LEAST = 1787
"""The samples that torch lists, so that a table that is not read is seen."""


class Case:
    """A sample that one of our kinds says."""

    def __init__(self, sample: Sample, ours: Said, found: Shapes) -> None:
        self.sample = sample
        self.ours = ours
        self.found = found

    @property
    def batch(self) -> int:
        """How many samples it has."""
        first = next(iter(self.ours.tensors.values()))
        return len(first) if first.dim() else 1


def told(sample: Sample) -> Case | str:
    """The sample in our terms, or why no kind says it."""
    reasons = []
    for kind in offered()[sample.info.module_cls.__name__]:
        for alone in (False, True):
            try:
                ours = said(sample, kind, alone)
            except NotExpressibleError as error:
                reasons.append(str(error))
                break
            found = shapes_of(kind, ours.params, ours.types)
            if found.error is None and not _mistaken(sample, ours, alone):
                return Case(sample, ours, found)
            reasons.append(str(found.error))
    return reasons[0]


def _mistaken(sample: Sample, ours: Said, alone: bool) -> bool:
    """Whether a sample without a batch was taken for a batch of smaller ones."""
    return "no_batch_dim" in sample.given.desc and not alone and ours.kind.role == "layer"


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """Two threads on a busy machine wait for each other."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def every() -> Mapping[str, Case | str]:
    """Every sample by its title."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return {sample.title: told(sample) for sample in samples()}


def test_a_kind_says_every_sample(every: Mapping[str, Case | str]) -> None:
    assert {title: why for title, why in every.items() if isinstance(why, str)} == {}


def test_what_runs_gives_what_torchs_module_gives(every: Mapping[str, Case | str]) -> None:
    ran: Counter[str] = Counter()
    for title, case in every.items():
        if isinstance(case, Case):
            ran[case.sample.info.module_cls.__name__] += 1
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # torch tells that some of its own samples are ill-advised
                compare(title, case)
    told_of = {info.module_cls.__name__ for info in module_db} & set(offered())
    assert set(ran) == told_of
    assert sum(ran.values()) >= LEAST


def compare(title: str, case: Case) -> None:
    """Values, shapes and parameters of a sample, ours against torch's."""
    theirs, ours = case.sample.module(), module_of(case.ours.kind, case.found)
    if ours is not None:
        ours.eval()
        if not case.ours.kind.module.startswith("losses."):
            ours.load_state_dict({name: tensor for name, tensor in theirs.state_dict().items() if name != DRAWN})
    given = case.sample.given.forward_input
    torch.default_generator.manual_seed(1)  # the whole torch.manual_seed takes longer than most samples
    wanted = [value for value in flat(theirs(*given.args, **given.kwargs)) if value is not None]
    assert case.found.shaped is not None
    has_fast = bool(case.ours.kind.form(case.found.arguments).fast)
    for fast in (False, True) if has_fast else (False,):
        torch.default_generator.manual_seed(1)
        with drawing(case.sample.drawn):
            outputs = run(case, ours, fast)
        assert 0 < len(outputs) <= max(1, len(wanted)), title
        for (port, output), right in zip(outputs.items(), wanted, strict=False):
            back = case.ours.as_torchs(port, output)
            assert torch.allclose(back, right, rtol=1e-5, atol=1e-6, equal_nan=True), (title, port, fast)
            assert tuple(output.shape) == shape(case, port, case.batch), (title, port)
    assert case.found.shaped.parameters == sum(weight.numel() for weight in theirs.parameters()), title
    if case.ours.kind.role == "loss":
        compare_gradients(title, case, theirs, ours)


def compare_gradients(title: str, case: Case, theirs: nn.Module, ours: nn.Module | None) -> None:
    """What the first input and the weights of a loss learn, ours against torch's; of several numbers by their mean."""
    first, *others = case.sample.given.forward_input.args
    given, port = first.clone().requires_grad_(), case.ours.kind.inputs[0].name
    theirs(given, *others, **case.sample.given.forward_input.kwargs).mean().backward()
    leaf = case.ours.tensors[port].clone().requires_grad_()
    run(case, ours, False, {port: leaf})["loss"].mean().backward()
    weights = zip(theirs.parameters(), ours.parameters() if ours is not None else (), strict=True)
    pairs = [(case.ours.as_ours(port, given.grad), leaf.grad), *((one.grad, other.grad) for one, other in weights)]
    for right, found in pairs:
        assert torch.allclose(found, right, rtol=1e-5, atol=1e-6, equal_nan=True), title
        assert bool(found.isfinite().all()) or not right.isfinite().all(), title


@contextmanager
def drawing(numbers: Tensor | None) -> Iterator[None]:
    """Whoever draws random numbers gets these, so that both sides have the same; None: what the seed gives."""
    if numbers is None:
        yield
        return
    with patch.object(torch, "rand", side_effect=lambda *size, **_where: numbers[: size[0]]) as draw:
        yield
    (size,) = [call.args for call in draw.call_args_list]
    assert size[0] <= len(numbers)
    assert size[1:] == tuple(numbers.shape[1:])


def shape(case: Case, port: str, batch: int) -> tuple[int, ...]:
    assert case.found.shaped is not None
    dims = case.found.shaped.outputs[port].shape
    return tuple(dim.multiple * batch if isinstance(dim, Batch) else dim for dim in dims)


def run(
    case: Case, module: nn.Module | None, fast: bool, leaves: Mapping[str, Tensor] = MappingProxyType({})
) -> dict[str, Tensor]:
    """What our kind gives, as readable code or as the engine runs it; some inputs may be leaves to differentiate by."""
    kind, arguments = case.ours.kind, case.found.arguments
    form = kind.form(arguments)
    names: dict[str, str | tuple[str, ...]] = {port.name: "None" for port in kind.inputs}
    names |= {port: port for port in case.ours.tensors} | {"self": "m", "training": "False", "batch": str(case.batch)}
    outputs = {port.name: f"out_{port.name}" for port in kind.outputs_with(case.ours.params)}
    text = call(kind, (form.fast or form.forward) if fast else form.forward, arguments, names)
    inputs = {port: tensor.clone() for port, tensor in case.ours.tensors.items()} | dict(leaves)
    space = {"torch": torch, "F": functional, "m": module, **inputs}
    exec(f"{target(form.unpack, outputs)} = {text}", space)
    return {port: space[name] for port, name in outputs.items() if name in space}  # type: ignore[misc]


def flat(value: object) -> Iterator[Tensor]:
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, tuple | list):
        for item in value:
            yield from flat(item)
