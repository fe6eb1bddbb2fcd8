"""Parses the command line at module level and exits, since the option it needs is not given."""

import argparse

import torch
from torch import nn

parser = argparse.ArgumentParser()
parser.add_argument("--checkpoint", required=True)
options = parser.parse_args()  #~ load-error `parser.parse_args()`


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 4)

    def forward(self, x):
        return self.fc(x)


model = Net
example_args = (torch.randn(1, 4),)
