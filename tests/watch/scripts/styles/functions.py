"""No optimizer and no backward pass: gradients by torch.func, steps by hand."""

import torch
from torch import nn
from torch.func import functional_call, grad_and_value

import chainrule

net = nn.Sequential(nn.Linear(2, 32), nn.GELU(), nn.Linear(32, 32), nn.GELU(), nn.Linear(32, 1))
params = dict(net.named_parameters())
X = torch.rand(512, 2) * 2 - 1
T = X[:, :1] ** 2 - X[:, 1:] * X[:, :1]


def objective(p, x, t):
    return ((functional_call(net, p, (x,)) - t) ** 2).mean()


w = chainrule.watch(net, name="functional")
w.start()
for _ in range(150):
    i = torch.randint(0, 512, (64,))
    grads, value = grad_and_value(objective)({k: v.detach() for k, v in params.items()}, X[i], T[i])
    with torch.no_grad():
        for k, p in params.items():
            p.sub_(0.1 * grads[k])
    w.step(value)
w.close()
