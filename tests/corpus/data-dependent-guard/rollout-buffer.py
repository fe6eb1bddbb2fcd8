"""The body of a `while_loop` writes the state of each step to its row of a buffer."""

import torch
from torch import nn
from torch._higher_order_ops.while_loop import while_loop


class Rollout(nn.Module):
    def __init__(self, features=3, steps=4):
        super().__init__()
        self.cell = nn.Linear(features, features)
        self.steps = steps

    def forward(self, start):
        def unfinished(step, state, rows):
            return step < self.steps

        def advance(step, state, rows):
            state = torch.tanh(self.cell(state))
            rows[step] = state  #~ data-dependent-guard [torch<2.14] `rows[step]`: index_copy
            return step + 1, state, rows

        rows = torch.zeros(self.steps, start.shape[0])
        return while_loop(unfinished, advance, (torch.tensor(0), start, rows))[2]  #~ graph-break [torch>=2.14] `while_loop(unfinished, advance, (torch.tensor(0), start, rows))`


model = Rollout
example_args = (torch.randn(3),)
