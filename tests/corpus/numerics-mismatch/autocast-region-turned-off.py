"""Turns autocast off for a part that needs float32."""

import torch
from torch import nn


class Router(nn.Module):
    def __init__(self, dim=8, experts=4):
        super().__init__()
        self.project = nn.Linear(dim, dim)
        self.gate = nn.Linear(dim, experts)

    def forward(self, tokens):
        with torch.autocast("cpu", dtype=torch.bfloat16):
            hidden = self.project(tokens)
            with torch.autocast("cpu", enabled=False):
                logits = self.gate(hidden.float())  #~ numerics-mismatch (strict) `hidden.float()`: autocast
            return torch.softmax(logits, -1)


model = Router
example_args = (torch.randn(7, 8),)
