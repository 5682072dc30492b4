"""Networks over sequences: ViT-Tiny, GPT-2-tiny, an LSTM seq2seq, einsum attention, a GRU classifier."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class Attention(nn.Module):
    """Self-attention as timm writes it: one Linear for query, key and value."""

    def __init__(self, wide: int, heads: int) -> None:
        super().__init__()
        self.num_heads = heads
        self.scale = (wide // heads) ** -0.5
        self.qkv = nn.Linear(wide, 3 * wide)
        self.proj = nn.Linear(wide, wide)

    def forward(self, x: Tensor) -> Tensor:
        b, n, c = x.shape
        qkv = self.qkv(x).reshape(b, n, 3, self.num_heads, c // self.num_heads).permute(2, 0, 3, 1, 4)
        q, k, v = qkv.unbind(0)
        attn = (q * self.scale) @ k.transpose(-2, -1)
        x = attn.softmax(dim=-1) @ v
        return self.proj(x.transpose(1, 2).reshape(b, n, c))


class Mlp(nn.Module):
    """Two Linear layers."""

    def __init__(self, wide: int) -> None:
        super().__init__()
        self.fc1 = nn.Linear(wide, 4 * wide)
        self.fc2 = nn.Linear(4 * wide, wide)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc2(F.gelu(self.fc1(x)))


class EncoderBlock(nn.Module):
    """A transformer's encoder layer, norm first."""

    def __init__(self, wide: int, heads: int) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(wide)
        self.attn = Attention(wide, heads)
        self.norm2 = nn.LayerNorm(wide)
        self.mlp = Mlp(wide)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attn(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class ViTTiny(nn.Module):
    """Dosovitskiy et al. 2021 (arXiv:2010.11929), narrow: class token and positions are plain parameters."""

    def __init__(self, classes: int = 10, wide: int = 16, depth: int = 3, patch: int = 8, side: int = 32) -> None:
        super().__init__()
        self.patch_embed = nn.Conv2d(3, wide, patch, patch)
        self.cls_token = nn.Parameter(torch.randn(1, 1, wide))
        self.pos_embed = nn.Parameter(torch.randn(1, (side // patch) ** 2 + 1, wide))
        self.blocks = nn.ModuleList([EncoderBlock(wide, 4) for _ in range(depth)])
        self.norm = nn.LayerNorm(wide)
        self.head = nn.Linear(wide, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.patch_embed(x).flatten(2).transpose(1, 2)
        x = torch.cat((self.cls_token.expand(x.shape[0], -1, -1), x), dim=1)
        x = x + self.pos_embed
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x)[:, 0])


class CausalAttention(nn.Module):
    """Attention to what came before, as nanoGPT writes it: split, views, a mask in a buffer."""

    def __init__(self, wide: int, heads: int, longest: int) -> None:
        super().__init__()
        self.c_attn = nn.Linear(wide, 3 * wide)
        self.c_proj = nn.Linear(wide, wide)
        self.n_head, self.n_embd = heads, wide
        self.register_buffer("mask", torch.tril(torch.ones(longest, longest)).view(1, 1, longest, longest))

    def forward(self, x: Tensor) -> Tensor:
        B, T, C = x.size()
        q, k, v = self.c_attn(x).split(self.n_embd, dim=2)
        k = k.view(B, T, self.n_head, C // self.n_head).transpose(1, 2)
        q = q.view(B, T, self.n_head, C // self.n_head).transpose(1, 2)
        v = v.view(B, T, self.n_head, C // self.n_head).transpose(1, 2)
        att = (q @ k.transpose(-2, -1)) * (1.0 / math.sqrt(k.size(-1)))
        att = att.masked_fill(self.mask[:, :, :T, :T] == 0, float("-inf"))
        y = F.softmax(att, dim=-1) @ v
        return self.c_proj(y.transpose(1, 2).contiguous().view(B, T, C))


class GPTBlock(nn.Module):
    """A decoder's layer."""

    def __init__(self, wide: int, heads: int, longest: int) -> None:
        super().__init__()
        self.ln_1 = nn.LayerNorm(wide)
        self.attn = CausalAttention(wide, heads, longest)
        self.ln_2 = nn.LayerNorm(wide)
        self.mlp = nn.ModuleDict(
            {"c_fc": nn.Linear(wide, 4 * wide), "c_proj": nn.Linear(4 * wide, wide), "act": nn.GELU(approximate="tanh")}
        )

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attn(self.ln_1(x))
        m = self.mlp
        return x + m["c_proj"](m["act"](m["c_fc"](self.ln_2(x))))


class GPT2Tiny(nn.Module):
    """Radford et al. 2019 as nanoGPT writes it, narrow."""

    def __init__(self, vocabulary: int = 31, wide: int = 16, depth: int = 3, longest: int = 12) -> None:
        super().__init__()
        self.transformer = nn.ModuleDict(
            {
                "wte": nn.Embedding(vocabulary, wide),
                "wpe": nn.Embedding(longest, wide),
                "drop": nn.Dropout(0.1),
                "h": nn.ModuleList([GPTBlock(wide, 4, longest) for _ in range(depth)]),
                "ln_f": nn.LayerNorm(wide),
            }
        )
        self.lm_head = nn.Linear(wide, vocabulary, bias=False)

    def forward(self, idx: Tensor) -> Tensor:
        _b, t = idx.size()
        pos = torch.arange(0, t, dtype=torch.long, device=idx.device)
        x = self.transformer.drop(self.transformer.wte(idx) + self.transformer.wpe(pos))
        for block in self.transformer.h:
            x = block(x)
        return self.lm_head(self.transformer.ln_f(x))


class Encoder(nn.Module):
    """Tokens to states."""

    def __init__(self, vocabulary: int, wide: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, wide)
        self.rnn = nn.LSTM(wide, 12, num_layers=2, batch_first=True, dropout=0.1)

    def forward(self, src: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        outputs, (hidden, cell) = self.rnn(self.embedding(src))
        return outputs, hidden, cell


class Decoder(nn.Module):
    """States and tokens to scores, with attention to the encoder's outputs."""

    def __init__(self, vocabulary: int, wide: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, wide)
        self.rnn = nn.LSTM(wide, 12, num_layers=2, batch_first=True, dropout=0.1)
        self.attn = nn.Linear(12, 12, bias=False)
        self.out = nn.Linear(24, vocabulary)

    def forward(self, tgt: Tensor, outputs: Tensor, hidden: Tensor, cell: Tensor) -> Tensor:
        decoded, _ = self.rnn(self.embedding(tgt), (hidden, cell))
        scores = torch.bmm(self.attn(decoded), outputs.transpose(1, 2))
        context = torch.bmm(F.softmax(scores, dim=-1), outputs)
        return self.out(torch.cat([decoded, context], dim=-1))


class Seq2Seq(nn.Module):
    """Sutskever et al. 2014 (arXiv:1409.3215) with attention: two inputs."""

    def __init__(self, vocabulary: int = 23, wide: int = 8) -> None:
        super().__init__()
        self.encoder = Encoder(vocabulary, wide)
        self.decoder = Decoder(vocabulary, wide)

    def forward(self, src: Tensor, tgt: Tensor) -> Tensor:
        outputs, hidden, cell = self.encoder(src)
        return self.decoder(tgt, outputs, hidden, cell)


class EinsumAttention(nn.Module):
    """Attention in einsum, over pictures with positions of their own."""

    def __init__(self, channels: int = 3, wide: int = 8, heads: int = 2) -> None:
        super().__init__()
        self.to_q = nn.Parameter(torch.randn(heads, channels, wide) * 0.2)
        self.to_k = nn.Parameter(torch.randn(heads, channels, wide) * 0.2)
        self.to_v = nn.Parameter(torch.randn(heads, channels, wide) * 0.2)
        self.to_out = nn.Parameter(torch.randn(heads, wide, channels) * 0.2)
        self.wide = wide

    def forward(self, x: Tensor) -> Tensor:
        tokens = torch.einsum("bchw->bhwc", x).flatten(1, 2)
        q = torch.einsum("bnc,hcd->bhnd", tokens, self.to_q)
        k = torch.einsum("bnc,hcd->bhnd", tokens, self.to_k)
        v = torch.einsum("bnc,hcd->bhnd", tokens, self.to_v)
        weights = torch.softmax(torch.einsum("bhid,bhjd->bhij", q, k) / self.wide**0.5, dim=-1)
        mixed = torch.einsum("bhij,bhjd->bhid", weights, v)
        return torch.einsum("bhnd,hdc->bnc", mixed, self.to_out).amax(dim=1)


class SharedTower(nn.Module):
    """One tower for two pictures: the same weights twice, and the distance between what comes out."""

    def __init__(self) -> None:
        super().__init__()
        self.tower = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 6 * 6, 8))
        self.gru = nn.GRU(4, 8, batch_first=True)

    def forward(self, left: Tensor, right: Tensor, steps: Tensor) -> Tensor:
        one, two = self.tower(left), self.tower(right)
        _outputs, last = self.gru(steps, torch.zeros(1, steps.size(0), 8))
        return torch.stack([(one - two).abs(), last[-1]], dim=1).sum(-1).exp()
