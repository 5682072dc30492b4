"""bfloat16, a gradient scaler, accumulation, clipping, a schedule, and validations in between."""

import torch
from torch import nn

import chainrule

Y = torch.arange(640) % 5
X = torch.randn(640, 16) + 2 * nn.functional.one_hot(Y, 16)
model = nn.Sequential(nn.Linear(16, 48), nn.LayerNorm(48), nn.ReLU(), nn.Dropout(0.1), nn.Linear(48, 5))
opt = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0.01)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 80)
scaler = torch.amp.GradScaler("cpu", init_scale=2.0**10)
ACC = 2
with chainrule.watch(model, opt, name="amp") as w:
    micro = 0
    for _ in range(10):
        model.train()
        for b in torch.randperm(512).split(32):
            with torch.autocast("cpu", dtype=torch.bfloat16):
                loss = nn.functional.cross_entropy(model(X[b]), Y[b]) / ACC
            scaler.scale(loss).backward()
            micro += 1
            if micro % ACC == 0:
                scaler.unscale_(opt)
                nn.utils.clip_grad_norm_(model.parameters(), 5.0)
                scaler.step(opt)
                scaler.update()
                opt.zero_grad()
                sched.step()
            w.step(loss * ACC)
        model.eval()
        with torch.no_grad():
            out = model(X[512:])
        w.validated(nn.functional.cross_entropy(out, Y[512:]), (out.argmax(1) == Y[512:]).float().mean())
