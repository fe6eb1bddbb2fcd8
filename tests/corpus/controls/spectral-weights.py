"""weight_norm and an orthogonal parametrization."""

import torch
from torch import nn
from torch.nn.utils.parametrizations import orthogonal, weight_norm


class Stable(nn.Module):
    def __init__(self):
        super().__init__()
        self.rotate = orthogonal(nn.Linear(4, 4))
        self.scale = weight_norm(nn.Linear(4, 4))

    def forward(self, x):
        return self.scale(self.rotate(x).relu())


model = Stable().eval()
example_args = (torch.randn(2, 4),)
