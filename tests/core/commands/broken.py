"""Files and networks with one fault each, made from LeNet-5."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from core.commands.opening import TEMPLATES

LENET = (TEMPLATES / "lenet5.chain").read_text(encoding="utf-8")
Edit = Callable[[dict[str, Any]], object]


def swapped(old: str, new: str) -> bytes:
    """LeNet-5 with one text in place of another."""
    assert old in LENET
    return LENET.replace(old, new, 1).encode()


def edited(edit: Edit) -> bytes:
    """LeNet-5 with its JSON content changed."""
    content = json.loads(LENET)
    edit(content)
    return json.dumps(content, ensure_ascii=False).encode()


def params(content: dict[str, Any], name: str) -> dict[str, Any]:
    """The parameters of a node."""
    node = next(node for node in content["nodes"] if node["name"] == name)
    found: dict[str, Any] = node.setdefault("params", {})
    return found


FILES: Mapping[str, bytes] = {
    "truncated": LENET.encode()[:900],
    "empty": b"",
    "binary": bytes(range(256)),
    "another-json": b'{"a": 1}',
    "no-object": b"[1, 2]",
    "deeply-nested": b"[" * 200_000,
    "deeply-nested-parameter": swapped('"dataset": "mnist"', '"dataset": ' + "[" * 50_000 + "]" * 50_000),
    "newer": swapped('"chainrule": 1', '"chainrule": 2'),
    "version-zero": swapped('"chainrule": 1', '"chainrule": 0'),
    "unknown-key": swapped('"name": "LeNet-5"', '"name": "LeNet-5", "colour": "red"'),
    "unknown-kind": swapped('"kind": "Conv2d"', '"kind": "Conv2b"'),
    "unknown-parameter": swapped('"padding": 2', '"paddding": 2'),
    "parameter-of-wrong-type": swapped('"padding": 2', '"padding": "two"'),
    "parameter-out-of-range": swapped('"kernel_size": 5', '"kernel_size": 0'),
    "unknown-optimizer": swapped('"Momentum"', '"Rocket"'),
    "negative-learning-rate": swapped('"learning_rate": 0.05', '"learning_rate": -1'),
    "no-epochs": swapped('"epochs": 20', '"epochs": 0'),
    "unknown-data": swapped('"source": "mnist"', '"source": "imagenet"'),
    "validation-share-above-one": swapped('"validation": 0.2', '"validation": 1.5'),
    "two-nodes-of-one-name": swapped('"name": "fc2"', '"name": "fc1"'),
    "two-nodes-of-one-id": swapped('"id": "n3"', '"id": "n2"'),
    "name-that-python-forbids": swapped('"name": "fc2"', '"name": "class"'),
    "wire-from-nowhere": swapped('["n12", "output"', '["n99", "output"'),
    "wire-to-no-port": swapped('"n13", "input"', '"n13", "inputs"'),
    "wire-of-three": swapped('["n12", "output", "n13", "input"]', '["n12", "output", "n13"]'),
}
"""Files that cannot be opened."""

NETWORKS: Mapping[str, bytes] = {
    "cycle": edited(lambda content: content["edges"].__setitem__(4, ["n13", "output", "n6", "input"])),
    "loose-port": edited(lambda content: content["edges"].pop(13)),
    "no-loss": edited(lambda content: (content["nodes"].pop(), content["edges"].__delitem__(slice(12, None)))),
    "shape-mismatch": edited(lambda content: params(content, "fc1").update(in_features=256)),
    "kernel-larger-than-image": edited(lambda content: params(content, "conv2").update(kernel_size=50)),
    "too-few-scores": edited(lambda content: params(content, "fc3").update(out_features=5)),
    "no-flatten": edited(
        lambda content: (
            content["edges"].__delitem__(7),
            content["edges"].__setitem__(6, ["n7", "output", "n9", "input"]),
            content["nodes"].__delitem__(7),
        )
    ),
    "no-data-chosen": edited(
        lambda content: (
            params(content, "digits").update(dataset=""),
            content["edges"].__delitem__(13),
            content["edges"].__delitem__(0),
        )
    ),
}
"""Files that open, and networks that cannot be trained."""
