import json

import numpy as np
import pytest
from PIL import Image

from core.data.arrays import natural_fields
from core.data.load import load as load_data
from core.data.settings import DatasetSettings

IRIS = [5.1, 3.5, 1.4, 0.2]


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Folders of short runs, by template."""
    from core.cli import main

    root = tmp_path_factory.mktemp("runs")
    wanted = {"iris": "10", "spiral": "1", "linear-regression": "2", "lenet5": "1"}
    for name, epochs in wanted.items():
        small = ["--set", "mnist.samples=300"] if name == "lenet5" else []
        assert main(["train", name, "--epochs", epochs, "--out", str(root / name), *small]) == 0
    return root


def told(call, *arguments):
    result = call("predict", *arguments, "--json")
    assert (result.code, result.err) == (0, "")
    return [json.loads(line) for line in result.out.splitlines()]


def test_probabilities_are_a_softmax_of_what_a_plain_network_gives(call, trained):
    from safetensors.numpy import load_file

    weights = load_file(trained / "iris" / "project.safetensors")
    data = load_data(DatasetSettings("iris"))
    hidden = np.maximum(data.fields["features"].numpy() @ weights["fc1.weight"].T + weights["fc1.bias"], 0)
    scores = np.exp(hidden @ weights["fc2.weight"].T + weights["fc2.bias"])
    wanted = scores / scores.sum(axis=1, keepdims=True)
    rows = told(call, trained / "iris", "--index", *range(150))
    found = [list(row["outputs"]["fc2"]["probabilities"].values()) for row in rows]
    assert np.allclose(found, wanted, atol=1e-5)
    names = ("setosa", "versicolor", "virginica")
    assert [row["target"]["fc2"] for row in rows] == [names[label] for label in data.fields["label"].tolist()]
    assert [row["part"] for row in rows].count("validation") == 30
    assert {row["index"] for row in rows if row["part"] == "train"} == set(data.train.tolist())


def test_natural_numbers_are_scaled_as_the_training_part_was(call, trained, tmp_path):
    features = natural_fields(DatasetSettings("iris"))["features"]
    np.save(tmp_path / "rows.npy", features[:5])
    np.savez(tmp_path / "rows.npz", features=features[:5])
    wanted = [row["outputs"] for row in told(call, trained / "iris", "--index", *range(5))]
    for given in (tmp_path / "rows.npy", tmp_path / "rows.npz", json.dumps(features[:5].tolist())):
        assert [row["outputs"] for row in told(call, trained / "iris", "--input", given)] == wanted
    one_by_one = [f"features={row.tolist()}" for row in features[:5]]
    assert [row["outputs"] for row in told(call, trained / "iris", "--input", *one_by_one)] == wanted


def test_a_regression_answers_in_natural_units(call, trained):
    rows = told(call, trained / "linear-regression", "--index", *range(442))
    targets = natural_fields(DatasetSettings("diabetes"))["target"][:, 0]
    assert np.allclose([row["target"]["fc"][0] for row in rows], targets, atol=1e-3)
    guesses = np.array([row["outputs"]["fc"]["value"][0] for row in rows])
    assert np.corrcoef(guesses, targets)[0, 1] > 0.5
    assert abs(guesses.mean() - targets.mean()) < 20


def test_one_score_is_the_probability_of_the_second_class(call, trained):
    for row in told(call, trained / "spiral", "--index", 0, 1, 2):
        answer = row["outputs"]["out"]
        assert list(answer["probabilities"]) == ["arm A", "arm B"]
        assert sum(answer["probabilities"].values()) == pytest.approx(1)
        assert answer["class"] == max(answer["probabilities"], key=answer["probabilities"].get)
        assert row["target"]["out"] == ("arm A", "arm B")[row["index"] % 2]


def test_a_picture_is_read_as_the_data_sets_own(call, trained, tmp_path):
    image = natural_fields(DatasetSettings("mnist"))["image"][3, 0]
    pixels = np.round(image * 255).astype(np.uint8)
    Image.fromarray(pixels).save(tmp_path / "digit.png")
    np.save(tmp_path / "digit.npy", pixels)
    wanted = told(
        call,
        trained / "lenet5",
        "--weights",
        trained / "lenet5" / "weights.safetensors",
        "--input",
        tmp_path / "digit.png",
    )
    assert told(call, trained / "lenet5", "--input", tmp_path / "digit.npy") == wanted
    assert sum(wanted[0]["outputs"]["fc3"]["probabilities"].values()) == pytest.approx(1)


def test_a_line_a_sample_is_printed(call, trained):
    result = call("predict", trained / "iris", "--index", 0, 149)
    lines = result.out.splitlines()
    assert lines[0].startswith("0 ")
    assert "setosa" in lines[0]
    assert lines[1].startswith("149")
    assert lines[1].count("%") == 3


@pytest.mark.parametrize(
    ("given", "part"),
    [
        ("[5.1, 3.5, 1.4]", "size 4"),
        ('["a", "b", "c", "d"]', "numbers were wanted"),
        ("[[1, 2], [3]]", "rows of one length"),
        ("[1, 2, 3, NaN]", "finite"),
        ("flower", "“flower” came"),
        ("missing.npy", "no such file"),
        ("missing.png", "no such file"),
        ('{"petals": [1, 2, 3, 4]}', "“petals” came"),
        ("[" * 100_000, "numbers as JSON"),
    ],
)
def test_what_does_not_fit_is_told(call, trained, given, part):
    result = call("predict", trained / "iris", "--input", given)
    assert (result.code, result.out) == (2, "")
    assert result.err.count("\n") == 1
    assert part in result.err


def test_damaged_files_are_told(call, trained, tmp_path):
    for name in ("rows.npy", "rows.npz", "digit.png"):
        (tmp_path / name).write_bytes(b"no such thing")
        result = call("predict", trained / "iris", "--input", tmp_path / name)
        assert (result.code, result.out) == (2, "")
        assert name in result.err
    np.save(tmp_path / "objects.npy", np.array([{}], dtype=object), allow_pickle=True)
    assert call("predict", trained / "iris", "--input", tmp_path / "objects.npy").code == 2


def test_pixels_beyond_ink_are_told(call, trained, tmp_path):
    np.save(tmp_path / "digit.npy", np.full((28, 28), 255.0))
    result = call("predict", trained / "lenet5", "--input", tmp_path / "digit.npy")
    assert result.code == 2
    assert "Divide them by 255." in result.err


def test_a_number_that_no_sample_has_is_told(call, trained):
    result = call("predict", trained / "iris", "--index", 150)
    assert result.code == 2
    assert "from 0 to 149" in result.err


@pytest.mark.parametrize("command", [("evaluate",), ("predict", "--index", "0")])
def test_an_untrained_project_is_told(call, command):
    word, *more = command
    result = call(word, "iris", *more)
    assert result.code == 2
    assert "untrained" in result.err
    assert "chainrule train" in result.err


def test_weights_that_are_missing_or_others_are_told(call, trained, tmp_path):
    project = tmp_path / "project.chain"
    project.write_bytes((trained / "iris" / "project.chain").read_bytes())
    assert "missing" in call("evaluate", project).err
    (tmp_path / "project.safetensors").write_bytes((trained / "spiral" / "project.safetensors").read_bytes())
    result = call("evaluate", project)
    assert result.code == 2
    assert "these are others" in result.err
    given = call("evaluate", project, "--weights", tmp_path / "project.safetensors")
    assert given.code == 2
    assert "fc1.weight 16×4" in given.err


def test_evaluating_the_training_part_counts_its_samples(call, trained):
    assert call("evaluate", trained / "iris", "--part", "train").out.startswith("train, 120 samples: loss ")
    assert call("evaluate", trained / "iris").out.startswith("validation, 30 samples: loss ")
