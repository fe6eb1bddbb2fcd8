"""Dynamic sizes divided with `//`, upwards as well."""

import torch
import torch.nn.functional as F
from torch import nn
from torch.export import Dim


class Shrink(nn.Module):
    def forward(self, image):
        height, width = image.shape[-2:]
        small = F.interpolate(image, size=(height // 2, -(-width // 2)))
        return small * (width * 3 // 4)


model = Shrink()
example_args = (torch.randn(1, 2, 12, 18),)
dynamic_shapes = {"image": {2: Dim("height", min=4, max=99), 3: Dim("width", min=4, max=99)}}
