"""Chains of convolutions: AlexNet and VGG-11 in nn.Sequential, an autoencoder, an all-functional LeNet."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class AlexNet(nn.Module):
    """Krizhevsky 2014 (arXiv:1404.5997), narrow."""

    def __init__(self, classes: int = 10, wide: int = 8) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, wide, kernel_size=11, stride=4, padding=2),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(kernel_size=3, stride=2),
            nn.Conv2d(wide, 3 * wide, kernel_size=5, padding=2),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(kernel_size=3, stride=2),
            nn.Conv2d(3 * wide, 6 * wide, kernel_size=3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(6 * wide, 4 * wide, kernel_size=3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(4 * wide, 4 * wide, kernel_size=3, padding=1),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(kernel_size=3, stride=2),
        )
        self.avgpool = nn.AdaptiveAvgPool2d((6, 6))
        self.classifier = nn.Sequential(
            nn.Dropout(p=0.5),
            nn.Linear(4 * wide * 6 * 6, 64),
            nn.ReLU(inplace=True),
            nn.Dropout(p=0.5),
            nn.Linear(64, 64),
            nn.ReLU(inplace=True),
            nn.Linear(64, classes),
        )

    def forward(self, x: Tensor) -> Tensor:
        x = self.features(x)
        x = self.avgpool(x)
        x = torch.flatten(x, 1)
        return self.classifier(x)


class VGG11(nn.Module):
    """Simonyan and Zisserman 2015 (arXiv:1409.1556), narrow; its layers are made in a loop."""

    plan = (8, "M", 16, "M", 32, 32, "M", 64, 64, "M", 64, 64, "M")

    def __init__(self, classes: int = 10) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        channels = 3
        for step in self.plan:
            if step == "M":
                layers += [nn.MaxPool2d(2, 2)]
            else:
                layers += [nn.Conv2d(channels, int(step), 3, padding=1), nn.ReLU(True)]
                channels = int(step)
        self.features = nn.Sequential(*layers)
        self.classifier = nn.Sequential(nn.Linear(64, 32), nn.ReLU(True), nn.Dropout(), nn.Linear(32, classes))

    def forward(self, x: Tensor) -> Tensor:
        x = self.features(x)
        x = x.view(x.size(0), -1)
        return self.classifier(x)


class Autoencoder(nn.Module):
    """Convolutions down, transposed ones up, and a narrow row between; returns both."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 8, 3, stride=2, padding=1)
        self.conv2 = nn.Conv2d(8, 16, 3, stride=2, padding=1)
        self.squeeze = nn.Linear(16 * 4 * 4, 6)
        self.widen = nn.Linear(6, 16 * 4 * 4)
        self.up1 = nn.ConvTranspose2d(16, 8, 4, stride=2, padding=1)
        self.up2 = nn.ConvTranspose2d(8, 1, 4, stride=2, padding=1)

    def forward(self, picture: Tensor) -> tuple[Tensor, Tensor]:
        batch = picture.shape[0]
        h = F.leaky_relu(self.conv1(picture), 0.2)
        h = F.leaky_relu(self.conv2(h), negative_slope=0.2)
        code = self.squeeze(h.reshape(batch, -1)).tanh()
        h = F.elu(self.widen(code)).view(-1, 16, 4, 4)
        return torch.sigmoid(self.up2(F.relu(self.up1(h)))), code


class FunctionalLeNet(nn.Module):
    """LeNet without layers: plain parameters and functions."""

    def __init__(self) -> None:
        super().__init__()
        self.w1 = nn.Parameter(torch.randn(6, 1, 5, 5) * 0.1)
        self.b1 = nn.Parameter(torch.zeros(6))
        self.w2 = nn.Parameter(torch.randn(16, 6, 5, 5) * 0.1)
        self.w3 = nn.Parameter(torch.randn(10, 256) * 0.1)
        self.b3 = nn.Parameter(torch.randn(10))

    def forward(self, x: Tensor) -> Tensor:
        x = F.max_pool2d(torch.tanh(F.conv2d(x, self.w1, self.b1)), 2)
        x = F.avg_pool2d(F.conv2d(x, self.w2).tanh(), 2)
        return F.log_softmax(F.linear(x.flatten(start_dim=1), self.w3, self.b3), dim=1)
