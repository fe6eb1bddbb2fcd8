"""An inverse, which decomposes into another operator."""

import torch
from torch import nn


class Whiten(nn.Module):
    def forward(self, x):
        covariance = x.transpose(-1, -2) @ x / x.shape[0]
        return x @ torch.linalg.inv(covariance + torch.eye(4))  #~ backend-unsupported `torch.linalg.inv(covariance + torch.eye(4))`: becomes `aten::linalg_inv_ex`


model = Whiten()
example_args = (torch.randn(16, 4),)
