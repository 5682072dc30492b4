"""A fault: a cross-entropy written out by hand in few bits, which takes the logarithm of 0 once the network is sure."""

import torch
from torch import nn

import chainrule

y = torch.arange(640) % 5
X = torch.randn(640, 16) + 4 * nn.functional.one_hot(y, 16)
net = nn.Sequential(nn.Linear(16, 64), nn.ReLU(), nn.Linear(64, 5), nn.Softmax(dim=-1))
opt = torch.optim.Adam(net.parameters(), lr=0.005)


def my_ce(p, t):
    return -(nn.functional.one_hot(t, 5).float() * torch.log(p.half()).float()).sum(1).mean()


with chainrule.watch(net, opt) as w:
    for _ in range(12):
        for i in torch.randperm(640).split(32):
            loss = my_ce(net(X[i]), y[i])
            opt.zero_grad()
            loss.backward()
            opt.step()
            w.step(loss)
