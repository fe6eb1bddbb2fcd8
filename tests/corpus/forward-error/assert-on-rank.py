"""An assertion about the rank of the input fails on the example."""

import torch
from torch import nn


class Conv(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 1)

    def forward(self, image):
        assert image.ndim == 4, f"expected a batch of images, got {tuple(image.shape)}"  #~ forward-error `image.ndim == 4`
        return self.conv(image)


model = Conv
example_args = (torch.randn(3, 8, 8),)
