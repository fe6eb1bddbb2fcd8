"""Images resized in two ways."""

import torch
import torch.nn.functional as F
from torch import nn


class Resize(nn.Module):
    def forward(self, image):
        return F.interpolate(image, scale_factor=2, mode="bilinear") + F.interpolate(image, (8, 8))


model = Resize()
example_args = (torch.randn(1, 2, 4, 4),)
