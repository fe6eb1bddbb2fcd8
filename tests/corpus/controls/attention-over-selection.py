"""Attention over a batch that a mask selected."""

import torch
import torch.nn.functional as F
from torch import nn


class SelectedAttention(nn.Module):
    def __init__(self):
        super().__init__()
        self.qkv = nn.Linear(8, 24)

    def forward(self, x, keep):
        q, k, v = self.qkv(x[keep]).chunk(3, -1)
        return F.scaled_dot_product_attention(q, k, v)  #~ data-dependent-guard [torch<=2.6] `F.scaled_dot_product_attention(q, k, v)`


model = SelectedAttention
example_args = (torch.randn(3, 5, 8), torch.tensor([True, False, True]))
