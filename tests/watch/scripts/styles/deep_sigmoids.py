"""A fault: ten sigmoids, as functions, so that gradients vanish."""

import torch
from torch import nn

import chainrule


class DeepSigmoid(nn.Module):
    def __init__(self, depth=10, width=32):
        super().__init__()
        self.hidden = nn.ModuleList([nn.Linear(16 if i == 0 else width, width) for i in range(depth)])
        self.output = nn.Linear(width, 5)

    def forward(self, x):
        for layer in self.hidden:
            x = torch.sigmoid(layer(x))
        return self.output(x)


Y = torch.arange(640) % 5
X = torch.randn(640, 16) + 2 * nn.functional.one_hot(Y, 16)
model = DeepSigmoid()
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
with chainrule.watch(model, optimizer) as w:
    for _ in range(8):
        for idx in torch.randperm(640).split(32):
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(X[idx]), Y[idx])
            loss.backward()
            optimizer.step()
            w.step(loss)
