"""The classifier of leaves."""

from torch import nn

from .blocks import ConvBlock, Gate


class LeafClassifier(nn.Module):
    def __init__(self, width, classes, image_size):
        super().__init__()
        self.stem = ConvBlock(3, width, stride=2)
        self.body = nn.Sequential(ConvBlock(width, width), ConvBlock(width, 2 * width, stride=2))
        self.gate = Gate(2 * width)
        self.head = nn.Linear(2 * width * (image_size // 4) ** 2, classes)

    def forward(self, x):
        x = self.gate(self.body(self.stem(x)))
        return self.head(x.flatten(1))
