"""Every dimension is Dim.AUTO, also the width that a layer fixes."""

import torch
from torch import nn
from torch.export import Dim

class Classifier(nn.Module):
    def __init__(self, width=8):
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.fc = nn.Linear(width, 3)

    def forward(self, x):
        h = self.norm(x)  #~ specialization `self.norm(x)`: dimension 2 of `x` is 8
        return self.fc(h.relu())


export_targets = {
    "classifier": {
        "model": Classifier,
        "args": (torch.randn(2, 5, 8),),
        "dynamic_shapes": {"x": [Dim.AUTO, Dim.AUTO, Dim.AUTO]},
    }
}
