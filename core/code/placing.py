"""Where a script computes: what it says for another device than the processor, on which its data stay."""

from __future__ import annotations

from core.training.settings import TrainingSettings


def there(settings: TrainingSettings) -> str:
    """What moves a network or a batch to the device; nothing for the processor, where all is made."""
    return "" if settings.device == "cpu" else f'.to("{settings.device}")'


def making(settings: TrainingSettings) -> str:
    """The context in which the network's own numbers are made on the device."""
    return "" if settings.device == "cpu" else f'torch.device("{settings.device}")'


def forked(settings: TrainingSettings) -> str:
    """The devices whose random numbers are put back after validation."""
    return "" if settings.device == "cuda" else "devices=[]"
