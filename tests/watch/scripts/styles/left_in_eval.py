"""A fault: a class that trains, whose validation leaves the model in the mode of its use."""

import torch
from torch import nn

import chainrule


class Trainer:
    def __init__(self):
        self.y = torch.arange(640) % 5
        self.x = torch.randn(640, 16) + 2 * nn.functional.one_hot(self.y, 16)
        self.net = nn.Sequential(nn.Linear(16, 48), nn.BatchNorm1d(48), nn.ReLU(), nn.Dropout(0.5), nn.Linear(48, 5))
        self.opt = torch.optim.Adam(self.net.parameters(), 1e-3)
        self.watch = chainrule.watch(self.net, self.opt)

    @torch.no_grad()
    def validate(self):
        self.net.eval()
        out = self.net(self.x[512:])
        return nn.functional.cross_entropy(out, self.y[512:]), (out.argmax(1) == self.y[512:]).float().mean()

    def fit(self, epochs):
        self.validate()  # whether it works at all
        with self.watch:
            for _ in range(epochs):
                for idx in torch.randperm(512).split(32):
                    loss = nn.functional.cross_entropy(self.net(self.x[idx]), self.y[idx])
                    self.opt.zero_grad()
                    loss.backward()
                    self.opt.step()
                    self.watch.step(loss)
                self.watch.validated(*self.validate())


trainer = Trainer()
trainer.fit(8)
