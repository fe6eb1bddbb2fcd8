"""A dimension's name is not a Python identifier."""

import torch
from torch import nn
from torch.export import Dim


class Net(nn.Module):
    def forward(self, x):
        return x.relu()


def export_targets():
    batch = Dim("batch size")  #~ build-error `Dim("batch size")`: identifier
    return {
        "net": {
            "model": Net(),
            "args": (torch.randn(4, 8),),
            "dynamic_shapes": {"x": {0: batch}},
        }
    }
