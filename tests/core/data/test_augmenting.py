"""Each augmentation against a plain definition, and what is drawn against its distribution."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from core.data import augmenting
from core.data.augmentation import Augmentation
from core.data.augmentation_kinds import AUGMENTATIONS

MANY, FEW = 4000, 1500


def drawn(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def pictures(count: int = 6, channels: int = 3, height: int = 8, width: int = 10) -> Tensor:
    return torch.rand(count, channels, height, width, generator=drawn(99))


def result(name: str, batch: Tensor, seed: int = 0, **params: Any) -> Tensor:
    """What a step makes of a batch, whatever its way is."""
    step = Augmentation(name)
    for key, value in params.items():
        step = step.with_value(key, value)
    made = getattr(augmenting, name)(batch, drawn(seed), **step.values)
    if AUGMENTATIONS[name].way == "mix":
        made = made[0]
    return made if isinstance(made, Tensor) else made(batch)


def batch_for(name: str, count: int = 6) -> Tensor:
    return pictures(count) if AUGMENTATIONS[name].acts != "rows" else torch.rand(count, 7, generator=drawn(98)) + 1


@pytest.mark.parametrize("name", AUGMENTATIONS)
def test_no_sample_changes_with_probability_zero(name: str) -> None:
    batch = batch_for(name)
    before = batch.clone()
    assert torch.equal(result(name, batch, p=0.0), before)
    assert torch.equal(batch, before)


@pytest.mark.parametrize("name", AUGMENTATIONS)
def test_the_samples_change_with_their_probability(name: str) -> None:
    batch = batch_for(name, MANY // 4)
    strong = {"cutout": {"least": 0.2}, "randaugment": {"count": 8}, "feature_dropout": {"rate": 0.9}}
    changed = result(name, batch, p=0.3, **strong.get(name, {})) - batch
    share = (changed.flatten(1).abs().amax(1) > 0).float().mean().item()
    assert share == pytest.approx(0.3, abs=4 * math.sqrt(0.21 / len(batch)))


@pytest.mark.parametrize("name", AUGMENTATIONS)
def test_only_the_given_generator_is_drawn_from_and_it_says_all(name: str) -> None:
    batch = batch_for(name)
    torch.manual_seed(5)
    state = torch.get_rng_state()
    first = result(name, batch, 3, p=1.0)
    assert torch.equal(torch.get_rng_state(), state)
    torch.manual_seed(6)
    assert torch.equal(result(name, batch, 3, p=1.0), first)
    assert not torch.equal(result(name, batch, 4, p=1.0), first) or name.endswith("flip")
    assert first.is_contiguous()
    assert first.dtype == batch.dtype


@pytest.mark.parametrize(("name", "axis"), [("horizontal_flip", 3), ("vertical_flip", 2)])
def test_a_flip_is_torchs(name: str, axis: int) -> None:
    batch = pictures(40)
    flipped = result(name, batch, p=0.5)
    turned = [torch.equal(one, other) for one, other in zip(flipped, batch.flip(axis), strict=True)]
    kept = [torch.equal(one, other) for one, other in zip(flipped, batch, strict=True)]
    assert all(a != b for a, b in zip(turned, kept, strict=True))
    assert 8 < sum(turned) < 32


def warped(batch: Tensor, matrix: list[float], fill: str = "zero") -> Tensor:
    which = torch.ones(len(batch), dtype=torch.bool)
    return augmenting.warp(
        batch, torch.tensor(matrix, dtype=torch.float32).reshape(1, 2, 3).repeat(len(batch), 1, 1), which, fill
    )(batch)


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_right_angles_are_rot90(turns: int) -> None:
    batch = pictures(height=9, width=9)
    sine, cosine = math.sin(turns * math.pi / 2), math.cos(turns * math.pi / 2)
    made = warped(batch, [cosine, -sine, 0, sine, cosine, 0])
    torch.testing.assert_close(made, torch.rot90(batch, turns, (2, 3)), atol=1e-5, rtol=0)


def test_half_a_turn_of_a_wide_picture_is_both_flips() -> None:
    batch = pictures(height=6, width=11)
    torch.testing.assert_close(warped(batch, [-1, 0, 0, 0, -1, 0]), batch.flip(2, 3), atol=1e-5, rtol=0)


def test_a_quarter_turn_of_a_wide_picture_keeps_its_pixels_square() -> None:
    batch = pictures(height=6, width=12)
    made = warped(batch, [0, -1, 0, 1, 0, 0])
    torch.testing.assert_close(made[..., 3:9], torch.rot90(batch[..., 3:9], 1, (2, 3)), atol=1e-5, rtol=0)
    assert made[..., :3].abs().max() < 1e-6


def test_angles_are_drawn_evenly_to_both_sides() -> None:
    """A point right of the middle, turned, lies at its angle: the centre of what is light says which it was."""
    dot = torch.zeros(FEW, 1, 41, 41)
    dot[:, 0, 19:22, 35:38] = 1.0
    seen = result("rotate", dot, degrees=60.0)
    places = torch.arange(41.0) - 20
    right = (seen.sum((1, 2)) * places).sum(1)
    down = (seen.sum((1, 3)) * places).sum(1)
    angles = torch.atan2(-down, right) * (180 / math.pi)
    assert angles.abs().max() < 60.5
    assert angles.mean().abs() < 4 * 60 / math.sqrt(3 * FEW)
    assert angles.std().item() == pytest.approx(60 / math.sqrt(3), rel=0.05)


@pytest.mark.parametrize(("fill", "mode"), [("zero", "constant"), ("edge", "replicate"), ("reflect", "reflect")])
def test_a_crop_is_a_window_of_the_padded_picture(fill: str, mode: str) -> None:
    batch = pictures(60, height=8, width=7)
    padded = F.pad(batch, [2] * 4, mode)
    corners = set()
    for one, wide in zip(result("crop", batch, padding=2, fill=fill), padded, strict=True):
        found = [(i, j) for i in range(5) for j in range(5) if torch.equal(one, wide[:, i : i + 8, j : j + 7])]
        assert len(found) == 1
        corners.update(found)
    assert len(corners) > 15


def test_a_resized_crop_is_the_part_made_larger() -> None:
    """On a ramp, a part made larger is a flatter ramp: its slope is the share of the side."""
    ramp = torch.linspace(0, 1, 64).expand(FEW, 1, 64, 64).clone()
    seen = result("resized_crop", ramp, area=0.25, ratio=1.0)[:, 0, 32]
    wide = (seen[:, 40] - seen[:, 20]) / 20 * 63
    assert wide.min() > 0.499
    assert wide.max() < 1.001
    assert (wide**2).mean().item() == pytest.approx((0.25 + 1) / 2, abs=0.02)
    assert seen.min() > -1e-5
    assert seen.max() < 1 + 1e-5


def test_an_affine_step_shifts_zooms_and_slants() -> None:
    batch = pictures(height=8, width=8)
    still = {"shift": 0.0, "scale": 0.0, "shear": 0.0}
    torch.testing.assert_close(result("affine", batch, **still), batch, atol=1e-5, rtol=0)
    moved = warped(batch, [1, 0, 2 * 0.25, 0, 1, -2 * 0.125])
    torch.testing.assert_close(moved[:, :, 1:, :6], batch[:, :, :7, 2:], atol=1e-5, rtol=0)
    ramp = torch.linspace(0, 1, 64).expand(FEW, 1, 64, 64).clone()
    seen = result("affine", ramp, **(still | {"scale": 0.5}))[:, 0, 32]
    zoom = 20 / 63 / (seen[:, 42] - seen[:, 22])
    assert zoom.min() > 0.499
    assert zoom.max() < 1.501
    assert zoom.mean().item() == pytest.approx(1.0, abs=0.02)
    slanted = result("affine", ramp, **(still | {"shear": 30.0}))
    lean = (slanted[:, 0, 36, 32] - slanted[:, 0, 27, 32]) / 9 * 63
    degrees = torch.atan(lean) * (180 / math.pi)
    assert degrees.abs().max() < 30.1
    assert degrees.std().item() == pytest.approx(30 / math.sqrt(3), rel=0.05)


def recolored(batch: Tensor, **given: float) -> Tensor:
    usual = {"brightness": 0.0, "contrast": 1.0, "saturation": 1.0, "turn": 0.0}
    values = {name: torch.full((len(batch),), value) for name, value in (usual | given).items()}
    return augmenting.recolor(batch, **values)


def test_colours_change_as_defined() -> None:
    batch = pictures()
    torch.testing.assert_close(recolored(batch), batch)
    torch.testing.assert_close(recolored(batch, brightness=0.3), batch + 0.3)
    mean = batch.mean((1, 2, 3), keepdim=True)
    torch.testing.assert_close(recolored(batch, contrast=0.0), mean.expand(batch.shape))
    grey = (batch * torch.tensor([0.299, 0.587, 0.114]).reshape(1, 3, 1, 1)).sum(1, keepdim=True)
    torch.testing.assert_close(recolored(batch, saturation=0.4), 0.4 * batch + 0.6 * grey)
    torch.testing.assert_close(recolored(batch, saturation=0.0), grey.expand(batch.shape))


def test_a_third_of_a_turn_makes_red_green_and_keeps_greys() -> None:
    batch = pictures()
    torch.testing.assert_close(recolored(batch, turn=1 / 3), batch[:, [2, 0, 1]], atol=1e-5, rtol=0)
    grey = batch[:, :1].expand(batch.shape)
    torch.testing.assert_close(recolored(grey, turn=0.17), grey, atol=1e-5, rtol=0)


def test_grey_pictures_have_no_hue() -> None:
    batch = pictures(channels=1)
    assert torch.equal(recolored(batch, saturation=0.1, turn=0.4), recolored(batch))


def test_brightness_is_drawn_evenly() -> None:
    flat = torch.full((FEW, 3, 2, 2), 0.5)
    seen = result("color", flat, brightness=0.4, contrast=0.0, saturation=0.0, hue=0.0)[:, 0, 0, 0] - 0.5
    assert seen.abs().max() <= 0.4 + 1e-6
    assert seen.std().item() == pytest.approx(0.4 / math.sqrt(3), rel=0.05)


def test_noise_is_normal() -> None:
    added = result("noise", torch.zeros(200, 1, 20, 20), deviation=0.5)
    assert added.mean().abs() < 0.01
    assert added.std().item() == pytest.approx(0.5, rel=0.02)
    assert (added.abs() < 0.5).float().mean().item() == pytest.approx(0.6827, abs=0.01)
    rows = torch.zeros(4000, 5)
    assert result("noise", rows, deviation=2.0).std(0).tolist() == pytest.approx([2.0] * 5, rel=0.06)


def test_a_blur_weights_by_a_normal_curve() -> None:
    dot = torch.zeros(MANY // 8, 2, 25, 25)
    dot[:, :, 12, 12] = 1.0
    seen = result("blur", dot, sigma=2.0, p=1.0)
    torch.testing.assert_close(seen.sum((2, 3)), torch.ones(len(dot), 2))
    places = torch.arange(25.0) - 12
    widths = ((seen[:, 0].sum(1) * places**2).sum(1)).sqrt()
    assert widths.max() < 2.0
    assert widths.min() < 0.3
    clearest = int(widths.argmax())
    curve = torch.exp(-(places**2) / (2 * 1.99**2))
    line = seen[clearest, 1, 12] / seen[clearest, 1, 12].sum()
    torch.testing.assert_close(line, curve / curve.sum(), atol=3e-3, rtol=0)
    flat = torch.full((3, 1, 5, 6), 0.7)
    torch.testing.assert_close(result("blur", flat, sigma=16.0, p=1.0), flat)


def test_a_cutout_has_its_area_and_lies_inside() -> None:
    ones = torch.ones(FEW, 2, 32, 32)
    seen = result("cutout", ones, least=0.25, most=0.25, p=1.0)
    assert ((seen == 0).sum((2, 3)) == 256).all()
    share = (result("cutout", ones, least=0.1, most=0.3, ratio=3.0, p=1.0)[:, 0] == 0).float().mean((1, 2))
    assert share.min() > 0.09
    assert share.max() < 0.33
    assert share.mean().item() == pytest.approx(0.2, abs=0.01)
    where = (seen[:, 0] == 0).float().mean(0)
    assert where[0, 0].item() == pytest.approx(1 / 17**2, abs=0.004)
    assert where[16, 16] > 0.85


def test_a_cutout_is_one_rectangle_alike_in_all_channels() -> None:
    seen = result("cutout", torch.ones(50, 3, 12, 9), least=0.05, most=0.4, ratio=4.0, p=1.0) == 0
    for one in seen:
        assert torch.equal(one[0], one[1])
        down, right = one[0].any(1), one[0].any(0)
        assert one[0].sum() == down.sum() * right.sum()
        assert down.nonzero().max() - down.nonzero().min() + 1 == down.sum()


def test_feature_dropout_drops_its_share() -> None:
    rows = torch.ones(MANY, 6)
    seen = result("feature_dropout", rows, rate=0.25)
    assert set(seen.unique().tolist()) == {0.0, 1.0}
    assert (seen == 0).float().mean(0).tolist() == pytest.approx([0.25] * 6, abs=0.03)


def test_a_partner_is_another_with_its_probability() -> None:
    batch = torch.zeros(MANY, 1)
    partner = augmenting.partners(batch, drawn(), 0.4)
    own = (partner == torch.arange(MANY)).float().mean().item()
    assert own == pytest.approx(0.6, abs=0.03)
    assert augmenting.partners(batch[:1], drawn(), 1.0).tolist() == [0]
    assert sorted(augmenting.partners(batch, drawn(), 1.0).tolist()) == list(range(MANY))


@pytest.mark.parametrize("alpha", [0.2, 1.0, 4.0])
def test_the_share_is_of_a_beta_distribution(alpha: float) -> None:
    source = drawn()
    shares = torch.tensor([augmenting.beta(source, alpha) for _ in range(MANY)], dtype=torch.float64)
    assert shares.mean().item() == pytest.approx(0.5, abs=0.03)
    assert shares.var().item() == pytest.approx(1 / (4 * (2 * alpha + 1)), rel=0.08)


def test_mixup_is_the_mean_by_shares() -> None:
    batch = pictures(9)
    move, partner, lam = augmenting.mixup(batch, drawn(2), alpha=1.0, p=1.0)
    assert 0.0 < lam < 1.0
    torch.testing.assert_close(move(batch), lam * batch + (1 - lam) * batch[partner])


def test_cutmix_pastes_a_rectangle_of_its_share() -> None:
    ordinal = torch.arange(9.0).reshape(9, 1, 1, 1).expand(9, 3, 16, 12).clone()
    for seed in range(60):
        move, partner, lam = augmenting.cutmix(ordinal, drawn(seed), alpha=1.0, p=1.0)
        seen = move(ordinal)
        pasted = (seen != ordinal)[:, 0]
        other = partner != torch.arange(9)
        area = pasted[other].sum((1, 2))
        assert (area == round((1 - lam) * 16 * 12)).all()
        torch.testing.assert_close(
            seen.mean((1, 2, 3)), lam * torch.arange(9.0) + (1 - lam) * partner, atol=1e-4, rtol=0
        )
        assert not pasted[~other].any()


def test_the_area_of_cutmix_follows_the_share_where_the_rectangle_lies_inside() -> None:
    """The box is clipped at the borders, as in the paper's own code: what is pasted is at most 1 - share."""
    batch = pictures(4, height=64, width=64)
    source, again = drawn(1), drawn(1)
    for _ in range(40):
        wanted = 1 - augmenting.beta(again, 1.0)
        _move, _partner, lam = augmenting.cutmix(batch, source, 1.0, 1.0)
        again.set_state(source.get_state())
        assert 1 - lam <= wanted + 1e-6


def test_randaugment_of_no_strength_changes_nothing() -> None:
    batch = pictures()
    torch.testing.assert_close(result("randaugment", batch, magnitude=0.0), batch, atol=1e-5, rtol=0)


def test_randaugment_draws_its_changes_evenly() -> None:
    """One change at full strength: light and saturation show on flat pictures, each a ninth of the draws."""
    flat = torch.tensor([0.2, 0.4, 0.9]).reshape(1, 3, 1, 1).expand(FEW, 3, 9, 9).clone()
    seen = result("randaugment", flat, count=1, magnitude=30.0, fill="edge")
    same = (seen - flat).abs().amax((1, 2, 3)) < 1e-4
    lighter = ((seen - flat).abs() - 0.3).abs().amax((1, 2, 3)) < 1e-4
    assert same.float().mean().item() == pytest.approx(6 / 9, abs=0.03)
    assert lighter.float().mean().item() == pytest.approx(1 / 9, abs=0.02)
    middle = (seen.mean((1, 2, 3)) - 0.5).abs() < 1e-4
    assert (middle & ~same).float().mean().item() == pytest.approx(1 / 9, abs=0.02)


@pytest.mark.parametrize("name", [name for name, kind in AUGMENTATIONS.items() if kind.way == "move"])
def test_a_mask_goes_where_its_picture_goes(name: str) -> None:
    """The pixel that is nearest has at least a quarter of what is between pixels, and all where these are alike."""
    mask = torch.zeros(30, 24, 24, dtype=torch.int64)
    mask[:, 6:18, 4:14] = 7
    mask[:, 10:20, 12:20] = 7
    picture = (mask > 0)[:, None].float()
    move = getattr(augmenting, name)(picture, drawn(), **Augmentation(name).with_value("p", 1.0).values)
    moved = augmenting.of_mask(move, mask)
    assert moved.dtype == torch.int64
    assert moved.shape == mask.shape
    assert set(moved.unique().tolist()) == {0, 7}
    assert torch.equal(augmenting.of_mask(move, mask[:, None].float())[:, 0].long(), moved)
    if name != "randaugment":
        between = move(picture)[:, 0]
        assert ((between - moved / 7).abs() <= 0.75 + 1e-4).all()
        assert ((between - moved / 7).abs() > 0.01).float().mean() < 0.2
        alike = ((between - between.round()).abs() < 1e-4) | (between < 0)
        assert torch.equal(between[alike].round().long(), moved[alike] // 7)
        assert not torch.equal(moved, mask)


@pytest.mark.parametrize("make", [augmenting.mixup, augmenting.cutmix])
def test_the_last_sample_of_an_epoch_may_be_alone(make: Callable[..., Any]) -> None:
    batch = pictures(1)
    move, partner, _lam = make(batch, drawn(), 1.0, 1.0)
    assert partner.tolist() == [0]
    assert torch.equal(move(batch), batch)


@pytest.mark.parametrize("name", [name for name, kind in AUGMENTATIONS.items() if kind.way == "move"])
def test_a_box_goes_where_what_it_holds_goes(name: str) -> None:
    """A light rectangle and its box: after the move the box surrounds the light pixels, within one and a half."""
    lit = torch.zeros(60, 1, 40, 30)
    lit[:, :, 8:28, 6:18] = 1.0
    box = torch.tensor([6 / 30, 8 / 40, 18 / 30, 28 / 40]).expand(60, 1, 4).clone()
    values = Augmentation(name).with_value("p", 0.8).values
    values |= {"magnitude": 25.0} if name == "randaugment" else {"degrees": 60.0} if name == "rotate" else {}
    move = getattr(augmenting, name)(lit, drawn(3), **values)
    moved, seen = augmenting.of_boxes(move, box)[:, 0], move(lit, nearest=True)[:, 0] > 0.5
    sizes, kept = torch.tensor([30.0, 40.0, 30.0, 40.0]), 0
    for one, light in zip(moved, seen, strict=True):
        if not one.any():
            assert light.sum() < 0.5 * 240
            continue
        down, right = light.any(1).nonzero(), light.any(0).nonzero()
        around = torch.tensor([right.min(), down.min(), right.max() + 1, down.max() + 1])
        assert (one * sizes - around).abs().max() < 1.5
        kept += 1
    assert kept > 40
    assert moved.min() >= 0
    assert moved.max() <= 1
    assert not torch.allclose(moved, box[:, 0])


def test_a_box_that_left_the_picture_is_none_any_more() -> None:
    boxes = torch.tensor([[[0.0, 0.0, 0.2, 0.2], [0.5, 0.5, 0.9, 0.9], [0.0, 0.0, 0.0, 0.0]]])
    which = torch.ones(1, dtype=torch.bool)
    picture = torch.zeros(1, 1, 10, 10)
    to_the_left = torch.tensor([[[1.0, 0.0, 0.28], [0.0, 1.0, 0.0]]])  # by 0.14 of the side
    moved = augmenting.of_boxes(augmenting.warp(picture, to_the_left, which, "zero"), boxes)
    torch.testing.assert_close(moved[0, 0], torch.tensor([0.0, 0.0, 0.06, 0.2]))
    torch.testing.assert_close(moved[0, 1], torch.tensor([0.36, 0.5, 0.76, 0.9]))
    assert not moved[0, 2].any()
    further = torch.tensor([[[1.0, 0.0, 0.34], [0.0, 1.0, 0.0]]])
    gone = augmenting.of_boxes(augmenting.warp(picture, further, which, "zero"), boxes)
    assert not gone[0, 0].any()
    assert augmenting.held(gone, torch.tensor([[3, 4, 0]])).tolist() == [[0, 4, 0]]
