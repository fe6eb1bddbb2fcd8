"""One of two operands is moved to CUDA, the other stays on the CPU."""

import torch
from torch import nn


class Positions(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(10, 4)

    def forward(self, tokens):
        x = self.embed(tokens)
        return x + torch.ones(4).cuda()  #~ forward-error [torch>2.6] `x + torch.ones(4).cuda()`: mixes tensors  #~ forward-error [torch<=2.6] `torch.ones(4).cuda()`


model = Positions
example_args = (torch.zeros(2, 5, dtype=torch.long),)
