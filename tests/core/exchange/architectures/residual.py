"""Networks that add or join what came before: ResNet-18, DenseNet, Inception, MobileNet-V2, U-Net, ConvNeXt."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class BasicBlock(nn.Module):
    """Two convolutions and a way around them."""

    def __init__(self, channels: int, out: int, stride: int = 1) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, out, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(out)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(out, out, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(out)
        self.downsample = None
        if stride != 1 or channels != out:
            self.downsample = nn.Sequential(nn.Conv2d(channels, out, 1, stride, bias=False), nn.BatchNorm2d(out))

    def forward(self, x: Tensor) -> Tensor:
        identity = x
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        if self.downsample is not None:
            identity = self.downsample(x)
        out += identity
        return self.relu(out)


class ResNet18(nn.Module):
    """He et al. 2016 (arXiv:1512.03385), narrow."""

    def __init__(self, classes: int = 10, wide: int = 8) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, wide, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(wide)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, 2, 1)
        self.layer1 = nn.Sequential(BasicBlock(wide, wide), BasicBlock(wide, wide))
        self.layer2 = nn.Sequential(BasicBlock(wide, 2 * wide, 2), BasicBlock(2 * wide, 2 * wide))
        self.layer3 = nn.Sequential(BasicBlock(2 * wide, 4 * wide, 2), BasicBlock(4 * wide, 4 * wide))
        self.layer4 = nn.Sequential(BasicBlock(4 * wide, 8 * wide, 2), BasicBlock(8 * wide, 8 * wide))
        self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
        self.fc = nn.Linear(8 * wide, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(torch.flatten(self.avgpool(x), 1))


class DenseLayer(nn.Module):
    """Adds a few channels to all that came before."""

    def __init__(self, channels: int, growth: int) -> None:
        super().__init__()
        self.norm1 = nn.BatchNorm2d(channels)
        self.conv1 = nn.Conv2d(channels, 4 * growth, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(4 * growth)
        self.conv2 = nn.Conv2d(4 * growth, growth, 3, padding=1, bias=False)

    def forward(self, features: list[Tensor]) -> Tensor:
        joined = torch.cat(features, 1)
        bottleneck = self.conv1(F.relu(self.norm1(joined)))
        out = self.conv2(F.relu(self.norm2(bottleneck)))
        return F.dropout(out, p=0.1, training=self.training)


class DenseBlock(nn.ModuleDict):
    """A dictionary of layers that is called itself."""

    def __init__(self, layers: int, channels: int, growth: int) -> None:
        super().__init__()
        for place in range(layers):
            self.add_module(f"denselayer{place + 1}", DenseLayer(channels + place * growth, growth))

    def forward(self, first: Tensor) -> Tensor:
        features = [first]
        for _name, layer in self.items():
            features.append(layer(features))
        return torch.cat(features, 1)


class DenseNet(nn.Module):
    """Huang et al. 2017 (arXiv:1608.06993), two blocks with growth 4."""

    def __init__(self, classes: int = 10, growth: int = 4) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, 1, 1, bias=False)
        self.dense1 = DenseBlock(3, 8, growth)
        self.transition = nn.Sequential(
            nn.BatchNorm2d(20), nn.ReLU(True), nn.Conv2d(20, 10, 1, bias=False), nn.AvgPool2d(2)
        )
        self.dense2 = DenseBlock(2, 10, growth)
        self.norm = nn.BatchNorm2d(18)
        self.classifier = nn.Linear(18, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.dense2(self.transition(self.dense1(self.stem(x))))
        out = F.relu(self.norm(x), inplace=True)
        out = F.adaptive_avg_pool2d(out, (1, 1))
        return self.classifier(torch.flatten(out, 1))


class ConvUnit(nn.Module):
    """Convolution, norm, rectifier."""

    def __init__(self, channels: int, out: int, **kwargs: int | tuple[int, int]) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, out, bias=False, **kwargs)  # type: ignore[arg-type]
        self.bn = nn.BatchNorm2d(out, eps=0.001)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.bn(self.conv(x)), inplace=True)


class InceptionBlock(nn.Module):
    """Four ways side by side, joined."""

    def __init__(self, channels: int, wide: int) -> None:
        super().__init__()
        self.branch1 = ConvUnit(channels, wide, kernel_size=1)
        self.branch2 = nn.Sequential(
            ConvUnit(channels, wide, kernel_size=1), ConvUnit(wide, wide, kernel_size=3, padding=1)
        )
        self.branch3 = nn.Sequential(
            ConvUnit(channels, wide, kernel_size=1),
            ConvUnit(wide, wide, kernel_size=(1, 7), padding=(0, 3)),
            ConvUnit(wide, wide, kernel_size=(7, 1), padding=(3, 0)),
        )
        self.branch4 = nn.Sequential(
            nn.MaxPool2d(3, stride=1, padding=1, ceil_mode=True), ConvUnit(channels, wide, kernel_size=1)
        )

    def forward(self, x: Tensor) -> Tensor:
        outputs = [branch(x) for branch in (self.branch1, self.branch2, self.branch3, self.branch4)]
        return torch.cat(outputs, dim=1)


class InceptionNet(nn.Module):
    """GoogLeNet's blocks (arXiv:1409.4842) with an auxiliary output."""

    def __init__(self, classes: int = 10) -> None:
        super().__init__()
        self.stem = ConvUnit(3, 8, kernel_size=3, stride=2)
        self.inception1 = InceptionBlock(8, 4)
        self.inception2 = InceptionBlock(16, 4)
        self.pool = nn.MaxPool2d(3, 2)
        self.aux = nn.Linear(16, classes)
        self.fc = nn.Linear(16, classes)

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        x = self.inception1(self.stem(x))
        aux = self.aux(x.mean(dim=(2, 3)))
        x = self.pool(self.inception2(x))
        return {"logits": self.fc(x.mean([-2, -1])), "aux": aux}


class InvertedResidual(nn.Module):
    """Widen, filter each channel by itself, narrow."""

    def __init__(self, channels: int, out: int, stride: int, expand: int) -> None:
        super().__init__()
        hidden = channels * expand
        self.use_res = stride == 1 and channels == out
        layers: list[nn.Module] = []
        if expand != 1:
            layers += [nn.Conv2d(channels, hidden, 1, bias=False), nn.BatchNorm2d(hidden), nn.ReLU6(inplace=True)]
        layers += [
            nn.Conv2d(hidden, hidden, 3, stride, 1, groups=hidden, bias=False),
            nn.BatchNorm2d(hidden),
            nn.ReLU6(inplace=True),
            nn.Conv2d(hidden, out, 1, bias=False),
            nn.BatchNorm2d(out),
        ]
        self.conv = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.conv(x) if self.use_res else self.conv(x)


class MobileNetV2(nn.Module):
    """Sandler et al. 2018 (arXiv:1801.04381), narrow."""

    def __init__(self, classes: int = 10) -> None:
        super().__init__()
        plan = ((1, 8, 1, 1), (6, 8, 2, 2), (6, 12, 3, 2), (6, 16, 2, 1))
        layers: list[nn.Module] = [
            nn.Sequential(nn.Conv2d(3, 8, 3, 2, 1, bias=False), nn.BatchNorm2d(8), nn.ReLU6(True))
        ]
        channels = 8
        for expand, out, count, stride in plan:
            for place in range(count):
                layers.append(InvertedResidual(channels, out, stride if place == 0 else 1, expand))
                channels = out
        self.features = nn.Sequential(*layers)
        self.classifier = nn.Sequential(nn.Dropout(0.2), nn.Linear(16, classes))

    def forward(self, x: Tensor) -> Tensor:
        x = self.features(x)
        x = nn.functional.adaptive_avg_pool2d(x, 1).reshape(x.shape[0], -1)
        return self.classifier(x)


class UNet(nn.Module):
    """Ronneberger et al. 2015 (arXiv:1505.04597): down, up, and joined across; pads where sizes are odd."""

    def __init__(self, classes: int = 2, wide: int = 4) -> None:
        super().__init__()
        self.down1 = self.double(1, wide)
        self.down2 = self.double(wide, 2 * wide)
        self.down3 = self.double(2 * wide, 4 * wide)
        self.up1 = nn.ConvTranspose2d(4 * wide, 2 * wide, 2, stride=2)
        self.conv1 = self.double(4 * wide, 2 * wide)
        self.up2 = nn.Upsample(scale_factor=2, mode="bilinear", align_corners=True)
        self.conv2 = self.double(3 * wide, wide)
        self.out = nn.Conv2d(wide, classes, 1)

    @staticmethod
    def double(channels: int, out: int) -> nn.Sequential:
        """Two convolutions with norms."""
        return nn.Sequential(
            nn.Conv2d(channels, out, 3, padding="same", bias=False),
            nn.BatchNorm2d(out),
            nn.ReLU(inplace=True),
            nn.Conv2d(out, out, 3, padding=1, bias=False),
            nn.BatchNorm2d(out),
            nn.ReLU(inplace=True),
        )

    @staticmethod
    def join(skip: Tensor, x: Tensor) -> Tensor:
        """Pad to the size of the skip and join."""
        tall, broad = skip.size(2) - x.size(2), skip.size(3) - x.size(3)
        x = F.pad(x, [broad // 2, broad - broad // 2, tall // 2, tall - tall // 2])
        return torch.cat([skip, x], dim=1)

    def forward(self, x: Tensor) -> Tensor:
        one = self.down1(x)
        two = self.down2(F.max_pool2d(one, 2))
        three = self.down3(F.max_pool2d(two, 2))
        x = self.conv1(self.join(two, self.up1(three)))
        x = self.conv2(self.join(one, self.up2(x)))
        return self.out(x)


class SqueezeGate(nn.Module):
    """A gate over channels, of 1×1 convolutions."""

    def __init__(self, channels: int, hidden: int) -> None:
        super().__init__()
        self.fc1 = nn.Conv2d(channels, hidden, 1)
        self.fc2 = nn.Conv2d(hidden, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        scale = F.adaptive_avg_pool2d(x, 1)
        return torch.sigmoid(self.fc2(F.silu(self.fc1(scale)))) * x


class EfficientNet(nn.Module):
    """Tan and Le 2019 (arXiv:1905.11946): inverted residuals with gates, two of each."""

    def __init__(self, classes: int = 10) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 8, 3, 2, 1, bias=False), nn.BatchNorm2d(8, momentum=0.01), nn.SiLU())
        self.blocks = nn.ModuleList(self.block(8) for _ in range(3))
        self.head = nn.Linear(8, classes)

    @staticmethod
    def block(wide: int) -> nn.Module:
        """Widen, filter, gate, narrow."""
        return nn.Sequential(
            nn.Conv2d(wide, 4 * wide, 1, bias=False),
            nn.BatchNorm2d(4 * wide),
            nn.SiLU(),
            nn.Conv2d(4 * wide, 4 * wide, 5, padding=2, groups=4 * wide, bias=False),
            nn.BatchNorm2d(4 * wide),
            nn.SiLU(),
            SqueezeGate(4 * wide, 2),
            nn.Conv2d(4 * wide, wide, 1, bias=False),
            nn.BatchNorm2d(wide),
        )

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        for block in self.blocks:
            x = x + block(x)
        return self.head(x.mean((2, 3)))


class ConvNeXtBlock(nn.Module):
    """A wide filter for each channel, then a norm and two Linear layers with channels last, scaled by a parameter."""

    def __init__(self, wide: int) -> None:
        super().__init__()
        self.dwconv = nn.Conv2d(wide, wide, 7, padding=3, groups=wide)
        self.norm = nn.LayerNorm(wide, eps=1e-6)
        self.pwconv1 = nn.Linear(wide, 4 * wide)
        self.act = nn.GELU()
        self.pwconv2 = nn.Linear(4 * wide, wide)
        self.gamma = nn.Parameter(0.5 * torch.ones(wide))

    def forward(self, x: Tensor) -> Tensor:
        shortcut = x
        x = self.dwconv(x).permute(0, 2, 3, 1)
        x = self.gamma * self.pwconv2(self.act(self.pwconv1(self.norm(x))))
        return shortcut + x.permute(0, 3, 1, 2)


class LayerNorm2d(nn.Module):
    """A norm over channels, by hand."""

    def __init__(self, wide: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.rand(wide))
        self.bias = nn.Parameter(torch.rand(wide))

    def forward(self, x: Tensor) -> Tensor:
        u = x.mean(1, keepdim=True)
        s = (x - u).pow(2).mean(1, keepdim=True)
        x = (x - u) / torch.sqrt(s + 1e-6)
        return self.weight[:, None, None] * x + self.bias[:, None, None]


class ConvNeXt(nn.Module):
    """Liu et al. 2022 (arXiv:2201.03545), two stages."""

    def __init__(self, classes: int = 10) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 8, 4, 4), LayerNorm2d(8))
        self.stage1 = nn.Sequential(*(ConvNeXtBlock(8) for _ in range(3)))
        self.down = nn.Sequential(LayerNorm2d(8), nn.Conv2d(8, 16, 2, 2))
        self.stage2 = nn.Sequential(*(ConvNeXtBlock(16) for _ in range(2)))
        self.norm = nn.LayerNorm(16, eps=1e-6)
        self.head = nn.Linear(16, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stage2(self.down(self.stage1(self.stem(x))))
        return self.head(self.norm(x.mean([-2, -1])))
