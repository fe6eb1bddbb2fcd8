"""Compares with torch.allclose inside an assertion."""

import torch
from torch import nn


class Normalised(nn.Module):
    def forward(self, x):
        y = x / x.norm(dim=-1, keepdim=True)
        assert torch.allclose(y.norm(dim=-1), torch.ones(x.shape[0]), atol=1e-4)  #~ data-dependent-branch `torch.allclose(y.norm(dim=-1), torch.ones(x.shape[0]), atol=1e-4)`
        return y


model = Normalised()
example_args = (torch.randn(3, 4),)
