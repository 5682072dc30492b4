import json

from core.catalog import CATEGORIES, KINDS
from core.catalog.left_out import LEFT_OUT


def test_every_kind_with_its_ports_and_parameters_is_listed(call):
    text = call("layers").out
    for kind in KINDS.values():
        assert f"  {kind.name} " in text
        assert kind.summary in text
        assert all(param.name in text for param in kind.params)
        assert all(port.name in text for port in (*kind.inputs, *kind.outputs))


def test_json_holds_the_whole_catalog_in_the_palettes_order(call):
    told = json.loads(call("layers", "--json").out)["categories"]
    assert [category["name"] for category in told] == [
        name for name in CATEGORIES if any(kind.category == name for kind in KINDS.values())
    ]
    kinds = {kind["name"]: kind for category in told for kind in category["kinds"]}
    assert set(kinds) == set(KINDS)
    for name, kind in KINDS.items():
        assert [param["name"] for param in kinds[name]["parameters"]] == [param.name for param in kind.params]
        assert [port["name"] for port in kinds[name]["inputs"]] == [port.name for port in kind.inputs]


def test_what_is_left_out_of_torch_is_told_with_its_reason(call):
    text, told = call("layers").out, json.loads(call("layers", "--json").out)
    assert all(f"  {name}" in text and why in text for name, why in LEFT_OUT.items())
    assert told["left_out"] == dict(LEFT_OUT)
    assert "left_out" not in json.loads(call("layers", "Conv2d", "--json").out)


def test_a_kind_is_told_whole(call):
    result = call("layers", "Conv2d", "Add")
    assert result.code == 0
    assert KINDS["Conv2d"].help in result.out
    assert all(param.help in result.out for param in KINDS["Conv2d"].params)
    assert "inputs... → output" in result.out
    assert "as torch.nn.Conv2d" in result.out
