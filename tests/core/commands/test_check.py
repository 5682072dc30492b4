import json

import pytest

from core.build import build
from core.commands.opening import opened, templates
from core.reading import read
from tests.core.commands.broken import FILES, NETWORKS


def test_the_table_of_lenet5(call, golden):
    result = call("check", "lenet5")
    assert result.code == 0
    assert result.err == ""
    golden("check-lenet5.txt", result.out)


@pytest.mark.parametrize("name", templates())
def test_the_parameters_are_those_that_torch_counts(call, name):
    told = json.loads(call("check", name, "--json").out)
    known = read(opened(name).project)
    network = build(known.plan, known.analysis.arguments, 0)
    assert told["parameters"] == sum(parameter.numel() for parameter in network.root.parameters())
    for layer in told["layers"]:
        module = network.modules.get(layer["module"])
        assert layer["parameters"] == sum(p.numel() for p in module.parameters()) if module else not layer["parameters"]


def test_json_tells_what_the_table_tells(call):
    told = json.loads(call("check", "lenet5", "--json").out)
    conv = next(layer for layer in told["layers"] if layer["path"] == "conv2")
    assert told["trainable"] is True
    assert told["problems"] == []
    assert conv["outputs"] == {"output": {"shape": ["B", 16, 10, 10], "dtype": "float32"}}
    assert conv["macs"] == 16 * 10 * 10 * 6 * 5 * 5
    assert conv["inputs"] == {"input": ["pool1.output"]}
    assert conv["arguments"]["in_channels"] == 6
    known = read(opened("lenet5").project)
    assert told["memory"] == {**known.memory._asdict(), "peak": known.memory.peak, "batch_size": 32}
    assert told["memory"]["parameters"] == 4 * told["parameters"]


def test_every_problem_of_a_network_is_told_in_four_parts(call, golden, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    parts = []
    for name, content in NETWORKS.items():
        (tmp_path / f"{name}.chain").write_bytes(content)
        result = call("check", f"{name}.chain")
        assert result.code == 1, name
        assert result.err == ""
        parts.append(f"== {name}\n{result.out[result.out.index('total') :].partition(chr(10))[2].strip()}\n")
    golden("problems.txt", "\n".join(parts))


def test_every_file_that_cannot_be_opened_is_told_in_one_line(call, golden, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    lines = []
    for name, content in FILES.items():
        (tmp_path / f"{name}.chain").write_bytes(content)
        result = call("check", f"{name}.chain")
        assert (result.code, result.out) == (2, ""), name
        assert result.err.count("\n") == 1
        assert f"{name}.chain" in result.err
        assert (tmp_path / f"{name}.chain").read_bytes() == content
        lines.append(result.err)
    golden("files.txt", "".join(lines))


@pytest.mark.parametrize("command", ["train", "code", "evaluate", "predict --index 0"])
def test_a_bad_file_is_told_alike_by_every_command(call, tmp_path, command):
    file = tmp_path / "bad.chain"
    file.write_bytes(FILES["truncated"])
    word, *more = command.split()
    result = call(word, file, *more)
    assert result.code == 2
    assert result.err == call("check", file).err


def test_a_warning_does_not_fail(call, tmp_path):
    file = tmp_path / "linear.chain"
    text = opened("iris").path.read_text()
    assert '"kind": "ReLU"' in text
    file.write_text(text.replace('"kind": "ReLU"', '"kind": "Flatten"'))
    result = call("check", file)
    assert "1 warning." in result.out
    assert result.code == 0


def test_a_shared_layer_is_counted_once(call, tmp_path):
    file = tmp_path / "shared.chain"
    content = json.loads(opened("mlp12-sigmoid").path.read_text())
    for node in content["nodes"]:
        if node["name"] in ("fc2", "fc3"):
            node["link"] = "same"
    file.write_text(json.dumps(content))
    told = json.loads(call("check", file, "--json").out)
    whole = json.loads(call("check", "mlp12-sigmoid", "--json").out)
    assert told["parameters"] == whole["parameters"] - (64 * 64 + 64)
    assert "shared" in call("check", file).out
