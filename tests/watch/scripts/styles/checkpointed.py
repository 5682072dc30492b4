"""A small residual network in DataParallel, with checkpointing, in-place sums and a number for a loss."""

import torch
from torch import nn
from torch.utils.checkpoint import checkpoint

import chainrule


class BasicBlock(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(c, c, 3, padding=1, bias=False), nn.BatchNorm2d(c)
        self.conv2, self.bn2 = nn.Conv2d(c, c, 3, padding=1, bias=False), nn.BatchNorm2d(c)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x):
        y = self.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        y += x
        return self.relu(y)


class Res(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(1, 8, 3, padding=1)
        self.layers = nn.ModuleList([BasicBlock(8) for _ in range(2)])
        self.fc = nn.Linear(8, 4)

    def forward(self, x):
        x = self.stem(x).relu_()
        for layer in self.layers:
            x = checkpoint(layer, x, use_reentrant=False)
        return self.fc(x.mean((2, 3)))


y = torch.arange(256) % 4
X = torch.randn(256, 1, 6, 6) * 0.3 + torch.nn.functional.one_hot(y, 36).float().view(256, 1, 6, 6) * 4
net = nn.DataParallel(Res())
opt = torch.optim.SGD(net.parameters(), 0.1, momentum=0.9, weight_decay=1e-4)
with chainrule.watch(net, opt) as w:
    for _ in range(60):
        b = torch.randint(0, len(X), (32,))
        loss = nn.CrossEntropyLoss()(net(X[b]), y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
        w.step(loss.item())
