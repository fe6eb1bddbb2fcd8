"""A Cholesky factor and a number among the outputs."""

import torch
from torch import nn


class Posterior(nn.Module):
    def forward(self, kernel, y):
        factor = torch.linalg.cholesky(kernel + torch.eye(5))  #~ backend-unsupported `torch.linalg.cholesky(kernel + torch.eye(5))`: becomes `aten::linalg_cholesky_ex`
        return torch.linalg.solve_triangular(factor, y, upper=False)  #~ backend-unsupported `torch.linalg.solve_triangular(factor, y, upper=False)`: `aten::linalg_solve_triangular`


model = Posterior()
example_args = (torch.eye(5) * 2, torch.randn(5, 1))
