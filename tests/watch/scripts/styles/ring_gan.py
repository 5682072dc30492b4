"""Two optimizers that work against one another, on a ring of dots."""

import math

import torch
from torch import nn

import chainrule

Z = 8
G = nn.Sequential(nn.Linear(Z, 32), nn.LeakyReLU(0.2), nn.Linear(32, 32), nn.LeakyReLU(0.2), nn.Linear(32, 2))
D = nn.Sequential(nn.Linear(2, 32), nn.LeakyReLU(0.2), nn.Linear(32, 32), nn.LeakyReLU(0.2), nn.Linear(32, 1))
og = torch.optim.Adam(G.parameters(), lr=1e-3, betas=(0.5, 0.99))
od = torch.optim.Adam(D.parameters(), lr=1e-3, betas=(0.5, 0.99))
bce = nn.BCEWithLogitsLoss()


def real(n):
    a = torch.randint(0, 8, (n,)) * (2 * math.pi / 8)
    return torch.stack([a.cos(), a.sin()], 1) + 0.1 * torch.randn(n, 2)


with chainrule.watch({"G": G, "D": D}, og, od, name="ring gan") as w:
    for _ in range(200):
        fake = G(torch.randn(64, Z)).detach()
        ld = bce(D(real(64)), torch.ones(64, 1)) + bce(D(fake), torch.zeros(64, 1))
        od.zero_grad()
        ld.backward()
        od.step()
        lg = bce(D(G(torch.randn(64, Z))), torch.ones(64, 1))
        og.zero_grad()
        lg.backward()
        og.step()
        w.step(ld + lg)
