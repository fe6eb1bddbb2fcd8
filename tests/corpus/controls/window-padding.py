"""Pads a feature map to a multiple of the window and splits it, as Swin does."""

import torch
import torch.nn.functional as F
from torch import nn


class Windows(nn.Module):
    def __init__(self, window=4):
        super().__init__()
        self.window = window

    def forward(self, x):
        w = self.window
        b, height, width, c = x.shape
        pad_h = (w - height % w) % w
        pad_w = (w - width % w) % w
        if pad_h > 0 or pad_w > 0:
            x = F.pad(x, (0, 0, 0, pad_w, 0, pad_h))
        rows, columns = (height + pad_h) // w, (width + pad_w) // w
        x = x.view(b, rows, w, columns, w, c)
        return x.permute(0, 1, 3, 2, 4, 5).reshape(-1, w * w, c)


model = Windows
example_args = (torch.randn(2, 10, 7, 4),)
