"""Small modules, each with one way of writing things that importers stumble over."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class MaskedAttention(nn.Module):
    """nn.MultiheadAttention with a mask of numbers, its weights returned."""

    def __init__(self) -> None:
        super().__init__()
        self.attn = nn.MultiheadAttention(8, 2, batch_first=True)

    def forward(self, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        mask = torch.triu(torch.full((x.size(1), y.size(1)), float("-inf")), 1)
        return self.attn(x, y, y, attn_mask=mask)


class StepsFirst(nn.Module):
    """Attention and a recurrent layer whose batch is the second dimension, as torch's default is."""

    def __init__(self) -> None:
        super().__init__()
        self.attn = nn.MultiheadAttention(6, 2)
        self.rnn = nn.LSTM(6, 5)
        self.fc = nn.Linear(5, 2)

    def forward(self, x: Tensor) -> Tensor:
        x = x.transpose(0, 1)
        mixed, _weights = self.attn(x, x, x)
        outputs, (_h, _c) = self.rnn(mixed)
        return self.fc(outputs[-1])


class TorchEncoder(nn.Module):
    """torch's own encoder, three layers."""

    def __init__(self) -> None:
        super().__init__()
        layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, 3)
        self.emb = nn.Embedding(11, 8)

    def forward(self, tokens: Tensor) -> Tensor:
        return self.encoder(self.emb(tokens) * math.sqrt(8)).mean(1)


class TorchTransformer(nn.Module):
    """torch's own encoder and decoder with a causal mask."""

    def __init__(self) -> None:
        super().__init__()
        self.net = nn.Transformer(8, 2, 2, 2, 16, batch_first=True)

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        return self.net(x, y, tgt_mask=nn.Transformer.generate_square_subsequent_mask(y.size(1)))


class FusedAttention(nn.Module):
    """scaled_dot_product_attention, in three chunks."""

    def __init__(self) -> None:
        super().__init__()
        self.qkv = nn.Linear(8, 24)

    def forward(self, x: Tensor) -> Tensor:
        b, t, c = x.shape
        q, k, v = (part.view(b, t, 2, 4).transpose(1, 2) for part in self.qkv(x).chunk(3, -1))
        mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return mixed.transpose(1, 2).reshape(b, t, c)


class BothWays(nn.Module):
    """A recurrent layer in both directions; its last states, by negative places."""

    def __init__(self) -> None:
        super().__init__()
        self.emb = nn.Embedding(20, 6, padding_idx=0)
        self.rnn = nn.LSTM(6, 5, 2, batch_first=True, bidirectional=True)

    def forward(self, tokens: Tensor) -> Tensor:
        _outputs, (h, _c) = self.rnn(self.emb(tokens))
        return torch.cat([h[-2], h[-1]], 1)


class Tied(nn.Module):
    """The first and the last layer share their matrix."""

    def __init__(self) -> None:
        super().__init__()
        self.emb = nn.Embedding(11, 8)
        self.mid = nn.Linear(8, 8)
        self.head = nn.Linear(8, 11, bias=False)
        self.head.weight = self.emb.weight

    def forward(self, tokens: Tensor) -> Tensor:
        return self.head(torch.relu(self.mid(self.emb(tokens))))


class Windows(nn.Module):
    """Windows of a picture taken into the batch and back, as Swin does."""

    def __init__(self) -> None:
        super().__init__()
        self.mix = nn.Linear(4, 4)

    def forward(self, x: Tensor) -> Tensor:
        b, h, w, c = x.shape
        x = torch.roll(x, (-1, -1), (1, 2))
        parts = x.view(b, h // 2, 2, w // 2, 2, c).permute(0, 1, 3, 2, 4, 5).contiguous().view(-1, 4, c)
        parts = self.mix(parts).view(-1, 2, 2, c)
        parts = parts.view(b, h // 2, w // 2, 2, 2, c).permute(0, 1, 3, 2, 4, 5).contiguous()
        return parts.view(b, h, w, -1)


class Rotary(nn.Module):
    """Rotary positions, made in forward from a buffer."""

    def __init__(self) -> None:
        super().__init__()
        self.q = nn.Linear(8, 8)
        self.register_buffer("inv", 1.0 / (10000 ** (torch.arange(0, 8, 2).float() / 8)), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        t = torch.arange(x.shape[1], device=x.device, dtype=self.inv.dtype)
        angle = torch.einsum("i,j->ij", t, self.inv)
        angle = torch.cat((angle, angle), dim=-1)
        q = self.q(x)
        turned = torch.cat((-q[..., 4:], q[..., :4]), dim=-1)
        return q * angle.cos()[None] + turned * angle.sin()[None]


class Padding(nn.Module):
    """A mask made of tokens, and a mean over what is not masked."""

    def __init__(self) -> None:
        super().__init__()
        self.emb = nn.Embedding(9, 8)
        self.attn = nn.MultiheadAttention(8, 2, batch_first=True)

    def forward(self, tokens: Tensor) -> Tensor:
        x, mask = self.emb(tokens), (tokens == 0) | (tokens == 1)
        mixed, _weights = self.attn(x, x, x, key_padding_mask=mask)
        mixed = mixed * (~mask).unsqueeze(-1).float()
        return mixed.sum(1) / (~mask).sum(1, keepdim=True).clamp(min=1)


class Pools(nn.Module):
    """Reductions of all kinds, several outputs."""

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        flat = x.view(x.size(0), x.size(1), -1)
        return flat.max(dim=2)[0], x.std(dim=(2, 3)), F.normalize(x.flatten(1), dim=-1), x.norm(dim=1, keepdim=True)


class Borders(nn.Module):
    """Paddings by name: around, and of an even kernel; a norm without momentum."""

    def __init__(self) -> None:
        super().__init__()
        self.round = nn.Conv2d(3, 4, 3, padding=1, padding_mode="circular")
        self.even = nn.Conv2d(4, 4, 4, padding="same")
        self.norm = nn.BatchNorm2d(4, momentum=None)

    def forward(self, x: Tensor) -> Tensor:
        return self.norm(self.even(self.round(x)))


class Scales(nn.Module):
    """Norms with a scale alone, and pools that keep a size."""

    def __init__(self) -> None:
        super().__init__()
        self.batch = nn.BatchNorm2d(4, momentum=None, bias=False)
        self.sample = nn.InstanceNorm2d(4, affine=True, bias=False)
        self.group = nn.GroupNorm(2, 4, bias=False)
        self.mean = nn.AdaptiveAvgPool2d((3, None))
        self.most = nn.AdaptiveMaxPool2d((None, 2))

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        x = F.group_norm(self.group(self.sample(self.batch(x))), 2, self.group.weight)
        return self.mean(x), self.most(x), F.adaptive_avg_pool2d(x, (None, 1))


class Tokens(nn.Module):
    """Learned tokens in front, by repeat; positions added; in-place and chained tensor methods."""

    def __init__(self) -> None:
        super().__init__()
        self.token = nn.Parameter(torch.randn(1, 2, 8))
        self.positions = nn.Parameter(torch.randn(7, 8))
        self.fc = nn.Linear(8, 8)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.cat([self.token.repeat(x.shape[0], 1, 1), x], 1) + self.positions
        x = self.fc(x)[:, :2].flatten(1)
        return x.relu_().mul(2).sub_(1).clamp_(-1, 1)


class Steps(nn.Module):
    """A cell in a loop that writes into a tensor of zeros."""

    def __init__(self) -> None:
        super().__init__()
        self.cell = nn.GRUCell(4, 5)

    def forward(self, x: Tensor) -> Tensor:
        state = x.new_zeros(x.size(0), 5)
        out = torch.zeros(x.size(0), x.size(1), 5)
        for step in range(x.size(1)):
            state = self.cell(x[:, step], state)
            out[:, step] = state
        return out


class Scalars(nn.Module):
    """Arithmetic with plain numbers on either side, whole and broken, and comparisons."""

    def forward(self, x: Tensor, n: Tensor) -> tuple[Tensor, ...]:
        y = (1 - x) * 2 + 3 / (x.abs() + 1) - x**2 / 4 + 2 ** (-x)
        whole = (n * 3 + 1 - 2) % 5 // 2
        return y, whole, torch.where(x > 0.5, x, -x), x.masked_fill(n.unsqueeze(-1) == 1, -9.0), (n >= 2).float()


class Halves(nn.Module):
    """Parts of tensors: steps, ends, several dimensions, unbind, split, stack, gather by places."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("order", torch.tensor([3, 0, 2]))

    def forward(self, x: Tensor) -> Tensor:
        one, two = x[:, ::2, 1:-1], x[:, 1::2, ..., :-2]
        low, high = torch.split(one + two, [1, x.size(-1) - 3], dim=-1)
        rows = torch.stack(x.unbind(1), dim=2)[:, self.order]
        return torch.cat([low.sum((1, 2)).unsqueeze(1), high.sum(-1), rows.mean((1, 2))[:, None]], dim=-1)


class Codebook(nn.Module):
    """Looks for the nearest row of an embedding, with its matrix, and then looks that up, as VQ-VAEs do."""

    def __init__(self) -> None:
        super().__init__()
        self.rows = nn.Embedding(6, 8)

    def forward(self, x: Tensor) -> Tensor:
        flat = x.reshape(-1, 8)
        table = self.rows.weight
        far = flat.pow(2).sum(1, keepdim=True) + table.pow(2).sum(1) - 2 * flat @ table.t()
        nearest = self.rows(far.argmin(1)).view(x.shape)
        return x + (nearest - x).detach()


class Queries(nn.Module):
    """Learned queries laid out for every sample behind the steps, as DETR does: stretched, and repeated."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Parameter(torch.rand(3, 8))
        self.second = nn.Parameter(torch.rand(1, 8))
        self.attention = nn.MultiheadAttention(8, 2)

    def forward(self, x: Tensor) -> Tensor:
        steps = x.transpose(0, 1)
        queries = self.first.unsqueeze(1).expand(-1, x.shape[0], -1)
        more = self.second.unsqueeze(1).repeat(2, len(x), 1)
        return self.attention(torch.cat([queries, more]), steps, steps)[0].transpose(0, 1)
