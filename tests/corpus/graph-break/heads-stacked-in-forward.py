"""Heads are stacked in each call, which makes leaves that ask for a gradient."""

import torch
from torch import nn
from torch.func import functional_call, stack_module_state


class Heads(nn.Module):
    def __init__(self, count=3):
        super().__init__()
        self.heads = nn.ModuleList(nn.Linear(4, 2) for _ in range(count))

    def forward(self, x):
        state = stack_module_state(list(self.heads))

        def one(parameters, buffers):
            return functional_call(self.heads[0], (parameters, buffers), (x,))

        return torch.vmap(one)(*state)  #~ graph-break (strict) `torch.vmap(one)(*state)`: requires_grad_


model = Heads
example_args = (torch.randn(5, 4),)
