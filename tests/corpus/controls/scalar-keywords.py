"""Keyword inputs that are an int, a bool, a float, a string and None, constants all of them."""

import torch
from torch import nn


class Pyramid(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Conv2d(3, 4, 1)

    def forward(self, image, *more, levels=3, mode="nearest", scale=0.5, pool=True, **extra):
        outputs = [self.embed(image)]
        for other in more:
            outputs[0] = outputs[0] + self.embed(other)
        for _ in range(levels - 1):
            outputs.append(nn.functional.interpolate(outputs[-1], scale_factor=scale, mode=mode))
        if extra.get("reverse"):
            outputs = outputs[::-1]
        if extra.get("bias") is not None:
            outputs = [out + extra["bias"] for out in outputs]
        return tuple(out.mean((2, 3)) for out in outputs) if pool else tuple(outputs)


model = Pyramid
example_args = (torch.rand(2, 3, 16, 16), torch.rand(2, 3, 16, 16))
example_kwargs = {
    "levels": 2,
    "mode": "bilinear",
    "scale": 0.5,
    "pool": False,
    "reverse": True,
    "bias": None,
}
