"""Every template: opens clean, is written back as it was, is the network its code says, and learns."""

from collections.abc import Iterator

import numpy as np
import pytest
import torch
from torch import nn

from core.build import build
from core.codegen import class_name, source
from core.commands.opening import TEMPLATES, templates
from core.data.load import LoadedData, load
from core.engine.messages import Failed, Started, StepRows
from core.files import load as load_file
from core.files import to_text
from core.gallery import figures as figures_told
from core.reading import Reading, read
from core.training.control import Control
from core.training.forward import fields_of, output_function
from core.training.loop import train
from core.training.run import Job
from tools.gallery.listing import EXHIBITS
from tools.make_templates import CATALOG, catalog, figures
from tools.make_templates import template as template_of

NAMES = templates()
FIRST = ("iris", "lenet5", "linear-regression", "logistic-regression")
FIRST += ("mlp12-relu-batchnorm", "mlp12-sigmoid", "resnet", "spiral")
"""Those that are held against a script that was written by hand; the rest against the script that is exported."""
STEPS = 40


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """What is compared bit for bit must be added up in one order."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module", params=FIRST)
def template(request) -> Reading:
    return read(load_file(TEMPLATES / f"{request.param}.chain"))


@pytest.fixture(scope="module")
def data(template) -> dict[str, LoadedData]:
    return {key: load(settings) for key, settings in template.project.data.items()}


def written(template: Reading) -> tuple[nn.Module, object]:
    """The network and the loss of the source pane's code, made from the project's seed."""
    namespace: dict[str, object] = {}
    exec(source(template.project, template.plan, template.analysis), namespace)
    torch.manual_seed(template.project.training.seed)
    return namespace[class_name(template.project)](), namespace["loss"]


def test_each_is_what_its_tool_draws_and_there_are_no_others():
    assert set(NAMES) == {exhibit.name for exhibit in EXHIBITS}
    for exhibit in EXHIBITS:
        assert to_text(load_file(TEMPLATES / f"{exhibit.name}.chain")) == to_text(template_of(exhibit)), exhibit.name
    assert (TEMPLATES / CATALOG).read_text(encoding="utf-8") == catalog()


def test_what_the_start_page_tells_of_a_figure_is_what_the_exhibit_is_judged_by():
    told, wanted = figures_told(TEMPLATES), figures()
    assert told["lenet5"].goal.startswith("at least")
    assert told == wanted


@pytest.mark.parametrize("name", NAMES)
def test_it_has_no_problem_and_says_what_it_teaches(name):
    template = read(load_file(TEMPLATES / f"{name}.chain"))
    assert template.problems == ()
    assert template.project.description.endswith(".")
    assert template.project.weights is None
    assert set(template.project.positions) == set(template.project.all_nodes())


@pytest.mark.parametrize("name", NAMES)
def test_it_is_written_back_byte_for_byte(name):
    path = TEMPLATES / f"{name}.chain"
    assert to_text(load_file(path)).encode() == path.read_bytes()


def test_its_code_has_the_same_weights_by_the_same_names(template):
    network = build(template.plan, template.analysis.arguments, template.project.training.seed)
    ours, theirs = network.root.state_dict(), written(template)[0].state_dict()
    assert list(ours) == list(theirs)
    for name, tensor in ours.items():
        assert torch.equal(tensor, theirs[name]), name


def test_its_code_gives_the_same_outputs_and_the_same_loss(template, data):
    network = build(template.plan, template.analysis.arguments, template.project.training.seed)
    plan = network.plan.for_inference()
    function = output_function(network, plan, template.plan.predictions())
    fields = [data[field.dataset].fields[field.name][:50] for field in function.fields]
    model, loss = written(template)
    network.root.eval()
    model.eval()
    with torch.no_grad():
        ours, theirs = function.call(50, *fields)[0], model(*fields)
    assert torch.equal(ours, theirs)
    targets = [data[f.dataset].fields[f.name][:50] for f in fields_of(network.plan) if f not in function.fields]
    target = targets[0]
    shown = loss(theirs, target)
    kind = {"CrossEntropy": nn.CrossEntropyLoss, "BCEWithLogits": nn.BCEWithLogitsLoss, "MSE": nn.MSELoss}
    assert torch.equal(shown, kind[template.plan.losses[0].kind.name]()(theirs, target))


def steps(template: Reading, data: dict[str, LoadedData], control: Control) -> Iterator[object]:
    control.resume(steps=STEPS)
    for event in train(Job(template.project, data), control):
        assert not isinstance(event, Failed), event
        yield event
        if getattr(event, "state", "") == "paused":
            control.stop()


def test_it_learns_and_every_step_is_that_of_a_plain_script(template, data):
    """The truth: loss and gradients, step by step, are those of the written code with torch's own optimizer."""
    control = Control()
    events = list(steps(template, data, control))
    started = next(event for event in events if isinstance(event, Started))
    rows = [np.frombuffer(event.data, np.float32) for event in events if isinstance(event, StepRows)]
    table = np.concatenate(rows).reshape(-1, len(started.step_columns)).astype(np.float64)
    model, loss = written(template)
    weighted = [row.path for row in started.weights]
    wanted = plain(template, data, model, loss, weighted)
    places = [started.step_columns.index(f"gradient:{path}") for path in weighted]
    ours, theirs = table[:, 0], wanted[:, 0]
    assert weighted
    assert np.allclose(table[:, places], wanted[:, 1:], rtol=1e-6, atol=0)
    assert len(ours) == STEPS
    assert np.allclose(ours, theirs, rtol=1e-6, atol=0)
    if template.project.name != "Deep MLP, vanishing":  # what it teaches is that it does not learn
        assert ours[-10:].mean() < ours[:10].mean()
    assert control.weights is not None
    for name, tensor in control.weights().items():
        wanted = model.state_dict()[name]
        assert torch.allclose(tensor.double(), wanted.double(), rtol=1e-5, atol=1e-7), name


def plain(template: Reading, data: dict[str, LoadedData], model: nn.Module, loss, weighted: list[str]) -> np.ndarray:
    """Loss and gradient norms of STEPS steps as a hand-written script takes them: (STEPS, 1 + weighted layers)."""
    settings = template.project.training
    fields = fields_of(template.plan.for_training())
    tensors = [data[field.dataset].fields[field.name][data[field.dataset].train] for field in fields]
    reads = fields_of(template.plan.for_inference())
    optimizer = torch_optimizer(settings.phases[0].optimizer, model)
    order = torch.Generator().manual_seed(settings.seed)
    model.train()
    layers = [dict(model.named_modules())[path] for path in weighted]
    figures: list[list[float]] = []
    while True:
        for batch in torch.randperm(len(tensors[0]), generator=order).split(settings.batch_size):
            given = {field: tensor[batch] for field, tensor in zip(fields, tensors, strict=True)}
            optimizer.zero_grad()
            inputs = [given[field] for field in reads]
            targets = [tensor for field, tensor in given.items() if field not in reads]
            value = loss(model(*inputs), *targets)
            value.backward()
            optimizer.step()
            figures.append([value.item(), *(layer.weight.grad.double().norm().item() for layer in layers)])
            if len(figures) == STEPS:
                return np.array(figures)


def torch_optimizer(settings, model: nn.Module) -> torch.optim.Optimizer:
    common = {"lr": settings.learning_rate, "weight_decay": settings.weight_decay}
    if settings.name in ("SGD", "Momentum"):
        momentum = settings.momentum if settings.name == "Momentum" else 0.0
        return torch.optim.SGD(model.parameters(), momentum=momentum, **common)
    return torch.optim.Adam(model.parameters(), betas=(settings.beta1, settings.beta2), eps=settings.eps, **common)
