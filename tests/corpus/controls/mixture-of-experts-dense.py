"""A mixture of experts that runs every expert and weighs the results by a dense mask."""

import torch
import torch.nn.functional as F
from torch import nn


class MixtureOfExperts(nn.Module):
    def __init__(self, dim=8, num_experts=4, top_k=2):
        super().__init__()
        self.num_experts = num_experts
        self.top_k = top_k
        self.gate = nn.Linear(dim, num_experts)
        self.experts = nn.ModuleList(nn.Linear(dim, dim) for _ in range(num_experts))

    def forward(self, x):
        weight, chosen = self.gate(x).softmax(-1).topk(self.top_k)
        dense = F.one_hot(chosen, num_classes=self.num_experts) * weight.unsqueeze(-1)
        dense = dense.sum(-2)
        out = torch.zeros_like(x)
        for e in range(self.num_experts):
            out = out + dense[:, e : e + 1] * self.experts[e](x)
        return out


model = MixtureOfExperts
example_args = (torch.randn(6, 8),)
