"""A loop of unknown length, written with while_loop."""

import torch
from torch import nn
from torch._higher_order_ops.while_loop import while_loop


class Settle(nn.Module):
    def forward(self, x, steps):
        def going(i, state):
            return i > 0

        def step(i, state):
            return i - 1, state.cos()

        _, out = while_loop(going, step, (steps, x))
        return out


model = Settle()
example_args = (torch.randn(3, 4), torch.tensor(3))
