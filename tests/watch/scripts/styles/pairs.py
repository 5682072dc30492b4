"""Two views of each sample are pulled together: the same modules are called twice a step, of two models."""

import torch
import torch.nn.functional as F
from torch import nn

import chainrule

x = torch.randn(400, 12)
backbone = nn.Sequential(nn.Linear(12, 48), nn.ReLU(), nn.Linear(48, 32), nn.ReLU())
projector = nn.Sequential(nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 16))
opt = torch.optim.Adam([*backbone.parameters(), *projector.parameters()], lr=2e-3)


def augment(v):
    return v * (torch.rand_like(v) > 0.1) + 0.05 * torch.randn_like(v)


def info_nce(a, b, tau=0.2):
    a, b = F.normalize(a, dim=1), F.normalize(b, dim=1)
    logits = a @ b.t() / tau
    labels = torch.arange(len(a))
    return 0.5 * (F.cross_entropy(logits, labels) + F.cross_entropy(logits.t(), labels))


with chainrule.watch([backbone, projector], opt) as watch:
    for _ in range(150):
        b = x[torch.randint(len(x), (64,))]
        loss = info_nce(projector(backbone(augment(b))), projector(backbone(augment(b))))
        opt.zero_grad(set_to_none=True)
        loss.backward()
        opt.step()
        watch.step(loss)
