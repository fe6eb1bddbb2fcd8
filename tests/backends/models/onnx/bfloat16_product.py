"""A product of bfloat16 matrices, which ONNX Runtime has no kernel for on the CPU."""

import torch
from torch import nn


class Half(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(8, 8, dtype=torch.bfloat16))

    def forward(self, x):
        return (x.to(torch.bfloat16) @ self.weight).float()  #~ backend-unsupported `x.to(torch.bfloat16) @ self.weight`: cannot load it


model = Half()
example_args = (torch.randn(4, 8),)
