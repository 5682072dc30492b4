"""Torch's stacks of transformer layers, made from numbers alone; each class needs torch only."""

from __future__ import annotations

from typing import Any

from torch import nn


class EncoderStack(nn.TransformerEncoder):
    """Transformer encoder layers on top of each other, with a norm behind the last if asked (torch.nn)."""

    def __init__(self, d_model: int, nhead: int, num_layers: int, norm: bool = False, **kwargs: Any) -> None:
        layer = nn.TransformerEncoderLayer(d_model, nhead, batch_first=True, **kwargs)
        bias, eps = kwargs.get("bias", True), kwargs.get("layer_norm_eps", 1e-5)
        last = nn.LayerNorm(d_model, eps, bias=bias) if norm else None
        super().__init__(layer, num_layers, last, enable_nested_tensor=False)


class DecoderStack(nn.TransformerDecoder):
    """Transformer decoder layers on top of each other, with a norm behind the last if asked (torch.nn)."""

    def __init__(self, d_model: int, nhead: int, num_layers: int, norm: bool = False, **kwargs: Any) -> None:
        layer = nn.TransformerDecoderLayer(d_model, nhead, batch_first=True, **kwargs)
        bias, eps = kwargs.get("bias", True), kwargs.get("layer_norm_eps", 1e-5)
        last = nn.LayerNorm(d_model, eps, bias=bias) if norm else None
        super().__init__(layer, num_layers, last)


class EncoderDecoder(nn.Transformer):
    """The whole transformer (torch.nn); its encoder keeps padded steps instead of cutting them off in evaluation."""

    def __init__(
        self,
        d_model: int,
        nhead: int,
        num_encoder_layers: int,
        num_decoder_layers: int,
        dim_feedforward: int = 2048,
        **kwargs: Any,
    ) -> None:
        layer = nn.TransformerEncoderLayer(d_model, nhead, dim_feedforward, batch_first=True, **kwargs)
        bias, eps = kwargs.get("bias", True), kwargs.get("layer_norm_eps", 1e-5)
        last = nn.LayerNorm(d_model, eps, bias=bias)
        encoder = nn.TransformerEncoder(layer, num_encoder_layers, last, enable_nested_tensor=False)
        sizes = (d_model, nhead, num_encoder_layers, num_decoder_layers, dim_feedforward)
        super().__init__(*sizes, custom_encoder=encoder, batch_first=True, **kwargs)
