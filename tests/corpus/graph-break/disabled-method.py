"""A method of a submodule that compilation is told to skip, with a reason, in a multi-line call."""

import torch
from torch import nn


class Quantiser(nn.Module):
    @torch.compiler.disable(reason="keeps its own statistics")  #~ load-error [torch<=2.6] `torch.compiler.disable(reason="keeps its own statistics")`
    def observe(self, x, *, low, high):
        return x.clamp(low, high)

    def forward(self, x):
        y = self.observe(  #~ graph-break (strict) [torch>2.6] `self.observe( …`
            x,
            low=-1.0,
            high=1.0,
        )
        return y.round()


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 4)
        self.quantiser = Quantiser()

    def forward(self, x):
        return self.quantiser(self.fc(x))


model = Net
example_args = (torch.randn(2, 4),)
