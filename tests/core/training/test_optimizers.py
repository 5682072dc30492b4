"""Every optimizer against torch's own: the same weights, the same memory, the same text."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import nn

from core.code.optimizing import optimizer as written
from core.errors import ParameterError
from core.files import from_text, to_text
from core.training.direct import stepping
from core.training.optimizers import (
    KINDS,
    OPTIMIZER_FIELDS,
    OPTIMIZERS,
    Optimizer,
    defaults,
    optimizer_fields,
    remembered,
    switched,
    torch_arguments,
)
from core.training.phases import make_optimizer
from core.training.settings import validated_optimizer
from tests.core.training.projects import small_convnet

PLAIN = {
    "SGD": lambda p: torch.optim.SGD(p, lr=0.01, weight_decay=0.01),
    "Momentum": lambda p: torch.optim.SGD(p, lr=0.01, momentum=0.8, nesterov=True),
    "Adam": lambda p: torch.optim.Adam(p, lr=0.01, amsgrad=True),
    "AdamW": lambda p: torch.optim.AdamW(p, lr=0.01, weight_decay=0.1, betas=(0.8, 0.99)),
    "Adamax": lambda p: torch.optim.Adamax(p, lr=0.01, eps=1e-7),
    "NAdam": lambda p: torch.optim.NAdam(p, lr=0.01, momentum_decay=0.01),
    "RAdam": lambda p: torch.optim.RAdam(p, lr=0.01, weight_decay=0.01),
    "RMSprop": lambda p: torch.optim.RMSprop(p, lr=0.01, alpha=0.9, momentum=0.5, centered=True),
    "Adagrad": lambda p: torch.optim.Adagrad(p, lr=0.01, lr_decay=0.1, initial_accumulator_value=0.1),
    "Adadelta": lambda p: torch.optim.Adadelta(p, lr=1.0, rho=0.8),
    "Rprop": lambda p: torch.optim.Rprop(p, lr=0.01, etas=(0.6, 1.1), step_sizes=(1e-5, 10.0)),
    "ASGD": lambda p: torch.optim.ASGD(p, lr=0.01, lambd=1e-3, alpha=0.5, t0=3.0),
}
OURS = {
    "SGD": {"weight_decay": 0.01},
    "Momentum": {"momentum": 0.8, "nesterov": True},
    "Adam": {"amsgrad": True},
    "AdamW": {"weight_decay": 0.1, "beta1": 0.8, "beta2": 0.99},
    "Adamax": {"eps": 1e-7},
    "NAdam": {"momentum_decay": 0.01},
    "RAdam": {"weight_decay": 0.01},
    "RMSprop": {"smoothing": 0.9, "momentum": 0.5, "centered": True},
    "Adagrad": {"lr_decay": 0.1, "initial_accumulator": 0.1},
    "Adadelta": {"learning_rate": 1.0, "rho": 0.8},
    "Rprop": {"shrink": 0.6, "grow": 1.1, "shortest": 1e-5, "longest": 10.0},
    "ASGD": {"decay_term": 1e-3, "power": 0.5, "average_from": 3.0},
}


def ours(name: str) -> Optimizer:
    return replace(defaults(name), **{"learning_rate": 0.01, **OURS[name]})


def stepped(model: nn.Module, step) -> None:
    torch.manual_seed(1)
    for _ in range(12):
        for parameter in model.parameters():
            parameter.grad = None
        model(torch.randn(6, 9)).square().sum().backward()
        with torch.no_grad():
            step()


def test_every_optimizer_that_is_offered_is_tried():
    assert set(PLAIN) == set(OURS) == set(OPTIMIZERS)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_its_steps_are_torchs_bit_for_bit(name):
    torch.manual_seed(0)
    plain, mine = (nn.Sequential(nn.Linear(9, 5), nn.Tanh(), nn.Linear(5, 2)) for _ in range(2))
    mine.load_state_dict(plain.state_dict())
    made = make_optimizer(validated_optimizer(ours(name)), list(mine.parameters()))
    stepped(plain, PLAIN[name](plain.parameters()).step)
    stepped(mine, stepping(made))
    assert all(map(torch.equal, mine.parameters(), plain.parameters()))
    first = made.state[made.param_groups[0]["params"][0]]
    kept = [value for value in first.values() if isinstance(value, torch.Tensor) and value.numel() == 45]
    assert len(kept) == remembered(ours(name))


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_its_text_makes_the_same_optimizer(name):
    weights = [torch.zeros(3, requires_grad=True)]
    for settings in (ours(name), replace(defaults(name), learning_rate=0.2)):
        made = eval(written(settings, "weights"), {"torch": torch, "weights": weights})
        wanted = make_optimizer(settings, weights)
        assert type(made) is type(wanted)
        assert made.defaults == wanted.defaults


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_its_defaults_are_torchs(name):
    kind = getattr(torch.optim, KINDS[name].torch)
    usual = kind([torch.zeros(2, requires_grad=True)]).defaults
    for argument, value in torch_arguments(defaults(name)).items():
        is_ours = argument == "momentum" or (argument == "lr" and name in ("SGD", "Momentum", "ASGD", "RMSprop"))
        if not is_ours and (name, argument) != ("AdamW", "weight_decay"):
            assert usual[argument] == value, argument


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_all_that_it_reads_has_a_line_in_the_form_and_stands_in_the_file(name):
    fields = optimizer_fields(name)
    assert {field.name for field in fields} == {"name", *KINDS[name].reads}
    assert all(field.help for field in fields)
    project = small_convnet(ours(name))
    assert from_text(to_text(project)) == project


def test_another_optimizer_keeps_what_both_read():
    was = replace(defaults("Momentum"), learning_rate=0.3, momentum=0.5, weight_decay=0.01)
    now = switched(was, "RMSprop")
    assert (now.learning_rate, now.weight_decay, now.momentum) == (0.3, 0.01, 0.0)
    assert switched(now, "Momentum").momentum == 0.9
    assert switched(replace(was, name="Adam", beta1=0.7), "NAdam").beta1 == 0.7
    assert switched(defaults("Adam"), "Adagrad").eps == 1e-10


def test_the_rate_goes_with_the_optimizer_unless_it_was_set():
    assert switched(defaults("Momentum"), "Adam").learning_rate == 0.001
    assert switched(defaults("Adam"), "SGD").learning_rate == 0.05
    assert switched(defaults("SGD"), "Momentum").learning_rate == 0.05
    assert switched(replace(defaults("SGD"), learning_rate=0.1), "Adam").learning_rate == 0.1


def test_nesterov_wants_momentum_without_dampening():
    with pytest.raises(ParameterError, match="Nesterov"):
        validated_optimizer(Optimizer("Momentum", dampening=0.1, nesterov=True))


def test_no_field_stands_twice():
    names = [field.name for field in OPTIMIZER_FIELDS]
    assert len(set(names)) == len(names)
