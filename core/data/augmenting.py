"""Augmentation of a batch: pictures (N, C, H, W) or rows (N, F) as the network sees them, changed at random.

An exported script holds these functions as they stand here. Every number is drawn from the generator that is given, and
how many are drawn depends on the sizes alone. A move is a function that does the same to several tensors of a batch.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

Move = Callable[..., Tensor]


def evenly(batch: Tensor, generator: torch.Generator, low: float, high: float) -> Tensor:
    """A number for each sample, anywhere from low to high."""
    return low + (high - low) * torch.rand(len(batch), generator=generator)


def chosen(batch: Tensor, generator: torch.Generator, p: float) -> Tensor:
    """Which samples are changed: each with probability p."""
    return torch.rand(len(batch), generator=generator) < p


def each(numbers: Tensor, batch: Tensor) -> Tensor:
    """A number for each sample, so that it goes with all of the sample's."""
    return numbers.reshape(-1, *[1] * (batch.dim() - 1))


def of_mask(move: Move, mask: Tensor) -> Tensor:
    """A mask (N, H, W) or (N, C, H, W) moved as its picture was, without values between two classes."""
    plane = mask.reshape(len(mask), -1, *mask.shape[-2:]).float()
    return move(plane, nearest=True).reshape(mask.shape).to(mask.dtype)


def of_boxes(move: Move, boxes: Tensor) -> Tensor:
    """Boxes (N, n, 4) around what they held, moved and cut at the edges; zero where under a quarter is left."""
    # Left, top, right and bottom are shares of the sides; a box of zeros stands for none.
    corners = boxes[..., [0, 1, 2, 1, 0, 3, 2, 3]].reshape(len(boxes), -1, 2)
    places = (move(corners * 2 - 1, places=True) + 1) / 2
    places = places.reshape(*boxes.shape[:2], 4, 2)
    moved = torch.cat([places.amin(2), places.amax(2)], -1)
    seen = moved.clamp(0, 1)
    whole, left = ((x[..., 2] - x[..., 0]) * (x[..., 3] - x[..., 1]) for x in (moved, seen))
    is_kept = (left >= 0.25 * whole) & (left > 0) & (boxes != 0).any(-1)
    return torch.where(is_kept[..., None], seen, 0.0)


def held(boxes: Tensor, kinds: Tensor) -> Tensor:
    """What is in each box (N, n): 0, the ground, where there is none any more."""
    return torch.where((boxes != 0).any(-1), kinds, 0)


def flip(pictures: Tensor, generator: torch.Generator, axis: int, p: float) -> Move:
    """Mirrors pictures along an axis with probability p; -1 is from left to right."""
    which = chosen(pictures, generator, p)
    mirror = torch.tensor([-1.0, 1.0]) if axis == -1 else torch.tensor([1.0, -1.0])

    def move(x: Tensor, nearest: bool = False, places: bool = False) -> Tensor:
        return torch.where(each(which, x), x * mirror if places else x.flip(axis), x)

    return move


def horizontal_flip(pictures: Tensor, generator: torch.Generator, p: float) -> Move:
    """Mirrors pictures left to right with probability p."""
    return flip(pictures, generator, -1, p)


def vertical_flip(pictures: Tensor, generator: torch.Generator, p: float) -> Move:
    """Mirrors pictures top to bottom with probability p."""
    return flip(pictures, generator, -2, p)


def warp(pictures: Tensor, matrix: Tensor, which: Tensor, fill: str) -> Move:
    """Looks up the chosen pictures where a matrix (N, 2, 3) leads to; the middle is (0, 0)."""
    # Shifts, the last column, are in halves of a side; the rest is in pixels, so that these stay square.
    padding = {"zero": "zeros", "edge": "border", "reflect": "reflection"}[fill]
    theta = matrix.clone()
    theta[:, 0, 1] *= pictures.shape[-2] / pictures.shape[-1]
    theta[:, 1, 0] *= pictures.shape[-1] / pictures.shape[-2]

    def move(x: Tensor, nearest: bool = False, places: bool = False) -> Tensor:
        if places:
            back = torch.linalg.inv(theta[:, :, :2]).transpose(1, 2)
            return torch.where(each(which, x), (x - theta[:, None, :, 2]) @ back, x)
        grid = F.affine_grid(theta, list(x.shape), align_corners=False)
        seen = F.grid_sample(x, grid, "nearest" if nearest else "bilinear", padding, align_corners=False)
        return torch.where(each(which, x), seen, x)

    return move


def rotate(pictures: Tensor, generator: torch.Generator, degrees: float, fill: str, p: float) -> Move:
    """Turns pictures about their middle by up to so many degrees to either side."""
    which = chosen(pictures, generator, p)
    angle = evenly(pictures, generator, -degrees, degrees) * (math.pi / 180)
    sine, cosine, zero = angle.sin(), angle.cos(), torch.zeros(len(pictures))
    return warp(pictures, torch.stack([cosine, -sine, zero, sine, cosine, zero], 1).reshape(-1, 2, 3), which, fill)


def crop(pictures: Tensor, generator: torch.Generator, padding: int, fill: str, p: float) -> Move:
    """Pads pictures on all sides and cuts them out anywhere at their old size."""
    which = chosen(pictures, generator, p)
    corner = torch.randint(2 * padding + 1, (2, len(pictures)), generator=generator)
    top, left = torch.where(which, corner, padding)
    mode = {"zero": "constant", "edge": "replicate", "reflect": "reflect"}[fill]

    def move(x: Tensor, nearest: bool = False, places: bool = False) -> Tensor:
        if places:
            shift = torch.stack([left, top], -1) - padding
            return x - 2 * shift[:, None] / torch.tensor([pictures.shape[3], pictures.shape[2]])
        padded = F.pad(x, [padding] * 4, mode)
        windows = padded.unfold(2, x.shape[2], 1).unfold(3, x.shape[3], 1)
        return windows[torch.arange(len(x)), :, top, left]

    return move


def resized_crop(pictures: Tensor, generator: torch.Generator, area: float, ratio: float, p: float) -> Move:
    """Cuts out a part of at least this share of the picture, anywhere, and enlarges it to the picture's size."""
    which = chosen(pictures, generator, p)
    share = evenly(pictures, generator, area, 1.0)
    longer = evenly(pictures, generator, -math.log(ratio), math.log(ratio)).exp()
    wide = (share * longer).sqrt().clamp(max=1.0)
    high = (share / longer).sqrt().clamp(max=1.0)
    right = evenly(pictures, generator, -1.0, 1.0) * (1 - wide)
    down = evenly(pictures, generator, -1.0, 1.0) * (1 - high)
    zero = torch.zeros(len(pictures))
    return warp(pictures, torch.stack([wide, zero, right, zero, high, down], 1).reshape(-1, 2, 3), which, "edge")


def affine(
    pictures: Tensor, generator: torch.Generator, shift: float, scale: float, shear: float, fill: str, p: float
) -> Move:
    """Shifts pictures by a share of their sides, changes their size and slants them by so many degrees."""
    which = chosen(pictures, generator, p)
    right, down = (evenly(pictures, generator, -2 * shift, 2 * shift) for _ in range(2))
    smaller = 1 / evenly(pictures, generator, 1 - scale, 1 + scale)
    slant = (evenly(pictures, generator, -shear, shear) * (math.pi / 180)).tan()
    zero = torch.zeros(len(pictures))
    matrix = torch.stack([smaller, smaller * slant, right, zero, smaller, down], 1)
    return warp(pictures, matrix.reshape(-1, 2, 3), which, fill)


def recolor(pictures: Tensor, brightness: Tensor, contrast: Tensor, saturation: Tensor, turn: Tensor) -> Tensor:
    """Pictures brighter by this, with so much of their contrast and saturation, hues turned (1 is a whole turn)."""
    # Contrast is about the picture's mean, saturation about its grey values, and hues turn about the axis of greys.
    mean = pictures.mean((1, 2, 3), keepdim=True)
    changed = mean + (pictures - mean) * each(contrast, pictures) + each(brightness, pictures)
    if pictures.shape[1] != 3:
        return changed
    sine, cosine = ((2 * math.pi * turn).sin().reshape(-1, 1, 1), (2 * math.pi * turn).cos().reshape(-1, 1, 1))
    across = torch.tensor([[0.0, -1.0, 1.0], [1.0, 0.0, -1.0], [-1.0, 1.0, 0.0]]) / math.sqrt(3)
    hue = cosine * torch.eye(3) + (1 - cosine) / 3 + sine * across
    strong = saturation.reshape(-1, 1, 1)
    grey = strong * torch.eye(3) + (1 - strong) * torch.tensor([0.299, 0.587, 0.114])
    return (hue @ grey @ changed.flatten(2)).reshape(pictures.shape)


def color(
    pictures: Tensor,
    generator: torch.Generator,
    brightness: float,
    contrast: float,
    saturation: float,
    hue: float,
    p: float,
) -> Tensor:
    """Pictures of other brightness, contrast, saturation and hue."""
    which = chosen(pictures, generator, p)
    changed = recolor(
        pictures,
        evenly(pictures, generator, -brightness, brightness),
        evenly(pictures, generator, 1 - contrast, 1 + contrast),
        evenly(pictures, generator, 1 - saturation, 1 + saturation),
        evenly(pictures, generator, -hue, hue),
    )
    return torch.where(each(which, pictures), changed, pictures)


def noise(batch: Tensor, generator: torch.Generator, deviation: float, p: float) -> Tensor:
    """The batch with normal numbers of this standard deviation added."""
    which = chosen(batch, generator, p)
    added = deviation * torch.randn(batch.shape, generator=generator)
    return torch.where(each(which, batch), batch + added, batch)


def blur(pictures: Tensor, generator: torch.Generator, sigma: float, p: float) -> Tensor:
    """Pictures weighted with their neighbours by a normal curve, at most so many pixels wide; edges are drawn out."""
    which = chosen(pictures, generator, p)
    width = evenly(pictures, generator, 0.1, sigma)
    reach = max(round(3 * sigma), 1)
    places = torch.arange(-reach, reach + 1.0)
    curve = torch.exp(-0.5 * (places / width[:, None]) ** 2)
    weights = (curve / curve.sum(1, keepdim=True)).repeat_interleave(pictures.shape[1], 0)
    planes = F.pad(pictures, [reach] * 4, "replicate").flatten(0, 1)[None]
    planes = F.conv2d(planes, weights[:, None, None, :], groups=len(weights))
    planes = F.conv2d(planes, weights[:, None, :, None], groups=len(weights))
    return torch.where(each(which, pictures), planes.reshape(pictures.shape), pictures)


def cutout(pictures: Tensor, generator: torch.Generator, least: float, most: float, ratio: float, p: float) -> Tensor:
    """Pictures of which a rectangle of a share from `least` to `most` is zero."""
    which = chosen(pictures, generator, p)
    height, width = pictures.shape[-2:]
    area = evenly(pictures, generator, least, most) * (height * width)
    longer = evenly(pictures, generator, -math.log(ratio), math.log(ratio)).exp()
    high, wide = (area * longer).sqrt().round().clamp(1, height), (area / longer).sqrt().round().clamp(1, width)
    top = (evenly(pictures, generator, 0.0, 1.0) * (height - high + 1)).floor()
    left = (evenly(pictures, generator, 0.0, 1.0) * (width - wide + 1)).floor()
    down = torch.arange(height) - top[:, None]
    right = torch.arange(width) - left[:, None]
    inside = ((down >= 0) & (down < high[:, None]))[:, :, None] & ((right >= 0) & (right < wide[:, None]))[:, None]
    return torch.where(inside[:, None] & each(which, pictures), 0.0, pictures)


def feature_dropout(rows: Tensor, generator: torch.Generator, rate: float, p: float) -> Tensor:
    """Rows of which this share of the entries is zero; the others stay as they are."""
    which = chosen(rows, generator, p)
    dropped = torch.rand(rows.shape, generator=generator) < rate
    return torch.where(dropped & each(which, rows), 0.0, rows)


def randaugment(
    pictures: Tensor, generator: torch.Generator, count: int, magnitude: float, fill: str, p: float
) -> Move:
    """Draws some of nine changes for each picture, as strong as the magnitude says, of 30 (Cubuk 2020)."""
    # They are: nothing, rotation, shear and shift along either side, brightness, contrast and saturation.
    which = chosen(pictures, generator, p)
    matrix = torch.eye(3).repeat(len(pictures), 1, 1)
    brightness, contrast = torch.zeros(len(pictures)), torch.ones(len(pictures))
    saturation = torch.ones(len(pictures))
    for _ in range(count):
        change = torch.randint(9, (len(pictures),), generator=generator)
        strength = (1 - 2 * torch.randint(2, (len(pictures),), generator=generator)) * (magnitude / 30)
        angle, slant, steep, right, down, light, apart, vivid = (
            torch.where(change == place, most * strength, 0.0)
            for place, most in enumerate((math.pi / 6, 0.3, 0.3, 0.9, 0.9, 0.3, 0.9, 0.9), 1)
        )
        first = torch.stack([angle.cos(), slant - angle.sin(), right], 1)
        second = torch.stack([steep + angle.sin(), angle.cos(), down], 1)
        last = torch.tensor([0.0, 0.0, 1.0]).expand(len(pictures), 3)
        matrix = matrix @ torch.stack([first, second, last], 1)
        brightness, contrast = brightness + light, contrast * (1 + apart)
        saturation = saturation * (1 + vivid)
    warped = warp(pictures, matrix[:, :2], which, fill)

    def move(x: Tensor, nearest: bool = False, places: bool = False) -> Tensor:
        seen = warped(x, nearest, places)
        if nearest or places:
            return seen
        changed = recolor(seen, brightness, contrast, saturation, torch.zeros(len(x)))
        return torch.where(each(which, x), changed, seen)

    return move


def partners(batch: Tensor, generator: torch.Generator, p: float) -> Tensor:
    """The number of the sample with which each is mixed: another's with probability p, else its own."""
    which = chosen(batch, generator, p)
    other = torch.randperm(len(batch), generator=generator)
    return torch.where(which, other, torch.arange(len(batch)))


def beta(generator: torch.Generator, alpha: float) -> float:
    """A share drawn from Beta(alpha, alpha), by what torch.distributions calls with torch's own generator."""
    return float(torch._sample_dirichlet(torch.tensor([alpha, alpha]), generator)[0])


def mixup(batch: Tensor, generator: torch.Generator, alpha: float, p: float) -> tuple[Move, Tensor, float]:
    """What lays partners over the samples, the partners, and the share that each sample keeps (Zhang 2018)."""
    lam = beta(generator, alpha)
    partner = partners(batch, generator, p)
    return lambda x, nearest=False: torch.lerp(x, x[partner], 1 - lam), partner, lam


def cutmix(pictures: Tensor, generator: torch.Generator, alpha: float, p: float) -> tuple[Move, Tensor, float]:
    """What pastes a rectangle of the partners, the partners, and the share that each picture keeps (Yun 2019)."""
    side = math.sqrt(1 - beta(generator, alpha))
    partner = partners(pictures, generator, p)
    height, width = pictures.shape[-2:]
    down, right = (int(torch.randint(size, (), generator=generator)) for size in (height, width))
    high, wide = int(height * side) // 2, int(width * side) // 2
    top, bottom = max(down - high, 0), min(down + high, height)
    left, end = max(right - wide, 0), min(right + wide, width)

    def move(x: Tensor, nearest: bool = False) -> Tensor:
        pasted = x.clone()
        pasted[..., top:bottom, left:end] = x[partner][..., top:bottom, left:end]
        return pasted

    return move, partner, 1 - (bottom - top) * (end - left) / (height * width)
