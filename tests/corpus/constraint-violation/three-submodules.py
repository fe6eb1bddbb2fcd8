"""Three promises are broken in three submodules."""

import torch
from torch import nn
from torch.export import Dim

class Fold(nn.Module):
    def forward(self, x):
        return x.view(4, -1)  #~ constraint-violation `x.view(4, -1)`: dimension 0 of `image`


class Clip(nn.Module):
    def forward(self, x):
        if x.shape[0] > 5:  #~ constraint-violation `x.shape[0] > 5`: `frames = Dim('frames', max=5)`
            return x[:5]
        return x


class Scale(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(7))

    def forward(self, x):
        return x * self.weight  #~ constraint-violation `x * self.weight`: dimension 1 of `text`


class Fused(nn.Module):
    def __init__(self):
        super().__init__()
        self.fold = Fold()
        self.clip = Clip()
        self.scale = Scale()

    def forward(self, image, frames, text):
        return self.fold(image), self.clip(frames), self.scale(text)


model = Fused
example_args = (torch.randn(4, 2), torch.randn(3, 2), torch.randn(2, 7))
dynamic_shapes = {
    "image": {0: Dim.DYNAMIC},
    "frames": {0: Dim("frames", max=64)},
    "text": (Dim.DYNAMIC, Dim("width")),
}
