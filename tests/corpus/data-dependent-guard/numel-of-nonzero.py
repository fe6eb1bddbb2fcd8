"""Returns early when nonzero() found nothing."""

import torch
from torch import nn


class Crop(nn.Module):
    def forward(self, image, mask):
        points = torch.nonzero(mask)
        if points.numel() == 0:  #~ data-dependent-guard `points.numel() == 0`
            return image
        top = points.amin(0)
        return image - top.sum()


model = Crop()
example_args = (torch.randn(4, 4), torch.eye(4))
