"""A dimension is declared with a string, as torch.onnx's dynamic_axes had it."""

import torch
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        return x.relu()


export_targets = {
    "net": {
        "model": Net(),
        "args": (torch.randn(4, 8),),
        "dynamic_shapes": {"x": {0: "batch"}},  #~ invalid-dynamic-shapes `"batch"`
    }
}
