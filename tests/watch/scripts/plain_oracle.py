"""What a training does, measured by hand in float64: the slow and plain way, beside which the watch is held."""

import json

import numpy as np
import torch


class ByHand:
    """Collects, for every step, what plain autograd says."""

    def __init__(self, layers, weights):
        self.layers, self.weights = layers, weights
        self.steps, self.outputs = [], {name: [] for name in layers}
        self.kept = {name: [] for name in layers}
        for name, module in layers.items():
            module.register_forward_hook(lambda _module, _inputs, output, name=name: self.keep(name, output))

    def keep(self, name, output):
        output = output[0] if isinstance(output, tuple) else output
        if torch.is_grad_enabled():
            if output.requires_grad:
                output.retain_grad()
            self.kept[name].append((output, output.detach().double().clone()))

    def before_step(self, loss, scale, parameters):
        """After the backward passes and before any clipping."""
        gradients = {name: None if p.grad is None else p.grad.double() / scale for name, p in self.weights.items()}
        total = sum((p.grad.double() / scale).square().sum() for p in parameters if p.grad is not None)
        self.old = {name: p.detach().double().clone() for name, p in self.weights.items()}
        self.row = {"loss": float(torch.as_tensor(loss).detach()), "gradient_norm": float(total.sqrt())}
        for name, gradient in gradients.items():
            self.row[f"gradient:{name}"] = float("nan") if gradient is None else float(gradient.norm())
            self.row[f"weight:{name}"] = float(self.old[name].norm())

    def after_step(self, batch, scale=1.0):
        for name, weight in self.weights.items():
            change = float((weight.detach().double() - self.old[name]).norm())
            self.row[f"update:{name}"] = change if weight.requires_grad else float("nan")
        for name, calls in self.kept.items():
            values = torch.cat([value.flatten() for _output, value in calls])
            gradients = [output.grad.double().flatten() for output, _value in calls if output.grad is not None]
            if gradients:
                self.row[f"output:{name}"] = float(torch.cat(gradients).square().mean().sqrt()) * batch / scale
            self.row[f"mean:{name}"] = float(values.mean())
            self.row[f"std:{name}"] = float(values.std(correction=0))
            self.row[f"zero:{name}"] = float((values == 0).double().mean())
            calls.clear()
        self.steps.append(self.row)

    def save(self, path):
        with open(path, "w") as file:
            json.dump(self.steps, file)


def save_weights(models, path):
    np.savez(
        path,
        **{
            f"{number}.{name}": value.detach().float().numpy()
            for number, model in enumerate(models)
            for name, value in model.state_dict().items()
        },
    )
