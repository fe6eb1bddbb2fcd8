"""A triangular system."""

import torch
from torch import nn


class Posterior(nn.Module):
    def forward(self, factor, y):
        return torch.linalg.solve_triangular(factor, y, upper=False)  #~ backend-unsupported `torch.linalg.solve_triangular(factor, y, upper=False)`: `aten::linalg_solve_triangular`


model = Posterior()
example_args = (torch.eye(5) * 2, torch.randn(5, 1))
