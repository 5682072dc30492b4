"""A loop at the top of a script: a layer that is called twice, another that is frozen, SGD with momentum."""

import sys

import torch
import torch.nn.functional as F
from plain_oracle import ByHand, save_weights
from torch import nn

how, out = sys.argv[1:]
torch.set_num_threads(1)
torch.manual_seed(0)
model = nn.ModuleDict(
    {
        "enter": nn.Linear(6, 12),
        "act": nn.ReLU(),
        "again": nn.Linear(12, 12),
        "fixed": nn.Linear(12, 12),
        "leave": nn.Linear(12, 3),
    }
)
model["fixed"].requires_grad_(False)
x, y = torch.randn(64, 6), torch.randint(0, 3, (64,))


def forward(x):
    x = model["act"](model["enter"](x))
    x = torch.tanh(model["again"](x))
    x = torch.tanh(model["again"](x))
    return model["leave"](model["fixed"](x))


optimizer = torch.optim.SGD((p for p in model.parameters() if p.requires_grad), lr=0.2, momentum=0.9, weight_decay=1e-3)


def train(after_backward=None, after_step=None):
    for _step in range(30):
        rows = torch.randperm(64)[:16]
        loss = F.cross_entropy(forward(x[rows]), y[rows])
        optimizer.zero_grad()
        loss.backward()
        if after_backward:
            after_backward(loss)
        optimizer.step()
        if after_step:
            after_step(loss)


if how == "watched":
    import chainrule

    with chainrule.watch(model, optimizer, folder=f"{out}/run", budget=1e9) as w:
        train(after_step=w.step)
elif how == "by hand":
    weights = {name: model[name].weight for name in ("enter", "again", "fixed", "leave")}
    hand = ByHand(dict(model.items()), weights)
    train(lambda loss: hand.before_step(loss, 1.0, model.parameters()), lambda _loss: hand.after_step(16))
    hand.save(f"{out}/by-hand.json")
else:
    train()
save_weights([model], f"{out}/{how}.npz")
