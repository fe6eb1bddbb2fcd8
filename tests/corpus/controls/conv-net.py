"""A convolutional network with batch norm in evaluation mode and dynamic image sizes."""

import torch
from torch import nn
from torch.export import Dim


class ConvNet(nn.Module):
    def __init__(self, classes=5):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 8, 3, padding=1),
            nn.BatchNorm2d(8),
            nn.ReLU(),
            nn.Conv2d(8, 16, 3, padding=1),
            nn.ReLU(),
            nn.AdaptiveAvgPool2d(1),
        )
        self.head = nn.Linear(16, classes)

    def forward(self, image):
        return self.head(self.features(image).flatten(1))


model = ConvNet().eval()
example_args = (torch.randn(2, 3, 16, 16),)
dynamic_shapes = {
    "image": {0: Dim("batch", max=64), 2: Dim("height", max=512), 3: Dim("width", max=512)}
}
