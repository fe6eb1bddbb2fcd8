"""Hooks that put features into a dict, which `forward` reads afterwards, hold no state."""

import torch
from torch import nn


class FeaturePyramid(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 4, 3, padding=1)
        self.body = nn.Conv2d(4, 4, 3, padding=1)
        self.features = {}
        for name in ("stem", "body"):
            getattr(self, name).register_forward_hook(self._keep(name))

    def _keep(self, name):
        def hook(module, inputs, output):
            self.features[name] = torch.relu(output)

        return hook

    def forward(self, x):
        self.body(self.stem(x))
        return self.features["stem"].mean((2, 3)) + self.features["body"].mean((2, 3))


model = FeaturePyramid()
example_args = (torch.randn(2, 3, 8, 8),)
