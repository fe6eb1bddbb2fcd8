"""A convolutional net with residual blocks."""

import torch
from torch import nn


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.first = nn.Conv2d(width, width, 3, padding=1)
        self.second = nn.Conv2d(width, width, 3, padding=1)
        self.norm = nn.BatchNorm2d(width)

    def forward(self, x):
        return torch.relu(x + self.norm(self.second(torch.relu(self.first(x)))))


class Net(nn.Module):
    def __init__(self, width=32, blocks=16):
        super().__init__()
        self.stem = nn.Conv2d(3, width, 7, stride=2, padding=3)
        self.blocks = nn.Sequential(*(Block(width) for _ in range(blocks)))
        self.head = nn.Linear(width, 1000)

    def forward(self, images):
        y = self.head(self.blocks(self.stem(images)).mean((2, 3)))
        picked = y[y > 0]
        if picked.shape[0] == NUMBER:
            return y
        return y + picked.sum()


NUMBER = 1
model = Net().eval()
example_args = (torch.randn(1, 3, 64, 64),)
