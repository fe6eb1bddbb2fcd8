"""Four dimensions that are promised to vary, each fixed by a line in another module."""

import torch
from torch import nn
from torch.export import Dim


class Text(nn.Module):
    def __init__(self, width=8, longest=12):
        super().__init__()
        self.position = nn.Parameter(torch.randn(longest, width))

    def forward(self, tokens):
        return tokens + self.position  #~ constraint-violation `tokens + self.position`


class Image(nn.Module):
    def forward(self, pixels):
        rows = []
        for y in range(pixels.shape[1]):  #~ constraint-violation `range(pixels.shape[1])`
            rows.append(pixels[:, y].tanh())
        return sum(rows)


class Fusion(nn.Module):
    def __init__(self, width=8):
        super().__init__()
        self.text = Text(width)
        self.image = Image()

    def forward(self, tokens, pixels, weights):
        joined = self.text(tokens).mean(1) + self.image(pixels)
        if weights.shape[0] > 6:  #~ constraint-violation `weights.shape[0] > 6`
            joined = joined / 2
        return joined, weights.view(-1, 2).sum(1)  #~ constraint-violation `weights.view(-1, 2)`


model = Fusion
example_args = (torch.randn(3, 12, 8), torch.randn(3, 5, 8), torch.randn(4))
batch = Dim("batch", max=64)
dynamic_shapes = {
    "tokens": {0: batch, 1: Dim("length", min=3, max=12)},
    "pixels": {0: batch, 1: Dim("height", min=3, max=32)},
    "weights": {0: Dim("weights", min=2, max=64)},
}
