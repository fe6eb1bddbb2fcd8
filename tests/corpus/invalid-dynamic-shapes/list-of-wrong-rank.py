"""A list spec with three entries for a tensor of two dimensions."""

import torch
from torch import nn
from torch.export import Dim


class Net(nn.Module):
    def forward(self, x):
        return x.relu()


export_targets = {
    "net": {
        "model": Net(),
        "args": (torch.randn(4, 8),),
        "dynamic_shapes": {"x": [Dim("batch"), None, None]},  #~ invalid-dynamic-shapes [torch>2.6] `[Dim("batch"), None, None]`
    }
}
