"""A trainer as a class: mixed precision with a gradient scaler, three batches a step, clipping, AdamW, a schedule."""

import contextlib
import sys

import torch
from plain_oracle import ByHand, save_weights
from torch import nn
from torch.nn.utils import clip_grad_norm_


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 4, 3, padding=1),
            nn.BatchNorm2d(4),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(2),
            nn.Conv2d(4, 8, 3),
            nn.Sigmoid(),
        )
        self.head = nn.Linear(8 * 4, 5)

    def forward(self, images):
        return self.head(self.features(images).flatten(1))


class Trainer:
    accumulate, limit, batch = 3, 0.05, 8

    def __init__(self, model, hand=None):
        self.model, self.hand, self.watch = model, hand, None
        self.optimizer = torch.optim.AdamW(model.parameters(), lr=2e-2, weight_decay=0.1)
        self.schedule = torch.optim.lr_scheduler.CosineAnnealingLR(self.optimizer, 25)
        self.scaler = torch.amp.GradScaler("cpu", init_scale=2.0**10, growth_interval=7)

    def fit(self, images, labels, epochs):
        for _epoch in range(epochs):
            for number, rows in enumerate(torch.randperm(len(images)).split(self.batch)):
                self.training_step(number, images[rows], labels[rows])

    def training_step(self, number, images, labels):
        with torch.autocast("cpu", torch.bfloat16):
            loss = nn.functional.cross_entropy(self.model(images), labels) / self.accumulate
        self.scaler.scale(loss).backward()
        self.losses = [*getattr(self, "losses", []), loss.item()]
        if (number + 1) % self.accumulate == 0:
            self.optimizer_step()
        if self.watch is not None:
            self.watch.step(loss)

    def optimizer_step(self):
        scale = self.scaler.get_scale()
        self.scaler.unscale_(self.optimizer)
        if self.hand is not None:
            self.hand.before_step(sum(self.losses) / len(self.losses), 1.0, self.model.parameters())
        self.losses = []
        clip_grad_norm_(self.model.parameters(), self.limit)
        self.scaler.step(self.optimizer)
        self.scaler.update()
        if self.hand is not None:
            self.hand.after_step(self.batch, scale)
        self.schedule.step()
        self.optimizer.zero_grad()


def main(how, out):
    torch.set_num_threads(1)
    torch.manual_seed(1)
    model = Net()
    images, labels = torch.randn(72, 1, 8, 8), torch.randint(0, 5, (72,))
    layers = {name: module for name, module in model.named_modules() if not list(module.children())}
    weights = {name: model.get_submodule(name).weight for name in ("features.0", "features.4", "head")}
    model.features[2].inplace = how != "by hand"  # retain_grad would tell of the output as it is after the ReLU
    trainer = Trainer(model, ByHand(layers, weights) if how == "by hand" else None)
    with contextlib.ExitStack() as stack:
        if how == "watched":
            import chainrule

            trainer.watch = stack.enter_context(
                chainrule.watch(model, trainer.optimizer, folder=f"{out}/run", budget=1e9)
            )
        trainer.fit(images, labels, 8)
    if trainer.hand is not None:
        trainer.hand.save(f"{out}/by-hand.json")
    save_weights([model], f"{out}/{how}.npz")


if __name__ == "__main__":
    main(*sys.argv[1:])
