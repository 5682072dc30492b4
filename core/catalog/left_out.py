"""What of torch.nn is no kind of the catalog, and why; a test holds it against the torch that is installed."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_HOLDS = "It holds modules and computes nothing: the graph says which layer follows which, and blocks hold parts of it."
_KEEPS = "It keeps tensors and computes nothing: a LearnableTensor node is one."
_BASE = "What others are derived from; it cannot be called."
_LAZY = "{} does the same: sizes follow from the wire."
_LAZY_KINDS = (
    "BatchNorm1d BatchNorm2d BatchNorm3d Conv1d Conv2d Conv3d ConvTranspose1d ConvTranspose2d ConvTranspose3d "
    "InstanceNorm1d InstanceNorm2d InstanceNorm3d Linear"
)

LEFT_OUT: Mapping[str, str] = MappingProxyType(
    {
        "Container": "An old name of Module.",
        "DataParallel": "It spreads a batch over several GPUs: that belongs to the machine, not to the network.",
        **{f"Lazy{name}": _LAZY.format(name) for name in _LAZY_KINDS.split()},
        "Module": _BASE,
        "ModuleDict": _HOLDS,
        "ModuleList": _HOLDS,
        "NLLLoss2d": "An old name of NLLLoss; NLL judges pictures too.",
        "ParameterDict": _KEEPS,
        "ParameterList": _KEEPS,
        "RNNBase": _BASE,
        "RNNCellBase": _BASE,
        "Sequential": _HOLDS,
        "SyncBatchNorm": "It shares its statistics between processes, and training runs in one: use BatchNorm2d.",
    }
)
"""By class of torch.nn why no kind is it."""
