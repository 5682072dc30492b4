"""A project with packages of its own called core and gui, and two optimizers over one model."""

import sys
from pathlib import Path

import torch
from torch import nn

import gui
from core.model import Language

sys.path.append(str(Path(__file__).parents[1]))
from plain_oracle import ByHand, save_weights

assert Path(gui.__file__).parent.parent == Path(__file__).parent


def train(model, optimizers, tokens, watch=None, hand=None):
    for step in range(25):
        rows = tokens[torch.randint(0, len(tokens), (10,))]
        for optimizer in optimizers:
            optimizer.zero_grad(set_to_none=step % 2 == 0)
        scores = model(rows[:, :-1])
        loss = nn.functional.cross_entropy(scores.flatten(0, 1), rows[:, 1:].flatten())
        loss.backward()
        if hand:
            hand.before_step(loss, 1.0, model.parameters())
        for optimizer in optimizers:
            optimizer.step()
        if hand:
            hand.after_step(10)
        if watch:
            watch.step(loss)


def main(how, out):
    torch.set_num_threads(1)
    torch.manual_seed(2)
    model = nn.DataParallel(Language())
    inner = model.module
    tied = [inner.embed.weight, inner.place]
    others = [p for p in model.parameters() if all(p is not one for one in tied)]
    optimizers = [torch.optim.Adam(others, lr=3e-3), torch.optim.SGD(tied, lr=0.1)]
    tokens = torch.randint(0, 20, (40, 7))
    if how == "watched":
        import chainrule

        with chainrule.watch(model, optimizers, folder=f"{out}/run", budget=1e9) as w:
            train(model, optimizers, tokens, watch=w)
        import core

        assert Path(core.__file__).parent.parent == Path(__file__).parent
    elif how == "by hand":
        layers = {
            name: module
            for name, module in inner.named_modules()
            if name and not list(module.children()) and "attend" not in name
        }
        layers |= {f"blocks.{number}.attend": block.attend for number, block in enumerate(inner.blocks)}
        weights = {
            name: module.weight
            for name, module in layers.items()
            if isinstance(module, nn.Linear | nn.Embedding) and name != "out"
        }
        weights["Language"] = inner.place
        weights |= {f"blocks.{number}.attend": block.attend.in_proj_weight for number, block in enumerate(inner.blocks)}
        weights |= {
            f"blocks.{number}.attend.out_proj": block.attend.out_proj.weight
            for number, block in enumerate(inner.blocks)
        }
        hand = ByHand(layers, weights)
        train(model, optimizers, tokens, hand=hand)
        hand.save(f"{out}/by-hand.json")
    else:
        train(model, optimizers, tokens)
    save_weights([model], f"{out}/{how}.npz")


if __name__ == "__main__":
    main(*sys.argv[1:])
