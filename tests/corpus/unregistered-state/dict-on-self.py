"""Writes features into a dict that the module has from the start."""

import torch
from torch import nn

class Backbone(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 4, 3)
        self.body = nn.Conv2d(4, 4, 3)
        self.features = {"stem": torch.zeros(()), "body": torch.zeros(())}

    def forward(self, image):
        image = self.stem(image)
        self.features["stem"] = image  #~ unregistered-state `self.features["stem"]`
        image = self.body(image.relu())
        self.features.update(body=image)  #~ unregistered-state `self.features.update(body=image)`
        return image.mean((2, 3))


model = Backbone
example_args = (torch.randn(1, 3, 8, 8),)
