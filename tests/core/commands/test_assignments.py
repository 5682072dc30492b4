import json

import pytest

from core.commands.assignments import assigned
from core.commands.opening import opened
from core.errors import ParameterError
from core.files import from_text


def lenet():
    return opened("lenet5").project


@pytest.mark.parametrize(
    ("text", "read", "value"),
    [
        ("epochs=3", lambda p: p.training.epochs, 3),
        ("batch_size = 64", lambda p: p.training.batch_size, 64),
        ("drop_last=true", lambda p: p.training.drop_last, True),
        ("drop_last=False", lambda p: p.training.drop_last, False),
        ("learning_rate=1e-3", lambda p: p.training.phases[0].optimizer.learning_rate, 0.001),
        ("learning_rate=.5", lambda p: p.training.phases[0].optimizer.learning_rate, 0.5),
        ("accumulate=4", lambda p: p.training.accumulate, 4),
        ("precision=BFLOAT16", lambda p: p.training.precision, "bfloat16"),
        ("deterministic=true", lambda p: p.training.deterministic, True),
        ("averaging=0.99", lambda p: p.training.averaging, 0.99),
        ("rates.conv1=0", lambda p: p.training.rates, (("conv1", 0.0),)),
        ("rates.conv1=1", lambda p: p.training.rates, ()),
        ("optimizer=adam", lambda p: p.training.phases[0].optimizer.name, "Adam"),
        ("momentum=0", lambda p: p.training.phases[0].optimizer.momentum, 0.0),
        ("conv1.out_channels=8", lambda p: p.graph.by_name("conv1").param("out_channels"), 8),
        ("conv1.kernel_size=3,5", lambda p: p.graph.by_name("conv1").param("kernel_size"), (3, 5)),
        ("conv1.kernel_size=[3, 5]", lambda p: p.graph.by_name("conv1").param("kernel_size"), (3, 5)),
        ("conv1.bias=false", lambda p: p.graph.by_name("conv1").param("bias"), False),
        ("conv1.weight_init=Orthogonal", lambda p: p.graph.by_name("conv1").param("weight_init"), "orthogonal"),
        ("conv1.in_channels=none", lambda p: p.graph.by_name("conv1").param("in_channels", 7), None),
        ("mnist.validation=0.1", lambda p: p.data["mnist"].validation, 0.1),
        ("mnist.samples=1000", lambda p: dict(p.data["mnist"].options), {"samples": 1000}),
        ("digits.normalise=standardise", lambda p: p.data["mnist"].normalise, "standardise"),
    ],
)
def test_a_setting_is_set(text, read, value):
    assert read(assigned(lenet(), [text])) == value


def test_two_phases_are_told_one_setting_after_the_other():
    told = ["phases=2", "phase2.trains=fc1, fc2", "phase2.steps=3", "phase2.optimizer=adam", "phase2.learning_rate=0.1"]
    first, second = assigned(lenet(), [*told, "phase1.losses=cross_entropy"]).training.phases
    assert first.losses == (lenet().graph.by_name("cross_entropy").id,)
    assert (second.trains, second.steps, second.losses) == (("fc1", "fc2"), 3, ())
    assert (second.optimizer.name, second.optimizer.learning_rate) == ("Adam", 0.1)
    assert first.optimizer == lenet().training.phases[0].optimizer
    assert assigned(lenet(), [*told, "phase2.trains=all", "phases=1"]) == lenet()


def test_a_share_inside_a_block_that_has_one_may_be_the_whole():
    told = assigned(lenet(), ["rates.conv1=0.1", "rates.conv2=0.5", "rates.conv1=1"]).training
    assert told.rates == (("conv2", 0.5),)


def test_the_last_of_several_counts_and_all_else_stays():
    project = assigned(lenet(), ["epochs=3", "seed=4", "epochs=5"])
    assert (project.training.epochs, project.training.seed) == (5, 4)
    assert project.graph == lenet().graph
    assert assigned(lenet(), []) == lenet()


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("epochs", "KEY=VALUE"),
        ("=3", "KEY=VALUE"),
        ("epoch=3", "Did you mean epochs?"),
        ("epochs=2.5", "a whole number"),
        ("epochs=0", "from 1"),
        ("learning_rate=nan", "a number"),
        ("learning_rate=fast", "'fast'"),
        ("phase2.steps=3", "Write phases=2"),
        ("phase1.colour=3", "Choose one of losses"),
        ("phase1.losses=conv9", "Name a loss"),
        ("phase1.steps=0", "from 1"),
        ("phases=0", "from 1"),
        ("rates.conv9=0.1", "Did you mean conv"),
        ("rates.conv1=-1", "from 0 to"),
        ("rates.conv1=slow", "a number"),
        ("optimizer=rocket", "one of SGD"),
        ("conv1.channels=8", "Did you mean in_channels?"),
        ("conv9.out_channels=8", "Did you mean conv"),
        ("conv1.out_channels=many", "a whole number"),
        ("conv1.out_channels=0", "0 came"),
        ("conv1.inner.bias=true", "conv1 is none"),
        ("mnist.validation=2", "from 0.0 to 0.95"),
        ("mnist.noise=2", "a setting of the data set"),
        ("conv1.bias=[[1]]", "true or false"),
    ],
)
def test_a_wrong_one_is_told_with_the_text_that_came(text, part):
    with pytest.raises(ParameterError) as caught:
        assigned(lenet(), [text])
    assert part in str(caught.value)
    assert "--set" in caught.value.where


def test_a_node_inside_a_block_has_its_path():
    content = json.loads(opened("iris").path.read_text())
    content["blocks"] = [
        {
            "id": "b1",
            "name": "hidden",
            "nodes": [
                {"id": "i", "kind": "BlockInput", "name": "x"},
                {"id": "l", "kind": "Linear", "name": "fc", "params": {"out_features": 16}},
                {"id": "o", "kind": "BlockOutput", "name": "y"},
            ],
            "edges": [["i", "output", "l", "input"], ["l", "output", "o", "input"]],
        }
    ]
    content["nodes"][1] = {"id": "n2", "kind": "Block", "name": "encoder", "block": "b1", "repeat": 2}
    content["edges"][0] = ["n1", "features", "n2", "x"]
    content["edges"][1] = ["n2", "y", "n3", "input"]
    project = from_text(json.dumps(content))
    for path in ("encoder.fc", "encoder[1].fc"):
        changed = assigned(project, [f"{path}.out_features=9"])
        assert changed.blocks["b1"].graph.by_name("fc").param("out_features") == 9
        assert changed.graph == project.graph
