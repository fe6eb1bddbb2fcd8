"""Python branches on sizes, ranks, dtypes and devices, none of which depend on data."""

import torch
from torch import nn
from torch.export import Dim


class Prepare(nn.Module):
    def forward(self, image, mask):
        assert image.ndim in (3, 4), "an image or a batch of them"
        if image.ndim == 3:
            image = image[None]
        if image.dtype == torch.uint8:
            image = image.float() / 255
        if mask.numel() == 0 or len(mask.shape) != 2:
            raise ValueError("the mask is empty")
        if image.shape[1] != 3 or image.device.type == "meta":
            raise ValueError("three channels, please")
        while mask.dim() < image.dim():
            mask = mask.unsqueeze(0)
        return image * mask


model = Prepare()
example_args = (torch.randint(0, 255, (2, 3, 4, 4), dtype=torch.uint8), torch.ones(4, 4))
dynamic_shapes = {"image": {0: Dim("batch", max=16)}, "mask": None}
